/**
 * `--payload PT=NAME/RATE[/CHANNELS]`: what a payload type means where the capture does not say.
 *
 * @module
 */

import type { PayloadFormat, PayloadMap } from "../rtp/codec.js";
import { onlyClockRateHz, payloadKind, registeredName } from "../sdp/encodings.js";
import { UsageError } from "./usage-error.js";

const FORM = "PT=NAME/RATE or PT=NAME/RATE/CHANNELS, as in 96=opus/48000";
const MAX_PAYLOAD_TYPE = 127;
const MAX_CLOCK_RATE_HZ = 192_000;
const MAX_CHANNELS = 255;
/** RTP video counts at 90 kHz, and so does MPEG audio (RFC 3551 §4.5.13). */
const VIDEO_CLOCK_RATE_HZ = 90_000;
const AUDIO_AT_90_KHZ = /^mpa(?:-robust)?$/i;
/** An encoding name: a token of RFC 8866 §9. */
const NAME = /^[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,64}$/;

/** @throws {UsageError} If one cannot be understood, or two are about the same type. */
export function payloadMap(written: readonly string[]): PayloadMap {
  const map = new Map<number, PayloadFormat>();
  for (const one of written) {
    const [payloadType, format] = payloadOption(one);
    if (map.has(payloadType)) {
      throw new UsageError(`--payload says twice what payload type ${payloadType} is`);
    }
    map.set(payloadType, format);
  }
  return map;
}

function payloadOption(written: string): [number, PayloadFormat] {
  const fail = (why: string): never => {
    throw new UsageError(`--payload ${written}: ${why}`);
  };
  const [, type = "", name = "", rate, channels] =
    /^([^=]*)=([^/]*)(?:\/([^/]*))?(?:\/([^/]*))?$/.exec(written) ?? fail(`it must be ${FORM}`);
  const payloadType =
    numberIn(type, 0, MAX_PAYLOAD_TYPE) ?? fail("the payload type must be from 0 to 127");
  if (!NAME.test(name)) fail(`there is no codec name in it; it must be ${FORM}`);
  const registered = registeredName(name);
  const only = onlyClockRateHz(name);
  const clockRateHz =
    (rate === undefined ? undefined : numberIn(rate, 1, MAX_CLOCK_RATE_HZ)) ??
    fail(
      only === undefined
        ? `the clock rate must be from 1 to ${MAX_CLOCK_RATE_HZ} Hz, as in ${type}=${name}/8000`
        : `the clock rate is missing or not a number; ${registered} has ${only}`,
    );
  if (only !== undefined && only !== clockRateHz) {
    fail(`the RTP clock of ${registered} is ${only} Hz: say ${type}=${registered}/${only}`);
  }
  const mediaType =
    clockRateHz === VIDEO_CLOCK_RATE_HZ && !AUDIO_AT_90_KHZ.test(name) ? "video" : "audio";
  const channelCount =
    channels === undefined
      ? undefined
      : (numberIn(channels, 1, MAX_CHANNELS) ?? fail("the channels must be from 1 to 255"));
  return [
    payloadType,
    {
      name: registered,
      clockRateHz,
      kind: payloadKind(name, mediaType) ?? mediaType,
      ...(channelCount !== undefined && { channels: channelCount }),
    },
  ];
}

function numberIn(text: string, low: number, high: number): number | undefined {
  if (!/^\d{1,9}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= low && value <= high ? value : undefined;
}
