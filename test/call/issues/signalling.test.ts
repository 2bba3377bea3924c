import { describe, expect, it } from "vitest";

import { at, call, iso, issuesOf } from "./call-facts.js";

describe("ack-missing", () => {
  it("is found where the answer was never acknowledged, with how often it was sent", () => {
    const unacknowledged = call({
      isAckMissing: true,
      answerRetransmissions: 10,
      acknowledgedAtMs: undefined,
      endedAtMs: at(37),
    });
    expect(issuesOf("ack-missing", { call: unacknowledged })).toEqual([
      {
        kind: "ack-missing",
        from: iso(5),
        to: iso(37),
        detail: "No ACK came for the answer, which the callee sent 11 times.",
      },
    ]);
  });

  it.each([
    [11, "11 times; its own transport never took it."],
    [1, "11 times; 1 time its own transport did not take it."],
  ])("says where the callee could not send its answer (%i of 11 times)", (answersNotSent, end) => {
    const unsent = call({ isAckMissing: true, answerRetransmissions: 10, answersNotSent });
    expect(issuesOf("ack-missing", { call: unsent })[0]?.detail).toBe(
      `No ACK came for the answer, which the callee sent ${end}`,
    );
  });

  it("is not found in other calls", () => {
    expect(issuesOf("ack-missing", {})).toEqual([]);
    const unanswered = call({ isAckMissing: true, answeredAtMs: undefined });
    expect(issuesOf("ack-missing", { call: unanswered })).toEqual([]);
  });
});

describe("bye-unanswered", () => {
  it("is found where nobody answered the BYE, until its last retransmission", () => {
    const left = call({
      isByeUnanswered: true,
      byeAnsweredAtMs: undefined,
      lastMessageAtMs: at(96.5),
    });
    expect(issuesOf("bye-unanswered", { call: left })).toEqual([
      {
        kind: "bye-unanswered",
        from: iso(65),
        to: iso(96.5),
        detail: "The callee never answered the caller's BYE, which was repeated for 31.5 s.",
      },
    ]);
  });

  it("is not found in other calls", () => {
    expect(issuesOf("bye-unanswered", {})).toEqual([]);
  });
});
