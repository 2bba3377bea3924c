import { describe, expect, it } from "vitest";

import * as publicNames from "../../src/index.js";
import * as constants from "../../src/metrics/constants.js";
import { labelsCall, labelsDialogOutcome } from "../../src/metrics/constants.js";
import { defaultMetrics } from "../../src/metrics/default-metrics.js";
import { exposition } from "../../src/metrics/exposition.js";
import { KnownIds } from "../../src/metrics/known-ids.js";
import { Recorder } from "../../src/metrics/recorder.js";
import { VoiceServerMetrics } from "../../src/metrics/voiceserver-metrics.js";

/** Helpers, and the lines that are not 0. */
function helpers(): { metrics: VoiceServerMetrics; recorder: Recorder; moved: () => string[] } {
  const recorder = new Recorder();
  const moved = (): string[] =>
    exposition(recorder)
      .split("\n")
      .filter((line) => /^[^#]/.test(line) && !line.endsWith(" 0"));
  return { metrics: new VoiceServerMetrics(recorder), recorder, moved };
}

type Metrics = VoiceServerMetrics;

describe("a helper", () => {
  it.each<[string, (metrics: Metrics) => void, string]>([
    [
      "inviteResult",
      (m) => {
        m.inviteResult("inbound", 486);
      },
      'sip_invite_result_total{class="4xx",direction="inbound"}',
    ],
    [
      "bye",
      (m) => {
        m.bye("inbound", "remote", "user-hangup");
      },
      'sip_bye_total{by="remote",direction="inbound",reason_class="user-hangup"}',
    ],
    [
      "bye without a direction",
      (m) => {
        m.bye("local", "timer-expired");
      },
      'sip_bye_total{by="local",direction="outbound",reason_class="timer-expired"}',
    ],
    [
      "transactionTimeout",
      (m) => {
        m.transactionTimeout("BYE");
      },
      'sip_transaction_timeout_total{method="BYE"}',
    ],
    [
      "transactionTimeout of a rarer method",
      (m) => {
        m.transactionTimeout("OPTIONS");
      },
      'sip_transaction_timeout_total{method="other"}',
    ],
    [
      "sessionTimerRefresh",
      (m) => {
        m.sessionTimerRefresh("422-gave-up");
      },
      'sip_session_timer_refresh_total{result="422-gave-up"}',
    ],
    [
      "dtlsHandshake",
      (m) => {
        m.dtlsHandshake("fingerprint-mismatch");
      },
      'sip_dtls_handshake_total{result="fingerprint-mismatch"}',
    ],
    [
      "stirVerify",
      (m) => {
        m.stirVerify("soft-fail");
      },
      'sip_stir_verify_total{result="soft-fail"}',
    ],
    [
      "voiceAttach",
      (m) => {
        m.voiceAttach("realtime", false);
      },
      'sip_voice_attach_total{mode="realtime",result="config_error"}',
    ],
    [
      "voiceAttachModeFallback",
      (m) => {
        m.voiceAttachModeFallback("pipeline", "realtime");
      },
      'sip_voice_attach_mode_fallback_total{from="pipeline",to="realtime"}',
    ],
    [
      "voiceAttachModeFallback from cascaded",
      (m) => {
        m.voiceAttachModeFallback("cascaded", "realtime");
      },
      'sip_voice_attach_mode_fallback_total{from="cascaded",to="realtime"}',
    ],
    [
      "voiceAttachNative",
      (m) => {
        m.voiceAttachNative(true);
      },
      'sip_voice_attach_native_total{result="ok"}',
    ],
    [
      "bargeIn",
      (m) => {
        m.bargeIn("webrtc");
      },
      'voiceserver_barge_in_total{transport="webrtc"}',
    ],
    [
      "asrError",
      (m) => {
        m.asrError("sip");
      },
      'voiceserver_asr_errors_total{transport="sip"}',
    ],
    [
      "ttsError",
      (m) => {
        m.ttsError("sip");
      },
      'voiceserver_tts_errors_total{transport="sip"}',
    ],
    [
      "dialogReconnect",
      (m) => {
        m.dialogReconnect("sip", "fail");
      },
      'voiceserver_dialog_reconnect_total{outcome="fail",transport="sip"}',
    ],
  ])("%s moves its series, and no other", (_, update, series) => {
    const { metrics, moved } = helpers();
    update(metrics);
    expect(moved()).toEqual([`${series} 1`]);
  });

  it("dialogReconnect takes how long it took, too", () => {
    const { metrics, moved } = helpers();
    metrics.dialogReconnect("sip", "ok", 0.2);
    expect(moved()).toContain(
      'voiceserver_dialog_reconnect_seconds_sum{outcome="ok",transport="sip"} 0.2',
    );
  });

  it.each([
    ["observeE2eFirstByte", "voiceserver_e2e_first_byte"],
    ["observeTtsFirstByte", "voiceserver_tts_first_byte"],
    ["observeLlmFirstByte", "voiceserver_llm_first_byte"],
  ] as const)("%s takes milliseconds above 0 only, in seconds too", (helper, family) => {
    const { metrics, moved } = helpers();
    for (const milliseconds of [0, -3, Number.NaN, 180]) metrics[helper](milliseconds);
    expect(moved()).toContain(`${family}_ms_sum 180`);
    expect(moved()).toContain(`${family}_ms_count 1`);
    expect(moved()).toContain(`${family}_seconds_sum 0.18`);
    expect(moved()).toContain(`${family}_seconds_count 1`);
  });

  it.each([99, 700, 0, -100, Number.NaN, Infinity])("counts no response with code %d", (code) => {
    const { metrics, moved } = helpers();
    metrics.inviteResult("inbound", code);
    expect(moved()).toEqual([]);
  });

  it("only notes modes of attachment that are not listed", () => {
    const { metrics, moved } = helpers();
    metrics.voiceAttach("hybrid" as "realtime", true);
    metrics.voiceAttachModeFallback("realtime" as "pipeline", "realtime");
    metrics.voiceAttachModeFallback("pipeline", "cascaded" as "realtime");
    expect(moved()).toEqual([
      'metrics_unknown_value_total{key="mode",metric="sip_voice_attach_total"} 1',
      'metrics_unknown_value_total{key="from",metric="sip_voice_attach_mode_fallback_total"} 1',
      'metrics_unknown_value_total{key="to",metric="sip_voice_attach_mode_fallback_total"} 1',
    ]);
  });

  it("counts values that are not listed as other, once each family warned of", () => {
    const { metrics, moved } = helpers();
    metrics.dtlsHandshake("exploded" as "ok");
    metrics.bargeIn("carrier-pigeon" as "sip");
    expect(moved()).toEqual([
      'metrics_unknown_value_total{key="result",metric="sip_dtls_handshake_total"} 1',
      'metrics_unknown_value_total{key="transport",metric="voiceserver_barge_in_total"} 1',
      'sip_dtls_handshake_total{result="other"} 1',
      'voiceserver_barge_in_total{transport="other"} 1',
    ]);
  });
});

describe("the figures of a call", () => {
  it("are taken as far as they are known; a measured loss of 0 is", () => {
    const { metrics, moved, recorder } = helpers();
    metrics.observeCallQos({ rttMs: 0, jitterMs: 0, lossFraction: 0, mosEstimate: 0 });
    metrics.observeCallQos({});
    expect(moved()).toEqual(["sip_call_loss_fraction_count 1"]);
    expect(recorder.summary("sip_call_mos_estimate").at().count).toBe(0);
  });

  it.each([
    ["a negative RTT", { rttMs: -1 }],
    ["jitter that is no number", { jitterMs: Number.NaN }],
    ["a loss above 1", { lossFraction: 1.01 }],
    ["a score above 5", { mosEstimate: 5.5 }],
    ["a score below 1", { mosEstimate: 0.5 }],
  ])("are not taken with %s, which is noted", (_, qos) => {
    const { metrics, moved } = helpers();
    metrics.observeCallQos(qos);
    expect(moved()).toHaveLength(1);
    expect(moved()[0]).toMatch(/^metrics_ignored_samples_total/);
  });

  it("are taken once a call", () => {
    const { metrics, recorder } = helpers();
    for (let i = 0; i < 3; i += 1) metrics.observeCallQos({ rttMs: 40 }, "a@b");
    metrics.observeCallQos({ rttMs: 50 }, "c@d");
    expect(recorder.summary("sip_call_rtt_ms").at().count).toBe(2);
  });
});

describe("calls that start and end", () => {
  it("are counted once each, whatever is told again", () => {
    const { metrics, moved } = helpers();
    for (let i = 0; i < 2; i += 1) metrics.callStarted("1", "webrtc");
    metrics.callStarted("2", "webrtc");
    expect(moved()).toContain('voiceserver_active_calls{transport="webrtc"} 2');
    // It is over under the transport it started with.
    for (let i = 0; i < 2; i += 1) metrics.callEnded("1", "sip", "ok");
    metrics.callStarted("1", "webrtc");
    expect(moved()).toEqual([
      'voiceserver_active_calls{transport="webrtc"} 1',
      'voiceserver_calls_started_total{transport="webrtc"} 2',
      'voiceserver_calls_total{status="ok",transport="webrtc"} 1',
    ]);
  });

  it("never make the gauge negative: an end without a start counts for both", () => {
    const { metrics, moved } = helpers();
    for (let i = 0; i < 2; i += 1) metrics.callEnded("1", "sip", "ice-failed");
    expect(moved()).toEqual([
      'voiceserver_calls_started_total{transport="sip"} 1',
      'voiceserver_calls_total{status="ice-failed",transport="sip"} 1',
    ]);
  });

  it("are given up for room, the oldest first, and are over then", () => {
    const evicted: string[] = [];
    const calls = new KnownIds<string>((state) => evicted.push(state), 2);
    for (const id of ["a", "b", "c"]) calls.begin(id, id.toUpperCase());
    expect(evicted).toEqual(["A"]);
    expect(calls.has("a")).toBe(true);
    expect(calls.end("a")).toBeUndefined();
    expect(calls.end("b")).toBe("B");
  });

  it("forgets ended ones only after many others", () => {
    const calls = new KnownIds<string>(() => undefined);
    for (let i = 0; i <= 10_000; i += 1) calls.end(String(i));
    expect(calls.has("0")).toBe(false);
    expect(calls.has("1")).toBe(true);
    expect(calls.has("10000")).toBe(true);
  });
});

describe("names and values for code that is carried over", () => {
  it("are those that are scraped", () => {
    const names = Object.values(constants.METRIC);
    const recorder = new Recorder();
    for (const name of names) expect(recorder.tableOf(name)?.name).toBe(name);
    expect(new Set(names).size).toBe(names.length);
    expect(constants.LABEL_SESSION_ID).toBe("session_id");
  });

  it.each([
    ["DIRECTION_INBOUND", "inbound"],
    ["DIRECTION_OUTBOUND", "outbound"],
    ["BYE_BY_LOCAL", "local"],
    ["BYE_BY_REMOTE", "remote"],
    ["BYE_REASON_NORMAL", "normal"],
    ["BYE_REASON_TIMER_EXPIRED", "timer-expired"],
    ["BYE_REASON_ERROR", "error"],
    ["BYE_REASON_USER_HANGUP", "user-hangup"],
    ["REFRESH_RESULT_OK", "ok"],
    ["REFRESH_422_BUMPED", "422-bumped"],
    ["REFRESH_422_GAVE_UP", "422-gave-up"],
    ["REFRESH_481_DIALOG_GONE", "481"],
    ["REFRESH_ROLE_SWAPPED_TO_UAS", "role-swap"],
    ["DTLS_RESULT_OK", "ok"],
    ["DTLS_RESULT_FAIL", "fail"],
    ["DTLS_RESULT_TIMEOUT", "timeout"],
    ["DTLS_RESULT_FINGERPRINT_MISMATCH", "fingerprint-mismatch"],
    ["STIR_RESULT_VERIFIED", "verified"],
    ["STIR_RESULT_FAILED", "failed"],
    ["STIR_RESULT_SOFT_FAIL", "soft-fail"],
    ["STIR_RESULT_NO_IDENT", "no-identity"],
    ["VOICE_ATTACH_MODE_CASCADED", "cascaded"],
    ["VOICE_ATTACH_MODE_REALTIME", "realtime"],
    ["VOICE_ATTACH_RESULT_OK", "ok"],
    ["VOICE_ATTACH_RESULT_CONFIG_ERROR", "config_error"],
  ] as const)("%s is %s, and public", (name, value) => {
    expect(publicNames[name]).toBe(value);
  });

  it("are the same objects each time, and cannot be changed", () => {
    const labels = labelsCall("sip", "dialog-hangup");
    expect(labelsCall("sip", "dialog-hangup")).toBe(labels);
    expect(labels).toEqual({ transport: "sip", status: "dialog-hangup" });
    expect(labelsDialogOutcome("webrtc", "ok")).toBe(labelsDialogOutcome("webrtc", "ok"));
    expect(Object.isFrozen(labels)).toBe(true);
    expect(Object.isFrozen(constants.LABELS_TRANSPORT_SIP)).toBe(true);
    expect(labelsCall("sip", "so-so" as "ok")).toEqual({ transport: "sip", status: "so-so" });
  });
});

describe("the metrics of the process", () => {
  it("are the same for all, and warn through the process, once", async () => {
    const { helpers: metrics, registry, recorder } = defaultMetrics();
    expect(defaultMetrics().recorder).toBe(recorder);
    const warnings: Error[] = [];
    const listen = (warning: Error): void => {
      warnings.push(warning);
    };
    process.on("warning", listen);
    for (let i = 0; i < 2; i += 1) metrics.stirVerify("maybe" as "failed");
    registry.incCounter("mine_total", "Mine.");
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", listen);
    expect(warnings.map(({ name, message }) => `${name}: ${message}`)).toEqual([
      'MediaprobeMetricsWarning: sip_stir_verify_total: "result" has a value that is not listed; it is counted as another',
    ]);
    expect(exposition(recorder)).toContain("mine_total 1\n");
  });
});
