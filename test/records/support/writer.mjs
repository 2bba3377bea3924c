// Stores calls without end and says of each batch when it is on the disk. Killed by its parent.
// Arguments: the built library, the file, the number of the first call, a record to store.

import { readFileSync, writeSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [library, path, first, template] = process.argv.slice(2);
const { JsonLinesFile, RecordSink, SqliteStore } = await import(pathToFileURL(library).href);
const call = JSON.parse(readFileSync(template, "utf8"));
const options = { path, epochMs: () => Date.parse(call.course.endedAt) };
const sink = new RecordSink(
  path.endsWith(".jsonl") ? new JsonLinesFile(options) : new SqliteStore(options),
);
for (let number = Number(first); ;) {
  for (const end = number + 100; number < end; number += 1) {
    sink.onCall({ ...call, callId: `call-${number}` });
  }
  await sink.flush();
  if (sink.counts.waiting === 0) writeSync(1, `${number}\n`);
}
