import { describe, expect, it } from "vitest";

import type { Ladder, LadderFacts } from "../../src/call/ladder.js";
import { displayWidth } from "../../src/report/display-text.js";
import { ladderText, type LadderTextOptions } from "../../src/report/ladder-text.js";
import { plain } from "../../src/report/tone.js";
import { ALICE, BOB, ladder, PROXY, said } from "./ladder-samples.js";
import { at, failedCall } from "./samples.js";

const OPTIONS: LadderTextOptions = { width: 140, paint: plain, isAscii: false };

function drawn(one: Ladder, overrides: Partial<LadderTextOptions> = {}): string {
  return [...ladderText(one, { ...OPTIONS, ...overrides })].join("\n");
}

const HANDSHAKE: LadderFacts["handshakes"][number] = {
  association: {
    client: { address: "10.0.2.2", port: 50002 },
    server: { address: "10.0.1.1", port: 40000 },
    startedAtMs: Date.parse(at(0.01)),
  },
  handshake: {
    result: "ok",
    durationSeconds: 0.045,
    version: "1.2",
    cipher: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    srtpProfile: "SRTP_AES128_CM_HMAC_SHA1_80",
    retransmissions: 1,
  },
};

describe("ladderText", () => {
  it("draws messages, retransmissions, pauses, the handshake and the media between the parties", () => {
    expect(drawn(ladder({ handshakes: [HANDSHAKE] }))).toMatchInlineSnapshot(`
      "alice → bob, from 2024-05-03 11:59:56 UTC
      Call-ID a84b4c76e66710@pc33.atlanta.example.com

                   alice                                                    bob
               10.0.1.1:5060                                           10.0.2.2:5060
               baresip v3.14                                           Linphone/5.2
                     │                                                       │
       0.000         │─ INVITE (SDP) ───────────────────────────────────────►│
                     │ audio: PCMU, PCMA, telephone-event                    │
       0.500         │┄ INVITE (SDP), again ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄►│
       0.505         │◄─ 100 Trying (INVITE) ────────────────────────────────│
       1.200         │◄─ 180 Ringing (INVITE) ───────────────────────────────│
                     ┊ … 2.20 s …                                            ┊
       3.400         │◄─ 200 OK (INVITE, SDP) ───────────────────────────────│
                     │ audio: PCMU, PCMA, telephone-event                    │
       3.400         │═ PCMU/8000, 500 packets, nothing lost, MOS 4.41N ════►│
                     │ 10.0.1.1:40000 → 10.0.2.2:50002 for 9.98 s            │
       3.400         │◄═ PCMU/8000, 465 packets, 7.0 % lost, MOS 3.43N ══════│
                     │ 10.0.2.2:50002 → 10.0.1.1:40000 for 9.98 s            │
       3.402         │─ ACK ────────────────────────────────────────────────►│
       3.410         │◄─ DTLS 1.2 ok after 45 ms ────────────────────────────│
                     │ 1 retransmission, SRTP_AES128_CM_HMAC_SHA1_80,        │
                     │ TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256               │
                     ┊ … 9.99 s …                                            ┊
      13.400         │◄─ BYE ────────────────────────────────────────────────│
                     │ Reason: Q.850;cause=16;text="Normal call clearing"    │
      13.404         │─ 200 OK (BYE) ───────────────────────────────────────►│
                     │                                                       │

      Outcome: 200 OK; rang after 1.20 s, answered after 3.40 s, lasted 10.0 s
      the callee hung up"
    `);
  });

  it("puts labels over arrows that are too short for them, within 80 columns", () => {
    const proxied = [
      said(0, [ALICE, PROXY], "INVITE sip:bob@biloxi.example.com SIP/2.0", { sdp: true }),
      said(0.001, [PROXY, ALICE], "SIP/2.0 100 Giving a try, with quite some words", {
        method: "INVITE",
      }),
      said(0.004, [PROXY, BOB], "INVITE sip:bob@biloxi.example.com SIP/2.0", { sdp: true }),
      said(0.005, [BOB, BOB], "OPTIONS sip:bob@biloxi.example.com SIP/2.0"),
      said(0.006, [PROXY, PROXY], "OPTIONS sip:proxy.example.com SIP/2.0"),
      said(1.2, [BOB, PROXY], "SIP/2.0 486 Busy Here", {
        method: "INVITE",
        fields: ['Reason: Q.850;cause=17;text="User busy"'],
      }),
      said(1.203, [PROXY, ALICE], "SIP/2.0 486 Busy Here", { method: "INVITE" }),
    ];
    const one = ladder({ messages: proxied, call: failedCall() });
    const text = drawn(one, { width: 80 });
    expect(text).toMatchInlineSnapshot(`
      "alice → bob, from 2024-05-03 12:00:00 UTC
      Call-ID busy@atlanta.example.com

                  alice                    10.0.3.3:5060                     bob
              10.0.1.1:5060                                             10.0.2.2:5060
              baresip v3.14
                    │                            │                            │
      0.000         │─ INVITE (SDP) ────────────►│                            │
                    │ audio: PCMU, PCMA,         │                            │
                    │ telephone-event            │                            │
      0.001         │ 100 Giving a try, with     │                            │
                    │ quite some words (INVITE)  │                            │
                    │◄───────────────────────────│                            │
      0.004         │                            │─ INVITE (SDP) ────────────►│
                    │                            │ audio: PCMU, PCMA,         │
                    │                            │ telephone-event            │
      0.005         │                            │                  OPTIONS ↻ │
      0.006         │                            │ ↻ OPTIONS                  │
      1.200         │                            │◄─ 486 Busy Here (INVITE) ──│
                    │                            │ Reason:                    │
                    │                            │ Q.850;cause=17;text="User  │
                    │                            │ busy"                      │
      1.203         │◄─ 486 Busy Here (INVITE) ──│                            │
                    │                            │                            │

      Outcome: 486 Busy Here"
    `);
    expect(text.split("\n").filter((line) => displayWidth(line) > 80)).toEqual([]);
  });

  it("draws the same with ASCII alone", () => {
    const one = ladder();
    const ascii = drawn(one, { isAscii: true });
    expect(ascii).toMatch(/^[\n\x20-\x7e]*$/);
    expect(ascii.split("\n").map((line) => line.length)).toEqual(
      drawn(one).split("\n").map(displayWidth),
    );
    expect(ascii).toContain("|- INVITE (SDP) ---");
    expect(ascii).toContain("|. INVITE (SDP), again ....");
    expect(ascii).toMatch(/\|<= PCMU\/8000, 465 packets, 7\.0 % lost, MOS 3\.43N =+\|/);
  });

  it("keeps its lifelines straight whatever the names are", () => {
    const wide = "通話".repeat(30);
    const text = drawn(
      ladder(
        {
          messages: [
            said(0, [ALICE, BOB], `INVITE sip:${wide} SIP/2.0`, { fields: [`Reason: ${wide}`] }),
          ],
        },
        { callId: wide, caller: { uri: `sip:${wide}@x`, endpoint: ALICE, userAgent: wide } },
      ),
      { width: 60 },
    );
    const rows = text.split("\n").filter((line) => line.includes("│"));
    const places = rows.map((line) =>
      [...line.matchAll(/│/g)].map(({ index }) => displayWidth(line.slice(0, index))),
    );
    expect(new Set(places.map((some) => `${some.join(" ")} of ${some.length}`)).size).toBe(1);
  });

  it("colours what became of it", () => {
    const painted = drawn(ladder(), { paint: (tone, part) => `<${tone}:${part}>` });
    expect(painted).toMatch(/<strong:─ INVITE \(SDP\) ─+►>/);
    expect(painted).toMatch(/<good:◄─ 200 OK \(INVITE, SDP\) ─+>/);
    expect(painted).toMatch(/<faint:┄ INVITE \(SDP\), again ┄+►>/);
    expect(painted).toMatch(/<poor:◄═ PCMU\/8000, 465 packets/);
  });

  it("tells a handshake that failed, and by whom", () => {
    const handshake = {
      result: "fail",
      retransmissions: 0,
      alert: { level: "fatal", code: 40, name: "handshake_failure", by: "server" },
    } as const;
    const text = drawn(ladder({ handshakes: [{ ...HANDSHAKE, handshake }] }));
    expect(text).toMatch(/│◄─ DTLS fail ─+│/);
    expect(text).toContain("│ fatal alert handshake_failure (40) from the server");
  });

  it("ends with the issues, what was left out, and the damage of the capture", () => {
    const damage = { reason: "truncated", offset: 7, sentence: "The capture is cut short." };
    const issues = [{ kind: "no-media", detail: "Nobody sent any." }] as const;
    const one = { ...ladder({ damage }, { issues }), omittedSteps: 3 };
    expect(drawn(one)).toMatch(
      /\n\nOutcome: 200 OK; rang after 1\.20 s, answered after 3\.40 s, lasted 10\.0 s\nthe callee hung up\nno-media: Nobody sent any\.\n3 steps more, not drawn\nThe capture is cut short\.$/,
    );
  });

  it("takes early media for no ringing", () => {
    const timings = { postDialDelaySeconds: 0.1, setupSeconds: 3.4, durationSeconds: 10 };
    expect(drawn(ladder({}, { timings }))).toContain(
      "Outcome: 200 OK; answered after 3.40 s, lasted 10.0 s",
    );
  });

  it("says of a call whose INVITE was not seen that it began before", () => {
    const open = { attempts: 0, cancelled: false, endedBy: "callee" } as const;
    const report = { outcome: open, course: { endedAt: at(10) }, timings: {} };
    expect(drawn(ladder({}, report))).toMatch(
      /\n\nOutcome: began before the capture\nthe callee hung up$/,
    );
  });

  it("draws a call of which no message is known", () => {
    expect(drawn(ladder({ messages: [], call: failedCall() }))).toMatchInlineSnapshot(`
      "alice → bob
      Call-ID busy@atlanta.example.com




      Outcome: 486 Busy Here"
    `);
  });

  it("lets nothing from the network command the terminal", () => {
    const hostile = "\u001b]0;gone\u0007\u009b2J\u202e";
    const one = ladder(
      {
        messages: [
          said(0, [ALICE, BOB], `SIP/2.0 200 ${hostile}`, { fields: [`Reason: ${hostile}`] }),
          said(1, [ALICE, BOB], "INVITE sip:x SIP/2.0", { fields: [`User-Agent: ${hostile}`] }),
        ],
        handshakes: [{ ...HANDSHAKE, handshake: { ...HANDSHAKE.handshake, cipher: hostile } }],
      },
      { callId: hostile, caller: { uri: hostile, endpoint: ALICE, userAgent: hostile } },
    );
    expect([...ladderText(one, OPTIONS)].join("")).not.toMatch(
      /[\u0000-\u001f\u007f-\u009f\u202e]/,
    );
  });
});
