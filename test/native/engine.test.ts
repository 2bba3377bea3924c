import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";

import { Engine } from "../../src/native/engine.js";
import type { CaptureEvent } from "../../src/native/events.js";
import type { RtcpRecord } from "../../src/rtcp/report.js";

const FIXTURE = new URL("../../fixtures/impaired-call/capture.pcap.gz", import.meta.url);

interface Seen {
  readonly engine: Engine;
  readonly events: {
    readonly event: CaptureEvent;
    readonly payload: Uint8Array;
    readonly records: readonly (RtcpRecord | undefined)[];
  }[];
}

/** The fixture read in pieces of this size; payloads are copied, as who keeps them must. */
async function read(pieceBytes: number): Promise<Seen> {
  const capture = gunzipSync(readFileSync(FIXTURE));
  const engine = new Engine();
  const input = engine.addFeed();
  const events: Seen["events"] = [];
  let at = 0;
  for (;;) {
    const pause = await engine.scan();
    for (const event of engine.takeEvents()) {
      events.push({ event, payload: event.payload.slice(), records: recordsOf(event) });
    }
    if (pause === "ended") break;
    if (pause !== "hungry") continue;
    if (at >= capture.length) engine.endFeed(input);
    else engine.feed(input, capture.subarray(at, at + pieceBytes));
    at += pieceBytes;
  }
  await engine.finish();
  return { engine, events };
}

/** Read at once, as payloads are. */
function recordsOf(event: CaptureEvent): (RtcpRecord | undefined)[] {
  const count = event.kind === "rtcp" ? event.recordCount : 0;
  return Array.from({ length: count }, (_, index) =>
    event.kind === "rtcp" ? event.record(index) : undefined,
  );
}

describe("Engine", () => {
  it("hands out the same events whatever the pieces, though scans share their memory", async () => {
    const [whole, pieces] = [await read(1 << 24), await read(4000)];
    expect(whole.events.length).toBeGreaterThan(0);
    expect(pieces.events.map(({ payload }) => payload)).toEqual(
      whole.events.map(({ payload }) => payload),
    );
    const facts = ({ events }: Seen) =>
      events.map(({ event, records }) => [
        event.kind,
        event.frame,
        event.atMs,
        event.path,
        event.kind === "rtcp" ? records : event.transport,
      ]);
    expect(facts(pieces)).toEqual(facts(whole));
    expect(new Set(whole.events.map(({ event }) => event.kind))).toEqual(new Set(["sip", "rtcp"]));
  });

  it("tells whose streams those are without the rest", async () => {
    const { engine } = await read(1 << 20);
    const count = engine.streamCount();
    expect(count).toBeGreaterThan(0);
    expect(engine.streamIdentities(0, count)).toEqual(
      engine.streams(0, count).map((stream) => ({
        ssrc: stream.ssrc,
        source: stream.source,
        destination: stream.destination,
        fromMs: stream.firstPacketAtMs,
        toMs: stream.lastPacketAtMs,
      })),
    );
    expect(engine.streamIdentities(count, 4)).toEqual([]);
    expect(engine.streamIdentities(count - 1, 4)).toHaveLength(1);
  });
});
