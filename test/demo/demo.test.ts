import { describe, expect, it } from "vitest";

import type { CallReport } from "../../src/call/call-report.js";
import type { Ladder } from "../../src/call/ladder.js";
import { startDemo } from "../../src/demo/demo.js";
import { muLaw } from "../../src/demo/speech.js";
import { until } from "../attach/support/werift-pair.js";

describe("the demonstration", () => {
  it(
    "places calls that end in every way, and the probe tells the good from the bad",
    {
      timeout: 30_000,
    },
    async () => {
      const demo = await startDemo({ port: 0 });
      const ended: CallReport[] = [];
      demo.probe.on("end", (call) => ended.push(call));
      const issues: string[] = [];
      demo.probe.on("issue", ({ kind }) => issues.push(kind));
      try {
        const calls = (): CallReport[] => [...demo.probe.snapshot().calls];
        const flowing = (callee: string): CallReport | undefined =>
          calls().find(
            ({ callee: to, streams }) =>
              to?.uri === `sip:${callee}@127.0.0.1` &&
              streams.some((stream) => stream.packetsReceived > 200),
          );
        await until(() => flowing("impaired") !== undefined && flowing("clean") !== undefined);
        const metrics = await (await fetch(`${demo.server.url}/metrics`)).text();
        expect(metrics).toMatch(/^voiceserver_active_calls\{transport="webrtc"\} 2$/m);
        expect(metrics).toMatch(
          /^sip_invite_result_total\{class="4xx",direction="inbound"\} [1-9]/m,
        );
        const listed = (await (await fetch(`${demo.server.url}/calls`)).json()) as {
          calls: { state: string; call: CallReport }[];
        };
        expect(listed.calls.filter(({ state }) => state === "open").length).toBeGreaterThan(1);
        const { callId = "" } = flowing("clean") ?? {};
        const { ladder } = (await (
          await fetch(`${demo.server.url}/calls/${encodeURIComponent(callId)}/ladder`)
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
      const of = (callee: string): CallReport => {
        const found = ended.find(({ callee: to }) => to?.uri === `sip:${callee}@127.0.0.1`);
        if (found === undefined) throw new Error(`no call to ${callee}`);
        return found;
      };
      expect(of("busy").outcome).toMatchObject({ statusCode: 486, via: "response" });
      expect(of("slow").outcome).toMatchObject({ cancelled: true, statusCode: 487 });
      const clean = of("clean");
      expect(clean).toMatchObject({
        transport: "webrtc",
        outcome: { statusCode: 200, endedBy: "caller", endedBySide: "remote" },
        security: { srtpKeying: "dtls", dtls: [{ result: "ok", clientParty: "callee" }] },
        ice: { result: "ok" },
        localParty: "callee",
      });
      expect(clean.streams).toHaveLength(2);
      expect(clean.streams.map(({ packetsMissing }) => packetsMissing)).toEqual([0, 0]);
      const impaired = of("impaired").streams.find(
        ({ direction }) => direction === "caller-to-callee",
      );
      expect(impaired?.packetsMissing).toBeGreaterThan(0);
      // 60 ms each way, and half of the jitter.
      expect(of("impaired").rtt?.measured?.minSeconds).toBeGreaterThan(0.12);
      expect(of("impaired").quality?.callerToCallee?.mosCq).toBeLessThan(
        clean.quality?.callerToCallee?.mosCq ?? 0,
      );
      await demo.server.close();
      await demo.probe.close();
      expect(demo.probe.snapshot()).toMatchObject({ calls: [], agents: [], connections: [] });
    },
  );

  it("speaks G.711 as the standard has it", () => {
    // ITU-T G.711, table 2a: the ends, and the values around zero.
    expect([0, -1, 32_635, -32_635, 8, -8].map(muLaw)).toEqual([
      0xff, 0x7f, 0x80, 0x00, 0xfe, 0x7e,
    ]);
  });
});
