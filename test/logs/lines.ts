import type { LogDestination } from "../../src/logs/logger.js";

/** Keeps what is written, and lets a test wait for nothing: lines are there at once. */
export class Lines implements LogDestination {
  readonly all: string[] = [];

  write(line: string): void {
    this.all.push(line);
  }

  get text(): string {
    return this.all.join("");
  }

  /** Lines of JSON, read. */
  get entries(): readonly Readonly<Record<string, unknown>>[] {
    return this.all.map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}
