/**
 * One call's media on plain RTP sockets: which of its media sections each socket is for, and what its
 * streams come to.
 *
 * @module
 */

import type { DtlsReport, IceReport, MediaFlow } from "../call/call-report.js";
import type { CallStream } from "../call/findings.js";
import type { Span } from "../call/issues/spans.js";
import type { LiveMedia } from "../call/live-media.js";
import type { RoundTripReport } from "../call/report.js";
import { streamReport } from "../call/stream-report.js";
import { type Endpoint, endpointKey } from "../net/endpoint.js";
import { present } from "../rtcp/present.js";
import type { ReportedView } from "../rtcp/reported-view.js";
import type { RoundTripSummary } from "../rtcp/round-trip.js";
import type { StreamMeasurement } from "../rtp/stream.js";
import type { SessionDescription } from "../sdp/description.js";
import { isUnspecified } from "../sdp/ip-address.js";
import { type MediaEndpoint, mediaEndpoints } from "../sdp/media-endpoint.js";
import { type CallParty, otherParty } from "../sip/call.js";
import { flowFrom, type LiveStreamSurroundings } from "./connection-media.js";
import type { Way } from "./rtcp-tap.js";
import type { RtpSeat } from "./rtp-seat.js";
import type { AttachedSocket } from "./rtp-socket.js";
import type { RtpBinding } from "./rtp-socket-attachment.js";

/** A socket of the call. */
interface Seated {
  readonly socket: AttachedSocket;
  readonly seat: RtpSeat;
  readonly binding: RtpBinding | undefined;
  /** The media section it is for, as this side described it last. */
  place: MediaEndpoint | undefined;
}

/** The media of one call. */
export class RtpCall implements LiveMedia {
  readonly #surroundings: LiveStreamSurroundings;
  readonly #callId: string;
  readonly #seated: Seated[] = [];
  readonly #sides: Record<"local" | "remote", readonly MediaEndpoint[]> = {
    local: [],
    remote: [],
  };

  constructor(callId: string, surroundings: LiveStreamSurroundings) {
    this.#callId = callId;
    this.#surroundings = surroundings;
  }

  /** Where this side last said that it receives. */
  get localEndpoints(): readonly Endpoint[] {
    return this.#sides.local.flatMap(({ rtp, rtcp }) => [rtp ?? [], rtcp ?? []].flat());
  }

  has(socket: AttachedSocket): boolean {
    return this.#seated.some((one) => one.socket === socket);
  }

  describe(by: "local" | "remote", session: SessionDescription): void {
    this.#sides[by] = mediaEndpoints(session);
    for (const seated of this.#seated) this.#settle(seated);
  }

  /** Gives a socket a part in the call. */
  join(socket: AttachedSocket, binding: RtpBinding | undefined): void {
    if (this.has(socket)) return;
    const seated = { socket, seat: socket.takeSeat(this.#callId), binding, place: undefined };
    this.#seated.push(seated);
    this.#settle(seated);
  }

  /** The call is over. What is known stays. */
  release(): void {
    for (const { socket, seat } of this.#seated) socket.release(seat);
  }

  readonly watched = (): readonly Span[] => this.#seated.map(({ socket }) => socket.watched);

  sample(): void {
    // What passed a socket was measured when it did, and stays when the socket is closed.
  }

  streams(localParty: CallParty): readonly CallStream[] {
    return this.#seated.flatMap((seated) => [
      ...this.#streams(seated, "inbound", flowFrom(otherParty(localParty))),
      ...this.#streams(seated, "outbound", flowFrom(localParty)),
    ]);
  }

  /** SRTP keyed by DTLS would have its handshake elsewhere. */
  handshakes(): readonly DtlsReport[] {
    return [];
  }

  ice(): IceReport | undefined {
    return undefined;
  }

  reportedFlows(localParty: CallParty): readonly MediaFlow[] {
    const proofs = this.#seated.map(({ seat }) => seat.proofs);
    return [
      ...(proofs.some(({ receivesFrom }) => receivesFrom)
        ? [flowFrom(otherParty(localParty))]
        : []),
      ...(proofs.some(({ sendsTo }) => sendsTo) ? [flowFrom(localParty)] : []),
    ];
  }

  stackRoundTrip(): RoundTripSummary | undefined {
    return undefined;
  }

  #settle(seated: Seated): void {
    const { socket, seat, binding } = seated;
    const { local, remote } = this.#sides;
    const port = socket.local?.port;
    const place = local.find(({ rtp, rtcp }) => rtp?.port === port || rtcp?.port === port);
    if (place !== undefined) seated.place = place;
    const theirs = remote.filter(({ mediaIndex }) => mediaIndex === seated.place?.mediaIndex);
    const expected = theirs.flatMap(({ rtp, rtcp }) => [rtp ?? [], rtcp ?? []].flat());
    seat.describe(
      {
        ...present("local", binding?.receives ?? seated.place?.payloads),
        ...present("remote", binding?.sends ?? theirs[0]?.payloads),
      },
      new Set(expected.map(endpointKey)),
    );
    socket.rearrange(seat);
  }

  #streams(seated: Seated, way: Way, flow: MediaFlow): CallStream[] {
    return seated.seat.measurements(way).map((measured) => {
      const section = this.#sectionOf(seated);
      const roundTrip = section
        .map(({ seat }) => seat.roundTrip())
        .find((one) => one !== undefined);
      const report = streamReport(this.#withLocalEnd(seated, way, measured), {
        ...this.#surroundings,
        rtcpOf: (clockRateHz) => {
          const rtcp = viewOf(section, way, measured.ssrc, clockRateHz);
          const rtt: RoundTripReport = {
            ...present("measured", roundTrip),
            ...present("reported", rtcp?.roundTrip),
          };
          const hasRtt = rtt.measured !== undefined || rtt.reported !== undefined;
          return { rtcp, rtt: hasRtt ? rtt : undefined };
        },
      });
      const mediaType = this.#mediaTypeOf(seated, measured);
      return {
        stream: { ...report, direction: flow, mediaType },
        flow,
        mediaType,
        firstPacketAtMs: measured.firstPacketAtMs,
        lastPacketAtMs: measured.lastPacketAtMs,
      };
    });
  }

  /** RTP and RTCP of one section have a socket each, unless they share one. */
  #sectionOf(seated: Seated): Seated[] {
    const others = this.#seated.filter((one) => one !== seated && isSameSection(one, seated));
    return [seated, ...others];
  }

  /** A socket on every address does not say on which one a packet came; the description does. */
  #withLocalEnd({ place }: Seated, way: Way, measured: StreamMeasurement): StreamMeasurement {
    const end = way === "inbound" ? "destination" : "source";
    const { address, port } = measured[end];
    const described = place?.rtp?.address;
    if (described === undefined || !isUnspecified(address)) return measured;
    if (described.includes(":") !== address.includes(":")) return measured;
    return { ...measured, [end]: { address: described, port } };
  }

  /** Bundled sections share a socket; what is in the stream then tells. */
  #mediaTypeOf({ place, binding }: Seated, { payloadTypes }: StreamMeasurement): string {
    const { formatOf } = this.#surroundings;
    if (payloadTypes.some((count) => formatOf(count)?.kind === "video")) return "video";
    return binding?.mediaType ?? place?.mediaType ?? "audio";
  }
}

function isSameSection(one: Seated, other: Seated): boolean {
  if (one.place !== undefined || other.place !== undefined) {
    return one.place?.mediaIndex === other.place?.mediaIndex;
  }
  // RFC 3550 §11: an even port and the next.
  const ports = [one, other].map(({ socket }) => (socket.local?.port ?? 0) >> 1);
  return ports[0] === ports[1];
}

/** The fullest of what was reported on one of the section's sockets. */
function viewOf(
  section: readonly Seated[],
  way: Way,
  ssrc: number,
  clockRateHz: number | undefined,
): ReportedView | undefined {
  const views = section.flatMap(({ seat }) => seat.rtcp.view(way, ssrc, clockRateHz) ?? []);
  return views.sort((a, b) => b.reports - a.reports)[0];
}
