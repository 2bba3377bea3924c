import { describe, expect, it } from "vitest";

import { CONFIDENCE_KINDS, ISSUE_KINDS } from "../../src/call/call-report.js";
import { CATALOGUE } from "../../src/metrics/catalogue.js";
import { exposition } from "../../src/metrics/exposition.js";
import type { Family } from "../../src/metrics/family.js";
import { LABEL_VALUES } from "../../src/metrics/label-values.js";
import { Recorder } from "../../src/metrics/recorder.js";

const families: readonly (readonly [string, Family])[] = Object.entries(CATALOGUE);

/** Lines of one family of a recorder that has seen nothing. */
function freshLines(name: string): string[] {
  return exposition(new Recorder())
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name}_`) || line === name);
}

/** Every combination of label values, the last label varying fastest, each series at 0. */
function zeros(name: string, labels: Readonly<Record<string, readonly string[]>>): string[] {
  const combinations = Object.entries(labels).reduce<string[][]>(
    (all, [key, values]) => all.flatMap((one) => values.map((v) => [...one, `${key}="${v}"`])),
    [[]],
  );
  return combinations.map((pairs) => `${name}{${pairs.sort().join(",")}} 0`);
}

const DIRECTION = ["inbound", "outbound"];
const TRANSPORT = ["sip", "webrtc"];

// What scrapes and dashboards of voice servers rely on: names, labels, values, nothing else.
const COMPATIBLE: readonly [string, Record<string, readonly string[]>, number][] = [
  [
    "sip_invite_result_total",
    { direction: DIRECTION, class: ["1xx", "2xx", "3xx", "4xx", "5xx", "6xx"] },
    12,
  ],
  [
    "sip_bye_total",
    {
      direction: DIRECTION,
      by: ["local", "remote"],
      reason_class: ["normal", "timer-expired", "error", "user-hangup"],
    },
    16,
  ],
  ["sip_transaction_timeout_total", { method: ["INVITE", "BYE", "UPDATE", "other"] }, 4],
  [
    "sip_session_timer_refresh_total",
    { result: ["ok", "422-bumped", "422-gave-up", "481", "role-swap"] },
    5,
  ],
  ["sip_dtls_handshake_total", { result: ["ok", "fail", "timeout", "fingerprint-mismatch"] }, 4],
  ["sip_stir_verify_total", { result: ["verified", "failed", "soft-fail", "no-identity"] }, 4],
  ["voiceserver_active_calls", { transport: TRANSPORT }, 2],
  ["voiceserver_calls_started_total", { transport: TRANSPORT }, 2],
  [
    "voiceserver_calls_total",
    {
      transport: TRANSPORT,
      status: [
        "ok",
        "error",
        "dialog-hangup",
        "timer-expired",
        "ice-failed",
        "pipeline-error",
        "media-error",
        "timeout",
        "other",
      ],
    },
    18,
  ],
];

describe("the compatible families", () => {
  it.each(COMPATIBLE)("%s has every series from the start, at 0", (name, labels, count) => {
    expect(freshLines(name)).toEqual(zeros(name, labels));
    expect(freshLines(name)).toHaveLength(count);
  });

  it.each([
    "sip_call_rtt_ms",
    "sip_call_jitter_ms",
    "sip_call_loss_fraction",
    "sip_call_mos_estimate",
  ])("%s is a summary without labels, and without quantiles of nothing", (name) => {
    expect(freshLines(name)).toEqual([`${name}_sum 0`, `${name}_count 0`]);
    expect(exposition(new Recorder())).toContain(`# TYPE ${name} summary\n`);
  });

  it("counts each way a call attempt can come out", () => {
    expect(freshLines("sip_call_result_total")).toEqual(
      zeros("sip_call_result_total", {
        direction: DIRECTION,
        class: ["2xx", "3xx", "4xx", "5xx", "6xx", "none"],
        via: ["response", "timeout", "transport-error", "local-abort", "abandoned"],
      }),
    );
  });
});

describe("the catalogue", () => {
  it("lists the kinds of issues and caveats that records have", () => {
    expect(LABEL_VALUES["issue-kind"]).toEqual(ISSUE_KINDS);
    expect(LABEL_VALUES["confidence-kind"]).toEqual(CONFIDENCE_KINDS);
  });

  it("has no label that names one call, party or stream", () => {
    // Of a session only a sampled hash is ever a label, and not unless it is asked for.
    const labels = new Set(
      families.flatMap(([, family]) =>
        family.labels.filter(([, list]) => list !== "session").map(([name]) => name),
      ),
    );
    expect(LABEL_VALUES.session).toEqual({ recent: 0 });
    expect([...labels].filter((name) => /id$|ssrc|address|number|user|party/i.test(name))).toEqual(
      [],
    );
  });

  it.each(families.filter(([, { origin }]) => origin === "mediaprobe"))(
    "%s has its base unit in its name",
    (name, { unit }) => {
      expect(unit).not.toBe("milliseconds");
      if (["seconds", "ratio", "bytes"].includes(unit)) {
        expect(name.replace(/_total$/, "")).toMatch(new RegExp(`_${unit}$`));
      }
    },
  );

  it.each(families)("%s says in whole sentences what it counts, and when", (_, family) => {
    expect(family.help).toMatch(/^[A-Z].+\.$/);
    expect(family.help).not.toContain("\n");
    expect(family.when).toMatch(/\.$/);
  });

  it("cuts scores at the bands of ITU-T G.109", () => {
    const bands = [2.58, 3.1, 3.6, 4.03, 4.34];
    for (const name of ["rtp_call_mos_cq", "rtp_call_mos_lq"] as const) {
      expect(CATALOGUE[name].buckets).toEqual(expect.arrayContaining(bands));
    }
  });

  it.each(["jitter_seconds", "delay_variation_seconds", "loss_ratio", "mos_lq", "mos_cq"] as const)(
    "cuts %s of calls and of intervals at the same edges",
    (figure) => {
      const byCall = CATALOGUE[`rtp_call_${figure}`];
      const byInterval = CATALOGUE[`rtp_interval_${figure}`];
      expect(byCall.buckets).toEqual(byInterval.buckets);
    },
  );
});
