/**
 * A `getStats` report by the names of W3C webrtc-stats, as any standard stack or browser gives it.
 *
 * @module
 */

import type { MediaTotals, StackInbound, StackOutbound, Traffic } from "../call/connection.js";
import { present } from "../rtcp/present.js";
import { RoundTripAccumulator, type RoundTripSummary } from "../rtcp/round-trip.js";
import type { PayloadFormat } from "../rtp/codec.js";
import { sumsOf } from "./data-channel-tally.js";
import { countOf, memberOf, numberOf } from "./werift-ports.js";
import { formatOf } from "./werift-session.js";
import { entriesOf, StackStatistics } from "./werift-stats.js";
import { sumOf } from "./werift-wire.js";

/** Data channels and transports whose counters are kept; further ones are not counted. */
const MAX_KEPT = 256;

/** What the packets of a stream are. */
export interface StreamCodec {
  readonly payloadType?: number;
  readonly format?: PayloadFormat;
}

/** The pair of candidates in use. */
export interface SelectedPair {
  readonly localType?: string;
  readonly remoteType?: string;
  /** Of this side, by which an ICE restart is told from what was before it. */
  readonly localUfrag?: string;
}

/** What a report says of a transport's security. */
export interface TransportSecurity {
  readonly state?: string;
  readonly iceState?: string;
  readonly role?: string;
  readonly version?: string;
  readonly cipher?: string;
  readonly srtpProfile?: string;
  /** In DER. */
  readonly remoteCertificate?: Uint8Array;
}

/** Everything that the reports on one connection have said. */
export class StandardStatistics {
  readonly #stack = new StackStatistics();
  readonly #codecs = new Map<number, StreamCodec>();
  /** By identifier: a channel's entry goes when it closes, and its counters stay true. */
  readonly #channels = new Map<string, object>();
  readonly #transports = new Map<string, object>();
  readonly #checks = new RoundTripAccumulator();
  #pairs = new Map<unknown, { readonly seconds: number; readonly count: number }>();
  #selected: SelectedPair | undefined;
  #security: TransportSecurity | undefined;

  take(report: unknown): void {
    const entries = entriesOf(report);
    const byId = new Map(entries.map((entry) => [memberOf(entry, "id"), entry]));
    this.#stack.take(entries, () => true);
    this.#stack.takeReport(entries);
    const sums = new Map<unknown, { readonly seconds: number; readonly count: number }>();
    for (const entry of entries) {
      if (typeof entry !== "object" || entry === null) continue;
      switch (memberOf(entry, "type")) {
        case "inbound-rtp":
        case "outbound-rtp":
          this.#takeCodec(entry, byId);
          break;
        case "data-channel":
          keep(this.#channels, entry);
          break;
        case "transport":
          keep(this.#transports, entry);
          this.#takeTransport(entry, byId);
          break;
        case "candidate-pair":
          this.#takeChecks(entry, sums);
          break;
        default:
      }
    }
    this.#pairs = sums;
  }

  get inboundSsrcs(): Iterable<number> {
    return this.#stack.inboundSsrcs;
  }

  get outboundSsrcs(): Iterable<number> {
    return this.#stack.outboundSsrcs;
  }

  inbound(ssrc: number): StackInbound | undefined {
    return this.#stack.inbound(ssrc);
  }

  outbound(ssrc: number): StackOutbound | undefined {
    return this.#stack.outbound(ssrc);
  }

  codec(ssrc: number): StreamCodec {
    return this.#codecs.get(ssrc) ?? {};
  }

  get selectedPair(): SelectedPair | undefined {
    return this.#selected;
  }

  /** Of the transport that the last report showed first. */
  get security(): TransportSecurity | undefined {
    return this.#security;
  }

  /** Of RTCP where there is any, else of connectivity checks. */
  roundTrip(): RoundTripSummary | undefined {
    return this.#stack.roundTrip() ?? this.#checks.summary();
  }

  /** What the transports carried; where the report does not say, their selected pairs. */
  wire(): Traffic {
    const transports = [...this.#transports.values()].filter(
      (transport) => numberOf(memberOf(transport, "packetsSent")) !== undefined,
    );
    if (transports.length === 0) return sumOf(this.#stack.wire);
    return sumOf(
      transports.map((transport) => ({
        packetsSent: countOf(transport, "packetsSent"),
        packetsReceived: countOf(transport, "packetsReceived"),
        bytesSent: countOf(transport, "bytesSent"),
        bytesReceived: countOf(transport, "bytesReceived"),
      })),
    );
  }

  dataChannels(): MediaTotals["dataChannels"] {
    return {
      opened: this.#stack.channelsOpened,
      closed: this.#stack.channelsClosed,
      ...sumsOf(this.#channels.values()),
    };
  }

  #takeCodec(entry: object, byId: ReadonlyMap<unknown, unknown>): void {
    const ssrc = numberOf(memberOf(entry, "ssrc"));
    const codec = byId.get(memberOf(entry, "codecId"));
    if (ssrc === undefined || codec === undefined) return;
    const isKept = this.#codecs.has(ssrc) || this.#codecs.size < MAX_KEPT;
    if (!isKept) return;
    const channels = numberOf(memberOf(codec, "channels"));
    const clockRate = numberOf(memberOf(codec, "clockRate"));
    const format = formatOf({
      ...present("mimeType", textOf(codec, "mimeType")),
      ...present("clockRate", clockRate),
      ...present("channels", channels),
      ...present("parameters", textOf(codec, "sdpFmtpLine")),
    });
    const payloadType = numberOf(memberOf(codec, "payloadType"));
    this.#codecs.set(ssrc, {
      ...present("payloadType", payloadType),
      ...present("format", format),
    });
  }

  #takeTransport(entry: object, byId: ReadonlyMap<unknown, unknown>): void {
    const pair = byId.get(memberOf(entry, "selectedCandidatePairId"));
    const local = byId.get(memberOf(pair, "localCandidateId"));
    const remote = byId.get(memberOf(pair, "remoteCandidateId"));
    this.#selected =
      pair === undefined
        ? undefined
        : {
            ...present("localType", textOf(local, "candidateType")),
            ...present("remoteType", textOf(remote, "candidateType")),
            ...present("localUfrag", textOf(local, "usernameFragment")),
          };
    const certificate = byId.get(memberOf(entry, "remoteCertificateId"));
    this.#security = {
      ...present("state", textOf(entry, "dtlsState")),
      ...present("iceState", textOf(entry, "iceState")),
      ...present("role", textOf(entry, "dtlsRole")),
      ...present("version", versionOf(textOf(entry, "tlsVersion"))),
      ...present("cipher", textOf(entry, "dtlsCipher")),
      ...present("srtpProfile", profileOf(textOf(entry, "srtpCipher"))),
      ...present("remoteCertificate", derOf(textOf(certificate, "base64Certificate"))),
    };
  }

  /** What the checks of a pair took since the last report. */
  #takeChecks(entry: object, sums: Map<unknown, { seconds: number; count: number }>): void {
    const seconds = numberOf(memberOf(entry, "totalRoundTripTime"));
    const count = numberOf(memberOf(entry, "responsesReceived"));
    if (seconds === undefined || count === undefined) return;
    const id = memberOf(entry, "id");
    const last = this.#pairs.get(id) ?? { seconds: 0, count: 0 };
    sums.set(id, { seconds, count });
    if (memberOf(entry, "nominated") !== true || count <= last.count) return;
    const mean = (seconds - last.seconds) / (count - last.count);
    if (mean >= 0 && mean < Infinity) this.#checks.add(mean);
  }
}

function keep(into: Map<string, object>, entry: object): void {
  const id = textOf(entry, "id");
  if (id !== undefined && (into.has(id) || into.size < MAX_KEPT)) into.set(id, entry);
}

function textOf(entry: unknown, name: string): string | undefined {
  const value = memberOf(entry, name);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Two bytes in hexadecimal (W3C webrtc-stats), which are the ones' complement in DTLS. */
function versionOf(version: string | undefined): string | undefined {
  return version === undefined ? undefined : DTLS_VERSIONS.get(version.toUpperCase());
}

const DTLS_VERSIONS: ReadonlyMap<string, string> = new Map([
  ["FEFF", "1.0"],
  ["FEFD", "1.2"],
  ["FEFC", "1.3"],
]);

/** As RFC 5764 §4.1.2 and RFC 7714 §14.2 name them. */
const SRTP_PROFILES: ReadonlyMap<string, string> = new Map([
  ["AES_CM_128_HMAC_SHA1_80", "SRTP_AES128_CM_HMAC_SHA1_80"],
  ["AES_CM_128_HMAC_SHA1_32", "SRTP_AES128_CM_HMAC_SHA1_32"],
  ["AEAD_AES_128_GCM", "SRTP_AEAD_AES_128_GCM"],
  ["AEAD_AES_256_GCM", "SRTP_AEAD_AES_256_GCM"],
]);

function profileOf(name: string | undefined): string | undefined {
  return name === undefined ? undefined : (SRTP_PROFILES.get(name) ?? name);
}

function derOf(base64: string | undefined): Uint8Array | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, "base64");
}
