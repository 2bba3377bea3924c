import { exposition } from "../../../src/metrics/exposition.js";
import type { Catalogue } from "../../../src/metrics/family.js";
import type { Recorder } from "../../../src/metrics/recorder.js";

/** Numbers of a recorder that are not 0, by series, of families whose names begin so. */
export function moved(recorder: Recorder<Catalogue>, start: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const line of exposition(recorder).split("\n")) {
    if (!line.startsWith(start)) continue;
    const end = line.lastIndexOf(" ");
    const value = Number(line.slice(end + 1));
    if (value !== 0) found[line.slice(0, end)] = value;
  }
  return found;
}

/** One number of a recorder; nothing where there is no such series. */
export function numberOf(recorder: Recorder<Catalogue>, series: string): number | undefined {
  const line = exposition(recorder)
    .split("\n")
    .find((text) => text.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}
