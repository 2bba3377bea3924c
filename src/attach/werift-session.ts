/**
 * What the session descriptions of a peer connection promise: payload types, fingerprints, sources.
 * Read when they are needed, once for each negotiation.
 *
 * @module
 */

import type { StatedFingerprint } from "../dtls/verdict.js";
import type { PayloadFormat, PayloadMap } from "../rtp/codec.js";
import type { MediaDescription, SessionDescription } from "../sdp/description.js";
import { payloadKind } from "../sdp/encodings.js";
import { parseSdp } from "../sdp/session.js";
import type { StatedSession } from "../call/live-media.js";
import type {
  WeriftCodec,
  WeriftDescription,
  WeriftDtlsTransport,
  WeriftPeerConnection,
  WeriftTransceiver,
} from "./werift-ports.js";

interface Sections {
  readonly local: readonly MediaDescription[] | undefined;
  readonly remote: readonly MediaDescription[] | undefined;
}

/** The descriptions of one connection. */
export class SessionReader {
  readonly #pc: WeriftPeerConnection;
  #sections: Sections | undefined;

  constructor(pc: WeriftPeerConnection) {
    this.#pc = pc;
  }

  /** There may be new descriptions. */
  changed(): void {
    this.#sections = undefined;
  }

  /** The descriptions in force, the offer first. */
  descriptions(): StatedSession[] {
    const { localDescription, remoteDescription } = this.#pc;
    const stated = [
      ...statedBy("local", localDescription),
      ...statedBy("remote", remoteDescription),
    ];
    return stated.sort((a, b) => Number(b.isOffer) - Number(a.isOffer));
  }

  /** All transceivers of the connection. */
  transceivers(): readonly WeriftTransceiver[] {
    return this.#pc.getTransceivers?.() ?? [];
  }

  /**
   * What payload types stand for on a transport, of what is sent to one side: as that side has stated
   * them, else as the other has (RFC 3264 §5.1), else as the stack has them.
   */
  payloads(transport: WeriftDtlsTransport, receiver: "local" | "remote"): PayloadMap {
    const mine = this.transceivers().filter((each) => each.dtlsTransport === transport);
    const mids = new Set(mine.map(({ mid }) => mid));
    const { local, remote } = this.#read();
    const ours = sectionsOf(local, mids);
    const theirs = sectionsOf(remote, mids);
    const stated = receiver === "local" ? [...theirs, ...ours] : [...ours, ...theirs];
    const known = mine.flatMap(({ codecs = [] }) => codecs.flatMap(formatEntry));
    return new Map([...known, ...stated.flatMap(({ payloads }) => [...payloads])]);
  }

  /** Of the remote description; `undefined` without one. */
  remoteFingerprints(): readonly StatedFingerprint[] | undefined {
    const { remote } = this.#read();
    return remote?.flatMap(({ fingerprints }) => fingerprints);
  }

  /** Whether the remote description announces a source (RFC 5576), so that the stack expects it. */
  isDescribed(ssrc: number): boolean {
    const { remote } = this.#read();
    return remote?.some(({ sources }) => sources.some((each) => each.ssrc === ssrc)) ?? false;
  }

  #read(): Sections {
    this.#sections ??= {
      local: sessionOf(this.#pc.localDescription)?.media,
      remote: sessionOf(this.#pc.remoteDescription)?.media,
    };
    return this.#sections;
  }
}

/** A codec of the stack as a format. */
export function formatOf({
  mimeType = "",
  clockRate,
  channels,
  parameters,
}: WeriftCodec): PayloadFormat | undefined {
  const [mediaType = "", name = ""] = mimeType.split("/", 2);
  const kind = payloadKind(name, mediaType.toLowerCase());
  if (kind === undefined || clockRate === undefined || !(clockRate > 0)) return undefined;
  return {
    name,
    clockRateHz: clockRate,
    kind,
    ...(channels !== undefined && { channels }),
    ...(parameters !== undefined && { parameters }),
  };
}

function formatEntry(codec: WeriftCodec): [number, PayloadFormat][] {
  const format = formatOf(codec);
  const { payloadType } = codec;
  return format === undefined || payloadType === undefined ? [] : [[payloadType, format]];
}

function statedBy(
  by: StatedSession["by"],
  description: WeriftDescription | null | undefined,
): StatedSession[] {
  const session = sessionOf(description);
  return session === undefined ? [] : [{ by, isOffer: description?.type === "offer", session }];
}

function sessionOf(
  description: WeriftDescription | null | undefined,
): SessionDescription | undefined {
  if (typeof description?.sdp !== "string") return undefined;
  const session = parseSdp(description.sdp);
  return typeof session === "string" ? undefined : session;
}

/** Those of some media identifiers; where none has one of them, all. */
function sectionsOf(
  sections: readonly MediaDescription[] | undefined,
  mids: ReadonlySet<string | null | undefined>,
): readonly MediaDescription[] {
  const chosen = sections?.filter(({ mid }) => mid !== undefined && mids.has(mid)) ?? [];
  return chosen.length > 0 ? chosen : (sections ?? []);
}
