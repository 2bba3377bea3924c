import { once } from "node:events";
import { connect, type AddressInfo, type Socket } from "node:net";
import { createServer, type Server } from "node:http";
import { onTestFinished } from "vitest";

/** A server that listens, and is closed after the test. */
export async function listening(server: Server = createServer()): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A connection on which a request is written as it is. */
export function raw(url: string, request: string): Socket {
  const { port } = new URL(url);
  const socket = connect(Number(port), "127.0.0.1");
  socket.write(request);
  socket.on("error", () => undefined);
  return socket;
}

/** Waits until a connection is over, however it ends: one that is cut off may be reset. */
export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.resume().once("close", () => {
      resolve();
    });
  });
}

/** Waits until something holds that others bring about. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** Catches what is thrown into the process meanwhile, as its host would. */
export function uncaught(): unknown[] {
  const errors: unknown[] = [];
  const others = (["uncaughtException", "unhandledRejection"] as const).map((event) => {
    const listeners = process.listeners(event as "uncaughtException");
    process.removeAllListeners(event);
    process.on(event, (error: unknown) => errors.push(error));
    return [event, listeners] as const;
  });
  onTestFinished(() => {
    for (const [event, listeners] of others) {
      process.removeAllListeners(event);
      for (const listener of listeners) process.on(event as "uncaughtException", listener);
    }
  });
  return errors;
}
