import { Readable } from "node:stream";

import { describe, expect, it } from "vitest";

import { analyseLadder, type LadderResult } from "../../src/capture/analyse-ladder.js";
import type { Endpoint } from "../../src/net/endpoint.js";
import { type CapturedFrame, pcapFile, udpFrame } from "../support/packets.js";

const CALLER: Endpoint = { address: "192.0.2.1", port: 5060 };
const CALLEE: Endpoint = { address: "192.0.2.2", port: 5060 };
const CALL_ID = "reused@192.0.2.1";

/** One call: its tag tells it apart from others of its Call-ID. */
interface Attempt {
  readonly tag: string;
  readonly statusCode: number;
  readonly ringings?: number;
  readonly callId?: string;
}

function frames(attempts: readonly Attempt[]): CapturedFrame[] {
  let atNs = 1_700_000_000_000_000_000n;
  const sent = (isBack: boolean, text: string): CapturedFrame => {
    atNs += 100_000_000n;
    const [source, destination] = isBack ? [CALLEE, CALLER] : [CALLER, CALLEE];
    return { atNs, bytes: udpFrame({ source, destination, payload: Buffer.from(text) }) };
  };
  return attempts.flatMap(({ tag, statusCode, ringings = 1, callId = CALL_ID }) => {
    const message = (startLine: string, method: string, toTag = ""): string =>
      [
        startLine,
        `Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK${tag}`,
        `From: <sip:a@x>;tag=${tag}`,
        `To: <sip:b@x>${toTag}`,
        `Call-ID: ${callId}`,
        `CSeq: 1 ${method}`,
        "Content-Length: 0",
        "\r\n",
      ].join("\r\n");
    const back = (status: string): CapturedFrame =>
      sent(true, message(`SIP/2.0 ${status}`, "INVITE", `;tag=to-${tag}`));
    return [
      sent(false, message("INVITE sip:b@x SIP/2.0", "INVITE")),
      ...Array.from({ length: ringings }, (_, index) => back(`18${index % 4} On`)),
      back(`${statusCode} Final`),
      sent(false, message("ACK sip:b@x SIP/2.0", "ACK", `;tag=to-${tag}`)),
    ];
  });
}

async function drawn(
  attempts: readonly Attempt[],
  callId: string | undefined,
): Promise<LadderResult> {
  const stream = Readable.from([Buffer.from(pcapFile(frames(attempts)))]);
  return analyseLadder({ stream, name: "pipe" }, callId);
}

/** The final status of the call that is drawn, and of those that are not. */
async function statuses(
  attempts: readonly Attempt[],
  callId = CALL_ID,
): Promise<{ readonly drawn: number | undefined; readonly others: (number | undefined)[] }> {
  const result = await drawn(attempts, callId);
  if (result.ladder === undefined) throw new Error(`${result.candidates.length} candidates`);
  const { ladder, namesakes = [] } = result;
  return {
    drawn: ladder.call.outcome.statusCode,
    others: namesakes.map(({ outcome }) => outcome.statusCode),
  };
}

const BUSY: Attempt = { tag: "busy", statusCode: 486, ringings: 6 };
const ANSWERED: Attempt = { tag: "answered", statusCode: 200 };
const GONE: Attempt = { tag: "gone", statusCode: 410, ringings: 2 };

describe("the ladder of a Call-ID that several calls have", () => {
  it("is that of the answered one, wherever it stands", async () => {
    expect(await statuses([BUSY, ANSWERED, GONE])).toEqual({ drawn: 200, others: [486, 410] });
    expect(await statuses([ANSWERED, BUSY])).toEqual({ drawn: 200, others: [486] });
  });

  it("is that of the one with most messages where none was answered", async () => {
    expect(await statuses([GONE, BUSY])).toEqual({ drawn: 486, others: [410] });
    expect(await statuses([BUSY, GONE])).toEqual({ drawn: 486, others: [410] });
  });

  it("is that of the first of several answered ones", async () => {
    const later = { ...ANSWERED, tag: "later", statusCode: 202, ringings: 9 };
    expect(await statuses([ANSWERED, later])).toEqual({ drawn: 200, others: [202] });
  });

  it("has the steps of that call alone", async () => {
    const { ladder } = await drawn([BUSY, ANSWERED], CALL_ID);
    expect(ladder?.steps.map((step) => step.kind === "message" && step.label)).toEqual([
      "INVITE",
      "180 On (INVITE)",
      "200 Final (INVITE)",
      "ACK",
    ]);
  });

  it("may be asked for by how the Call-ID begins, unless others begin so", async () => {
    expect(await statuses([BUSY, ANSWERED], "reu")).toEqual({ drawn: 200, others: [486] });
    const other = { ...GONE, callId: "reused too" };
    expect(await drawn([BUSY, ANSWERED, other], "reused")).toHaveProperty("candidates.length", 3);
  });

  it("tells of no others where there are none", async () => {
    expect(await drawn([BUSY], CALL_ID)).not.toHaveProperty("namesakes");
    expect(await drawn([BUSY, ANSWERED], undefined)).toHaveProperty("candidates.length", 2);
  });
});
