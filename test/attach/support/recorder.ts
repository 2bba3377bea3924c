import type { SessionDescription } from "../../../src/sdp/description.js";
import type { SeenMessage, SipEvent } from "../../../src/sip/call.js";
import { SipTracker } from "../../../src/sip/tracker.js";
import { SipTap, type SipSink } from "../../../src/attach/sip-tap.js";
import type { MediaBinding } from "../../../src/attach/sip-observer.js";

/** A clock that moves only when it is told to. */
export class TestClock {
  #atMs = 1_700_000_000_000;
  readonly nowMs = (): number => this.#atMs;

  pass(ms: number): void {
    this.#atMs += ms;
  }
}

/** A tap whose sink is a SIP tracker, and all that either said. */
export class Recorder implements SipSink {
  readonly tap = new SipTap(this);
  readonly events: SipEvent[] = [];
  /** The events as they were when they were told; the calls in them go on changing. */
  readonly texts: string[] = [];
  readonly seen: SeenMessage[] = [];
  readonly sessions: SessionDescription[] = [];
  readonly bindings: MediaBinding[] = [];
  readonly transportLosses: number[] = [];
  transportReturns = 0;
  readonly tracker: SipTracker;
  onEvent: (event: SipEvent) => void = () => undefined;

  constructor() {
    this.tracker = new SipTracker({
      onEvent: (event) => {
        this.events.push(event);
        this.texts.push(eventText(event));
        this.onEvent(event);
      },
    });
  }

  onMessage(seen: SeenMessage, sessions: readonly SessionDescription[]): void {
    this.seen.push(seen);
    this.sessions.push(...sessions);
    this.tracker.observe(seen);
  }

  sendFailed(failure: Parameters<SipTracker["sendFailed"]>[0]): void {
    this.tracker.sendFailed(failure);
  }

  localAbort(abort: Parameters<SipTracker["localAbort"]>[0]): void {
    this.tracker.localAbort(abort);
  }

  abandonAll(atMs: number): void {
    this.tracker.abandonAll(atMs);
  }

  adopt(dialog: Parameters<SipTracker["adopt"]>[0]): void {
    this.tracker.adopt(dialog);
  }

  transportBack(): void {
    this.transportReturns += 1;
  }

  transportLost(atMs: number): void {
    this.transportLosses.push(atMs);
  }

  bindMedia(binding: MediaBinding): void {
    this.bindings.push(binding);
  }

  /** How each call came out, in order, such as `486 response` or `- timeout`. */
  get outcomes(): string[] {
    return this.#of("outcome", ({ call }) => `${call.statusCode ?? "-"} ${call.via ?? "-"}`);
  }

  /** Who hung up and why. */
  get byes(): string[] {
    return this.#of("bye", ({ by, reasonClass }) => `${by} ${reasonClass}`);
  }

  /** The timers that ran out, with their methods. */
  get timeouts(): string[] {
    return this.#of("transaction-timeout", ({ timer, method }) => `${timer} ${method}`);
  }

  #of<Kind extends SipEvent["kind"]>(
    kind: Kind,
    text: (event: Extract<SipEvent, { kind: Kind }>) => string,
  ): string[] {
    return this.events
      .filter((event): event is Extract<SipEvent, { kind: Kind }> => event.kind === kind)
      .map(text);
  }
}

/** An event as data, so that two runs can be compared. */
export function eventText(event: SipEvent): string {
  return JSON.stringify(event, (key, value: unknown) =>
    key === "seen" ? (value as SeenMessage).atMs : value,
  );
}
