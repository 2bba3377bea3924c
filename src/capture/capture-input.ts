/**
 * How a capture was taken, as the report says it.
 *
 * @module
 */

import type { CaptureInput } from "../call/report.js";
import { roundedNumber } from "../call/rounding.js";
import type { InputOrigin } from "../native/engine.js";
import type { Draft } from "../rtcp/present.js";

/** What the headers of one input say. */
export function captureInput(origin: InputOrigin): CaptureInput {
  const { format, interfaces, linkType, snapLength, ticksPerSecond, dropped } = origin;
  const input: Draft<CaptureInput> = { format, interfaces };
  if (interfaces > 0) {
    input.linkType = linkType;
    input.timestampResolutionSeconds = roundedNumber(1 / ticksPerSecond);
  }
  if (snapLength > 0) input.snapLengthBytes = snapLength;
  if (dropped >= 0) input.packetsDropped = dropped;
  return input;
}
