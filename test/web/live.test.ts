/**
 * The page that a server feeds, in a real browser.
 *
 * @module
 */

import { afterEach, beforeEach, expect, it } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import { ladder } from "../report/ladder-samples.js";
import { at, cleanCall } from "../report/samples.js";
import { ISSUE } from "./support/issue.js";
import { LiveServer } from "./support/live-server.js";
import { describePeer } from "../support/peer.js";
import { hasChromium, Tabs } from "./support/browser.js";

describePeer("the live page in Chromium", hasChromium, () => {
  let server: LiveServer;
  beforeEach(async () => {
    server = await LiveServer.start();
  });
  afterEach(() => server.close());
  // After the server, so that its tab is closed before it.
  const tabs = new Tabs();

  it("shows a call as it comes, changes and ends", async () => {
    const page = await tabs.open(server.url);
    await expect.poll(() => page.locator(".facts-line").innerText()).toContain("live");
    const going: CallReport = cleanCall({ callId: "one" });
    server.tell("open", going, ladder({}, going));
    await expect.poll(() => page.locator(".row.open:visible").count()).toBe(1);
    await page.locator(".row").first().click();
    await page.locator(".call").waitFor();
    expect(await page.locator(".step").count()).toBeGreaterThan(5);
    expect(await page.locator(".issues").innerText()).toContain("None found");
    const ended = cleanCall({ callId: "one", issues: [ISSUE] });
    server.tell("ended", ended, ladder({}, ended));
    await expect.poll(() => page.locator(".row.open:visible").count()).toBe(0);
    await expect
      .poll(() => page.locator(".issues").innerText(), { timeout: 8000 })
      .toContain("one-way-audio");
  });

  it("has what was there before, and what came while the probe was not heard", async () => {
    server.tell("ended", cleanCall({ callId: "before" }));
    const page = await tabs.open(server.url);
    await expect.poll(() => page.locator(".row:visible").count()).toBe(1);
    server.hangUp();
    await expect.poll(() => page.locator(".warnings").innerText()).toContain("trying again");
    server.tell("ended", cleanCall({ callId: "meanwhile", course: { invitedAt: at(3) } }));
    await expect.poll(() => page.locator(".row:visible").count(), { timeout: 15_000 }).toBe(2);
    await expect.poll(() => page.locator(".facts-line").innerText()).toContain("live");
    // The browser says that the connection broke; nothing else may be said.
    expect(tabs.takeComplaints().filter((one) => !one.includes("ERR_"))).toEqual([]);
  });

  it("does not say of a probe that it is away before it had the time to answer", async () => {
    server.tell("ended", cleanCall({ callId: "before" }));
    const page = await tabs.open(server.url);
    await page.addInitScript(`
      globalThis.said = [];
      new MutationObserver(() => {
        const text = document.querySelector(".warnings")?.textContent;
        if (text) said.push(text);
      }).observe(document, { subtree: true, childList: true });`);
    await page.reload();
    await expect.poll(() => page.locator(".row:visible").count()).toBe(1);
    await expect.poll(() => page.locator(".facts-line").innerText()).toContain("live");
    expect(await page.evaluate("said")).toEqual([]);
  });

  it("comes back to a probe for which a proxy answered meanwhile", async () => {
    const page = await tabs.open(server.url);
    await expect.poll(() => page.locator(".facts-line").innerText()).toContain("live");
    server.setAway(true);
    await expect.poll(() => page.locator(".warnings").innerText()).toContain("trying again");
    // The browser itself tries again once, and then no more: that answer was no stream of events.
    await expect.poll(() => tabs.takeComplaints().join(" "), { timeout: 15_000 }).toContain("502");
    server.setAway(false);
    server.tell("ended", cleanCall({ callId: "meanwhile" }));
    await expect.poll(() => page.locator(".row:visible").count(), { timeout: 15_000 }).toBe(1);
    await expect.poll(() => page.locator(".facts-line").innerText()).toContain("live");
    tabs.takeComplaints();
  });

  it("asks again for a list that it did not get", async () => {
    server.failLists(1);
    server.tell("ended", cleanCall({ callId: "before" }));
    const page = await tabs.open(server.url);
    await expect.poll(() => page.locator(".row:visible").count(), { timeout: 15_000 }).toBe(1);
    await expect.poll(() => page.locator(".facts-line").innerText()).toContain("live");
    expect(tabs.takeComplaints().join(" ")).toContain("502");
  });

  it("shows what it knows of a call that the probe no longer keeps", async () => {
    const page = await tabs.open(server.url);
    server.tell("ended", cleanCall({ callId: "old", issues: [ISSUE] }));
    await page.locator(".row").first().waitFor();
    server.forget("old");
    await page.locator(".row").first().click();
    await expect.poll(() => page.locator(".issues").innerText()).toContain("one-way-audio");
    expect(await page.locator(".timeline").innerText()).toContain("not at hand");
    expect(await page.locator(".ladder").innerText()).toContain("not at hand");
    expect(tabs.takeComplaints().join(" ")).toContain("404");
  });

  it("sorts by a title that is held down while calls change", async () => {
    const page = await tabs.open(server.url);
    server.tell("open", cleanCall({ callId: "one" }));
    await page.locator(".row").first().waitFor();
    const title = page.getByRole("columnheader").first();
    const { x = 0, y = 0 } = (await title.getByRole("button").boundingBox()) ?? {};
    await page.mouse.move(x + 5, y + 5);
    await page.mouse.down();
    server.tell("open", cleanCall({ callId: "two", course: { invitedAt: at(3) } }));
    await expect.poll(() => page.locator(".row:visible").count()).toBe(2);
    await page.mouse.up();
    expect(await title.getAttribute("aria-sort")).not.toBe("none");
  });

  it("says again only what changed, for those who hear it read", async () => {
    const page = await tabs.open(server.url);
    server.tell("open", cleanCall({ callId: "one" }));
    await page.locator(".row").first().waitFor();
    await page.evaluate(`
      const observer = new MutationObserver(() => console.log("said again"));
      for (const one of document.querySelectorAll('[role="status"], [aria-live]')) {
        observer.observe(one, { childList: true, subtree: true });
      }
    `);
    const row = page.locator(".row").first();
    const before = await row.innerText();
    server.tell("open", cleanCall({ callId: "one", timings: { durationSeconds: 77 } }));
    await expect.poll(() => row.innerText()).not.toBe(before);
    expect(tabs.takeComplaints()).toEqual([]);
  });
});
