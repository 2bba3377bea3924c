/**
 * What the payload types of one media section stand for (RFC 8866 §6.6, RFC 3551 §6).
 *
 * @module
 */

import type { PayloadFormat, PayloadMap } from "../rtp/codec.js";
import { STATIC_PAYLOADS } from "../rtp/static-payloads.js";
import type { SdpDamage } from "./description.js";
import { onlyClockRateHz, payloadKind, registeredName } from "./encodings.js";
import { fields, kept, unsignedInteger } from "./lines.js";

/** Largest payload type: seven bits (RFC 3550 §5.1). */
export const MAX_PAYLOAD_TYPE = 127;

const MAX_CLOCK_RATE_HZ = 0xffffffff;
const MAX_CHANNELS = 255;
const G722_SAMPLING_RATE_HZ = 16000;

/** An `a=rtpmap` line, taken apart. */
interface Rtpmap {
  readonly name: string;
  readonly clockRateHz: number;
  readonly channels?: number;
}

/** Gathers the `a=rtpmap` and `a=fmtp` lines of one media section. */
export class PayloadMapBuilder {
  readonly #rtpmaps = new Map<number, Rtpmap>();
  readonly #parameters = new Map<number, string>();
  readonly #flag: (damage: SdpDamage) => void;

  constructor(flag: (damage: SdpDamage) => void) {
    this.#flag = flag;
  }

  /** `<payload type> <encoding name>/<clock rate>[/<channels>]` */
  addRtpmap(value: string): void {
    const [number = "", ...rest] = fields(value, 2);
    const payloadType = unsignedInteger(number, MAX_PAYLOAD_TYPE);
    const [written = "", clock = "", channels = ""] = rest.join("").split("/", 3);
    const name = registeredName(written.trim());
    const clockRateHz = unsignedInteger(clock, MAX_CLOCK_RATE_HZ) ?? 0;
    if (clockRateHz === 0) this.#flag("bad-rtpmap");
    if (payloadType === undefined || name === "") this.#flag("bad-rtpmap");
    else this.#set(payloadType, name, clockRateHz, unsignedInteger(channels, MAX_CHANNELS) ?? 0);
  }

  /** `<payload type> <parameters>`; `*` stands for none in particular and is passed over. */
  addFmtp(value: string): void {
    const [number = "", parameters = ""] = fields(value, 2);
    const payloadType = unsignedInteger(number, MAX_PAYLOAD_TYPE);
    if (payloadType === undefined) {
      if (number !== "*") this.#flag("bad-attribute");
      return;
    }
    if (parameters === "") return;
    const before = this.#parameters.get(payloadType);
    this.#parameters.set(
      payloadType,
      before === undefined ? kept(parameters) : `${before};${parameters}`,
    );
  }

  /** The formats of the listed payload types, then those that only an rtpmap names. */
  build(mediaType: string, payloadTypes: readonly number[]): PayloadMap {
    const map = new Map<number, PayloadFormat>();
    for (const payloadType of [...payloadTypes, ...this.#rtpmaps.keys()]) {
      if (map.has(payloadType)) continue;
      const format = this.#format(payloadType, mediaType);
      if (format !== undefined) map.set(payloadType, format);
    }
    return map;
  }

  #format(payloadType: number, mediaType: string): PayloadFormat | undefined {
    const parameters = this.#parameters.get(payloadType);
    const withParameters = parameters === undefined ? {} : { parameters };
    const rtpmap = this.#rtpmaps.get(payloadType);
    if (rtpmap === undefined) {
      const format = STATIC_PAYLOADS.get(payloadType);
      return format && { ...format, ...withParameters };
    }
    const kind = payloadKind(rtpmap.name, mediaType);
    return kind && { ...rtpmap, kind, ...withParameters };
  }

  /** The first of a number counts. Clock and channels are 0 where they are not given. */
  #set(payloadType: number, name: string, stated: number, channels: number): void {
    // A static number says more than a broken line does.
    const isBrokenStatic = stated === 0 && STATIC_PAYLOADS.has(payloadType);
    // Stacks that take the clock for the sampling rate write 16000, and still count at 8000.
    const isWrongG722 = name === "G722" && stated === G722_SAMPLING_RATE_HZ;
    if (isWrongG722) this.#flag("g722-clock");
    const only = onlyClockRateHz(name);
    const clockRateHz = stated === 0 || isWrongG722 ? only : stated;
    if (clockRateHz === undefined || isBrokenStatic || this.#rtpmaps.has(payloadType)) return;
    this.#rtpmaps.set(payloadType, {
      name: kept(name),
      clockRateHz,
      ...(channels === 0 ? {} : { channels }),
    });
  }
}
