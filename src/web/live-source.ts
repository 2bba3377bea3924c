/**
 * A page that a probe's server feeds: the calls it knows, then each change.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import type { Ladder } from "../call/ladder.js";
import { callRow } from "../report/call-row.js";
import { pageLadder, type PageCall } from "../report/page-data.js";
import { countOf } from "../report/quantity.js";
import type { CallSource, ListedCall, SourceNotes } from "./source.js";

/** Calls kept; beyond it the ended one that was heard of longest ago is dropped. */
const MAX_CALLS = 10_000;
/** Changes are shown together, this often at most. */
const QUIET_MS = 250;

/** One call as the server tells it. */
interface ToldCall {
  readonly state: "open" | "ended";
  readonly call: CallReport;
}

interface Known extends ListedCall {
  readonly call: CallReport;
}

/** The source of a page that was served. */
export class LiveSource implements CallSource {
  /** The one that was heard of longest ago first. */
  readonly #known = new Map<string, Known>();
  readonly #changed = new Set<string>();
  #listener: ((changed: ReadonlySet<string>) => void) | undefined;
  #isConnected = false;
  #isTelling = false;
  #dropped = 0;

  notes(): SourceNotes {
    let open = 0;
    for (const { isOpen } of this.#known.values()) if (isOpen) open += 1;
    return {
      title: location.host,
      facts: [this.#isConnected ? "live" : "not connected", `${countOf(open, "call")} open`],
      warnings: [
        ...(this.#isConnected ? [] : ["The probe does not answer; trying again."]),
        ...(this.#dropped > 0
          ? [`${countOf(this.#dropped, "ended call")} no longer shown here.`]
          : []),
      ],
    };
  }

  calls(): readonly ListedCall[] {
    return [...this.#known.values()];
  }

  /** What the list has of a call is without the intervals of its streams. */
  async load(key: string): Promise<PageCall> {
    const known = this.#known.get(key);
    if (known === undefined) throw new Error("The probe has forgotten this call.");
    const path = `calls/${encodeURIComponent(known.call.callId)}`;
    const [call, ladder] = await Promise.all([
      answered(path) as Promise<CallReport>,
      (answered(`${path}/ladder`) as Promise<{ readonly ladder: Ladder }>).catch(() => undefined),
    ]);
    // A later call may have the same Call-ID: the probe then tells of that one.
    if (keyOf(call) !== key) return { call: known.call };
    const isSame = ladder !== undefined && keyOf(ladder.ladder.call) === key;
    return isSame ? { call, ladder: pageLadder({ ...ladder.ladder, call }) } : { call };
  }

  /** Also begins to listen to the server, which the browser goes on with after each failure. */
  watch(listener: (changed: ReadonlySet<string>) => void): void {
    this.#listener = listener;
    const events = new EventSource("events");
    events.addEventListener("open", () => {
      void this.#takeAll();
    });
    events.addEventListener("call", ({ data }: MessageEvent<string>) => {
      this.#take(JSON.parse(data) as ToldCall);
      this.#tell();
    });
    events.addEventListener("error", () => {
      this.#isConnected = false;
      this.#tell();
    });
  }

  /** What happened while nobody listened is in the list. */
  async #takeAll(): Promise<void> {
    try {
      const { calls } = (await answered("calls")) as { readonly calls: readonly ToldCall[] };
      const named = new Set(calls.map(({ call }) => keyOf(call)));
      // A probe that began anew knows nothing of the calls that were open.
      for (const [key, { isOpen }] of this.#known) {
        if (!isOpen || named.has(key)) continue;
        this.#known.delete(key);
        this.#changed.add(key);
      }
      for (const call of calls) this.#take(call);
      this.#isConnected = true;
    } catch {
      this.#isConnected = false;
    }
    this.#tell();
  }

  #take({ state, call }: ToldCall): void {
    const key = keyOf(call);
    const isOpen = state === "open";
    // What the list tells may be older than what was told since.
    if (isOpen && this.#known.get(key)?.isOpen === false) return;
    this.#known.delete(key);
    this.#known.set(key, { key, call, row: callRow(call), isOpen });
    this.#changed.add(key);
    if (this.#known.size <= MAX_CALLS) return;
    for (const [old, { isOpen: goesOn }] of this.#known) {
      if (goesOn) continue;
      this.#known.delete(old);
      this.#dropped += 1;
      break;
    }
  }

  #tell(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    setTimeout(() => {
      this.#isTelling = false;
      const changed = new Set(this.#changed);
      this.#changed.clear();
      this.#listener?.(changed);
    }, QUIET_MS);
  }
}

/** A Call-ID may come again later, and at another observation point. */
function keyOf({ observationPoint, callId, course }: CallReport): string {
  return JSON.stringify([observationPoint, callId, course.invitedAt ?? ""]);
}

async function answered(path: string): Promise<unknown> {
  const response = await fetch(path, { headers: { accept: "application/json" } });
  if (!response.ok) throw new Error(`The probe answered ${response.status} for ${path}.`);
  return response.json();
}
