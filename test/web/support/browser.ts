/**
 * The real browser that the page is tried in.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, vi } from "vitest";

const EXECUTABLE = "/usr/bin/chromium";

/** Whether there is one here. */
export const hasChromium = existsSync(EXECUTABLE);

/** Starts it; the caller closes it. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: EXECUTABLE,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A tab that remembers what it should not have done. */
export interface WatchedTab {
  readonly page: Page;
  /** Console messages of any level, and errors nobody caught. */
  readonly complaints: string[];
  /** Everything that was asked for, the page itself included. */
  readonly requests: readonly string[];
}

/** What a tab is to be like. */
export interface TabOptions {
  readonly width?: number;
  readonly colorScheme?: "light" | "dark";
}

/** Opens a tab. */
export async function openTab(
  browser: Browser,
  { width = 1440, colorScheme = "light" }: TabOptions = {},
): Promise<WatchedTab> {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => requests.push(request.url()));
  return { page, complaints, requests };
}

/** A browser for the tests of one file, and a tab for each of them that must complain of nothing. */
export class Tabs {
  #browser: Browser | undefined;
  #tab: WatchedTab | undefined;

  constructor() {
    // A browser on a busy machine takes its time; no speed is tested here.
    vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
    beforeAll(async () => {
      this.#browser = await startChromium();
    });
    afterAll(() => this.#browser?.close());
    afterEach(async () => {
      await this.#tab?.page.close();
      expect(this.#tab?.complaints).toEqual([]);
    });
  }

  /** Opens the page, and waits until it has its calls. */
  async open(url: string, options?: TabOptions): Promise<Page> {
    if (this.#browser === undefined) throw new Error("the browser has not started yet");
    this.#tab = await openTab(this.#browser, options);
    const { page } = this.#tab;
    await page.goto(url);
    await page.locator(".count").waitFor();
    return page;
  }

  /** What the tab complained of until now, which is then forgiven. */
  takeComplaints(): string[] {
    return this.#tab?.complaints.splice(0) ?? [];
  }
}
