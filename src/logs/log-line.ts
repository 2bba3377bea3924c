/**
 * Lines as collectors and people read them.
 *
 * @module
 */

import { escaped } from "../report/display-text.js";

/** A JSON object a line, or text. */
export const LOG_FORMATS = ["text", "json"] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/** As pino begins a line: we make both values, so neither needs to be escaped. */
const BEGINNING = /^\{"level":"([A-Z]+)","time":"([^"]+)"/;
/** What stands in a line of text as it is. */
const BARE = /^[\w.:/@+%,*-]+$/;
/** What people said or wrote is quoted always, so that it looks alike in every line. */
const WRITTEN_BY_PEOPLE: ReadonlySet<string> = new Set(["text", "transcript"]);

/** The time before the level, as people look for it. Collectors do not mind either way. */
export function jsonLine(line: string): string {
  return line.replace(BEGINNING, '{"time":"$2","level":"$1"');
}

/** `2026/05/15 12:34:56 INFO session started session_id=sess_abc123`, in UTC. */
export function textLine(line: string): string {
  const { time, level, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const at = String(time).slice(0, 19).replaceAll("-", "/").replace("T", " ");
  const words = Object.entries(fields).map(
    ([name, value]) => `${unspaced(name)}=${valueText(name, value)}`,
  );
  return `${[at, String(level), escaped(String(msg)), ...words].join(" ")}\n`;
}

function valueText(name: string, value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const isBare = BARE.test(text) && !(typeof value === "string" && WRITTEN_BY_PEOPLE.has(name));
  return isBare ? text : escaped(JSON.stringify(text));
}

/** A name that ends where the equals sign is. */
function unspaced(name: string): string {
  return escaped(name).replaceAll(/[\s="]/g, "_");
}
