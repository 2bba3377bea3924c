/**
 * The page as it was built: one file with its script and its style, and a place for data.
 *
 * @module
 */

import { readFile } from "node:fs/promises";

/** Stands in the page where its data goes. */
export const DATA_PLACE = "<!--mediaprobe-data-->";

/** Where the build puts it: the same path from the sources and from what is built of them. */
const PAGE_FILE = new URL("../../dist/web/page.html", import.meta.url);

/**
 * Reads the page, which a server serves as it is.
 *
 * @throws {Error} If the page has not been built.
 */
export async function readPage(): Promise<string> {
  try {
    return await readFile(PAGE_FILE, "utf8");
  } catch (cause) {
    throw new Error("the page is missing; npm run build makes it", { cause });
  }
}
