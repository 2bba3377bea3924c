/**
 * Plain RTP on loopback: sockets of a media server that are watched, and of a far end that is not.
 *
 * @module
 */

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { onTestFinished } from "vitest";

import { RtpSockets } from "../../../src/attach/rtp-sockets.js";
import type { RtpSocketOptions } from "../../../src/attach/rtp-socket-attachment.js";
import { LiveEngine } from "../../../src/native/live-engine.js";
import { decodeRtcp } from "../../../src/native/rtcp-decoder.js";
import { clock } from "./werift-pair.js";

/** A bound socket that is closed at the test's end. */
export async function boundSocket(address = "127.0.0.1"): Promise<Socket> {
  const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
  onTestFinished(() => {
    closeQuietly(socket);
  });
  socket.bind(0, address);
  await once(socket, "listening");
  return socket;
}

/** Sockets of an even port and the next, as RTP and RTCP have them (RFC 3550 §11). */
export async function socketPair(): Promise<{ rtp: Socket; rtcp: Socket }> {
  for (;;) {
    const rtp = await boundSocket();
    const { port } = rtp.address();
    const rtcp = createSocket("udp4");
    const isBound = await new Promise<boolean>((resolve) => {
      rtcp.once("error", () => {
        resolve(false);
      });
      rtcp.bind(port + 1, "127.0.0.1", () => {
        resolve(true);
      });
    }).catch(() => false);
    if (port % 2 === 0 && isBound) {
      onTestFinished(() => {
        closeQuietly(rtcp);
      });
      return { rtp, rtcp };
    }
    closeQuietly(rtcp);
  }
}

export function closeQuietly(socket: Socket): void {
  try {
    socket.close();
  } catch {
    // It is closed already.
  }
}

export interface Watch {
  readonly engine: LiveEngine;
  readonly sockets: RtpSockets;
  readonly errors: unknown[];
}

/** What a probe has for plain RTP. */
export function watch(options: Partial<RtpSocketOptions> = {}): Watch {
  const engine = new LiveEngine();
  const errors: unknown[] = [];
  const sockets = new RtpSockets({
    sink: engine,
    decodeRtcp,
    clock,
    formatOf: ({ map, payloadType }) => engine.map(map).get(payloadType),
    onError: (error) => errors.push(error),
    ...options,
  });
  onTestFinished(() => {
    sockets.close();
  });
  return { engine, sockets, errors };
}

export function portOf(socket: Socket): number {
  return socket.address().port;
}

/** Sends datagrams one after another, and waits until the receiver has had them all. */
export async function transmit(
  from: Socket,
  to: Socket,
  datagrams: readonly Uint8Array[],
): Promise<void> {
  const { address, port } = to.address();
  const host = address === "0.0.0.0" ? "127.0.0.1" : address === "::" ? "::1" : address;
  let received = 0;
  const count = (): void => void (received += 1);
  to.on("message", count);
  for (const [at, datagram] of datagrams.entries()) {
    await new Promise<void>((resolve, reject) => {
      from.send(datagram, port, host, (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
    // The receiver's buffer holds only so many.
    if (at % 64 === 63) await settled(() => received > at);
  }
  await settled(() => received >= datagrams.length);
  to.off("message", count);
}

async function settled(condition: () => boolean): Promise<void> {
  const give = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > give) throw new Error("datagrams were lost on loopback");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A description of audio on a port. */
export function audioSdp(port: number, more: { address?: string; lines?: string } = {}): string {
  const { address = "127.0.0.1", lines = "a=rtpmap:0 PCMU/8000\r\n" } = more;
  const family = address.includes(":") ? "IP6" : "IP4";
  return (
    `v=0\r\no=- ${String(port)} 1 IN ${family} ${address}\r\ns=-\r\nc=IN ${family} ${address}\r\n` +
    `t=0 0\r\nm=audio ${String(port)} RTP/AVP 0 96\r\n${lines}`
  );
}
