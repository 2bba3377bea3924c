/**
 * Which colour a tone has, and whether there are colours at all.
 *
 * @module
 */

import { styleText } from "node:util";

import { type Paint, plain, type Tone } from "../report/tone.js";
import type { CommandIo } from "./command-io.js";

const STYLES = {
  strong: "bold",
  faint: "dim",
  good: "green",
  fair: "yellow",
  poor: ["bold", "yellow"],
  bad: "red",
  alarm: ["bold", "red"],
} as const satisfies Record<Tone, Parameters<typeof styleText>[0]>;

/**
 * Colours for standard output: not with `--no-color`; else as FORCE_COLOR says (`0` is no), then
 * NO_COLOR; else on a terminal that is not dumb. An empty variable says nothing.
 */
export function palette({ env, stdout }: CommandIo, isColorless: boolean): Paint {
  return !isColorless && wantsColor(env, stdout.isTTY === true) ? colored : plain;
}

function wantsColor(env: CommandIo["env"], isTerminal: boolean): boolean {
  const { FORCE_COLOR: force, NO_COLOR: no, TERM: terminal } = env;
  if (force !== undefined && force !== "") return force !== "0" && force !== "false";
  if (no !== undefined && no !== "") return false;
  return isTerminal && terminal !== "dumb";
}

// The decision is made above; later versions of Node would else look at their own standard output.
const colored: Paint = (tone, text) => {
  const style = STYLES[tone];
  return styleText(typeof style === "string" ? style : [...style], text, { validateStream: false });
};
