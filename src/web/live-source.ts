/**
 * A page that a probe's server feeds: the calls it knows, then each change.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import type { Ladder } from "../call/ladder.js";
import { callRow } from "../report/call-row.js";
import { keyOf, KnownCalls, recordPath, type ToldCall } from "../report/known-calls.js";
import { pageLadder, type PageCall } from "../report/page-data.js";
import { countOf } from "../report/quantity.js";
import type { CallSource, ListedCall, SourceNotes } from "./source.js";

/** Changes are shown together, this often at most. */
const QUIET_MS = 250;
/** After which a server is asked again that answered otherwise than a probe's. */
const RETRY_MS = 2000;

/** The source of a page that was served. */
export class LiveSource implements CallSource {
  readonly #known = new KnownCalls(callRow);
  readonly #changed = new Set<string>();
  #listener: ((changed: ReadonlySet<string>) => void) | undefined;
  /** What is listened to; absent while that is to begin anew. */
  #events: EventSource | undefined;
  #isConnected = false;
  /** That it does not answer is said only of a server that was given the time to. */
  #wasTried = false;
  #isTelling = false;

  notes(): SourceNotes {
    const { openCount, dropped } = this.#known;
    return {
      title: location.host,
      facts: this.#wasTried
        ? [this.#isConnected ? "live" : "not connected", `${countOf(openCount, "call")} open`]
        : ["connecting"],
      warnings: [
        ...(this.#isConnected || !this.#wasTried
          ? []
          : ["The probe does not answer; trying again."]),
        ...(dropped > 0 ? [`${countOf(dropped, "ended call")} no longer shown here.`] : []),
      ],
    };
  }

  calls(): readonly ListedCall[] {
    return this.#known.calls();
  }

  /**
   * What the list has of a call is without the intervals of its streams. It is what there is of one that
   * the probe no longer keeps, or while it does not answer.
   */
  async load(key: string): Promise<PageCall> {
    const known = this.#known.get(key);
    if (known === undefined) throw new Error("The probe has forgotten this call.");
    const [call, ladder] = await Promise.all([
      (answered(recordPath(known.call)) as Promise<CallReport>).catch(() => known.call),
      (answered(recordPath(known.call, "/ladder")) as Promise<{ readonly ladder: Ladder }>).catch(
        () => undefined,
      ),
    ]);
    // A later call may have the same Call-ID: the probe then tells of that one.
    if (keyOf(call) !== key) return { call: known.call };
    const isSame = ladder !== undefined && keyOf(ladder.ladder.call) === key;
    return isSame ? { call, ladder: pageLadder({ ...ladder.ladder, call }) } : { call };
  }

  /** Also begins to listen to the server. */
  watch(listener: (changed: ReadonlySet<string>) => void): void {
    this.#listener = listener;
    this.#listen();
  }

  /**
   * The browser goes on with a stream that broke off. One that was no stream, as a proxy answers for a
   * server that is away, is over for it.
   */
  #listen(): void {
    const events = new EventSource("events");
    this.#events = events;
    events.addEventListener("open", () => {
      void this.#takeAll(events);
    });
    events.addEventListener("call", ({ data }: MessageEvent<string>) => {
      const known = this.#known.take(JSON.parse(data) as ToldCall);
      if (known !== undefined) this.#changed.add(known.key);
      this.#tell();
    });
    events.addEventListener("error", () => {
      this.#isConnected = false;
      this.#wasTried = true;
      this.#tell();
      if (events.readyState === EventSource.CLOSED) this.#listenLater(events);
    });
  }

  #listenLater(ended: EventSource): void {
    ended.close();
    if (this.#events !== ended) return;
    this.#events = undefined;
    setTimeout(() => {
      this.#listen();
    }, RETRY_MS);
  }

  /** What happened while nobody listened is in the list. */
  async #takeAll(events: EventSource): Promise<void> {
    try {
      const { calls } = (await answered("calls")) as { readonly calls: readonly ToldCall[] };
      for (const key of this.#known.takeAll(calls)) this.#changed.add(key);
      for (const { call } of calls) this.#changed.add(keyOf(call));
      if (this.#events === events) this.#isConnected = events.readyState === EventSource.OPEN;
    } catch {
      if (this.#events === events) this.#isConnected = false;
      this.#listenLater(events);
    }
    this.#wasTried = true;
    this.#tell();
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

async function answered(path: string): Promise<unknown> {
  const response = await fetch(path, { headers: { accept: "application/json" } });
  if (!response.ok) throw new Error(`The probe answered ${response.status} for ${path}.`);
  return response.json();
}
