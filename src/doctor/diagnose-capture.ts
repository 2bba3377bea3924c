/**
 * What a capture lets the probe see, by the report on it.
 *
 * @module
 */

import type { CaptureReport } from "../call/report.js";
import type { Diagnosis } from "./finding.js";
import { identity } from "./identity.js";
import { media } from "./media.js";
import { quality } from "./quality.js";
import { recording } from "./recording.js";
import { roundTrips } from "./round-trips.js";
import { security } from "./security.js";
import { signalling } from "./signalling.js";

/** Each subject with what is seen of it, what is not, and why. */
export function diagnoseCapture(report: CaptureReport): Diagnosis {
  const subjects = [recording, signalling, media, roundTrips, quality, security, identity];
  return {
    schema: "mediaprobe.doctor/1",
    of: "capture",
    file: report.file,
    subjects: subjects.map((about) => about(report)),
  };
}
