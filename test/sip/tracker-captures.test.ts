/**
 * The tracker over the signalling of real captures: the recordings in `fixtures/` against what the
 * peers played, and, where `MEDIAPROBE_CAPTURES` names the folder of the public ones, those against
 * what tshark sees in them.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import type { SipCall, SipEvent } from "../../src/sip/call.js";
import { SipTracker } from "../../src/sip/tracker.js";
import { fixtureCapture, fixtureNames, type KnownCall, knownCalls } from "../support/fixtures.js";
import { describeCaptures } from "../support/public-captures.js";
import { sipMessagesOf } from "../support/sip-messages.js";
import { callsOf } from "./ladder.js";

interface Tracked {
  readonly calls: readonly SipCall[];
  readonly events: readonly SipEvent[];
  readonly tracker: SipTracker;
}

async function track(path: string): Promise<Tracked> {
  const messages = await sipMessagesOf(path);
  const events: SipEvent[] = [];
  const tracker = new SipTracker({ onEvent: (event) => events.push(event) });
  for (const seen of messages) tracker.observe(seen);
  tracker.finish(messages.at(-1)?.atMs ?? 0);
  return { calls: callsOf(events), events, tracker };
}

/** What is known of a call, as far as its signalling tells it. */
function toldOf(call: SipCall, known: KnownCall): object {
  const { sessionTimer } = call;
  const all: Readonly<Record<string, unknown>> = {
    callId: call.callId,
    statusCode: call.statusCode,
    via: call.via,
    attempts: call.attempts,
    cancelled: call.isCancelled,
    endedBy: call.endedBy,
    byeReasonClass: call.byeReasonClass,
    reasons: call.reasons,
    hops: call.hops.length,
    refreshes: sessionTimer?.refreshes.map(({ result }) => result) ?? [],
    intervalSeconds: sessionTimer?.intervalSeconds,
    refresher: sessionTimer?.refresher,
    messages: call.messages,
  };
  return Object.fromEntries(Object.keys(signallingOf(known)).map((name) => [name, all[name]]));
}

/** What is known but is no matter of signalling. */
const OTHER_MATTERS = ["issues", "absentIssues", "ssrcs", "why"];

function signallingOf(known: KnownCall): object {
  return Object.fromEntries(
    Object.entries(known).filter(([name]) => !OTHER_MATTERS.includes(name)),
  );
}

const WITH_CALLS = fixtureNames().filter((name) => knownCalls(name).length > 0);

describe.each(WITH_CALLS)("the fixture %s", (name) => {
  it("has its calls as the peers played them", async () => {
    const { calls } = await track(fixtureCapture(name));
    for (const known of knownCalls(name)) {
      const [call, ...others] = calls.filter(({ callId }) => callId === known.callId);
      expect(others).toEqual([]);
      expect(call && toldOf(call, known)).toEqual(signallingOf(known));
    }
    expect(calls).toHaveLength(knownCalls(name).length);
  });
});

describe("the fixture", () => {
  it("sip-dialogs has a cancelled, a challenged, a refreshed and a transferred call", async () => {
    const { calls } = await track(fixtureCapture("sip-dialogs"));
    expect(calls).toMatchObject([
      { statusCode: 487, isCancelled: true, attempts: 1 },
      { statusCode: 200, attempts: 2, endedBy: "caller" },
      {
        statusCode: 200,
        attempts: 2,
        sessionTimer: {
          intervalSeconds: 90,
          refreshes: [{ result: "422-bumped" }, { result: "ok" }],
        },
      },
      { statusCode: 200, attempts: 1, forkTags: [] },
      // Sent six times in 15.5 s; the capture ends before timer B could (RFC 3261 §17.1.1.2).
      { attempts: 1, retransmissions: 5, isOneSided: false },
    ]);
    expect(calls[4]).not.toHaveProperty("via");
  });

  it("sipp-rejects has each of its codes twice", async () => {
    const { calls, tracker } = await track(fixtureCapture("sipp-rejects"));
    const codes = [302, 400, 403, 404, 408, 480, 486, 488, 500, 503, 600, 603, 607, 608];
    expect(calls.map(({ statusCode }) => statusCode)).toEqual(
      codes.flatMap((code) => [code, code]),
    );
    // 480, 486, 600 and 603 are effective; 302 is left out (RFC 6076 §4.7).
    expect(tracker.statistics().sessionEstablishmentEffectivenessRatio).toBeCloseTo(8 / 26, 9);
    expect(tracker.statistics().ineffectiveSessionAttemptsRatio).toBeCloseTo(6 / 28, 9);
  });

  it("kamailio-stir has an Identity in all INVITEs but one, also under its compact name", async () => {
    const { calls } = await track(fixtureCapture("kamailio-stir"));
    expect(calls.map(({ vouching }) => vouching.identities.length)).toEqual([
      1, 1, 1, 1, 0, 1, 1, 1, 1, 1,
    ]);
    expect(calls.map(({ statusCode }) => statusCode)).toEqual([
      200, 200, 200, 438, 428, 438, 438, 438, 200, 438,
    ]);
  });

  it("hold-dtmf has a call that is held and taken up again", async () => {
    const { calls, events } = await track(fixtureCapture("hold-dtmf"));
    expect(calls).toMatchObject([{ attempts: 1, statusCode: 200, endedBy: "caller" }]);
    const offers = events.filter((event) => event.kind === "description" && event.isOffer);
    expect(offers).toHaveLength(3);
  });
});

/** One Call-ID as tshark sees it: see `truth.py` of the captures. */
interface TruthDialog {
  readonly call_id: string;
  readonly messages: number;
  readonly methods: Readonly<Record<string, number>>;
  readonly responses: Readonly<Record<string, number>>;
  readonly invite_time?: string;
  readonly from_tag?: string;
  readonly invites_initial?: number;
  readonly pdd_ms?: number;
  readonly setup_ms?: number;
  readonly duration_s?: number;
  readonly answered?: boolean;
  readonly last_final?: string;
  readonly final_codes_in_order?: readonly string[];
  readonly bye_side?: string;
  readonly cancelled?: boolean;
}

interface Truth {
  readonly sip?: { readonly dialogs: readonly TruthDialog[] };
}

/** Why a Call-ID is not one call, or not with the truth's times. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  // A capture of responses alone: answered, though the truth looks for the INVITE first.
  "12013223@200.57.7.195": "no INVITE",
};

function knownDialogs(
  folder: string,
): [name: string, path: string, dialogs: readonly TruthDialog[]][] {
  const files = readdirSync(folder);
  return readdirSync(join(folder, "truth")).flatMap((file) => {
    if (!file.endsWith(".json") || file.startsWith("_")) return [];
    const name = file.replace(/\.json$/, "");
    const capture = files.find((one) => one.startsWith(`${name}.pcap`));
    const truth = JSON.parse(readFileSync(join(folder, "truth", file), "utf8")) as Truth;
    const dialogs = (truth.sip?.dialogs ?? []).filter(isCall);
    return capture === undefined || dialogs.length === 0
      ? []
      : [[name, join(folder, capture), dialogs] as [string, string, readonly TruthDialog[]]];
  });
}

const isCall = ({ methods, responses }: TruthDialog): boolean =>
  methods["INVITE"] !== undefined || Object.keys(responses).some((key) => key.endsWith("/INVITE"));

/** What tshark's list of messages says of a call. Of several hops only what holds for the first. */
function fromTruth(truth: TruthDialog, call: SipCall): object {
  const last = truth.last_final === undefined ? undefined : Number(truth.last_final);
  const isOneHop = call.hops.length === 1;
  return {
    messages: truth.messages,
    callerTag: truth.from_tag === "" ? undefined : truth.from_tag,
    // After re-INVITEs the last final response of the Call-ID is not that of the call.
    statusCode: truth.answered === true ? 200 : last,
    isAnswered: truth.answered ?? false,
    isCancelled: truth.cancelled ?? false,
    endedBy: truth.bye_side,
    ...(isOneHop && {
      progressMs: truth.pdd_ms,
      setupMs: truth.setup_ms,
      durationMs: truth.duration_s === undefined ? undefined : truth.duration_s * 1000,
    }),
  };
}

function fromCall(call: SipCall): object {
  const { invitedAtMs, progressAtMs, answeredAtMs, endedAtMs } = call;
  const isOneHop = call.hops.length === 1;
  return {
    messages: call.messages,
    callerTag: call.callerTag,
    statusCode: call.statusCode,
    isAnswered: answeredAtMs !== undefined,
    isCancelled: call.isCancelled,
    endedBy: call.endedBy,
    ...(isOneHop && {
      progressMs: near(progressAtMs, invitedAtMs),
      setupMs: near(answeredAtMs, invitedAtMs),
      durationMs: call.endedBy === undefined ? undefined : near(endedAtMs, answeredAtMs),
    }),
  };
}

/** Capture times are held as doubles of milliseconds since 1970: good to a quarter microsecond. */
function near(toMs: number | undefined, fromMs: number | undefined): unknown {
  if (toMs === undefined || fromMs === undefined) return undefined;
  return expect.closeTo(toMs - fromMs, 2);
}

describeCaptures("calls of the public captures", knownDialogs, (captures) => {
  it.each(captures)("%s has the calls that tshark sees", async (_, path, dialogs) => {
    const { calls, events } = await track(path);
    for (const truth of dialogs) {
      const found = calls.filter(({ callId }) => callId === truth.call_id);
      expect(found, truth.call_id).toHaveLength(1);
      const [call] = found;
      if (call === undefined) continue;
      if (!call.hasInvite) {
        expect(EXCEPTIONS[truth.call_id]).toBe("no INVITE");
        expect(call).toMatchObject({ messages: truth.messages, statusCode: 200 });
        continue;
      }
      expect(fromTruth(truth, call), truth.call_id).toEqual(fromCall(call));
      const codes = events.flatMap((event) =>
        event.kind === "invite-response" && event.call === call && event.statusCode >= 200
          ? [String(event.statusCode)]
          : [],
      );
      expect(new Set(codes), truth.call_id).toEqual(new Set(truth.final_codes_in_order));
    }
  });

  it("make no call of registrations, scans and junk; a lone BYE or CANCEL shows one", async () => {
    for (const [, path, dialogs] of captures) {
      const { calls } = await track(path);
      const known = new Set(dialogs.map(({ call_id }) => call_id));
      const others = calls.filter(({ callId }) => !known.has(callId));
      expect(others.filter(({ hasInvite }) => hasInvite)).toEqual([]);
    }
  });
});
