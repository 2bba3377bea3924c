/**
 * One end of a call with plain RTP on a `node:dgram` socket: G.711 at an even pace, and RTCP beside it
 * on the same port (RFC 5761).
 *
 * @module
 */

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import type { BodyAndContentType, SessionDescriptionHandler } from "sip.js";

import { kindOf, type UdpRelay } from "../../attach/support/udp-relay.js";
import { audioSdp } from "../../attach/support/rtp-line.js";
import { bytesOf, rtpPacket } from "../../support/packets.js";
import { senderReport, sourceDescription } from "../../support/rtcp.js";

const FRAME_MS = 20;
const REPORT_EVERY = 25;
const NTP_UNIX_SECONDS = 2_208_988_800;

/** A session's media, and the socket it goes over. */
export class RtpEnd implements SessionDescriptionHandler {
  readonly socket: Socket;
  readonly #ssrc: number;
  readonly #relay: UdpRelay | undefined;
  readonly #startedAtMs = performance.now();
  #farPort: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #frame = 0;
  #received = 0;
  #firstSequence: number | undefined;
  #highestSequence = 0;
  #farSsrc = 0;
  #transitTicks: number | undefined;
  #jitterTicks = 0;
  #lastReport: { middle: number; atMs: number } | undefined;

  private constructor(socket: Socket, ssrc: number, relay: UdpRelay | undefined) {
    this.socket = socket;
    this.#ssrc = ssrc;
    this.#relay = relay;
    socket.on("message", (bytes) => {
      if (kindOf(bytes) === "rtp") this.#takeRtp(bytes);
      else if (bytes[1] === 200) {
        this.#lastReport = { middle: bytes.readUInt32BE(10), atMs: performance.now() };
      }
    });
  }

  /** @param relay Between this end, which is its `a`, and the other. */
  static async open(ssrc: number, relay?: UdpRelay): Promise<RtpEnd> {
    const socket = createSocket("udp4");
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    return new RtpEnd(socket, ssrc, relay);
  }

  getDescription(): Promise<BodyAndContentType> {
    const { port } = this.socket.address();
    this.#relay?.expect("a", port);
    const lines = "a=rtpmap:0 PCMU/8000\r\na=rtcp-mux\r\n";
    const body = audioSdp(this.#relay?.portForB ?? port, { lines });
    return Promise.resolve({ body, contentType: "application/sdp" });
  }

  setDescription(sdp: string): Promise<void> {
    const port = Number(/m=audio (\d+)/.exec(sdp)?.[1]);
    this.#relay?.expect("b", port);
    this.#farPort = this.#relay?.portForA ?? port;
    return Promise.resolve();
  }

  hasDescription(contentType: string): boolean {
    return contentType === "application/sdp";
  }

  sendDtmf(): boolean {
    return false;
  }

  /** Sends until it is told to stop. */
  speak(): void {
    const due = Math.floor((performance.now() - this.#startedAtMs) / FRAME_MS);
    this.#frame ||= due;
    for (; this.#frame <= due; this.#frame += 1) {
      this.#send(rtpPacket({ ...this.#header(), ssrc: this.#ssrc, payloadType: 0 }));
      if (this.#frame % REPORT_EVERY === 0) this.#send(this.#report());
    }
    this.#timer = setTimeout(() => {
      this.speak();
    }, FRAME_MS);
  }

  hush(): void {
    clearTimeout(this.#timer);
  }

  close(): void {
    this.hush();
  }

  #header(): { sequenceNumber: number; timestamp: number } {
    return { sequenceNumber: this.#frame & 0xffff, timestamp: this.#frame * 160 };
  }

  #takeRtp(bytes: Buffer): void {
    const sequence = bytes.readUInt16BE(2);
    this.#farSsrc = bytes.readUInt32BE(8);
    this.#firstSequence ??= sequence;
    this.#highestSequence = Math.max(this.#highestSequence, sequence);
    this.#received += 1;
    // RFC 3550 §A.8
    const transit = performance.now() * 8 - bytes.readUInt32BE(4);
    const change = Math.abs(transit - (this.#transitTicks ?? transit));
    this.#transitTicks = transit;
    this.#jitterTicks += (change - this.#jitterTicks) / 16;
  }

  #report(): Uint8Array {
    const epochSeconds = (performance.timeOrigin + performance.now()) / 1000 + NTP_UNIX_SECONDS;
    const ntp = BigInt(Math.round(epochSeconds * 2 ** 20)) << 12n;
    const last = this.#lastReport;
    const delayMs = last === undefined ? 0 : performance.now() - last.atMs;
    const block = {
      ssrc: this.#farSsrc,
      packetsLost: this.#highestSequence - (this.#firstSequence ?? 0) + 1 - this.#received,
      extendedHighestSequence: this.#highestSequence,
      jitterTicks: Math.round(this.#jitterTicks),
      lastSenderReport: last?.middle ?? 0,
      delaySinceLastSenderReport: Math.round(delayMs * 65.536),
    };
    const report = senderReport({
      ssrc: this.#ssrc,
      ntp,
      rtpTimestamp: this.#frame * 160,
      packets: this.#frame,
      octets: this.#frame * 160,
      blocks: this.#firstSequence === undefined ? [] : [block],
    });
    return bytesOf(report, sourceDescription(this.#ssrc, "end@localhost"));
  }

  #send(bytes: Uint8Array): void {
    if (this.#farPort !== undefined) this.socket.send(bytes, this.#farPort, "127.0.0.1");
  }
}
