/**
 * The payload maps of a live engine: each is registered once, however many flows name it, and its
 * number goes to another when no open flow names it any more.
 *
 * @module
 */

import type { PayloadMap } from "../rtp/codec.js";
import type { NativeLiveEngine } from "./binding.js";
import { packedMap } from "./packed-map.js";

/** Maps besides the default one; the addon holds 4096. */
const MAX_MAPS = 4095;

/** The default map's number. */
export const DEFAULT_MAP = 0;

interface Entry {
  readonly number: number;
  readonly key: string;
  readonly map: PayloadMap;
  flows: number;
}

/** Gives payload maps their numbers. */
export class LivePayloadMaps {
  readonly #native: NativeLiveEngine;
  /** By content; what was let go last stands last. */
  readonly #byKey = new Map<string, Entry>();
  readonly #byNumber: Entry[] = [];
  #refused = 0;

  constructor(native: NativeLiveEngine, defaultMap: PayloadMap) {
    this.#native = native;
    const { clockRatesHz, kinds } = packedMap(defaultMap);
    native.replaceMap(clockRatesHz, kinds, DEFAULT_MAP);
    this.#byNumber[DEFAULT_MAP] = { number: DEFAULT_MAP, key: "", map: defaultMap, flows: 1 };
  }

  /** How often every number was taken, so that the default map had to serve. */
  get refused(): number {
    return this.#refused;
  }

  /** The map with that number; an empty one if there is none. */
  at(number: number): PayloadMap {
    return this.#byNumber[number]?.map ?? new Map<number, never>();
  }

  /** The number of a map, for a flow to hold until it lets go of it. */
  hold(map: PayloadMap): number {
    const key = JSON.stringify([...map].sort(([a], [b]) => a - b));
    const entry = this.#byKey.get(key) ?? this.#add(key, new Map(map));
    if (entry === undefined) {
      this.#refused += 1;
      return DEFAULT_MAP;
    }
    entry.flows += 1;
    return entry.number;
  }

  /** Says that a flow that held this number is gone. */
  letGo(number: number): void {
    const entry = this.#byNumber[number];
    if (entry === undefined || number === DEFAULT_MAP) return;
    entry.flows -= 1;
    if (entry.flows > 0) return;
    this.#byKey.delete(entry.key);
    this.#byKey.set(entry.key, entry);
  }

  #add(key: string, map: PayloadMap): Entry | undefined {
    const { clockRatesHz, kinds } = packedMap(map);
    let number: number | undefined;
    if (this.#byKey.size < MAX_MAPS) {
      number = this.#native.addMap(clockRatesHz, kinds);
    } else {
      number = this.#freed();
      if (number === undefined) return undefined;
      this.#native.replaceMap(clockRatesHz, kinds, number);
    }
    const entry = { number, key, map, flows: 0 };
    this.#byKey.set(key, entry);
    this.#byNumber[number] = entry;
    return entry;
  }

  /** The number that no flow has held for the longest time. */
  #freed(): number | undefined {
    for (const { key, number, flows } of this.#byKey.values()) {
      if (flows > 0) continue;
      this.#byKey.delete(key);
      return number;
    }
    return undefined;
  }
}
