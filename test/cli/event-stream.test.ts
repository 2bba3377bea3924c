import { describe, expect, it } from "vitest";

import { type ServerEvent, serverEvents } from "../../src/cli/event-stream.js";

async function eventsIn(parts: readonly Uint8Array[]): Promise<ServerEvent[]> {
  async function* body(): AsyncGenerator<Uint8Array> {
    for (const part of parts) {
      await Promise.resolve();
      yield part;
    }
  }
  const events: ServerEvent[] = [];
  for await (const event of serverEvents(body())) events.push(event);
  return events;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("server-sent events", () => {
  const text =
    'retry: 2000\n\n: here\n\nevent: call\ndata: {"a":"ä→"}\n\ndata:one\r\ndata\r\ndata: three\r\n\r\nevent: cut\ndata: off';

  it("come with their names and lines, however the bytes are cut", async () => {
    const whole = bytes(text);
    const wanted = [
      { event: "call", data: '{"a":"ä→"}' },
      { event: "message", data: "one\n\nthree" },
    ];
    for (let size = 1; size <= whole.length; size += 1) {
      const parts = Array.from({ length: Math.ceil(whole.length / size) }, (_, index) =>
        whole.slice(index * size, (index + 1) * size),
      );
      expect(await eventsIn(parts), `${size} bytes at a time`).toEqual(wanted);
    }
  });

  it("must come to an end", async () => {
    const endless = Array.from({ length: 18 }, () => bytes("x".repeat(1_000_000)));
    await expect(eventsIn(endless)).rejects.toThrow("too long");
  });
});
