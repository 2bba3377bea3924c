/**
 * Families that a host application feeds.
 *
 * @module
 */

import type { Catalogue, Chapter } from "../family.js";

/** Part of the whole catalogue. */
export const HOST_FAMILIES = {} as const satisfies Catalogue;

/** Their part of the reference. */
export const HOST_CHAPTERS: readonly Chapter[] = [];
