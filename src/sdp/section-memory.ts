/**
 * Media sections that were read before. Calls describe the same few over and over, with nothing
 * different but the port.
 *
 * @module
 */

import { portNumber } from "./attributes.js";
import { kept } from "./lines.js";
import type { MediaSectionBuilder } from "./media-section.js";

/** A longer description is one of many sections or candidates, and hardly comes again. */
export const MAX_REMEMBERED_LENGTH = 4096;

/** Beyond it all are forgotten, and learned anew. */
const MAX_REMEMBERED = 256;

/** A media section and the port it has in one description; absent where it cannot be read. */
export interface PlacedSection {
  readonly section: MediaSectionBuilder;
  readonly port: number | undefined;
}

const REMEMBERED = new Map<string, MediaSectionBuilder>();

/** The section that this text describes, if one that differs in the port alone was read before. */
export function rememberedSection(text: string): PlacedSection | undefined {
  const split = splitAtPort(text);
  const section = split && REMEMBERED.get(split.rest);
  return section && { section, port: split.port };
}

/** Remembers what a text describes; nothing is to be added to the section any more. */
export function rememberSection(text: string, section: MediaSectionBuilder): void {
  const split = splitAtPort(text);
  if (split === undefined || section.isOfOneCall) return;
  if (REMEMBERED.size >= MAX_REMEMBERED) REMEMBERED.clear();
  REMEMBERED.set(kept(split.rest), section);
}

/** The port of an `m=` line, and all else of its section. */
function splitAtPort(text: string): { readonly port: number; readonly rest: string } | undefined {
  if (!text.startsWith("m=")) return undefined;
  const before = text.indexOf(" ") + 1;
  const after = text.indexOf(" ", before);
  if (before === 0 || after < 0) return undefined;
  const port = portNumber(text.slice(before, after));
  return port === undefined ? undefined : { port, rest: text.slice(0, before) + text.slice(after) };
}
