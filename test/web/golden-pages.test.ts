/**
 * The HTML report of every fixture in a real browser, against the fixture's golden record: the page and
 * the JSON never disagree, no request leaves the file, and nothing is complained of.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import type { CaptureReport } from "../../src/call/report.js";
import { fixtureNames } from "../support/fixtures.js";
import { describePeer } from "../support/peer.js";
import { hasChromium, openTab, startChromium, type WatchedTab } from "./support/browser.js";
import { fixtureWithLadders, ReportFolder } from "./support/reports.js";

const UNKNOWN = "–";
/** A browser on a busy machine takes its time; no speed is tested here. */
const PATIENCE = { timeout: 60_000 };

function goldenOf(name: string): CaptureReport {
  const path = fileURLToPath(new URL(`../../fixtures/${name}/expected.json`, import.meta.url));
  return JSON.parse(readFileSync(path, "utf8")) as CaptureReport;
}

/** What the page must say of a call, from the record alone; numbers as the page rounds them. */
interface Figures {
  readonly outcome: string;
  readonly there: string;
  readonly back: string;
  readonly issues: string;
  readonly lossPercent?: number;
  readonly jitterMs?: number;
  readonly rttMs?: number;
}

const SPEECH: readonly (string | undefined)[] = ["audio", "comfort-noise", "redundancy"];

function figuresOf(call: CallReport): Figures {
  const { outcome, quality, issues, rtt } = call;
  const mos = (one?: { mosCq?: number; mosLq: number; scale: string }): string =>
    one === undefined
      ? UNKNOWN
      : (one.mosCq ?? one.mosLq).toFixed(2) + one.scale.slice(0, 1).toUpperCase();
  const speech = call.streams.filter(
    ({ mediaType = "audio", payloadType, payloadTypes }) =>
      mediaType === "audio" &&
      SPEECH.includes(payloadTypes.find((one) => one.payloadType === payloadType)?.kind),
  );
  const jitters = speech.flatMap(({ jitterSeconds }) => jitterSeconds?.mean ?? []);
  const round = (rtt?.measured ?? rtt?.reported ?? rtt?.stack)?.meanSeconds;
  return {
    // A CANCEL may cross with an answer.
    outcome:
      outcome.cancelled && outcome.statusClass !== "2xx"
        ? "cancelled"
        : String(outcome.statusCode ?? ""),
    there: mos(quality?.callerToCallee),
    back: mos(quality?.calleeToCaller),
    issues: issues.length === 0 ? "0" : [...new Set(issues.map(({ kind }) => kind))].join(", "),
    ...(speech.length > 0 && {
      lossPercent: 100 * Math.max(...speech.map(({ lossRatio }) => lossRatio)),
    }),
    ...(jitters.length > 0 && { jitterMs: 1000 * Math.max(...jitters) }),
    ...(round !== undefined && { rttMs: 1000 * round }),
  };
}

async function expectFigures(page: Page, index: number, call: CallReport): Promise<void> {
  const cell = (name: string): Promise<string> =>
    page.locator(`#row-${index} .c-${name}`).innerText();
  const figures = figuresOf(call);
  const { callId } = call;
  const outcome = await cell("outcome");
  if (call.outcome.isAnswerUnseen !== true) expect(outcome, callId).toContain(figures.outcome);
  expect(await cell("mos-there"), callId).toBe(figures.there);
  expect(await cell("mos-back"), callId).toBe(figures.back);
  expect(await cell("issues"), callId).toBe(figures.issues);
  for (const [name, value] of [
    ["loss", figures.lossPercent],
    ["jitter", figures.jitterMs],
    ["rtt", figures.rttMs],
  ] as const) {
    const text = await cell(name);
    // Where no stream is known to be speech, those of unknown payload types are shown.
    if (value === undefined && name !== "rtt") continue;
    if (value === undefined) expect(text, callId).toBe(UNKNOWN);
    else
      expect(Math.abs(Number.parseFloat(text) - value), `${callId} ${name} ${text}`).toBeLessThan(
        0.051 + value / 200,
      );
  }
}

describePeer("HTML reports in Chromium", hasChromium, () => {
  let browser: Browser;
  const folder = new ReportFolder();
  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(async () => {
    await browser.close();
    folder.remove();
  });

  describe.each(fixtureNames())("of fixtures/%s", (name) => {
    let tab: WatchedTab;
    const golden = goldenOf(name);
    beforeAll(async () => {
      const { report, ladderOf } = await fixtureWithLadders(name);
      const url = await folder.write(report, ladderOf);
      tab = await openTab(browser);
      await tab.page.goto(url);
      await tab.page.locator(golden.calls.length > 0 ? ".count" : "article").waitFor();
    });
    afterAll(() => tab.page.close());

    it("holds the golden record of every call, and shows its figures", PATIENCE, async () => {
      const { page } = tab;
      const left = new Map(golden.calls.map((call) => [JSON.stringify(call), call]));
      const rows = golden.calls.length;
      const shown = `${rows} ${rows === 1 ? "call" : "calls"}`;
      expect((await page.locator(".count").innerText()).replaceAll("\u00a0", " ")).toBe(shown);
      await page.locator(".list").focus();
      for (let index = 0; index < rows; index += 1) {
        await page.keyboard.press(index === 0 ? "Home" : "ArrowDown");
        await page.locator(`#row-${index}`).waitFor();
        // The call before stays until this one is there: a click would fall on it.
        await page.evaluate("document.querySelector('article')?.classList.add('before')");
        await page.keyboard.press("Enter");
        await page.locator("article:not(.before)").waitFor();
        await page.locator(".record summary").click();
        const text = await page.locator(".record pre").innerText();
        const call = left.get(JSON.stringify(JSON.parse(text)));
        expect(call, text).toBeDefined();
        if (call === undefined) break;
        left.delete(JSON.stringify(call));
        await expectFigures(page, index, call);
        await page.locator(".list").focus();
      }
      expect([...left.keys()]).toEqual([]);
    });

    if (golden.streams.length > 0)
      it("holds the streams of no call", async () => {
        const { page } = tab;
        if (golden.calls.length > 0) await page.locator(".loose").click();
        await page.locator("article[aria-label='Without a call'] .record summary").click();
        const text = await page.locator(".record pre").innerText();
        const { streams, handshakes } = JSON.parse(text) as CaptureReport;
        const inOrder = (all: readonly object[]): string[] =>
          all.map((one) => JSON.stringify(one)).sort();
        expect(inOrder(streams)).toEqual(inOrder(golden.streams));
        expect(inOrder(handshakes)).toEqual(inOrder(golden.handshakes));
      });

    it("asks for nothing, and complains of nothing", () => {
      expect(
        tab.requests.filter((url) => !url.startsWith("file:") && !url.startsWith("data:")),
      ).toEqual([]);
      expect(tab.complaints).toEqual([]);
    });
  });
});
