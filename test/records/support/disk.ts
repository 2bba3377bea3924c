/** Folders to write to: ordinary ones, and ones on which the disk is full or cannot be written. */

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { onTestFinished } from "vitest";

import type { CallReport } from "../../../src/call/call-report.js";
import { call } from "../../report/samples.js";

/** A new folder that goes when the test does. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "mediaprobe-records-"));
  onTestFinished(() => {
    rmSync(path, { recursive: true, force: true });
  });
  return path;
}

/** Whether this user may mount file systems. */
export const MAY_MOUNT: boolean = mayMount();

/** A file system of its own of this size. */
export function smallDisk(kibibytes: number): string {
  const path = join(folder(), "disk");
  mkdirSync(path);
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${String(kibibytes)}k`, "tmpfs", path]);
  onTestFinished(() => {
    execFileSync("umount", ["-l", path]);
  });
  return path;
}

/** Another way to a folder, on which nothing can be written. */
export function readOnlyView(path: string): string {
  const view = join(folder(), "view");
  mkdirSync(view);
  execFileSync("mount", ["--bind", path, view]);
  onTestFinished(() => {
    execFileSync("umount", ["-l", view]);
  });
  execFileSync("mount", ["-o", "remount,bind,ro", view]);
  return view;
}

/** Lets it be written to. */
export function makeWritable(view: string): void {
  execFileSync("mount", ["-o", "remount,bind,rw", view]);
}

/** A call by its number. */
export function numbered(number: number, overrides: Partial<CallReport> = {}): CallReport {
  return call({ callId: `call-${String(number)}`, ...overrides });
}

/** The calls of a file of lines; every line must be one. */
export function callIdsIn(path: string): string[] {
  const lines = readFileSync(path, "utf8").split("\n");
  if (lines.pop() !== "") throw new Error("The last line is torn.");
  return lines.map((line) => (JSON.parse(line) as CallReport).callId);
}

/** `call-0`, `call-1`, … */
export function ids(count: number, first = 0): string[] {
  return Array.from({ length: count }, (_, index) => `call-${String(first + index)}`);
}

function mayMount(): boolean {
  const path = mkdtempSync(join(tmpdir(), "mediaprobe-mount-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "tmpfs", path], { stdio: "ignore" });
    execFileSync("umount", ["-l", path]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}
