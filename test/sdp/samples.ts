import { readdirSync, readFileSync } from "node:fs";

import type { SessionDescription } from "../../src/sdp/description.js";
import { parseSdp } from "../../src/sdp/session.js";

const FOLDER = new URL("./samples/", import.meta.url);

/** Session descriptions by name, as the stacks they are named after send them. */
export const SAMPLES: ReadonlyMap<string, string> = new Map(
  readdirSync(FOLDER)
    .filter((file) => file.endsWith(".sdp"))
    .sort()
    .map((file) => [file.slice(0, -".sdp".length), readFileSync(new URL(file, FOLDER), "latin1")]),
);

export function sample(name: string): string {
  const text = SAMPLES.get(name);
  if (text === undefined) throw new Error(`no sample ${name}`);
  return text;
}

export function parsed(text: string): SessionDescription {
  const session = parseSdp(text);
  if (typeof session === "string") throw new Error(`refused: ${session}`);
  return session;
}
