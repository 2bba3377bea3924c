/**
 * Attributes that may be said for a whole session and again for one media section.
 *
 * @module
 */

import { parseConnection, parseFingerprint, parseSetup } from "./attributes.js";
import { kept } from "./lines.js";
import type {
  ConnectionAddress,
  Fingerprint,
  MediaDirection,
  SdpDamage,
  SetupRole,
  SharedAttributes,
} from "./description.js";

/** Fingerprints of one level that are read. */
export const MAX_FINGERPRINTS = 16;

/** Sixty seconds in one packet is beyond anything real. */
const MAX_PACKET_TIME_MS = 60_000;

/** Takes note of damage as it is found. */
export type Flag = (damage: SdpDamage) => void;

/** Gathers the shared attributes of one level: the session, or one media section. */
export class SharedAttributesBuilder {
  #connection: ConnectionAddress | undefined;
  #direction: MediaDirection | undefined;
  #iceUfrag: string | undefined;
  #icePwd: string | undefined;
  #setup: SetupRole | undefined;
  #ptimeMs: number | undefined;
  #maxptimeMs: number | undefined;
  readonly #fingerprints: Fingerprint[] = [];
  readonly #flag: Flag;

  constructor(flag: Flag) {
    this.#flag = flag;
  }

  /** Whether ICE credentials were given, which no other call has. */
  get hasCredentials(): boolean {
    return this.#iceUfrag !== undefined || this.#icePwd !== undefined;
  }

  /** Only the first counts: further ones are other layers of a multicast (RFC 8866 §5.7). */
  addConnection(value: string): void {
    const connection = parseConnection(value);
    if (connection === undefined) this.#flag("bad-address-line");
    else this.#connection ??= connection;
  }

  /**
   * @param name In lower case.
   * @returns Whether this is an attribute of both levels.
   */
  addAttribute(name: string, value: string): boolean {
    switch (name) {
      case "sendrecv":
      case "sendonly":
      case "recvonly":
      case "inactive":
        this.#direction = name;
        return true;
      case "ice-ufrag":
        this.#iceUfrag = this.#nonEmpty(value);
        return true;
      case "ice-pwd":
        this.#icePwd = this.#nonEmpty(value);
        return true;
      case "setup":
        this.#setup = this.#usable(parseSetup(value));
        return true;
      case "ptime":
        this.#ptimeMs = this.#usable(packetTimeMs(value));
        return true;
      case "maxptime":
        this.#maxptimeMs = this.#usable(packetTimeMs(value));
        return true;
      case "fingerprint":
        this.#addFingerprint(value);
        return true;
      default:
        return false;
    }
  }

  /** @param inherited What the session says for all its sections. */
  build(inherited?: SharedAttributes): SharedAttributes {
    const own = this.#fingerprints;
    const connection = this.#connection ?? inherited?.connection;
    const iceUfrag = this.#iceUfrag ?? inherited?.iceUfrag;
    const icePwd = this.#icePwd ?? inherited?.icePwd;
    const setup = this.#setup ?? inherited?.setup;
    const ptimeMs = this.#ptimeMs ?? inherited?.ptimeMs;
    const maxptimeMs = this.#maxptimeMs ?? inherited?.maxptimeMs;
    // Filled in field by field: objects made of others are slow to make.
    const shared: { -readonly [Name in keyof SharedAttributes]: SharedAttributes[Name] } = {
      direction: this.#direction ?? inherited?.direction ?? "sendrecv",
      fingerprints: own.length > 0 ? own : (inherited?.fingerprints ?? own),
    };
    if (connection !== undefined) shared.connection = connection;
    if (iceUfrag !== undefined) shared.iceUfrag = iceUfrag;
    if (icePwd !== undefined) shared.icePwd = icePwd;
    if (setup !== undefined) shared.setup = setup;
    if (ptimeMs !== undefined) shared.ptimeMs = ptimeMs;
    if (maxptimeMs !== undefined) shared.maxptimeMs = maxptimeMs;
    return shared;
  }

  #addFingerprint(value: string): void {
    const fingerprint = this.#usable(parseFingerprint(value));
    if (fingerprint === undefined) return;
    if (this.#fingerprints.length === MAX_FINGERPRINTS) this.#flag("attribute-limit");
    else this.#fingerprints.push(fingerprint);
  }

  #nonEmpty(value: string): string | undefined {
    return this.#usable(value === "" ? undefined : kept(value));
  }

  #usable<Value>(value: Value | undefined): Value | undefined {
    if (value === undefined) this.#flag("bad-attribute");
    return value;
  }
}

/** A packet time in ms, above 0. Some stacks write fractions, such as `2.5` or `20.000`. */
function packetTimeMs(value: string): number | undefined {
  if (!/^\d{1,5}(\.\d{1,6})?$/.test(value)) return undefined;
  const ms = Number(value);
  return ms > 0 && ms <= MAX_PACKET_TIME_MS ? ms : undefined;
}
