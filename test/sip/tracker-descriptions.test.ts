/** Which descriptions are offers and which are answers, and whose they are. */
import { describe, expect, it } from "vitest";

import { climb } from "./ladder.js";

const described = (ladder: readonly string[]) =>
  climb(ladder).story.filter((line) => /^(offer|answer)/.test(line));

describe("a description", () => {
  it.each([
    {
      name: "in an INVITE is an offer, in its 18x and 2xx an answer (RFC 3261 §13.2.1)",
      ladder: [
        "0  A>B INVITE 1 sdp",
        "10 B>A 183 INVITE 1 to=b sdp",
        "20 B>A 200 INVITE 1 to=b sdp",
      ],
      told: ["offer by caller", "answer by callee b", "answer by callee b"],
    },
    {
      name: "in the 2xx to an INVITE without one is an offer, in the ACK the answer",
      ladder: ["0  A>B INVITE 1", "20 B>A 200 INVITE 1 to=b sdp", "30 A>B ACK 1 to=b sdp"],
      told: ["offer by callee b", "answer by caller b"],
    },
    {
      name: "in a reliable 183 to an INVITE without one is an offer, in its PRACK the answer",
      ladder: [
        "0  A>B INVITE 1",
        "20 B>A 183 INVITE 1 to=b sdp [RSeq: 1]",
        "30 A>B PRACK 2 to=b sdp [RAck: 1 1 INVITE]",
        "35 A>B PRACK 2 to=b sdp [RAck: 1 1 INVITE]",
        "40 B>A 200 PRACK 2 to=b",
        "50 A>B PRACK 3 to=b sdp [RAck: 2 1 INVITE]",
        "60 B>A 200 PRACK 3 to=b sdp",
      ],
      told: [
        "offer by callee b",
        "answer by caller b",
        "answer by caller b",
        "offer by caller b",
        "answer by callee b",
      ],
    },
    {
      name: "in a PRACK after offer and answer is an offer (RFC 3262 §5)",
      ladder: [
        "0  A>B INVITE 1 sdp",
        "20 B>A 183 INVITE 1 to=b sdp [RSeq: 1]",
        "30 A>B PRACK 2 to=b sdp [RAck: 1 1 INVITE]",
        "40 B>A 200 PRACK 2 to=b sdp",
      ],
      told: ["offer by caller", "answer by callee b", "offer by caller b", "answer by callee b"],
    },
    {
      name: "in UPDATE is an offer, in its 200 the answer (RFC 3311 §5)",
      ladder: [
        "0  A>B INVITE 1 sdp",
        "20 B>A 183 INVITE 1 to=b sdp",
        "30 B>A UPDATE 5 from=b to=a sdp",
        "40 A>B 200 UPDATE 5 from=b to=a sdp",
      ],
      told: ["offer by caller", "answer by callee b", "offer by callee b", "answer by caller b"],
    },
    {
      name: "in the callee's re-INVITE is the callee's offer",
      ladder: [
        "0   A>B INVITE 1 sdp",
        "20  B>A 200 INVITE 1 to=b sdp",
        "30  A>B ACK 1 to=b",
        "500 B>A INVITE 5 from=b to=a sdp",
        "510 A>B 200 INVITE 5 from=b to=a sdp",
      ],
      told: ["offer by caller", "answer by callee b", "offer by callee b", "answer by caller b"],
    },
    {
      name: "of an early dialog says which",
      ladder: [
        "0  A>P INVITE 1 sdp",
        "10 P>A 183 INVITE 1 to=b sdp",
        "20 P>A 183 INVITE 1 to=c sdp",
        "30 P>A 200 INVITE 1 to=c sdp",
      ],
      told: ["offer by caller", "answer by callee b", "answer by callee c", "answer by callee c"],
    },
    {
      name: "comes with retransmissions and other hops too",
      ladder: [
        "0   A>P INVITE 1 sdp",
        "1   P>B INVITE 1 via=P,A sdp",
        "500 A>P INVITE 1 sdp",
        "600 B>P 200 INVITE 1 via=P,A to=b sdp",
        "601 P>A 200 INVITE 1 to=b sdp",
      ],
      told: [
        "offer by caller",
        "offer by caller",
        "offer by caller",
        "answer by callee b",
        "answer by callee b",
      ],
    },
    {
      name: "in a 488, an INFO, an OPTIONS or a BYE is none for the call's media",
      ladder: [
        "0   A>B INVITE 1",
        "20  B>A 200 INVITE 1 to=b",
        "30  A>B INVITE 2 to=b sdp",
        "40  B>A 488 INVITE 2 to=b sdp",
        "50  A>B INFO 3 to=b sdp",
        "60  A>B OPTIONS 4 to=b",
        "70  B>A 200 OPTIONS 4 to=b sdp",
        "80  A>B BYE 5 to=b sdp",
      ],
      told: ["offer by caller b"],
    },
    {
      name: "in a 2xx whose INVITE was before the capture is taken for an answer",
      ladder: ["0 B>A 200 INVITE 1 to=b sdp"],
      told: ["answer by callee b"],
    },
    {
      name: "in an ACK shows a call whose beginning was not seen",
      ladder: ["0 A>B ACK 1 to=b sdp"],
      told: ["answer by caller b"],
    },
  ])("$name", ({ ladder, told }) => {
    expect(described(ladder)).toEqual(told);
  });

  it("is told of while its message is handed in", () => {
    const { events } = climb(["0 A>B INVITE 1 sdp", "10 B>A 200 INVITE 1 to=b sdp"]);
    const kinds = events.map(({ kind }) => kind).filter((kind) => /message|description/.test(kind));
    expect(kinds).toEqual(["message", "description", "message", "description"]);
  });
});
