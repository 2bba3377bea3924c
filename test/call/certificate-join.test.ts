import { describe, expect, it } from "vitest";

import { openCapture } from "../../src/capture/source.js";
import { CallTable } from "../../src/call/call-table.js";
import { Engine } from "../../src/native/engine.js";
import { parseSdp } from "../../src/sdp/session.js";
import { scanSipMessage } from "../../src/sip/message.js";
import { sdpBodies } from "../../src/sip/sdp-bodies.js";
import { fixtureCapture } from "../support/fixtures.js";

/** The calls and handshakes of a fixture whose messages were changed on their way. */
async function observed(name: string, change: (text: string) => string): Promise<CallTable> {
  const table = new CallTable({ observationPoint: "tap" });
  const engine = new Engine();
  const capture = await openCapture({ path: fixtureCapture(name) });
  engine.addFeed();
  let lastMs = 0;
  for (let pause = await engine.scan(); ; pause = await engine.scan()) {
    for (const event of engine.takeEvents()) {
      if (event.kind === "rtcp" || event.kind === "stun") continue;
      lastMs = event.atMs;
      const seen = { ...event.path, atMs: event.atMs };
      if (event.kind === "dtls") {
        table.observeDtls({ ...seen, payload: Buffer.from(event.payload) });
        continue;
      }
      const message = scanSipMessage(change(Buffer.from(event.payload).toString("latin1")));
      if (typeof message === "string") throw new Error(message);
      const sessions = sdpBodies(message).flatMap((body) => {
        const session = parseSdp(body);
        return typeof session === "string" ? [] : [session];
      });
      const hasDescription = sessions.length > 0;
      table.observeSip({ ...seen, message, transport: event.transport, hasDescription }, sessions);
    }
    if (pause === "hungry") {
      const next = await capture.chunks?.next();
      if (next === undefined || next.done === true) engine.endFeed(0);
      else engine.feed(0, next.value);
    }
    if (pause === "ended") break;
  }
  await capture.close();
  const work = table.finish(lastMs);
  while (work.next().done !== true);
  return table;
}

/** Whose handshakes: of the one call, and of no call. */
function handshakes(table: CallTable): unknown {
  const [entry] = table.entries;
  if (entry === undefined) throw new Error("there is no call");
  const report = table.report(entry, [], {
    kind: "capture",
    fromMs: 0,
    toMs: 0,
    hasMedia: true,
    hasCutPackets: false,
    gaps: [],
    isSideAssumed: false,
    hasEncryptedSignalling: false,
  });
  return {
    ofCall: report.security.dtls?.map(({ result }) => result) ?? [],
    ofNone: table.handshakesWithoutCall(0).length,
  };
}

// Lengths stay as they are, so that Content-Length holds.
const elsewhere = (text: string): string => text.replaceAll(/^(c=IN IP4 )10\.77/gm, "$110.99");
const otherCertificates = (text: string): string =>
  text.replaceAll(/^(a=fingerprint:\S+ )([0-9A-F]{2}):/gim, "$100:");

describe("a handshake where no description leads to it", () => {
  it("is joined by the descriptions' addresses where they are right", async () => {
    const table = await observed("baresip-dtls-srtp", (text) => text);
    expect(handshakes(table)).toEqual({ ofCall: ["ok", "ok"], ofNone: 0 });
  });

  it("joins the call whose fingerprints its certificates have", async () => {
    const table = await observed("baresip-dtls-srtp", elsewhere);
    expect(handshakes(table)).toEqual({ ofCall: ["ok", "ok"], ofNone: 0 });
  });

  it("joins no call where the certificates are not those of its descriptions", async () => {
    const table = await observed("baresip-dtls-srtp", (text) => otherCertificates(elsewhere(text)));
    expect(handshakes(table)).toEqual({ ofCall: [], ofNone: 2 });
  });

  it("is a mismatch where the addresses are right and the certificates are not", async () => {
    const table = await observed("baresip-dtls-srtp", otherCertificates);
    expect(handshakes(table)).toEqual({
      ofCall: ["fingerprint-mismatch", "fingerprint-mismatch"],
      ofNone: 0,
    });
  });
});
