import { afterAll, beforeAll, expect, it } from "vitest";

import { BrowserReports } from "../../src/attach/browser-reports.js";
import { newRelay, probe, type Probe, until } from "../attach/support/werift-pair.js";
import { describePeer } from "../support/peer.js";
import { Browser, type BrowserPeer, type Entry, figure, hasChromium } from "./support/chromium.js";

const DELAY_SECONDS = 0.08;

/** The report of Chromium once it has one that fits. */
async function reportWhen(
  peer: BrowserPeer,
  fits: (report: readonly Entry[]) => boolean,
): Promise<Entry[]> {
  const give = performance.now() + 20_000;
  for (;;) {
    const report = await peer.stats();
    if (fits(report)) return report;
    if (performance.now() > give) throw new Error("Chromium's report never fitted");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const has = (type: string, name: string) => (report: readonly Entry[]) =>
  report.some((entry) => entry["type"] === type && Number(entry[name]) > 0);

describePeer("Chromium with Opus against a watched peer of werift", hasChromium, () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await Browser.start();
  }, 60_000);

  afterAll(() => browser.close(), 30_000);

  it("agrees on packets, bytes, loss and round trip over an impaired path", async () => {
    const relay = await newRelay();
    relay.delayMs = { ab: 500 * DELAY_SECONDS, ba: 500 * DELAY_SECONDS };
    // Of what Chromium sends 5 % is lost, of what it is sent 3 %.
    relay.fate = ({ kind, direction, index }) => {
      const every = direction === "ab" ? 20 : 33;
      return kind === "rtp" && index % every === every - 2 ? 0 : 1;
    };
    const sent = { packets: 0, bytes: 0 };
    relay.tap = ({ kind, direction }) => {
      if (kind === "rtp" && direction === "ab") sent.packets += 1;
    };
    const peer = await browser.open();
    const seen: Probe[] = [];
    await peer.call((pc) => seen.push(probe(pc)), { relay });
    const [{ attachment } = expect.fail("not attached")] = seen;
    await until(() => attachment.state === "connected");
    // A report on what each side sent takes Chromium up to five seconds.
    await until(() => (attachment.roundTrip().measured?.samples ?? 0) >= 2, 30_000);
    await reportWhen(peer, has("remote-inbound-rtp", "roundTripTime"));
    await peer.run("pc.getSenders()[0].replaceTrack(null)");
    let last = -1;
    await until(() => {
      const isStill = last === relay.count("ba", "rtp").packets;
      last = relay.count("ba", "rtp").packets;
      return isStill;
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const chromium = await peer.stats();
    const sample = attachment.finalSample();
    const [inbound] = sample.inbound;
    const [outbound] = sample.outbound;

    // What Chromium sent, the relay lost or passed on, and the probe measured.
    expect(figure(chromium, "outbound-rtp", "packetsSent")).toBe(sent.packets);
    expect(inbound?.measured?.packetsReceived).toBe(relay.count("ab", "rtp").packets);
    expect(inbound?.stack?.packetsReceived).toBe(relay.count("ab", "rtp").packets);
    const lost = sent.packets - relay.count("ab", "rtp").packets;
    const measured = inbound?.measured;
    // The last may be lost, which no gap shows.
    expect(lost - (measured?.packetsExpected ?? 0) + (measured?.packetsReceived ?? 0)).toBeOneOf([
      0, 1,
    ]);
    // What came back.
    expect(figure(chromium, "inbound-rtp", "packetsReceived")).toBe(
      relay.count("ba", "rtp").packets,
    );
    const back = sample.totals.payload;
    expect(back.packetsReceived).toBe(inbound?.stack?.packetsReceived);
    expect(outbound?.stack?.packetsSent).toBe(inbound?.stack?.packetsReceived);
    expect(outbound?.measured?.packetsReceived).toBe(outbound?.stack?.packetsSent);
    // Payload bytes: Chromium's own sum of what it sent, less what the relay lost.
    const bytesAPacket =
      figure(chromium, "outbound-rtp", "bytesSent") /
      figure(chromium, "outbound-rtp", "packetsSent");
    const expectedBytes = bytesAPacket * relay.count("ab", "rtp").packets;
    expect(Math.abs((inbound?.stack?.bytesReceived ?? 0) / expectedBytes - 1)).toBeLessThan(0.02);

    expect(inbound?.format).toMatchObject({ name: "opus", clockRateHz: 48_000 });
    const ours = sample.roundTrip.measured?.meanSeconds ?? NaN;
    const theirs =
      figure(chromium, "remote-inbound-rtp", "totalRoundTripTime") /
      figure(chromium, "remote-inbound-rtp", "roundTripTimeMeasurements");
    expect(ours).toBeGreaterThanOrEqual(DELAY_SECONDS);
    expect(theirs).toBeGreaterThanOrEqual(DELAY_SECONDS);
    // Two shared cores: a timer may be late at either end, and not at both.
    expect(Math.abs(ours - theirs)).toBeLessThan(0.05);
    // What Chromium reports of what it hears is some seconds old: no more than it lost by now.
    const reported = outbound?.reported?.packetsLost ?? NaN;
    expect(reported).toBeGreaterThan(0);
    expect(reported).toBeLessThanOrEqual(figure(chromium, "inbound-rtp", "packetsLost"));
    expect(attachment.dtls()).toMatchObject({ result: "ok", version: "1.2" });
    expect(attachment.ice()?.result).toBe("ok");
  }, 90_000);

  it("refuses a wrong fingerprint, and the probe names its alert", async () => {
    const peer = await browser.open();
    const seen: Probe[] = [];
    await peer.call((pc) => seen.push(probe(pc, { dtlsTimeoutMs: 3000 })), {
      changeAnswer: (sdp) =>
        sdp.replace(/(a=fingerprint:sha-256 )(..)/g, (_, name: string, first: string) => {
          return name + (first === "00" ? "01" : "00");
        }),
    });
    const [watched = expect.fail("not attached")] = seen;
    const { attachment } = watched;
    await until(() => watched.kinds().includes("failed dtls-failed"), 30_000);
    expect(attachment.dtls()).toMatchObject({
      result: "fail",
      alert: { level: "fatal", code: 46, name: "certificate_unknown" },
    });
    expect(await peer.run("pc.connectionState")).toBe("failed");
  }, 60_000);

  it("closes its page's connection, and the probe is told at once", async () => {
    const peer = await browser.open();
    const seen: Probe[] = [];
    const pc = await peer.call((one) => seen.push(probe(one)));
    const [{ attachment, events } = expect.fail("not attached")] = seen;
    await until(() => attachment.state === "connected");
    await peer.run("pc.close()");
    await until(() => events.some(({ kind }) => kind === "closed-by-peer"));
    // The stack itself goes on as if nothing were (D14).
    expect(pc.connectionState).toBe("connected");
  }, 60_000);

  it("restarts ICE, which the stack takes part in and does not follow (D12)", async () => {
    const peer = await browser.open();
    const seen: Probe[] = [];
    const pc = await peer.call((one) => seen.push(probe(one, { iceTimeoutMs: 3000 })));
    const [watched = expect.fail("not attached")] = seen;
    const { attachment } = watched;
    await until(() => (attachment.inbound()[0]?.measured?.packetsReceived ?? 0) > 50);
    await peer.restartIce(pc);
    await until(() => watched.kinds().includes("restart 1 started"), 30_000);
    await until(() => watched.kinds().includes("restart 1 failed"), 30_000);
    const before = figure(await peer.stats(), "inbound-rtp", "packetsReceived");
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const after = figure(await peer.stats(), "inbound-rtp", "packetsReceived");
    // Chromium itself holds the connection for good, and hears nothing any more.
    expect(await peer.run("pc.connectionState")).toBe("connected");
    expect(after).toBe(before);
    expect(attachment.ice()).toMatchObject({ result: "lost", restarts: 1 });
  }, 90_000);

  it("hands in its own reports, which are read as those of an attached connection", async () => {
    const peer = await browser.open();
    const seen: Probe[] = [];
    await peer.call((pc) => seen.push(probe(pc)));
    const [{ attachment: here } = expect.fail("not attached")] = seen;
    const reports = new BrowserReports();
    const { attachment: there } = probe(reports as never);
    const report = await reportWhen(peer, has("inbound-rtp", "packetsReceived"));
    reports.report(JSON.parse(JSON.stringify(report)));
    await until(() => there.dtls() !== undefined && there.inbound().length > 0);
    expect(there.state).toBe("connected");
    expect(there.dtls()).toMatchObject({
      result: "ok",
      cipher: here.dtls()?.cipher,
      srtpProfile: here.dtls()?.srtpProfile,
    });
    const [inbound] = there.inbound();
    expect(inbound).toMatchObject({
      ssrc: here.outbound()[0]?.ssrc,
      format: { name: "opus", clockRateHz: 48_000 },
      stack: { packetsReceived: figure(report, "inbound-rtp", "packetsReceived") },
    });
    expect(there.outbound()[0]?.ssrc).toBe(here.inbound()[0]?.ssrc);
  }, 60_000);
});
