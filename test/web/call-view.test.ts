/**
 * One call in the page, in a real browser.
 *
 * @module
 */

import { afterAll, expect, it } from "vitest";

import { describePeer } from "../support/peer.js";
import { hasChromium, Tabs } from "./support/browser.js";
import { ALICE, BOB, ladder, said } from "../report/ladder-samples.js";
import { call, capture, stream } from "../report/samples.js";
import { ISSUE } from "./support/issue.js";
import { fixtureWithLadders, openFixture, ReportFolder } from "./support/reports.js";

const HOSTILE = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;

const RTT = {
  lastSeconds: 0.1,
  minSeconds: 0.1,
  meanSeconds: 0.1,
  p95Seconds: 0.1,
  maxSeconds: 0.1,
  samples: 9,
};

describePeer("a call in the page in Chromium", hasChromium, () => {
  const tabs = new Tabs();
  const folder = new ReportFolder();
  afterAll(() => {
    folder.remove();
  });

  it("plots every interval of every figure, for each direction", async () => {
    const { report } = await fixtureWithLadders("impaired-call");
    const page = await openFixture(tabs, folder, "impaired-call");
    const [first] = report.calls;
    for (const [lane, flow] of [
      ["there", "caller-to-callee"],
      ["back", "callee-to-caller"],
    ] as const) {
      const intervals = first?.streams.find(({ direction }) => direction === flow)?.intervals ?? [];
      const plots = page.locator(`.lane.${lane} .plot`);
      expect(await plots.count()).toBe(5);
      for (const plot of await plots.all()) {
        // Each interval's beginning, and the end of the last one.
        expect(await plot.getAttribute("data-points")).toBe(String(intervals.length + 1));
      }
    }
    // Something was drawn in the colour of the direction.
    const painted = await page.evaluate<number>(`{
      const canvas = document.querySelector(".lane.there canvas");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let blue = 0;
      for (let at = 0; at < data.length; at += 4) {
        if (data[at + 2] > 150 && data[at] < 80 && data[at + 3] > 200) blue += 1;
      }
      blue;
    }`);
    expect(painted).toBeGreaterThan(100);
  });

  it("has one cursor for all plots, which the keyboard moves too", async () => {
    const { report } = await fixtureWithLadders("impaired-call");
    const page = await openFixture(tabs, folder, "impaired-call");
    const plots = page.locator(".lane.there .plot");
    const box = await plots.first().locator(".u-over").boundingBox();
    if (box === null) throw new Error("there is no plot");
    const forward = report.calls[0]?.streams.find(
      ({ direction }) => direction === "caller-to-callee",
    );
    const second = forward?.intervals[1];
    await page.mouse.move(box.x + box.width * 0.25, box.y + 20);
    const readouts = page.locator(".readout");
    await expect
      .poll(async () => (await readouts.allInnerTexts()).every((text) => text !== ""))
      .toBe(true);
    expect(await plots.nth(0).locator(".readout").innerText()).toBe(
      second?.quality?.mosCq?.toFixed(2),
    );
    const loss = Number.parseFloat(await plots.nth(1).locator(".readout").innerText());
    expect(loss).toBeCloseTo(
      (100 * (second?.packetsMissing ?? 0)) / (second?.packetsExpected ?? 1),
      0,
    );
    const before = await page.locator(".cursor-time").innerText();
    expect(before).toMatch(/^7\.\d · \d\d:\d\d:\d\d UTC$/);
    // Were the page to scroll, the mouse would not be on a plot any more, whenever that is noticed.
    await page.evaluate("document.querySelector('.plots').focus({ preventScroll: true })");
    await page.keyboard.press("Shift+ArrowRight");
    await expect.poll(() => page.locator(".cursor-time").innerText()).toMatch(/^10\.\d/);
  });

  it("zooms all plots together, and back", async () => {
    const page = await openFixture(tabs, folder, "impaired-call");
    const box = await page.locator(".lane.there .u-over").first().boundingBox();
    if (box === null) throw new Error("there is no plot");
    const image = (): Promise<string> =>
      page.evaluate("[...document.querySelectorAll('.lane.back canvas')].at(-1).toDataURL()");
    const whole = await image();
    await page.mouse.move(box.x + 50, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + 200, box.y + 20, { steps: 4 });
    await page.mouse.up();
    await expect.poll(async () => (await image()) === whole).toBe(false);
    await page.locator("text=Show all").click();
    await expect.poll(async () => (await image()) === whole).toBe(true);
  });

  it("shows a message's text when it is asked for, and paths, handshakes and identities in their place", async () => {
    const page = await openFixture(tabs, folder, "webrtc-turn");
    const kinds = await page.evaluate<string[]>(
      "[...document.querySelectorAll('.step')].map((step) => step.className)",
    );
    expect(kinds).toEqual(
      [
        "message",
        "message",
        "message",
        "message",
        "ice",
        "message",
        "dtls",
        "media",
        "media",
        "message",
        "message",
      ].map((kind) => `step ${kind}`),
    );
    expect(await page.locator(".step pre:visible").count()).toBe(0);
    await page.locator(".step button").first().focus();
    await page.keyboard.press("Enter");
    const text = await page.locator(".step pre:visible").innerText();
    expect(text).toMatch(/^INVITE sip:/);
    expect(text).toMatch(/\n\nv=0\n/);
    expect(await page.locator(".strip-names").innerText()).toBe("SIP\nICE\nDTLS\nmedia →\nmedia ←");
  });

  it("tells in numbers what cost how many points", async () => {
    const { report } = await fixtureWithLadders("impaired-call");
    const page = await openFixture(tabs, folder, "impaired-call");
    const quality = report.calls[0]?.quality?.callerToCallee;
    const words = await page.locator(".cost-words").first().innerText();
    expect(words).toContain(`R ${quality?.rFactor.toFixed(1) ?? ""} of 93.2, narrowband`);
    expect(words).toContain(`loss −${quality?.costs.randomLoss.toFixed(1) ?? ""}`);
    expect(words).toContain(`late packets −${quality?.costs.lateLoss.toFixed(1) ?? ""}`);
  });

  it("marks where the views disagree", async () => {
    const report = {
      packetsLost: 40,
      reports: 5,
      jitterSeconds: { last: 0, mean: 0.2, max: 0.2 },
    };
    const disputed = call({
      rtt: {
        measured: { ...RTT, meanSeconds: 0.05 },
        stack: { ...RTT, meanSeconds: 0.2 },
      },
      streams: [stream({ packetsExpected: 1000, packetsMissing: 0, lossRatio: 0, rtcp: report })],
    });
    const page = await tabs.open(
      await folder.write(capture([], { file: "disputed", calls: [disputed] })),
    );
    await page.locator(".row").first().click();
    const rows = await page.locator(".views tbody tr").allInnerTexts();
    const marked = rows
      .filter((row) => row.includes("≠"))
      .map((row) => /(RTT|loss|jitter|MOS)/.exec(row)?.[0]);
    expect(marked).toEqual(["RTT", "loss", "jitter"]);
    expect(rows[0]).toMatch(/50\.0\s+–\s+200/);
  });

  it("takes hostile names, headers and bodies for text", async () => {
    const hostile = call({
      callId: `${HOSTILE}@x`,
      caller: {
        uri: `sip:${HOSTILE}@example.com`,
        displayName: HOSTILE,
        userAgent: HOSTILE,
        endpoint: ALICE,
      },
      callee: { uri: "sip:bob@example.com", userAgent: "\u202egnp.exe", endpoint: BOB },
      issues: [{ ...ISSUE, detail: HOSTILE }],
      confidence: [{ kind: "capture-gap", detail: HOSTILE }],
      streams: [stream({ codec: HOSTILE })],
    });
    const messages = [
      said(0, [ALICE, BOB], "INVITE sip:bob@example.com SIP/2.0", {
        fields: [`User-Agent: ${HOSTILE}`, `Subject: ${HOSTILE}`],
        body: `${HOSTILE}</script><!--`,
      }),
    ];
    const report = capture([stream({ codec: HOSTILE })], { file: "hostile", calls: [hostile] });
    const page = await tabs.open(
      await folder.write({ ...report }, (one) => ladder({ messages }, one)),
    );
    await page.locator(".row").first().click();
    await page.locator(".step button").first().click();
    expect(await page.locator(".step pre").innerText()).toContain(`Subject: ${HOSTILE}`);
    for (const summary of await page.locator("summary").all()) await summary.click();
    expect(await page.locator(".call").innerText()).toContain("onerror");
    expect(await page.locator(".call").innerText()).not.toContain("\u202e");
    expect(await page.locator("#app img, #app script").count()).toBe(0);
    expect(await page.title()).toBe("hostile – mediaprobe");
  });
});
