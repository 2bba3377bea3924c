/** Collectors to send to, each on a port of its own. */

import { createSocket } from "node:dgram";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";

import { decodeHep, hepLength } from "../../../src/hep/codec.js";
import type { HepPacket } from "../../../src/hep/packet.js";

export interface Receiver {
  readonly port: number;
  readonly packets: HepPacket[];
  close(): Promise<void>;
}

function decoded(bytes: Uint8Array): HepPacket {
  const packet = decodeHep(bytes);
  if (typeof packet === "string") throw new Error(packet);
  return packet;
}

/** Listens for datagrams. */
export async function udpReceiver(port = 0): Promise<Receiver> {
  const socket = createSocket("udp4");
  const packets: HepPacket[] = [];
  socket.on("message", (bytes) => packets.push(decoded(bytes)));
  await new Promise<void>((resolve) => socket.bind(port, "127.0.0.1", resolve));
  return {
    port: socket.address().port,
    packets,
    close: () =>
      new Promise((resolve) =>
        socket.close(() => {
          resolve();
        }),
      ),
  };
}

export interface StreamReceiver extends Receiver {
  /** Reads no more, so that senders have to wait. */
  pause(): void;
  resume(): void;
  /** Breaks all connections. */
  hangUp(): void;
}

/** Listens for connections; with `tls` for encrypted ones. */
export async function streamReceiver({
  port = 0,
  tls,
}: { readonly port?: number; readonly tls?: TlsOptions } = {}): Promise<StreamReceiver> {
  const packets: HepPacket[] = [];
  const sockets = new Set<Socket>();
  let isPaused = false;
  const onConnection = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    let waiting = Buffer.alloc(0);
    socket.on("data", (bytes: Buffer) => {
      waiting = Buffer.concat([waiting, bytes]);
      for (;;) {
        const length = hepLength(waiting);
        if (typeof length === "string" || waiting.length < length) break;
        packets.push(decoded(waiting.subarray(0, length)));
        waiting = waiting.subarray(length);
      }
    });
    if (isPaused) socket.pause();
  };
  const server: Server =
    tls === undefined ? createServer(onConnection) : createTlsServer(tls, onConnection);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    packets,
    pause: () => {
      isPaused = true;
      for (const socket of sockets) socket.pause();
    },
    resume: () => {
      isPaused = false;
      for (const socket of sockets) socket.resume();
    },
    hangUp: () => {
      for (const socket of sockets) socket.destroy();
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) =>
        server.close(() => {
          resolve();
        }),
      );
    },
  };
}
