/**
 * What the command line asks of a report.
 *
 * @module
 */

import { captureInvocation, type CaptureInvocation, STDIN } from "./capture-invocation.js";
import { hepTarget, type HepTarget } from "./hep-options.js";
import { atLeastOne, type Given, single } from "./option-values.js";
import { recordsFile } from "./records-option.js";
import { UsageError } from "./usage-error.js";

/** What a report is printed as. */
export type ReportFormat = "text" | "json" | "metrics" | "html";

/** A report, or several. */
export interface ReportInvocation extends CaptureInvocation {
  readonly kind: "report";
  readonly isMerged: boolean;
  readonly format: ReportFormat;
  readonly showsAll: boolean;
  readonly showsIntervals: boolean;
  /** Where the page goes; present with the format `html` alone. */
  readonly page?: string;
  /** Where the calls are sent to besides. */
  readonly hepTo?: HepTarget;
  /** Where to store the calls. */
  readonly records?: string;
}

/** @throws {UsageError} If it cannot be understood. */
export function reportInvocation(words: readonly string[], given: Given): ReportInvocation {
  const isMerged = given.has("merge");
  const files = atLeastOne(words, "name a capture file, or - for standard input");
  if (files.filter((file) => file === STDIN).length > 1) {
    throw new UsageError("standard input (-) can be read only once");
  }
  if (isMerged && files.includes(STDIN)) {
    throw new UsageError("--merge needs files; standard input (-) cannot be merged");
  }
  const [format = "text", other] = (["json", "metrics", "html"] as const).filter((name) =>
    given.has(name),
  );
  if (other !== undefined) {
    throw new UsageError(`--${format} and --${other} are two reports; say one of them`);
  }
  const page = single(given, "html");
  if (page !== undefined) requirePlaceForPage(page, files, isMerged);
  const hepTo = hepTarget(given);
  if (hepTo === undefined && given.has("hep-key")) {
    throw new UsageError("--hep-key needs --hep-to: it is the collector's password");
  }
  const records = recordsFile(given);
  return {
    kind: "report",
    ...captureInvocation(files, given),
    isMerged,
    format,
    showsAll: given.has("all"),
    showsIntervals: given.has("intervals"),
    ...(page !== undefined && { page }),
    ...(hepTo !== undefined && { hepTo }),
    ...(records !== undefined && { records }),
  };
}

/** A page is of one report, and must not take the place of what it reports on. */
function requirePlaceForPage(page: string, files: readonly string[], isMerged: boolean): void {
  if (files.length > 1 && !isMerged) {
    throw new UsageError("--html makes one page; say --merge to have several captures in it");
  }
  if (files.includes(page)) {
    throw new UsageError(`--html ${page} would overwrite the capture; name another file`);
  }
}
