/**
 * What stopped a capture from being read, in words.
 *
 * @module
 */

import type { CaptureDamage } from "../call/report.js";
import type { InputState } from "../native/engine.js";

/** Why an input was not read to its end; absent when it was. */
export function captureDamage(input: InputState, streamError?: Error): CaptureDamage | undefined {
  const where = `at byte ${String(input.offset)}, after ${packets(input.frames)}`;
  const damage = (sentence: string): CaptureDamage => ({
    reason: input.problem,
    offset: input.offset,
    sentence,
  });
  if (streamError !== undefined) {
    return {
      reason: "unreadable",
      offset: input.bytesRead,
      sentence: `The input breaks off after ${String(input.bytesRead)} bytes and ${packets(input.frames)}: ${streamError.message}.`,
    };
  }
  if (input.readError !== 0) {
    return {
      reason: "unreadable",
      offset: input.bytesRead,
      sentence: `Reading failed after ${String(input.bytesRead)} bytes and ${packets(input.frames)} (system error ${String(input.readError)}).`,
    };
  }
  switch (input.problem) {
    case "none":
      return undefined;
    case "not-a-capture":
      return damage(
        input.bytesRead === 0
          ? "The input is empty: not a capture."
          : `The input is not a capture: it begins with 0x${input.value.toString(16).padStart(8, "0")}, which is neither pcap nor pcapng.`,
      );
    case "truncated":
      return damage(
        `The capture is cut short ${where}: only ${String(input.value)} bytes are there of what begins there.`,
      );
    case "record-too-long":
      return damage(
        `The capture is damaged ${where}: a packet claims ${String(input.value)} bytes, more than any can have.`,
      );
    case "block-length":
      return damage(
        `The capture is damaged ${where}: a block claims the impossible length of ${String(input.value)} bytes.`,
      );
    case "no-interface":
      return damage(
        `The capture is damaged ${where}: a packet names interface ${String(input.value)}, which is not described.`,
      );
    case "bad-section":
      return damage(
        `The capture is damaged ${where}: a section header cannot be understood (0x${input.value.toString(16)}).`,
      );
    case "zeros":
      return damage(
        `The capture is damaged at byte ${String(input.offset)}: ${String(input.value)} bytes of zeros stand where packets should; they were passed over.`,
      );
  }
}

function packets(count: number): string {
  return count === 1 ? "1 packet" : `${String(count)} packets`;
}
