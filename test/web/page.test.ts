/**
 * The page of a report, in a real browser.
 *
 * @module
 */

import { afterAll, expect, it } from "vitest";

import { worstCallsFirst } from "../../src/report/call-order.js";
import { MAX_PAGE_CALLS } from "../../src/report/html.js";
import type { Page } from "playwright-core";
import { call, capture, cleanCall, failedCall } from "../report/samples.js";
import { ISSUE } from "./support/issue.js";
import { openFixture, ReportFolder } from "./support/reports.js";
import { describePeer } from "../support/peer.js";
import { hasChromium, Tabs } from "./support/browser.js";

const parties = (page: Page): Promise<string[]> =>
  page.locator(".row:visible .c-parties").allInnerTexts();

describePeer("the page of a report in Chromium", hasChromium, () => {
  const tabs = new Tabs();
  const folder = new ReportFolder();
  afterAll(() => {
    folder.remove();
  });

  it("is of the worst first, sorts by a column both ways, and comes back to the worst", async () => {
    const calls = [cleanCall(), failedCall(), call({ callId: "open", issues: [ISSUE] })];
    const page = await tabs.open(await folder.write(capture([], { file: "order", calls })));
    const ids = (): Promise<string[]> => page.locator(".row:visible .c-outcome").allInnerTexts();
    const worst = worstCallsFirst(calls).map(({ outcome }) => String(outcome.statusCode));
    const codes = async (): Promise<string[]> => (await ids()).map((text) => text.slice(0, 3));
    expect(await codes()).toEqual(worst);
    const button = page.locator(".list-head .c-issues button");
    await button.click();
    await expect
      .poll(() => page.locator(".list-head .c-issues").getAttribute("aria-sort"))
      .toBe("descending");
    await button.click();
    await expect
      .poll(() => page.locator(".list-head .c-issues").getAttribute("aria-sort"))
      .toBe("ascending");
    await button.click();
    await expect.poll(codes).toEqual(worst);
  });

  it("filters by words, outcome, issue and score", async () => {
    const calls = [
      cleanCall({ caller: { uri: "sip:carol@example.com" } }),
      failedCall(),
      call({ callId: "hurt", issues: [ISSUE] }),
    ];
    const page = await tabs.open(await folder.write(capture([], { file: "filters", calls })));
    await page.keyboard.press("/");
    await page.keyboard.type("CAROL");
    await expect.poll(() => parties(page)).toEqual([expect.stringContaining("carol")]);
    expect((await page.locator(".count").innerText()).replaceAll("\u00a0", " ")).toBe(
      "1 of 3 calls",
    );
    await page.locator("input").fill("");
    await page.locator("select[aria-label=Outcome]").selectOption("failed");
    await expect.poll(() => page.locator(".row:visible").count()).toBe(1);
    await page.locator("select[aria-label=Outcome]").selectOption("all");
    await page.locator("select[aria-label=Issue]").selectOption("one-way-audio");
    await expect
      .poll(() => page.locator(".row:visible .c-issues").allInnerTexts())
      .toEqual(["one-way-audio"]);
  });

  it("is worked with the keyboard alone", async () => {
    const calls = [cleanCall(), failedCall()];
    const page = await tabs.open(await folder.write(capture([], { file: "keys", calls })));
    await page.locator(".list").focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.locator(".call").waitFor();
    expect(await page.evaluate("document.activeElement.tagName")).toBe("H2");
    await page.keyboard.press("Escape");
    await expect.poll(() => page.locator(".call").count()).toBe(0);
    expect(await page.evaluate("document.activeElement.getAttribute('role')")).toBe("grid");
  });

  it("names no row that was scrolled away, and brings it back to whoever comes with the keyboard", async () => {
    const calls = Array.from({ length: 300 }, (_, i) => cleanCall({ callId: String(i) }));
    const page = await tabs.open(await folder.write(capture([], { file: "scrolled", calls })));
    const list = page.locator(".list");
    const named = (): Promise<string | null> => list.getAttribute("aria-activedescendant");
    await list.focus();
    for (let i = 0; i < 3; i += 1) await page.keyboard.press("ArrowDown");
    await expect.poll(named).toBe("row-3");
    await page.evaluate("document.querySelector('.list').scrollTop = 5000");
    await expect.poll(named).toBeNull();
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Tab");
    await expect.poll(named).toBe("row-3");
    expect(await page.locator("#row-3:visible").count()).toBe(1);
  });

  it("goes back from a call to the list, and forward again, as the browser does", async () => {
    const calls = [cleanCall({ caller: { uri: "sip:carol@example.com" } }), failedCall()];
    const page = await tabs.open(await folder.write(capture([], { file: "history", calls })));
    const opened = page.locator(".call h2");
    const [first, second] = [
      page.locator(".row:visible").nth(0),
      page.locator(".row:visible").nth(1),
    ];
    await first.click();
    const name = await opened.innerText();
    await page.goBack();
    await expect.poll(() => opened.count()).toBe(0);
    await page.goForward();
    await expect.poll(() => opened.allInnerTexts()).toEqual([name]);
    // Whoever looks at one after the other is back at the list at once, and so is who closed one.
    await second.click();
    await expect.poll(() => opened.allInnerTexts()).not.toEqual([name]);
    await page.goBack();
    await expect.poll(() => opened.count()).toBe(0);
    await first.click();
    await opened.waitFor();
    await page.keyboard.press("Escape");
    await second.click();
    await opened.waitFor();
    await page.locator(".close").click();
    await expect.poll(() => page.evaluate("history.state")).toBe(null);
    expect(await opened.count()).toBe(0);
  });

  it("fits a phone, and has names for all that can be operated", async () => {
    const page = await openFixture(tabs, folder, "impaired-call", { width: 390 });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
    expect(await page.locator(".calls").isVisible()).toBe(false);
    const nameless = await page.evaluate<string[]>(
      `[...document.querySelectorAll("button, select, input, [role=img], [role=region]")]
        .filter((one) => (one.getAttribute("aria-label") ?? one.textContent) === "")
        .map((one) => one.outerHTML)`,
    );
    expect(nameless).toEqual([]);
  });

  it("cuts none of what its filters may show, at any width and beside a call", async () => {
    const page = await openFixture(tabs, folder, "impaired-call", { width: 1280 });
    const cut = (): Promise<number> =>
      page.evaluate<number>(`
        [...document.querySelectorAll(".toolbar select")].filter((select) => {
          const free = select.cloneNode(true);
          free.style.cssText = "position: absolute; width: max-content; max-width: none";
          select.before(free);
          const { width: needed } = free.getBoundingClientRect();
          free.remove();
          return select.getBoundingClientRect().width < needed - 1;
        }).length`);
    const widths = [1280, 1000, 700, 360];
    for (const width of widths) {
      await page.setViewportSize({ width, height: 800 });
      expect(await cut(), `${String(width)} px, beside a call`).toBe(0);
    }
    await page.keyboard.press("Escape");
    for (const width of widths) {
      await page.setViewportSize({ width, height: 800 });
      expect(await cut(), `${String(width)} px`).toBe(0);
    }
  });

  it("is light or dark as the system is, unless the reader chose", async () => {
    const page = await openFixture(tabs, folder, "impaired-call", { colorScheme: "dark" });
    const ground = (): Promise<unknown> =>
      page.evaluate("getComputedStyle(document.body).backgroundColor");
    const dark = await ground();
    await page.locator(".theme").click();
    expect(await page.locator(".theme").getAttribute("aria-label")).toBe("Colours: light");
    expect(await ground()).not.toBe(dark);
    await page.locator(".theme").click();
    expect(await ground()).toBe(dark);
  });

  it("may not ask for anything, whatever it holds", async () => {
    const page = await tabs.open(
      await folder.write(capture([], { file: "policy", calls: [cleanCall()] })),
    );
    const outcome = await page.evaluate(
      `fetch("http://127.0.0.1:9/").then(() => "sent", (error) => error.name)`,
    );
    expect(outcome).toBe("TypeError");
    await expect.poll(() => tabs.takeComplaints().join()).toContain("Content Security Policy");
  });

  it("says what it left out", async () => {
    const calls = Array.from({ length: MAX_PAGE_CALLS + 3 }, (_, index) => ({
      ...failedCall(),
      callId: `call-${index}`,
    }));
    const page = await tabs.open(await folder.write(capture([], { file: "many", calls })));
    const warning = (await page.locator(".warnings").innerText()).replaceAll("\u00a0", " ");
    expect(warning).toBe(
      "Left out of this page to keep it small: the 3 calls that fared best, the messages of 20,000 calls.",
    );
    await page.locator(".list").focus();
    await page.keyboard.press("End");
    await page.locator(`#row-${MAX_PAGE_CALLS - 1}`).waitFor();
    expect(await page.locator(".row").count()).toBeLessThan(80);
  });

  it("says so when it was cut short on its way", async () => {
    const url = await folder.write(capture([], { file: "cut", calls: [cleanCall()] }));
    const page = await tabs.open(url);
    await page.evaluate(`document.getElementById("mediaprobe-block-0").remove()`);
    await page.locator(".row").first().click();
    await expect.poll(() => page.locator(".detail").innerText()).toContain("was it sent whole?");
  });
});
