/**
 * The page of a real probe's server, while real calls run: in a real browser.
 *
 * @module
 */

import { afterAll, beforeAll, expect, it } from "vitest";

import { type Demo, startDemo } from "../../src/demo/demo.js";
import { describePeer } from "../support/peer.js";
import { hasChromium, Tabs } from "./support/browser.js";

const PATIENCE = { timeout: 20_000 };

describePeer("the page of a running probe in Chromium", hasChromium, () => {
  let demo: Demo;
  beforeAll(async () => {
    demo = await startDemo({ port: 0 });
  });
  afterAll(async () => {
    await demo.stop();
    await demo.server.close();
    await demo.probe.close();
  });
  const tabs = new Tabs();

  it(
    "shows a call while it runs, message by message and with its plots",
    { timeout: 60_000 },
    async () => {
      const page = await tabs.open(`${demo.server.url}/`);
      const impaired = page.locator(".row.open:visible", { hasText: "impaired" });
      await expect.poll(() => impaired.count(), PATIENCE).toBeGreaterThan(0);
      await impaired.first().click();
      await page.locator(".call").waitFor();
      await expect.poll(() => page.locator(".step.message").count(), PATIENCE).toBeGreaterThan(2);
      const points = async (): Promise<number> => {
        const plots = await page.locator(".plot").all();
        const counts = await Promise.all(plots.map((plot) => plot.getAttribute("data-points")));
        return Math.max(0, ...counts.map(Number));
      };
      await expect.poll(points, PATIENCE).toBeGreaterThan(1);
      const early = await points();
      // The next interval comes by itself.
      await expect.poll(points, PATIENCE).toBeGreaterThan(early);
    },
  );
});
