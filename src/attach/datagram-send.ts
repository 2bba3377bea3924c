/**
 * What a call of `send` of a `node:dgram` socket sends, in each of its forms:
 * `send(msg[, offset, length][, port][, address][, callback])`.
 *
 * @module
 */

/** One datagram on its way. */
export interface Departure {
  readonly bytes: Uint8Array;
  /** Absent on a connected socket. */
  readonly port?: number;
  /** As given: it may be a name. Absent where it is the family's loopback, or connected. */
  readonly address?: string;
  /** Which of the arguments is the callback. */
  readonly callbackAt?: number;
}

const UTF_8 = new TextEncoder();

/** `undefined` for what `send` will refuse. Only reads. */
export function departureOf(values: readonly unknown[]): Departure | undefined {
  const [message, first, second, third, fourth] = values;
  const whole = bytesOf(message);
  if (whole === undefined) return undefined;
  const at = values.findIndex((value, index) => index > 0 && typeof value === "function");
  const callback = at < 0 ? {} : { callbackAt: at };
  // A number in third place can be no address, so that the second is no port.
  const isRange = typeof first === "number" && typeof second === "number";
  if (isRange) {
    const bytes = whole.subarray(first, first + second);
    return { bytes, ...destination(third, fourth), ...callback };
  }
  return { bytes: whole, ...destination(first, second), ...callback };
}

function destination(port: unknown, address: unknown): Pick<Departure, "port" | "address"> {
  const number = typeof port === "string" || typeof port === "number" ? Number(port) : 0;
  if (!(number > 0)) return {};
  return typeof address === "string" && address !== ""
    ? { port: number, address }
    : { port: number };
}

function bytesOf(message: unknown): Uint8Array | undefined {
  if (message instanceof Uint8Array) return message;
  if (typeof message === "string") return UTF_8.encode(message);
  if (ArrayBuffer.isView(message)) {
    return new Uint8Array(message.buffer, message.byteOffset, message.byteLength);
  }
  return Array.isArray(message) ? joined(message) : undefined;
}

function joined(parts: readonly unknown[]): Uint8Array | undefined {
  const all: Uint8Array[] = [];
  let length = 0;
  for (const part of parts) {
    const bytes = Array.isArray(part) ? undefined : bytesOf(part);
    if (bytes === undefined) return undefined;
    all.push(bytes);
    length += bytes.length;
  }
  if (all.length === 1) return all[0];
  const whole = new Uint8Array(length);
  let at = 0;
  for (const bytes of all) {
    whole.set(bytes, at);
    at += bytes.length;
  }
  return whole;
}
