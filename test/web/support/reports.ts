/**
 * HTML reports of fixtures, made the way the command makes them.
 *
 * @module
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";

import type { CallReport } from "../../../src/call/call-report.js";
import { type Ladder, ladderOf } from "../../../src/call/ladder.js";
import type { CaptureReport } from "../../../src/call/report.js";
import { LadderCollector } from "../../../src/capture/ladder-collector.js";
import { htmlReport } from "../../../src/report/html.js";
import { readPage } from "../../../src/report/page-template.js";
import { analysedFixture } from "../../support/analysed.js";
import type { TabOptions, Tabs } from "./browser.js";

/** A fixture with the ladders of its calls. */
export async function fixtureWithLadders(
  name: string,
): Promise<{ readonly report: CaptureReport; readonly ladderOf: (call: CallReport) => Ladder }> {
  const collector = new LadderCollector();
  const report = await analysedFixture(name, collector);
  return { report, ladderOf: (call) => ladderOf({ call, ...collector.factsOf(call) }) };
}

/** A folder of reports, opened as files are. */
export class ReportFolder {
  readonly #folder = mkdtempSync(join(tmpdir(), "mediaprobe-html-"));

  /** @returns The URL of the report. */
  async write(
    report: CaptureReport,
    ladders: (call: CallReport) => Ladder | undefined = () => undefined,
  ): Promise<string> {
    const template = await readPage();
    const path = join(this.#folder, `${report.file.replaceAll("/", "_")}.html`);
    writeFileSync(path, [...htmlReport({ report, ladderOf: ladders, template })].join(""));
    return pathToFileURL(path).href;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

/** Opens the report of a fixture, and its first call. */
export async function openFixture(
  tabs: Tabs,
  folder: ReportFolder,
  name: string,
  options?: TabOptions,
): Promise<Page> {
  const { report, ladderOf: ladders } = await fixtureWithLadders(name);
  const page = await tabs.open(await folder.write(report, ladders), options);
  await page.locator(".row").first().click();
  await page.locator(".call").waitFor();
  return page;
}
