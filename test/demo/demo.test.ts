import { describe, expect, it } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import type { Ladder } from "../../src/call/ladder.js";
import { startDemo } from "../../src/demo/demo.js";
import { muLaw } from "../../src/demo/speech.js";
import { exposition } from "../../src/metrics/exposition.js";
import type { Probe } from "../../src/probe.js";
import { until } from "../attach/support/werift-pair.js";

/** The calls come round every dozen seconds: where one round was too short, another is waited for. */
const WITHIN_MS = 150_000;

interface Round {
  readonly clean: CallReport;
  readonly impaired: CallReport;
  /** As it is while both are up. */
  readonly metrics: string;
}

/** The talks of a round while both are up and have shown what they are to show. */
function roundOf(probe: Probe): Round | undefined {
  const up = (callee: string): CallReport | undefined =>
    probe.snapshot().calls.find(
      (call) =>
        calls(call, callee) &&
        call.course.endedAt === undefined &&
        // A stack may give up a handshake where the machine stalled.
        call.security.dtls?.[0]?.result === "ok" &&
        call.streams.some((stream) => stream.packetsReceived > 200),
    );
  const [clean, impaired] = [up("clean"), up("impaired")];
  if (clean === undefined || impaired === undefined) return undefined;
  // Chance may spare it for a while.
  const isImpaired = sentBy(impaired)?.packetsMissing ?? 0;
  if (isImpaired === 0 || impaired.rtt?.measured === undefined) return undefined;
  return { clean, impaired, metrics: exposition(probe.recorder) };
}

function calls({ callee }: CallReport, user: string): boolean {
  return callee?.uri === `sip:${user}@127.0.0.1`;
}

function sentBy({ streams }: CallReport): CallReport["streams"][number] | undefined {
  return streams.find(({ direction }) => direction === "caller-to-callee");
}

describe("the demonstration", () => {
  it(
    "places calls that end in every way, and the probe tells the good from the bad",
    async () => {
      const demo = await startDemo({ port: 0 });
      const { probe, server } = demo;
      const ended: CallReport[] = [];
      probe.on("end", (call) => ended.push(call));
      const endOf = (user: string): CallReport | undefined =>
        ended.find((call) => calls(call, user));
      let round: Round | undefined;
      try {
        await until(() => {
          round ??= roundOf(probe);
          return round !== undefined && endOf("busy") !== undefined && endOf("slow") !== undefined;
        }, WITHIN_MS);
        const metrics = await (await fetch(`${server.url}/metrics`)).text();
        expect(metrics).toMatch(
          /^sip_invite_result_total\{class="4xx",direction="inbound"\} [1-9]/m,
        );
        const listed = (await (await fetch(`${server.url}/calls`)).json()) as {
          calls: { call: CallReport }[];
        };
        const callId = round?.clean.callId ?? "";
        expect(listed.calls.map(({ call }) => call.callId)).toContain(callId);
        const { ladder } = (await (
          await fetch(`${server.url}/calls/${encodeURIComponent(callId)}/ladder`)
        ).json()) as { ladder: Ladder };
        // Each once and where it happened: between the answer and the media that needs them.
        const steps = ladder.steps.map((step) =>
          step.kind === "message" ? step.label : step.kind,
        );
        const places = ["INVITE (SDP)", "ice", "dtls", "media"].map((step) => steps.indexOf(step));
        expect(places).toEqual(places.toSorted((a, b) => a - b));
        expect(places).not.toContain(-1);
        expect(steps.filter((step) => step === "ice" || step === "dtls")).toHaveLength(2);
      } finally {
        await demo.stop();
      }
      expect(round?.metrics).toMatch(/^voiceserver_active_calls\{transport="webrtc"\} 2$/m);
      const record = (call: CallReport | undefined): CallReport => {
        const found = ended.find(({ callId }) => callId === call?.callId);
        if (found === undefined) throw new Error(`${call?.callId ?? "no call"} has not ended`);
        return found;
      };
      expect(endOf("busy")?.outcome).toMatchObject({ statusCode: 486, via: "response" });
      expect(endOf("slow")?.outcome).toMatchObject({ cancelled: true, statusCode: 487 });
      const [clean, impaired] = [record(round?.clean), record(round?.impaired)];
      expect(clean).toMatchObject({
        transport: "webrtc",
        outcome: { statusCode: 200, endedBy: "caller", endedBySide: "remote" },
        security: { srtpKeying: "dtls", dtls: [{ result: "ok", clientParty: "callee" }] },
        ice: { result: "ok" },
        localParty: "callee",
      });
      expect(clean.streams).toHaveLength(2);
      expect(clean.streams.map(({ packetsMissing }) => packetsMissing)).toEqual([0, 0]);
      expect(sentBy(impaired)?.packetsMissing).toBeGreaterThan(0);
      // 60 ms each way, and half of the jitter.
      expect(impaired.rtt?.measured?.minSeconds).toBeGreaterThan(0.12);
      // How late packets are is also a matter of the machine; how many are lost is not.
      expect(impaired.quality?.callerToCallee?.costs.randomLoss).toBeGreaterThan(0);
      expect(clean.quality?.callerToCallee?.costs.randomLoss).toBe(0);
      await server.close();
      await probe.close();
      expect(probe.snapshot()).toMatchObject({ calls: [], agents: [], connections: [] });
    },
    2 * WITHIN_MS,
  );

  it("speaks G.711 as the standard has it", () => {
    // ITU-T G.711, table 2a: the ends, and the values around zero.
    expect([0, -1, 32_635, -32_635, 8, -8].map(muLaw)).toEqual([
      0xff, 0x7f, 0x80, 0x00, 0xfe, 0x7e,
    ]);
  });
});
