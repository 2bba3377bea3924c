/**
 * How wide standard output is, and in which colours.
 *
 * @module
 */

import type { Paint } from "../report/tone.js";
import type { CommandIo } from "./command-io.js";
import { palette } from "./palette.js";

const WIDTH_WITHOUT_TERMINAL = 140;

/** Of standard output, unless a width is asked for. */
export function displayOf(
  io: CommandIo,
  isColorless: boolean,
  width: number | undefined,
): { readonly width: number; readonly paint: Paint } {
  return {
    width: width ?? terminalWidth(io) ?? WIDTH_WITHOUT_TERMINAL,
    paint: palette(io, isColorless),
  };
}

/** Some terminals do not know how wide they are, and say 0. */
function terminalWidth({ stdout: { isTTY, columns } }: CommandIo): number | undefined {
  return isTTY === true && columns !== undefined && columns > 0 ? columns : undefined;
}
