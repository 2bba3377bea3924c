/**
 * The calls that a server shows: those that go on, and the newest of those that are over.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import { type Ladder, ladderOf, type LadderFacts } from "../call/ladder.js";
import type { CallDetails, CallObserver } from "../call/observer.js";
import { isoMicroseconds } from "../net/time.js";
import type { SipCall, SipEvent } from "../sip/call.js";

/** Calls that are over which are kept. */
export const MAX_ENDED_CALLS = 1000;
/** Open calls that are followed; of further ones only the end is seen. */
export const MAX_OPEN_CALLS = 16_384;
/** Messages of one call that are kept, the first. */
export const MAX_MESSAGES = 200;

/** A call, and whether it goes on: one that is over has its last record some seconds later. */
export interface ShownCall {
  readonly state: "open" | "ended";
  readonly call: CallReport;
}

/** Which call is meant: several may have one Call-ID, each its observation point and beginning. */
export interface CallName {
  readonly callId: string;
  readonly observationPoint?: string | undefined;
  /** Empty for a call whose INVITE was not seen. */
  readonly invitedAt?: string | undefined;
}

/** Is told of each change. */
export type FeedListener = (shown: ShownCall) => void;

type Messages = LadderFacts["messages"][number][];

interface Ended {
  readonly report: CallReport;
  readonly messages: Messages;
  readonly facts: Pick<LadderFacts, "handshakes" | "checks">;
}

/** Follows a probe's calls as one of its sinks. */
export class CallFeed implements CallObserver {
  readonly #openReports: () => readonly CallReport[];
  readonly #messages = new Map<SipCall, Messages>();
  /** Oldest first. */
  readonly #ended = new Map<SipCall, Ended>();
  readonly #listeners = new Set<FeedListener>();

  /** @param openReports Makes the records of all open calls as they stand. */
  constructor(openReports: () => readonly CallReport[]) {
    this.#openReports = openReports;
  }

  /** Open calls, then those that are over, the newest first. */
  calls(): ShownCall[] {
    const live = this.#openReports().map(shown);
    const told = Array.from(
      this.#ended.values(),
      ({ report }) => ({ state: "ended", call: report }) as const,
    );
    const of = (state: ShownCall["state"]): ShownCall[] =>
      live.filter((call) => call.state === state);
    return [...of("open"), ...of("ended"), ...told.reverse()];
  }

  /** The newest call of that name, an open one first. */
  find(name: CallName): ShownCall | undefined {
    return this.calls().find(({ call }) => isMeant(call, name));
  }

  /** The same call message by message. */
  ladder(name: CallName): Ladder | undefined {
    const call = this.find(name)?.call;
    if (call === undefined) return undefined;
    for (const { report, messages, facts } of this.#ended.values()) {
      if (report === call) return ladderOf({ call, messages, ...facts });
    }
    const handshakes = (call.security.dtls ?? []).map((handshake) => ({ handshake }));
    return ladderOf({ call, messages: this.#openMessages(call), handshakes });
  }

  /** By what messages say, which is masked where records are. */
  #openMessages({ callId, course }: CallReport): Messages {
    const invitedAt = course.invitedAt ?? "";
    for (const [call, messages] of this.#messages) {
      if (messages[0]?.seen.message.callId === callId && invitedAtOf(call) === invitedAt) {
        return messages;
      }
    }
    return [];
  }

  /** Tells of changes from now on; what is returned ends that. */
  listen(listener: FeedListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  onSipEvent(event: SipEvent): void {
    if (event.kind === "call-started") {
      if (this.#messages.size < MAX_OPEN_CALLS) this.#messages.set(event.call, []);
    } else if (event.kind === "message") {
      const messages = this.#messages.get(event.call);
      const { seen, isRetransmission } = event;
      if (messages !== undefined && messages.length < MAX_MESSAGES) {
        messages.push({ seen, isRetransmission });
      }
    }
  }

  onInterval(report: CallReport): void {
    this.#tell(shown(report));
  }

  onCall(report: CallReport, { call, handshakes, checks }: CallDetails): void {
    const messages = this.#messages.get(call) ?? [];
    this.#messages.delete(call);
    const facts = { handshakes, ...(checks !== undefined && { checks }) };
    this.#ended.set(call, { report, messages, facts });
    const [oldest] = this.#ended.keys();
    if (this.#ended.size > MAX_ENDED_CALLS && oldest !== undefined) this.#ended.delete(oldest);
    this.#tell({ state: "ended", call: report });
  }

  #tell(change: ShownCall): void {
    for (const listener of this.#listeners) listener(change);
  }
}

/** By what its record says so far: between a BYE and the last record nothing goes on. */
function shown(call: CallReport): ShownCall {
  return { state: call.course.endedAt === undefined ? "open" : "ended", call };
}

function isMeant(call: CallReport, { callId, observationPoint, invitedAt }: CallName): boolean {
  return (
    call.callId === callId &&
    (observationPoint === undefined || call.observationPoint === observationPoint) &&
    (invitedAt === undefined || (call.course.invitedAt ?? "") === invitedAt)
  );
}

/** As its record has it. */
function invitedAtOf({ hasInvite, invitedAtMs }: SipCall): string {
  return hasInvite ? isoMicroseconds(invitedAtMs) : "";
}
