/**
 * What the command line asks of captures, whichever command reads them.
 *
 * @module
 */

import type { AnalyseOptions } from "../capture/analyse-options.js";
import type { DisplayWishes } from "./display.js";
import {
  decimal,
  displayWishes,
  type Given,
  networks,
  single,
  wholeNumber,
} from "./option-values.js";
import { payloadMap } from "./payload-option.js";
import { type PrivacyChoice, privacyChoice } from "./privacy-option.js";
import { type StirFiles, stirFiles } from "./stir-invocation.js";
import { UsageError } from "./usage-error.js";

const MAX_BUFFER_MS = 10_000;
const MAX_STREAMS = 4_194_304;

/** Stands for standard input where a file is named. */
export const STDIN = "-";

/** What commands that read captures have in common. */
export interface CaptureInvocation extends DisplayWishes {
  /** Paths, or {@link STDIN}; at least one. */
  readonly files: readonly [string, ...string[]];
  readonly settings: Omit<AnalyseOptions, "observer" | "onProgress" | "signal" | "stir">;
  /** What identities are verified with; absent where nothing was said of it. */
  readonly stir?: StirFiles;
  /** How whom calls name is masked in what is printed or stored. */
  readonly privacy?: PrivacyChoice;
}

/** @throws {UsageError} If one of the options that such commands share cannot be understood. */
export function captureInvocation(
  files: CaptureInvocation["files"],
  given: Given,
): CaptureInvocation {
  const stir = stirFiles(given);
  const privacy = privacyChoice(given);
  return {
    files,
    ...displayWishes(given),
    settings: settings(given),
    ...(stir !== undefined && { stir }),
    ...(privacy !== undefined && { privacy }),
  };
}

function settings(given: Given): CaptureInvocation["settings"] {
  const local = localOf(given);
  const payloads = given.get("payload");
  const buffer = single(given, "buffer");
  const adaptive = single(given, "adaptive");
  const interval = single(given, "interval");
  const streams = single(given, "streams");
  return {
    ...(local !== undefined && { local }),
    ...(payloads !== undefined && { payloads: payloadMap(payloads) }),
    ...(buffer !== undefined && {
      fixedBufferMs: decimal("buffer", buffer, "ms", 1, MAX_BUFFER_MS),
    }),
    ...(adaptive !== undefined && adaptiveRange(adaptive)),
    ...(interval !== undefined && {
      intervalMs: Math.round(decimal("interval", interval, "s", 0.1, 3600) * 1000),
    }),
    ...(streams !== undefined && {
      maxStreams: wholeNumber("streams", streams, 1, MAX_STREAMS),
    }),
  };
}

/** `--local CIDR`: networks of the observed side. */
export function localOf(given: Given): readonly string[] | undefined {
  const written = given.get("local");
  return written && networks("local", written);
}

function adaptiveRange(
  written: string,
): Pick<AnalyseOptions, "adaptiveBufferMinMs" | "adaptiveBufferMaxMs"> {
  const [, low = "", high = ""] = /^([\d.]+)-([\d.]+)$/.exec(written) ?? [];
  if (high === "") {
    throw new UsageError(`--adaptive ${written}: it must be MIN-MAX in ms, as in 20-200`);
  }
  const adaptiveBufferMinMs = decimal("adaptive", low, "ms", 0, MAX_BUFFER_MS);
  const adaptiveBufferMaxMs = decimal("adaptive", high, "ms", 1, MAX_BUFFER_MS);
  if (adaptiveBufferMinMs > adaptiveBufferMaxMs) {
    throw new UsageError(`--adaptive ${written}: the least delay is more than the most`);
  }
  return { adaptiveBufferMinMs, adaptiveBufferMaxMs };
}
