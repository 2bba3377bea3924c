/**
 * A call small enough to be read thousands of times: an offer and an answer, a few packets of a
 * dynamic payload type each way, and RTCP that answers RTCP.
 *
 * @module
 */

import type { Endpoint } from "../../src/net/endpoint.js";
import { type CapturedFrame, rtpPacket, udpFrame } from "./packets.js";
import { receiverReport, senderReport } from "./rtcp.js";

const CALLER: Endpoint = { address: "192.0.2.1", port: 4000 };
const CALLEE: Endpoint = { address: "192.0.2.2", port: 5000 };
const SSRC = 0x1111;

/** An instant in nanoseconds, so many milliseconds into the call. */
const at = (ms: number): bigint =>
  1_700_000_000_000_000_000n + BigInt(Math.round(ms * 1000)) * 1000n;

function frame(
  ms: number,
  source: Endpoint,
  destination: Endpoint,
  payload: Uint8Array,
): CapturedFrame {
  return { atNs: at(ms), bytes: udpFrame({ source, destination, payload }) };
}

function sip(firstLine: string, { address, port }: Endpoint): Uint8Array {
  const sdp = `v=0\r\nc=IN IP4 ${address}\r\nm=audio ${String(port)} RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\n`;
  return Buffer.from(
    `${firstLine}\r\nContent-Type: application/sdp\r\nContent-Length: ${String(sdp.length)}\r\n\r\n${sdp}`,
  );
}

/** The frames of the call, in order of time. */
export function smallCall(): CapturedFrame[] {
  const signalling = (endpoint: Endpoint): Endpoint => ({ ...endpoint, port: 5060 });
  const media = [0, 1, 2, 4, 5].map((number) =>
    frame(
      200 + number * 20 + (number % 2) * 3,
      CALLER,
      CALLEE,
      rtpPacket({
        payloadType: 96,
        sequenceNumber: 65534 + number,
        timestamp: number * 960,
        ssrc: SSRC,
        payload: [1, 2, 3],
      }),
    ),
  );
  return [
    frame(0, signalling(CALLER), signalling(CALLEE), sip("INVITE sip:b@c SIP/2.0", CALLER)),
    frame(100, signalling(CALLEE), signalling(CALLER), sip("SIP/2.0 200 OK", CALLEE)),
    ...media,
    frame(
      400,
      { ...CALLER, port: CALLER.port + 1 },
      { ...CALLEE, port: CALLEE.port + 1 },
      senderReport({ ssrc: SSRC, ntp: 0x8000_1234_4000_0000n }),
    ),
    frame(
      450,
      { ...CALLEE, port: CALLEE.port + 1 },
      { ...CALLER, port: CALLER.port + 1 },
      receiverReport({
        ssrc: 0x2222,
        blocks: [
          {
            ssrc: SSRC,
            packetsLost: 1,
            lastSenderReport: 0x1234_4000,
            delaySinceLastSenderReport: 655,
          },
        ],
      }),
    ),
  ];
}
