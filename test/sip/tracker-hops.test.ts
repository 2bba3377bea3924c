/** One call on several hops of one capture, proxies that fork, and copies of what was seen. */
import { describe, expect, it } from "vitest";

import { climb } from "./ladder.js";

const endpoint = (host: string) => ({ address: `192.0.2.${host.charCodeAt(0)}`, port: 5060 });

/** A calls B through the proxy P, and both hops are seen. */
const THROUGH_PROXY = [
  "0    A>P INVITE 1",
  "1    P>A 100 INVITE 1",
  "2    P>B INVITE 1 via=P,A",
  "3    B>P 100 INVITE 1 via=P,A",
  "200  B>P 180 INVITE 1 via=P,A to=b",
  "201  P>A 180 INVITE 1 to=b",
  "900  B>P 200 INVITE 1 via=P,A to=b",
  "901  P>A 200 INVITE 1 to=b",
];

const ON_FIRST_HOP = [
  "started",
  "100 to caller",
  "180 to caller",
  "200 to caller",
  "outcome 200 response",
];

describe("a call through a proxy", () => {
  it("is one call; the first hop tells its times, every hop its code", () => {
    const { story, calls } = climb([
      ...THROUGH_PROXY,
      "910  A>P ACK 1 to=b",
      "911  P>B ACK 1 via=P,A to=b",
      "5000 B>P BYE 4 from=b to=a",
      "5001 P>A BYE 4 via=P,B from=b to=a",
      "5010 A>P 200 BYE 4 via=P,B from=b to=a",
      "5011 P>B 200 BYE 4 from=b to=a",
    ]);
    expect(story).toEqual([...ON_FIRST_HOP, "bye by callee, normal", "ended"]);
    expect(calls).toMatchObject([
      {
        attempts: 1,
        ringingAtMs: 201,
        answeredAtMs: 901,
        acknowledgedAtMs: 910,
        endedAtMs: 5000,
        byeAnsweredAtMs: 5011,
        retransmissions: 0,
        forkTags: [],
        caller: { endpoint: endpoint("A") },
        callee: { endpoint: endpoint("P") },
        hops: [
          { source: endpoint("A"), destination: endpoint("P"), invitedAtMs: 0, statusCode: 200 },
          { source: endpoint("P"), destination: endpoint("B"), invitedAtMs: 2, statusCode: 200 },
        ],
      },
    ]);
  });

  it("may be acknowledged and hung up past the proxy (RFC 3261 §16.6, no Record-Route)", () => {
    const { story, calls } = climb([
      ...THROUGH_PROXY,
      "910  A>B ACK 1 to=b",
      "5000 A>B BYE 2 to=b",
      "5010 B>A 200 BYE 2 to=b",
    ]);
    expect(story).toEqual([...ON_FIRST_HOP, "bye by caller, normal", "ended"]);
    expect(calls[0]).toMatchObject({ acknowledgedAtMs: 910, byeAnsweredAtMs: 5010 });
  });

  it("is told by the first hop even where the second is seen before it", () => {
    const [first = "", hundred = "", second = "", ...rest] = THROUGH_PROXY;
    const { story, calls } = climb([second, first, hundred, ...rest]);
    expect(story).toEqual([...ON_FIRST_HOP, "ended"]);
    expect(calls[0]).toMatchObject({
      invitedAtMs: 0,
      answeredAtMs: 901,
      caller: { endpoint: endpoint("A") },
      hops: [{ source: endpoint("A") }, { source: endpoint("P") }],
    });
  });

  it("is challenged by the proxy alone", () => {
    const { calls } = climb([
      "0    A>P INVITE 1",
      "1    P>A 407 INVITE 1 to=x",
      "10   A>P INVITE 2",
      "12   P>B INVITE 2 via=P,A",
      "900  B>P 200 INVITE 2 via=P,A to=b",
      "901  P>A 200 INVITE 2 to=b",
    ]);
    expect(calls).toMatchObject([{ attempts: 2, statusCode: 200, answeredAtMs: 901 }]);
    expect(calls[0]?.hops).toHaveLength(2);
    expect(calls[0]?.hops).toMatchObject([{ statusCode: 200 }, { statusCode: 200 }]);
  });

  it("is answered where only the far hop shows the answer", () => {
    const { story, calls } = climb([
      "0    A>P INVITE 1",
      "2    P>B INVITE 1 via=P,A",
      "900  B>P 200 INVITE 1 via=P,A to=b",
      "910  A>P ACK 1 to=b",
      "5000 A>P BYE 2 to=b",
    ]);
    expect(story).toEqual(["started", "outcome 200 response", "bye by caller, normal", "ended"]);
    expect(calls[0]).toMatchObject({ answeredAtMs: 900, calleeTag: "b" });
  });

  it("has failed where only the far hop shows that, once nothing else comes", () => {
    const { story } = climb([
      "0    A>P INVITE 1",
      "2    P>B INVITE 1 via=P,A",
      "900  B>P 486 INVITE 1 via=P,A to=b",
    ]);
    expect(story).toEqual(["started", "outcome 486 response", "ended"]);
  });

  it("is not the caller's to cancel when the proxy cancels a branch", () => {
    const { calls } = climb([
      "0   A>P INVITE 1",
      "1   P>B INVITE 1 via=P,A",
      "2   P>C INVITE 1 via=P,A br=2",
      "900 C>P 200 INVITE 1 via=P,A br=2 to=c",
      "901 P>A 200 INVITE 1 to=c",
      "902 P>B CANCEL 1 via=P",
      "903 B>P 200 CANCEL 1 via=P to=b",
      "904 B>P 487 INVITE 1 via=P,A to=b",
    ]);
    expect(calls).toMatchObject([
      {
        isCancelled: false,
        attempts: 1,
        statusCode: 200,
        conflictingFinals: 0,
        hops: [{ statusCode: 200 }, { statusCode: 487 }, { statusCode: 200 }],
      },
    ]);
  });
});

describe("a forking proxy of which only the far side is seen", () => {
  it("has one answer: its branches are no attempts (RFC 3261 §16.7)", () => {
    const { story, calls } = climb([
      "0   P>B INVITE 1 via=P,A",
      "1   P>C INVITE 1 via=P,A br=2",
      "100 B>P 180 INVITE 1 via=P,A to=b",
      "110 C>P 180 INVITE 1 via=P,A br=2 to=c",
      "500 B>P 486 INVITE 1 via=P,A to=b",
      "900 C>P 200 INVITE 1 via=P,A br=2 to=c",
    ]);
    expect(story).toEqual([
      "started",
      "180 to caller",
      "180 to caller",
      "486 to caller",
      "200 to caller",
      "outcome 200 response",
      "ended",
    ]);
    expect(calls[0]).toMatchObject({ attempts: 1, calleeTag: "c", conflictingFinals: 0 });
  });

  it("has the best of its failures when all branches failed", () => {
    const { calls } = climb([
      "0   P>B INVITE 1 via=P,A",
      "1   P>C INVITE 1 via=P,A br=2",
      "500 B>P 603 INVITE 1 via=P,A to=b",
      "900 C>P 503 INVITE 1 via=P,A br=2 to=c",
    ]);
    expect(calls[0]).toMatchObject({ statusCode: 603, conflictingFinals: 0 });
  });

  it("fails when its last branch fails, and is told of soon after", () => {
    const { story, calls } = climb(
      [
        "0     P>B INVITE 1 via=P,A",
        "1     P>C INVITE 1 via=P,A br=2",
        "110   C>P 180 INVITE 1 via=P,A br=2 to=c",
        "500   B>P 486 INVITE 1 via=P,A to=b",
        "20000 C>P 480 INVITE 1 via=P,A br=2 to=c",
      ],
      { isOpenEnd: true, until: 24_000 },
    );
    expect(story.slice(1)).toEqual([
      "180 to caller",
      "486 to caller",
      "480 to caller",
      "outcome 486 response",
    ]);
    expect(calls[0]).toMatchObject({ statusCode: 486, finalAtMs: 20_000, endedAtMs: 20_000 });
  });

  it("may try one branch after the other", () => {
    const { story, calls } = climb([
      "0    P>B INVITE 1 via=P,A",
      "500  B>P 486 INVITE 1 via=P,A to=b",
      "510  P>C INVITE 1 via=P,A br=2",
      "4000 C>P 200 INVITE 1 via=P,A br=2 to=c",
    ]);
    expect(story).toEqual([
      "started",
      "486 to caller",
      "200 to caller",
      "outcome 200 response",
      "ended",
    ]);
    expect(calls[0]).toMatchObject({ statusCode: 200, answeredAtMs: 4000 });
  });
});

describe("a branch that a proxy cancels to try the next", () => {
  const TRIED = [
    "0     P>B INVITE 1 via=P,A",
    "100   B>P 180 INVITE 1 via=P,A to=b",
    "20000 P>B CANCEL 1 [Reason: SIP;cause=408]",
    "20010 B>P 200 CANCEL 1 to=b",
    "20020 B>P 487 INVITE 1 via=P,A to=b",
    "20030 P>B ACK 1 to=b fail",
    "20040 P>C INVITE 1 via=P,A br=2",
  ];

  it("was not cancelled by the caller, whom the next one answers", () => {
    const { calls } = climb([...TRIED, "25000 C>P 200 INVITE 1 via=P,A br=2 to=c"]);
    expect(calls[0]).toMatchObject({
      isCancelled: false,
      cancelReasons: [],
      reasons: [],
      statusCode: 200,
      conflictingFinals: 0,
    });
  });

  it("does not lend its 487 to a call that the next one refuses", () => {
    const { calls } = climb([...TRIED, "25000 C>P 486 INVITE 1 via=P,A br=2 to=c"]);
    expect(calls[0]).toMatchObject({ isCancelled: false, statusCode: 486, endedAtMs: 25_000 });
  });

  it("is the caller's where the other branch was sent before, though it is seen later", () => {
    const { calls } = climb([
      "0   P>B INVITE 1 via=P,A",
      "500 P>B CANCEL 1",
      "1   P>C INVITE 1 via=P,A br=2",
      "510 P>C CANCEL 1 br=2",
      "520 B>P 487 INVITE 1 via=P,A to=b",
      "530 C>P 487 INVITE 1 via=P,A br=2 to=c",
    ]);
    expect(calls[0]).toMatchObject({ isCancelled: true, statusCode: 487 });
  });
});

describe("a further attempt of the caller", () => {
  const REDIRECTED = ["0  A>B INVITE 1", "10 B>A 302 INVITE 1 to=x", "20 A>B ACK 1 to=x fail"];

  it("at another target is no hop (RFC 3261 §8.1.3.4)", () => {
    const { calls } = climb([
      ...REDIRECTED,
      "30 A>C INVITE 2",
      "60 C>A 486 INVITE 2 to=c",
      "70 A>C ACK 2 to=c fail",
    ]);
    expect(calls).toMatchObject([{ attempts: 2, callee: { endpoint: endpoint("C") } }]);
    expect(calls[0]?.hops).toEqual([
      { source: endpoint("A"), destination: endpoint("C"), invitedAtMs: 30, statusCode: 486 },
    ]);
  });

  it("at another target is none either where its first attempt arrives late", () => {
    const [first = "", redirected = ""] = REDIRECTED;
    const { calls } = climb(["30 A>C INVITE 2", first, redirected, "60 C>A 200 INVITE 2 to=c"]);
    expect(calls).toMatchObject([
      { attempts: 2, hops: [{ destination: endpoint("C"), statusCode: 200 }] },
    ]);
    expect(calls[0]?.hops).toHaveLength(1);
  });

  it("from another port to the same target is the same hop's place, not one more", () => {
    const { calls } = climb([
      "0   A>P INVITE 1",
      "10  P>A 407 INVITE 1 to=x",
      "20  N>P INVITE 2 via=A",
      "60  P>N 200 INVITE 2 via=A to=b",
    ]);
    expect(calls[0]?.hops).toHaveLength(1);
  });

  it("starts the hops anew, its own proxy's included", () => {
    const { calls } = climb([
      "0  A>P INVITE 1",
      "2  P>B INVITE 1 via=P,A",
      "10 B>P 302 INVITE 1 via=P,A to=x",
      "12 P>A 302 INVITE 1 to=x",
      "30 A>Q INVITE 2",
      "32 Q>C INVITE 2 via=Q,A",
      "60 C>Q 200 INVITE 2 via=Q,A to=c",
      "62 Q>A 200 INVITE 2 to=c",
    ]);
    expect(calls[0]?.hops).toMatchObject([
      { source: endpoint("A"), destination: endpoint("Q"), statusCode: 200 },
      { source: endpoint("Q"), destination: endpoint("C"), statusCode: 200 },
    ]);
  });

  it("that nobody there answers leaves the callee where somebody did", () => {
    const ladder = [...REDIRECTED, "30 A>C INVITE 2"];
    const [unanswered] = climb(ladder).calls;
    expect(unanswered).toMatchObject({ attempts: 2, callee: { endpoint: endpoint("B") } });
    const [ringing] = climb([...ladder, "60 C>A 180 INVITE 2 to=c"]).calls;
    expect(ringing?.callee.endpoint).toEqual(endpoint("C"));
  });

  it("is a proxy's hop where the proxy follows the redirection (RFC 3261 §16.7)", () => {
    const { calls } = climb([
      "0  A>P INVITE 1",
      "2  P>B INVITE 1 via=P,A",
      "10 B>P 302 INVITE 1 via=P,A to=x",
      "20 P>C INVITE 1 via=P,A br=2",
      "60 C>P 200 INVITE 1 via=P,A br=2 to=c",
      "62 P>A 200 INVITE 1 to=c",
    ]);
    expect(calls).toMatchObject([{ attempts: 1, hops: [{}, { statusCode: 302 }, {}] }]);
    expect(calls[0]?.callee.endpoint).toEqual(endpoint("P"));
  });
});

describe("copies", () => {
  it("from mirrored ports are retransmissions", () => {
    const once = ["0 A>B INVITE 1", "10 B>A 180 INVITE 1 to=b", "900 B>A 200 INVITE 1 to=b"];
    const { story, calls } = climb(once.flatMap((line) => [line, line]));
    expect(story).toEqual(climb(once).story);
    expect(calls[0]).toMatchObject({ messages: 6, retransmissions: 3, hops: [{}] });
  });

  it("from the far side of a NAT, with the same Via, are another hop", () => {
    const { calls } = climb([
      "0   A>B INVITE 1",
      "1   N>B INVITE 1 via=A",
      "900 B>N 200 INVITE 1 via=A to=b",
      "901 B>A 200 INVITE 1 to=b",
    ]);
    expect(calls).toMatchObject([
      { attempts: 1, hops: [{ source: endpoint("A") }, { source: endpoint("N") }] },
    ]);
  });
});
