/**
 * Standard output where it is a file.
 *
 * @module
 */

import { fstatSync, writeSync } from "node:fs";
import { Writable } from "node:stream";

import type { OutputStream } from "./command-io.js";

/**
 * The stream that a process was given, or one that writes all to the same file. Node's own takes it for
 * done when a disk that fills up has taken a part.
 */
export function wholeOutput(stream: OutputStream & { readonly fd: number }): OutputStream {
  return fstatSync(stream.fd).isFile() ? fileOutput(stream.fd) : stream;
}

/** At once, so that nothing is on its way when the process ends. */
function fileOutput(fd: number): Writable {
  return new Writable({
    write: (chunk: Buffer, _encoding, callback) => {
      try {
        let done = 0;
        while (done < chunk.length) done += writeSync(fd, chunk, done);
      } catch (error) {
        callback(error as Error);
        return;
      }
      callback();
    },
  });
}
