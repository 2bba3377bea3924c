import { describe, expect, it } from "vitest";

import { CallMetrics } from "../../src/metrics/call-metrics.js";
import { Recorder } from "../../src/metrics/recorder.js";
import type { SessionRefresh, SipCall, SipEvent } from "../../src/sip/call.js";
import type { CallReport, DtlsReport } from "../../src/call/call-report.js";
import { context, counted, someCall, someReport } from "./calls.js";

function fresh(): { readonly recorder: Recorder; readonly metrics: CallMetrics } {
  const recorder = new Recorder();
  return { recorder, metrics: new CallMetrics(recorder) };
}

/** What is counted under names that start so after these events of one call. */
function afterEvents(
  start: string,
  events: readonly SipEvent[],
  where = context(),
): Record<string, number> {
  const { recorder, metrics } = fresh();
  for (const event of events) metrics.onSipEvent(event, where);
  return counted(recorder, start);
}

function afterReport(start: string, report: CallReport): Record<string, number> {
  const { recorder, metrics } = fresh();
  metrics.onCall(report, { call: someCall() });
  return counted(recorder, start);
}

const call = someCall();
const response = (by: "caller" | "callee", statusCode: number, of: SipCall = call): SipEvent => ({
  kind: "invite-response",
  atMs: 0,
  call: of,
  by,
  statusCode,
});
const bye = (of: SipCall = call): SipEvent => ({
  kind: "bye",
  atMs: 0,
  call: of,
  by: "caller",
  reasonClass: "normal",
});
const ended = (of: SipCall = call): SipEvent => ({ kind: "call-ended", atMs: 0, call: of });

describe("responses to INVITE", () => {
  it.each([
    ["callee", "caller", "inbound"],
    ["callee", "callee", "outbound"],
    ["caller", "caller", "outbound"],
    ["caller", "callee", "inbound"],
  ] as const)("with a local %s, those to the %s's are %s", (local, by, direction) => {
    expect(afterEvents("sip_invite", [response(by, 486)], context(local))).toEqual({
      [`sip_invite_result_total{class="4xx",direction="${direction}"}`]: 1,
    });
  });

  it("are counted by class, from 100 to 699", () => {
    const codes = [99, 100, 180, 200, 302, 486, 503, 699, 700];
    const found = afterEvents(
      "sip_invite",
      codes.map((code) => response("caller", code)),
    );
    expect(Object.values(found)).toEqual([2, 1, 1, 1, 1, 1]);
  });
});

describe("outcomes", () => {
  it.each([
    [200, "response", "2xx"],
    [486, "response", "4xx"],
    [408, "timeout", "4xx"],
    [undefined, "abandoned", "none"],
    [180, "local-abort", "none"],
  ] as const)("of %s by %s are of class %s", (statusCode, via, statusClass) => {
    const decided = someCall({ via, ...(statusCode !== undefined && { statusCode }) });
    const event = { kind: "outcome", atMs: 0, call: decided } as const;
    expect(afterEvents("sip_call_result", [event], context("caller"))).toEqual({
      [`sip_call_result_total{class="${statusClass}",direction="outbound",via="${via}"}`]: 1,
    });
  });
});

describe("final codes", () => {
  it.each([
    [486, "486"],
    [200, "200"],
    [499, "4xx"],
    [699, "6xx"],
  ])("of a response %i count as %s", (statusCode, code) => {
    const decided = someCall({ via: "response", statusCode });
    expect(afterEvents("sip_final", [{ kind: "outcome", atMs: 0, call: decided }])).toEqual({
      [`sip_final_codes_total{code="${code}",direction="inbound"}`]: 1,
    });
  });

  it.each([
    { via: "timeout", statusCode: 408 },
    { via: "abandoned" },
    { via: "response", statusCode: 180 },
  ] as const)("are none without a final response: %o", (decided) => {
    const outcome = { kind: "outcome", atMs: 0, call: someCall(decided) } as const;
    expect(afterEvents("sip_final", [outcome])).toEqual({});
  });

  it("are the class of an answer that passed unseen", () => {
    const decided = someCall({ via: "response", isAnswerUnseen: true });
    expect(afterEvents("sip_final", [{ kind: "outcome", atMs: 0, call: decided }])).toEqual({
      'sip_final_codes_total{code="2xx",direction="inbound"}': 1,
    });
  });
});

describe("hanging up", () => {
  it.each([
    ["callee", "inbound", "remote"],
    ["caller", "outbound", "local"],
  ] as const)("by the caller of a call whose %s is local", (local, direction, by) => {
    expect(afterEvents("sip_bye", [bye()], context(local))).toEqual({
      [`sip_bye_total{by="${by}",direction="${direction}",reason_class="normal"}`]: 1,
    });
  });
});

describe("transaction timeouts", () => {
  const timeout = (method: string, timer: "B" | "F" | "H"): SipEvent => ({
    kind: "transaction-timeout",
    atMs: 0,
    method,
    timer,
  });

  it.each(["OPTIONS", "ACK", "CANCEL", "invite", ""])("of %s are of another method", (method) => {
    expect(afterEvents("sip_transaction_timeout", [timeout(method, "F")])).toEqual({
      'sip_transaction_timeout_total{method="other"}': 1,
    });
  });

  it.each(["INVITE", "BYE", "UPDATE"])("of %s are of that method", (method) => {
    expect(afterEvents("sip_transaction_timeout", [timeout(method, "B")])).toEqual({
      [`sip_transaction_timeout_total{method="${method}"}`]: 1,
    });
  });

  it("are none where an ACK did not come, but the timer is counted", () => {
    expect(afterEvents("sip_transaction", [timeout("INVITE", "H")])).toEqual({
      'sip_transaction_timer_expired_total{method="INVITE",timer="H"}': 1,
    });
  });

  it("of methods without their own value are not noted as unknown", () => {
    expect(afterEvents("metrics_unknown", [timeout("OPTIONS", "F")])).toEqual({});
  });
});

describe("session refreshes", () => {
  const refresh = (
    result: "ok" | "481" | "timer-off" | "failed",
    how: Partial<SessionRefresh> = {},
  ): SipEvent => ({
    kind: "session-refresh",
    atMs: 0,
    call,
    refresh: { atMs: 0, by: "caller", method: "UPDATE", result, ...how },
  });

  it("are in both families where the compatible one has the result", () => {
    expect(afterEvents("sip_session", [refresh("ok"), refresh("ok"), refresh("481")])).toEqual({
      'sip_session_timer_refresh_total{result="ok"}': 2,
      'sip_session_timer_refresh_total{result="481"}': 1,
      'sip_session_refreshes_total{by="remote",method="UPDATE",result="ok"}': 2,
      'sip_session_refreshes_total{by="remote",method="UPDATE",result="481"}': 1,
    });
  });

  it("that switch the timer off are in ours only", () => {
    expect(afterEvents("sip_session", [refresh("timer-off")])).toEqual({
      'sip_session_refreshes_total{by="remote",method="UPDATE",result="timer-off"}': 1,
    });
  });

  it.each([
    [{ statusCode: 302 }, "3xx"],
    [{ statusCode: 408 }, "408"],
    [{ statusCode: 488 }, "4xx"],
    [{ statusCode: 503 }, "5xx"],
    [{ statusCode: 603 }, "6xx"],
    [{}, "unanswered"],
    [{ isMissing: true }, "not-sent"],
  ] as const)("that failed with %o are in ours only, as %s", (how, reason) => {
    expect(afterEvents("sip_session", [refresh("failed", how)])).toEqual({
      'sip_session_refreshes_total{by="remote",method="UPDATE",result="failed"}': 1,
      [`sip_session_refresh_failures_total{by="remote",method="UPDATE",reason="${reason}"}`]: 1,
    });
  });
});

describe("calls going on", () => {
  const SIP = 'voiceserver_active_calls{transport="sip"}';
  const STARTED = 'voiceserver_calls_started_total{transport="sip"}';

  it("are active from the answer to the BYE", () => {
    const { recorder, metrics } = fresh();
    const active = (): number | undefined => counted(recorder, "voiceserver_active")[SIP];
    metrics.onSipEvent({ kind: "call-started", atMs: 0, call }, context());
    metrics.onSipEvent(response("caller", 180), context());
    expect(active()).toBeUndefined();
    metrics.onSipEvent(response("caller", 200), context());
    metrics.onSipEvent(response("callee", 200), context());
    expect(active()).toBe(1);
    metrics.onSipEvent(bye(), context());
    expect(active()).toBeUndefined();
    metrics.onSipEvent(bye(), context());
    metrics.onSipEvent(ended(), context());
    metrics.onSipEvent(response("callee", 200), context());
    metrics.onCall(someReport(), { call });
    expect(active()).toBeUndefined();
    expect(counted(recorder, "voiceserver")).toEqual({
      [STARTED]: 1,
      'voiceserver_calls_total{status="ok",transport="sip"}': 1,
    });
  });

  it("keep the transport of their answer to their end", () => {
    const { recorder, metrics } = fresh();
    metrics.onSipEvent(response("caller", 200), context("callee", "webrtc"));
    metrics.onSipEvent(ended(), context("callee", "sip"));
    metrics.onCall(someReport({ transport: "sip", ice: { result: "ok" } }), { call });
    expect(counted(recorder, "voiceserver")).toEqual({
      'voiceserver_calls_started_total{transport="webrtc"}': 1,
      'voiceserver_calls_total{status="ok",transport="webrtc"}': 1,
    });
    expect(counted(recorder, "ice_results")).toEqual({
      'ice_results_total{result="ok",transport="webrtc"}': 1,
    });
  });

  it("are in started, active and over so that the sums agree, whatever comes in which order", () => {
    let state = 7;
    const random = (n: number): number => (state = (state * 48_271) % 2_147_483_647) % n;
    const { recorder, metrics } = fresh();
    const calls = Array.from({ length: 40 }, () => {
      const hasInvite = random(4) > 0;
      return someCall({ hasInvite, wasConfirmed: !hasInvite });
    });
    const sum = (start: string): number =>
      Object.values(counted(recorder, start)).reduce((all, one) => all + one, 0);
    for (let step = 0; step < 600; step += 1) {
      const one = calls[random(40)] ?? call;
      const where = context("callee", random(2) === 0 ? "sip" : "webrtc");
      const event = [response("caller", 200, one), bye(one), ended(one)][random(4)];
      if (event !== undefined) metrics.onSipEvent(event, where);
      else if (random(3) === 0) metrics.onCall(someReport({ transport: "webrtc" }), { call: one });
      expect(sum("voiceserver_active")).toBeGreaterThanOrEqual(0);
    }
    for (const one of calls) metrics.onSipEvent(ended(one), context());
    for (const one of calls) metrics.onCall(someReport(), { call: one });
    expect(sum("voiceserver_active")).toBe(0);
    expect(sum("voiceserver_calls_started")).toBe(40);
    expect(sum("voiceserver_calls_total")).toBe(40);
    for (const transport of ["sip", "webrtc"]) {
      const over = Object.entries(counted(recorder, "voiceserver_calls_total"))
        .filter(([line]) => line.includes(`transport="${transport}"`))
        .reduce((all, [, one]) => all + one, 0);
      const started = counted(recorder, "voiceserver_calls_started");
      expect(over).toBe(started[`voiceserver_calls_started_total{transport="${transport}"}`]);
    }
  });

  it("that were never answered are in none of them", () => {
    const { recorder, metrics } = fresh();
    metrics.onSipEvent(response("caller", 486), context());
    metrics.onSipEvent(ended(), context());
    const outcome = { statusCode: 486, statusClass: "4xx", via: "response" } as const;
    const report = someReport({
      course: {},
      outcome: { ...outcome, attempts: 1, cancelled: false },
    });
    metrics.onCall(report, { call });
    expect(counted(recorder, "voiceserver")).toEqual({});
  });

  it("that began before they could be seen count from the first sign that they are connected", () => {
    const { recorder, metrics } = fresh();
    const begun = someCall({ hasInvite: false, wasConfirmed: true });
    metrics.onSipEvent({ kind: "call-started", atMs: 0, call: begun }, context());
    metrics.onSipEvent(bye(begun), context());
    const outcome = { attempts: 0, cancelled: false, byeReasonClass: "normal" } as const;
    const confidence = [{ kind: "capture-began-late", detail: "" }] as const;
    metrics.onCall(someReport({ course: {}, outcome, confidence }), { call: begun });
    expect(counted(recorder, "voiceserver")).toEqual({
      [STARTED]: 1,
      'voiceserver_calls_total{status="ok",transport="sip"}': 1,
    });
  });

  it.each([
    ["an answer that was not seen", { isAnswerUnseen: true, via: "response" }],
    ["an answer that another hop shows", { statusCode: 200, via: "response" }],
  ] as const)("are connected by %s", (_, facts) => {
    const { recorder, metrics } = fresh();
    const proved = someCall({ ...facts, wasConfirmed: true, answeredAtMs: 3000 });
    metrics.onSipEvent({ kind: "outcome", atMs: 3000, call: proved }, context());
    expect(counted(recorder, "voiceserver")).toEqual({ [SIP]: 1, [STARTED]: 1 });
    expect(counted(recorder, "sip_call_result")).toEqual({
      'sip_call_result_total{class="2xx",direction="inbound",via="response"}': 1,
    });
    metrics.onSipEvent(bye(proved), context());
    metrics.onCall(someReport(), { call: proved });
    expect(counted(recorder, "voiceserver")).toEqual({
      [STARTED]: 1,
      'voiceserver_calls_total{status="ok",transport="sip"}': 1,
    });
  });

  it("are not connected by having begun before they could be seen, where they only rang", () => {
    const { recorder, metrics } = fresh();
    const begun = someCall({ hasInvite: false });
    const outcome = { attempts: 1, cancelled: false } as const;
    const confidence = [{ kind: "capture-began-late", detail: "" }] as const;
    metrics.onSipEvent(ended(begun), context());
    metrics.onCall(someReport({ course: {}, outcome, confidence }), { call: begun });
    expect(counted(recorder, "voiceserver")).toEqual({});
  });

  it("are not connected by a session interval that is refused while they are set up (422)", () => {
    const { recorder, metrics } = fresh();
    const refresh = { atMs: 0, by: "caller", method: "INVITE", result: "422-bumped" } as const;
    metrics.onSipEvent({ kind: "session-refresh", atMs: 0, call, refresh }, context());
    expect(counted(recorder, "voiceserver")).toEqual({});
    const begun = someCall({ hasInvite: false, wasConfirmed: true });
    metrics.onSipEvent({ kind: "session-refresh", atMs: 0, call: begun, refresh }, context());
    expect(counted(recorder, "voiceserver")).toEqual({ [SIP]: 1, [STARTED]: 1 });
  });

  it("are right again after a host has reset its registry", () => {
    const { recorder, metrics } = fresh();
    const [one, other] = [someCall(), someCall()];
    metrics.onSipEvent(response("caller", 200, one), context());
    for (const table of recorder.tables) table.reset();
    metrics.onSipEvent(response("caller", 200, other), context());
    expect(counted(recorder, "voiceserver_active")).toEqual({ [SIP]: 2 });
  });
});

describe("how calls ended", () => {
  const outcome = { statusCode: 200, statusClass: "2xx", attempts: 1, cancelled: false } as const;
  const answered = { answeredAt: "2026-01-02T03:04:08.000000Z" };
  const over = { ...answered, endedAt: "2026-01-02T03:05:08.000000Z" };
  const failed = [{ result: "fail", retransmissions: 0 }] satisfies DtlsReport[];

  it.each<[string, string, Partial<CallReport>]>([
    ["ok", "a normal BYE", { outcome: { ...outcome, byeReasonClass: "normal" } }],
    ["ok", "a user hanging up", { outcome: { ...outcome, byeReasonClass: "user-hangup" } }],
    [
      "ok",
      "a normal BYE although DTLS failed",
      { outcome: { ...outcome, byeReasonClass: "normal" }, security: { dtls: failed } },
    ],
    [
      "timer-expired",
      "a BYE that says so",
      { outcome: { ...outcome, byeReasonClass: "timer-expired" } },
    ],
    ["error", "a BYE with an error", { outcome: { ...outcome, byeReasonClass: "error" } }],
    [
      "ice-failed",
      "a BYE with an error after ICE failed",
      {
        outcome: { ...outcome, byeReasonClass: "error" },
        ice: { result: "failed" },
        security: { dtls: failed },
      },
    ],
    ["ice-failed", "losing connectivity", { outcome, course: answered, ice: { result: "lost" } }],
    ["media-error", "failing DTLS", { outcome, course: over, security: { dtls: failed } }],
    ["timeout", "being abandoned", { outcome: { ...outcome, via: "abandoned" }, course: answered }],
    ["timeout", "nothing more", { outcome, course: answered }],
    ["error", "losing the transport", { outcome, course: over }],
    [
      "other",
      "the end of the capture",
      { outcome, course: answered, confidence: [{ kind: "capture-ended", detail: "" }] },
    ],
  ])("%s: by %s", (status, _, changes) => {
    expect(afterReport("voiceserver_calls_total", someReport(changes))).toEqual({
      [`voiceserver_calls_total{status="${status}",transport="sip"}`]: 1,
    });
  });
});

describe("the record of a call", () => {
  it("counts once, however often it is handed in", () => {
    const { recorder, metrics } = fresh();
    const issues = [{ kind: "no-media", detail: "" }] as const;
    metrics.onCall(someReport({ issues }), { call });
    metrics.onCall(someReport({ issues }), { call });
    expect(counted(recorder, "call_issues")).toEqual({ 'call_issues_total{kind="no-media"}': 1 });
    expect(counted(recorder, "voiceserver_calls_total")).toEqual({
      'voiceserver_calls_total{status="ok",transport="sip"}': 1,
    });
  });

  it("tells of caveats", () => {
    const confidence = [{ kind: "side-assumed", detail: "" }] as const;
    expect(afterReport("call_caveats", someReport({ confidence }))).toEqual({
      'call_caveats_total{kind="side-assumed"}': 1,
    });
  });

  it.each([
    ["ok", "ok"],
    ["fail", "fail"],
    ["timeout", "timeout"],
    ["fingerprint-mismatch", "fingerprint-mismatch"],
    ["no-srtp-profile", "fail"],
    ["no-fingerprint", "fail"],
    ["aborted", undefined],
    ["late-ok", "timeout"],
  ] as const)("tells of a handshake that came to %s", (result, compatible) => {
    const dtls = [{ result, retransmissions: 2, version: "1.2", durationSeconds: 0.2 }];
    const report = someReport({ security: { dtls } });
    expect(afterReport("sip_dtls_handshake_total", report)).toEqual(
      compatible === undefined ? {} : { [`sip_dtls_handshake_total{result="${compatible}"}`]: 1 },
    );
    expect(afterReport("dtls_handshake_results", report)).toEqual({
      [`dtls_handshake_results_total{result="${result}",transport="sip"}`]: 1,
    });
    expect(afterReport("dtls_handshake_retransmissions", report)).toEqual({
      'dtls_handshake_retransmissions_total{transport="sip"}': 2,
    });
    expect(afterReport("dtls_handshake_duration_seconds_count", report)).toEqual({
      'dtls_handshake_duration_seconds_count{transport="sip",version="1.2"}': 1,
    });
  });

  it.each(["verified", "failed", "soft-fail", "no-identity"] as const)(
    "tells of an identity that is %s",
    (result) => {
      const report = someReport({ security: { stir: { result } } });
      expect(afterReport("sip_stir_verify", report)).toEqual({
        [`sip_stir_verify_total{result="${result}"}`]: 1,
      });
    },
  );

  it("tells why an identity could not be judged, and counts it as none of the four", () => {
    const stir = { result: "unverified", attestation: "A", reason: "no-certificate" } as const;
    expect(afterReport("sip_stir", someReport({ security: { stir } }))).toEqual({
      'sip_stir_unverified_total{reason="no-certificate"}': 1,
      'sip_stir_attestation_total{attestation="A",result="unverified"}': 1,
    });
  });

  it("tells why an identity does not hold, and what others made of it", () => {
    const peer = { result: "failed", reason: "403 Stale Date", claimedBy: "response" } as const;
    const stir = { result: "soft-fail", reason: "stale", code: 403, peer } as const;
    expect(afterReport("sip_stir", someReport({ security: { stir } }))).toEqual({
      'sip_stir_verify_total{result="soft-fail"}': 1,
      'sip_stir_failure_total{reason="stale"}': 1,
      'sip_stir_attestation_total{attestation="none",result="soft-fail"}': 1,
      'sip_stir_peer_verdict_total{result="failed"}': 1,
    });
  });

  it("tells of durations, and of early media as of none to wait for", () => {
    const timings = {
      postDialDelaySeconds: 0.2,
      ringSeconds: 3,
      setupSeconds: 3.2,
      durationSeconds: 60,
      disconnectDelaySeconds: 0.01,
      firstMediaDelaySeconds: -1.5,
    };
    const sums = (start: string): Record<string, number> => {
      const found = afterReport(start, someReport({ timings }));
      return Object.fromEntries(
        Object.entries(found).filter(([line]) => /_(sum|count)/.test(line)),
      );
    };
    expect(sums("sip_post_dial_delay_seconds")).toEqual({
      'sip_post_dial_delay_seconds_sum{direction="inbound"}': 0.2,
      'sip_post_dial_delay_seconds_count{direction="inbound"}': 1,
    });
    expect(sums("sip_setup_seconds_sum")).toEqual({
      'sip_setup_seconds_sum{direction="inbound"}': 3.2,
    });
    expect(sums("sip_call_duration_seconds_sum")).toEqual({
      'sip_call_duration_seconds_sum{direction="inbound",transport="sip"}': 60,
    });
    expect(sums("sip_first_media_delay_seconds")).toEqual({
      'sip_first_media_delay_seconds_count{direction="inbound",transport="sip"}': 1,
    });
  });

  it("tells of connectivity", () => {
    const report = someReport({ ice: { result: "ok", durationSeconds: 0.03, restarts: 2 } });
    expect(afterReport("ice_restarts", report)).toEqual({
      'ice_restarts_total{transport="sip"}': 2,
    });
    expect(afterReport("ice_connect_duration_seconds_count", report)).toEqual({
      'ice_connect_duration_seconds_count{transport="sip"}': 1,
    });
  });
});
