/**
 * One connection to a collector, over whichever transport.
 *
 * @module
 */

import { createSocket } from "node:dgram";
import { connect, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";

import type { Collector } from "./collector.js";

/** A connection that is not up by then is given up. */
const CONNECT_LIMIT_MS = 10_000;
/** A connection that takes nothing for so long is dead. */
const STALL_LIMIT_MS = 30_000;
/** Datagrams handed to the system at a time. */
const MAX_DATAGRAMS_IN_FLIGHT = 64;

/** What becomes of a connection. */
export interface WireEvents {
  readonly onReady: () => void;
  /** There is room for more. */
  readonly onDrain: () => void;
  /** The far end said that it does not listen; the connection goes on. */
  readonly onRefused: () => void;
  /** Once: it is down, or never came up. */
  readonly onGone: () => void;
}

/** A connection. It does not keep the process alive. */
export interface Wire {
  /**
   * Hands bytes over; `onWritten` is called when the system has taken or refused them, unless the
   * connection is gone.
   *
   * @returns False if nothing more should come before `onDrain`.
   */
  write(bytes: Uint8Array, onWritten: (isTaken: boolean) => void): boolean;
  /** Lets what was written leave, then closes. */
  end(): void;
}

/** Opens a connection. */
export function openWire(
  collector: Collector,
  tls: ConnectionOptions | undefined,
  events: WireEvents,
): Wire {
  return collector.transport === "udp"
    ? openDatagrams(collector, events)
    : openStream(collector, tls, events);
}

function openDatagrams({ host, port }: Collector, events: WireEvents): Wire {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  let isReady = false;
  let inFlight = 0;
  socket.unref();
  socket.on("error", () => {
    // Nobody listens there now; once connected, the socket goes on for when somebody does.
    if (isReady) {
      events.onRefused();
      return;
    }
    socket.close();
    events.onGone();
  });
  // A callback of connect would be given the errors that are told above.
  socket.once("connect", () => {
    isReady = true;
    events.onReady();
  });
  socket.connect(port, host);
  return {
    write: (bytes, onWritten) => {
      inFlight += 1;
      socket.send(bytes, (error) => {
        inFlight -= 1;
        onWritten(error === null);
        if (inFlight < MAX_DATAGRAMS_IN_FLIGHT) events.onDrain();
      });
      return inFlight < MAX_DATAGRAMS_IN_FLIGHT;
    },
    end: () => {
      socket.close();
    },
  };
}

function openStream(
  { transport, host, port }: Collector,
  tls: ConnectionOptions | undefined,
  events: WireEvents,
): Wire {
  const socket: Socket =
    transport === "tls" ? connectTls({ host, port, ...tls }) : connect({ host, port });
  let isReady = false;
  socket.unref();
  socket.setKeepAlive(true);
  socket.setTimeout(CONNECT_LIMIT_MS);
  socket.once(transport === "tls" ? "secureConnect" : "connect", () => {
    isReady = true;
    socket.setTimeout(STALL_LIMIT_MS);
    events.onReady();
  });
  socket.on("timeout", () => {
    // Without anything to say the silence is ours.
    if (!isReady || socket.writableLength > 0) socket.destroy();
  });
  socket.on("drain", events.onDrain);
  socket.on("error", nothingToAdd);
  socket.on("close", events.onGone);
  // What a collector says is of no interest, but must not pile up.
  socket.resume();
  return {
    write: (bytes, onWritten) =>
      socket.write(bytes, (error) => {
        if (error === undefined || error === null) onWritten(true);
      }),
    end: () => {
      socket.end();
    },
  };
}

function nothingToAdd(): void {
  // The close that follows says it.
}
