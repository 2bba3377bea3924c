import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "vitest";

import { wholeOutput } from "../../src/cli/file-output.js";
import { Output } from "../../src/cli/output.js";
import { folder, MAY_MOUNT, smallDisk } from "../records/support/disk.js";
import { FakeOutput } from "./fake-io.js";

/** What becomes of this text when it is written to a file of that folder. */
async function written(text: string, place: string) {
  const path = join(place, "out");
  const fd = openSync(path, "w");
  try {
    const output = new Output(wholeOutput(Object.assign(new FakeOutput(), { fd })));
    await output.writeAll([text]);
    return { failure: output.failure, text: readFileSync(path, "utf8") };
  } finally {
    closeSync(fd);
  }
}

it("writes to a file what is to be written", async () => {
  const text = "né\n".repeat(50_000);
  expect(await written(text, folder())).toEqual({ failure: undefined, text });
});

it.runIf(MAY_MOUNT)(
  "fails where the disk takes only a part of the last that is written",
  async () => {
    const { failure } = await written("x".repeat(20_000), smallDisk(16));
    expect(failure).toMatchObject({ code: "ENOSPC" });
  },
);

it("leaves a pipe or a terminal to Node", () => {
  const fd = openSync("/dev/null", "w");
  try {
    const stream = Object.assign(new FakeOutput(), { fd });
    expect(wholeOutput(stream)).toBe(stream);
  } finally {
    closeSync(fd);
  }
});
