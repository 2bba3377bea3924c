import { describe, expect, it } from "vitest";

import type { CallReport, IssueReport } from "../../../src/call/call-report.js";
import { explainCall } from "../../../src/report/story/call-story.js";
import type { Subject } from "../../../src/report/story/sentence.js";
import {
  at,
  call,
  cleanCall,
  failedCall,
  hurtStream,
  interval,
  roundTrip,
  stream,
  without,
} from "../samples.js";

/** What is said about a subject. */
function said(record: CallReport, ...about: readonly Subject[]): string {
  return explainCall(record)
    .sentences.filter((sentence) => about.includes(sentence.about))
    .map(({ text }) => text)
    .join(" ");
}

describe("an explained call", () => {
  it("is one paragraph, with what each sentence rests on", () => {
    const { schema, callId, paragraph, sentences } = explainCall(call());
    expect({ schema, callId }).toEqual({
      schema: "mediaprobe.explanation/1",
      callId: "a84b4c76e66710@pc33.atlanta.example.com",
    });
    expect(paragraph).toMatchInlineSnapshot(
      `"alice called bob on 2024-05-03 at 11:59:56 UTC. It rang after 1.20 s, was answered 3.40 s after the INVITE and lasted 10.0 s, until the callee hung up. What the caller heard was poor: MOS-CQ 3.43 on the narrowband scale, at which many users are dissatisfied. Loss cost most, 18.3 R points; loss coming in bursts cost 6.1, late packets 2.0 and delay 0.4 (R 66.4 of at most 93.2). 35 of 500 packets (7.0 %) were lost on the way here, mostly in bursts: in 17 gaps, the longest of 12 (240 ms); 9 more (1.8 %) came too late for a 60 ms buffer. Loss in bursts points to a queue that overflows or a radio link that fades: look at the links between the callee and here, and at what else they carried then. What the callee heard was very good: MOS-LQ 4.41 on the narrowband scale, at which users are very satisfied. The round trip took 41.2 ms on average: too short to be noticed."`,
    );
    expect(paragraph).toBe(sentences.map(({ text }) => text).join(" "));
    expect(sentences.find(({ about }) => about === "delay")?.evidence).toEqual({
      "rtt.measured.meanSeconds": 0.0412,
      "rtt.measured.maxSeconds": 0.0412,
    });
  });

  it("takes the buffer that the packets were measured with", () => {
    expect(explainCall(call(), { fixedBufferMs: 120 }).paragraph).toContain("for a 120 ms buffer");
  });
});

describe("the course of a call", () => {
  const course = { invitedAt: at(0), endedAt: at(4) };

  it.each([
    {
      what: "was refused",
      record: failedCall(),
      text: "It failed 1.00 s after the INVITE with 486 Busy Here: the callee was busy.",
    },
    {
      what: "was refused by a code nobody registered",
      record: failedCall({ statusCode: 599, statusClass: "5xx" }, { course }),
      text: "It failed 4.00 s after the INVITE with 599: a server failed over it.",
    },
    {
      what: "was redirected",
      record: failedCall({ statusCode: 302, statusClass: "3xx" }, { course }),
      text: "It was redirected 4.00 s after the INVITE with 302 Moved Temporarily: the call was to be placed anew to another address.",
    },
    {
      what: "was given up while it rang",
      record: failedCall(
        { statusCode: 487, cancelled: true },
        { course: { ...course, ringingAt: at(3.5) } },
      ),
      text: "It rang only after 3.50 s, but the caller gave up 4.00 s after the INVITE, before anybody answered.",
    },
    {
      what: "was ended by a BYE before anybody answered",
      record: failedCall({ statusCode: 487, endedBy: "caller" }, { course }),
      text: "It failed 4.00 s after the INVITE with 487 Request Terminated: the call was taken back before anybody answered it.",
    },
    {
      what: "was answered elsewhere",
      record: failedCall(
        { statusCode: 487, cancelled: true, reasons: [{ protocol: "SIP", cause: 200 }] },
        { course },
      ),
      text: "The call was taken back 4.00 s after the INVITE, since it was answered elsewhere.",
    },
    {
      what: "got a refusal that crossed with its CANCEL",
      record: failedCall({ cancelled: true }, { course }),
      text: "The caller gave up before anybody answered; the CANCEL crossed with 486 Busy Here, 4.00 s after the INVITE.",
    },
    {
      what: "was given up, which nobody confirmed",
      record: call({ course, outcome: { attempts: 1, cancelled: true }, timings: {} }),
      text: "The caller gave up before anybody answered; the call was over 4.00 s after the INVITE.",
    },
    {
      what: "rang until it timed out",
      record: failedCall({ via: "timeout" }, { course: { ...course, ringingAt: at(0.05) } }),
      text: "It rang at once, but nobody answered until it timed out 4.00 s after the INVITE.",
    },
    {
      what: "had no answer at all",
      record: failedCall({ via: "timeout" }, { course }),
      text: "No final answer had come 4.00 s after the INVITE, when it timed out: look whether the INVITE reaches the callee, and whether its answers find their way back.",
    },
    {
      what: "could not be sent",
      record: failedCall(
        { via: "transport-error" },
        { course: { invitedAt: at(0), endedAt: at(0) } },
      ),
      text: "The INVITE could not be sent: look at the connection to the next server.",
    },
  ])("that $what", ({ record, text }) => {
    expect(said(record, "course")).toBe(
      `alice called bob on 2024-05-03 at ${record.course.invitedAt?.slice(11, 19) ?? ""} UTC. ${text}`,
    );
  });

  it("names the parties in full", () => {
    const caller = { uri: "sip:conference-of-the-whole-company@atlanta.example.com" };
    expect(said(call({ caller }), "course")).toMatch(
      /^conference-of-the-whole-company called bob /,
    );
  });

  it("says why who hung up", () => {
    const outcome = { ...call().outcome, endedBy: "caller" as const };
    const error = {
      ...outcome,
      byeReasonClass: "error" as const,
      reasons: [{ protocol: "Q.850", cause: 38, text: "Network out of order" }],
    };
    expect(said(call({ outcome: error }), "course")).toMatch(
      / until the caller hung up because of an error \(Q\.850 38 Network out of order\)\.$/,
    );
    const timer = { ...outcome, byeReasonClass: "timer-expired" as const };
    expect(said(call({ outcome: timer }), "course")).toMatch(
      / until the caller hung up because a timer had run out\.$/,
    );
  });

  it("is told of a call that began before, was answered unseen, or has other legs", () => {
    const begun = call({
      course: { endedAt: at(5) },
      outcome: { attempts: 1, cancelled: false, endedBy: "callee" },
      timings: {},
      linkedCallIds: ["b", "c", "d"],
    });
    expect(said(begun, "course")).toBe(
      "alice and bob were in a call. It went on until the callee hung up. It is one leg of a conversation, with b and 2 others.",
    );
    const givenUp = call({ course: {}, outcome: { attempts: 1, cancelled: true }, timings: {} });
    expect(said(givenUp, "course")).toBe(
      "alice called bob. The caller gave up before anybody answered.",
    );
    const unseen = call({
      outcome: { attempts: 2, cancelled: false, isAnswerUnseen: true },
      timings: {},
    });
    expect(said(unseen, "course")).toBe(
      "alice called bob on 2024-05-03 at 11:59:56 UTC. It took 2 INVITEs, as after a demand for credentials or a redirection. It rang after 1.20 s and was answered, as what followed shows.",
    );
    const ended = call({
      outcome: { attempts: 1, cancelled: false, isAnswerUnseen: true, endedBy: "caller" },
      timings: {},
    });
    expect(said(ended, "course")).toBe(
      "alice called bob on 2024-05-03 at 11:59:56 UTC. It rang after 1.20 s and was answered, as what followed shows; the caller hung up.",
    );
  });

  it("needs no names", () => {
    const nameless = without(call(), "caller", "callee");
    expect(said(nameless, "course")).toMatch(/^Somebody called somebody on /);
    expect(said({ ...nameless, transport: "webrtc" }, "course")).toMatch(
      /^A peer connection was up on 2024-05-03 at 11:59:56 UTC\. /,
    );
  });
});

describe("the path of a call", () => {
  const alert = { level: "fatal", code: 40, name: "handshake_failure", by: "server" } as const;

  it.each([
    {
      security: { dtls: [{ result: "fail", durationSeconds: 0.04, alert, retransmissions: 1 }] },
      text: "The DTLS handshake failed, so there were no keys for the media, after 40 ms, with 1 retransmission: fatal alert handshake_failure (40) from the server.",
    },
    {
      security: { dtls: [{ result: "ok", version: "1.2", srtpProfile: "X", durationSeconds: 1 }] },
      text: "Its media was secured by DTLS 1.2 (X) in 1.00 s.",
    },
    {
      security: { dtls: [{ result: "ok" }, { result: "ok" }] },
      text: "Its media was secured by DTLS.",
    },
    {
      security: { srtpKeying: "sdes" },
      text: "Its media was encrypted with keys that the descriptions carry (SDES).",
    },
    {
      ice: { result: "failed" },
      text: "ICE found no path: no connectivity check succeeded; look at firewalls and at whether a TURN server is offered.",
    },
    {
      ice: { result: "lost" },
      text: "ICE lost its path while the call went on: consent was no longer renewed.",
    },
    { ice: { result: "ok", localCandidateType: "relay" }, text: "It went through a TURN relay." },
    { ice: { result: "ok", localCandidateType: "host" }, text: "" },
    {
      security: { stir: { result: "verified", attestation: "A" } },
      text: "Who called is vouched for (attestation A), and that holds.",
    },
    {
      security: { stir: { result: "soft-fail", reason: "stale", code: 403 } },
      text: "What vouches for the caller does not hold: it is older than allowed when the message came (403); the call went on all the same.",
    },
    { security: { stir: { result: "no-identity", reason: "no-identity-header" } }, text: "" },
    {
      security: {
        stir: {
          result: "no-identity",
          peer: { result: "soft-fail", reason: "TN-Validation-Failed", claimedBy: "verstat" },
        },
      },
      text: "Whoever verified the caller's identity on the way refuses it: TN-Validation-Failed.",
    },
    {
      sessionTimer: {
        intervalSeconds: 90,
        refresher: "caller",
        refreshes: [
          { at: at(1), result: "ok" },
          { at: at(2), result: "481" },
        ],
      },
      text: "The session refresh at 12:00:02 UTC failed: the other side knew nothing of the call any more (481).",
    },
  ] as const)("is told as $text", ({ text, ...overrides }) => {
    expect(said(call(overrides), "path")).toBe(text);
  });
});

describe("what was heard", () => {
  const toCallee = stream({ direction: "caller-to-callee" });

  function heardBy(caller: ReturnType<typeof stream>, to = toCallee.source): CallReport {
    const quality = caller.quality && { calleeToCaller: caller.quality };
    return call({
      streams: [
        toCallee,
        {
          ...caller,
          direction: "callee-to-caller",
          source: toCallee.destination,
          destination: to,
        },
      ],
      quality: { ...(toCallee.quality && { callerToCallee: toCallee.quality }), ...quality },
    });
  }

  it("is one sentence where both heard each other very well", () => {
    expect(said(heardBy(stream()), "heard", "cause", "interval", "remedy")).toBe(
      "Both heard each other very well: MOS-LQ 4.41 both ways (narrowband scale).",
    );
  });

  it("is not vouched for where one sends to where the other does not send from", () => {
    const astray = heardBy(stream(), { address: "192.168.1.5", port: 40000 });
    expect(said(astray, "heard")).toBe(
      "Both ways were very good where they went by here: MOS-LQ 4.41 both ways (narrowband scale). " +
        "The callee sends to where the caller does not send from: whether that arrives is not seen here.",
    );
  });

  it("is not vouched for where no handshake gave keys", () => {
    const dtls = [{ result: "timeout", retransmissions: 9 }] as const;
    const { security } = call();
    const keyless = { ...heardBy(stream()), security: { ...security, dtls: [...dtls] } };
    expect(said(keyless, "heard")).toContain("Both ways were very good where they went by here");
  });

  it("is not vouched for where a relay passes on one way only", () => {
    const end = (address: string) => ({ address, port: 40000 });
    const [caller, relay, callee] = [end("192.0.2.1"), end("192.0.2.9"), end("192.0.2.2")];
    const beyond = { ...relay, port: 40002 };
    const ways = [
      { direction: "caller-to-callee", source: caller, destination: relay },
      { direction: "caller-to-callee", source: beyond, destination: callee },
      { direction: "callee-to-caller", source: callee, destination: beyond },
      { direction: "callee-to-caller", source: relay, destination: caller },
    ] as const;
    const relayed = (count: number): string => {
      const streams = ways.slice(0, count).map((way) => ({ ...stream(), ...way }));
      return said({ ...heardBy(stream()), streams }, "heard");
    };
    expect(relayed(4)).toMatch(/^Both heard each other very well/);
    expect(relayed(3)).toContain(
      "The callee sends to where the caller does not send from: whether that arrives is not seen here.",
    );
    expect(relayed(3)).not.toContain("The caller sends to");
  });

  it.each([
    { lossRuns: { "12": 1 }, burst: undefined, told: "One gap points to" },
    { lossRuns: { "3": 4 }, burst: undefined, told: "Loss in bursts points to" },
    { lossRuns: { "1": 12 }, burst: undefined, told: "Packets lost one here and one there" },
    // Random loss of some percent has bursts of RFC 3611, but thin ones.
    {
      lossRuns: { "1": 12 },
      burst: { count: 3, packets: 54, density: 0.22 },
      told: "Packets lost one here and one there",
    },
    {
      lossRuns: { "1": 10, "2": 1 },
      burst: { count: 1, packets: 24, density: 0.5 },
      told: "Loss in bursts points to",
    },
  ])("tells loss of $lossRuns apart: $told", ({ lossRuns, burst, told }) => {
    const hurt = without(
      hurtStream({ lossRuns, packetsReceived: 488, lossRatio: 0.024, packetsDiscarded: 0 }),
      "burst",
    );
    const record = heardBy({ ...hurt, ...(burst !== undefined && { burst }) });
    expect(said(record, "remedy")).toContain(told);
  });

  it.each([
    { costs: { codec: 0, randomLoss: 2, lateLoss: 25 }, told: "Packets that come late, but come" },
    { costs: { codec: 0, randomLoss: 2, lateLoss: 2, delay: 25 }, told: "Look for the detour" },
    { costs: { codec: 25, randomLoss: 2, lateLoss: 2 }, told: "another codec would sound better" },
    { costs: { codec: 25, randomLoss: 20, lateLoss: 0 }, told: "in bursts points to" },
  ])("says where to look for $costs: $told", ({ costs, told }) => {
    const quality = { rFactor: 64, mosLq: 3.3, scale: "narrowband" as const, costs };
    expect(said(heardBy(hurtStream({ quality })), "remedy")).toContain(told);
  });

  it("says of a single cause that it is the only one", () => {
    const costs = { codec: 0, randomLoss: 25, burstLoss: 0, lateLoss: 0 };
    const quality = { rFactor: 68.2, mosLq: 3.5, scale: "narrowband" as const, costs };
    expect(said(heardBy(hurtStream({ quality })), "cause")).toMatch(
      /^Only loss took it down, by 25\.0 R points \(R 68\.2 of at most 93\.2\)\. /,
    );
  });

  it("says when it was worst, and how much of the loss lies there", () => {
    const intervals = [
      interval(0, { packetsMissing: 5 }),
      interval(1, { packetsMissing: 20, packetsDiscarded: 9 }),
      interval(2, { packetsMissing: 10 }),
    ];
    const worst = { from: at(5), to: at(10), mosCq: 2.5, mosLq: 2.6 };
    const record = heardBy(hurtStream({ intervals, worst, lastPacketAt: at(15) }));
    expect(said(record, "interval")).toBe(
      "The caller heard worst from 0:05 to 0:10 after the answer (12:00:05 to 12:00:10 UTC), at MOS-CQ 2.50: 20 of the 35 lost and all 9 late packets fall into that time.",
    );
    const even = { ...worst, mosCq: 3.4 };
    expect(said(heardBy(hurtStream({ worst: even, lastPacketAt: at(15) })), "interval")).toBe(
      "No stretch of it was much worse than the rest.",
    );
    const early = { ...record, course: { invitedAt: at(0), answeredAt: at(8) } };
    expect(said(early, "interval")).toContain("worst from 12:00:05 to 12:00:10 UTC, at");
  });

  it("is not called good where the far end lost what went by here", () => {
    const record = heardBy(stream({ rtcp: { reports: 4, packetsLost: 30 } }));
    expect(said(record, "heard", "far-end")).toBe(
      "What the callee heard was very good: MOS-LQ 4.41 on the narrowband scale, at which users are very satisfied. " +
        "What went by here for the caller was still very good: MOS-LQ 4.41 on the narrowband scale, at which users are very satisfied. " +
        "The caller reports 30 packets lost (6.0 %): all of them beyond this point of the network, so the caller heard worse than that.",
    );
  });

  it("doubts a loss of more packets than were sent", () => {
    const senderReports = { count: 1, packetsSent: 242, bytesSent: 7986 };
    const reporting = (packetsLost: number): string =>
      said(heardBy(stream({ rtcp: { reports: 1, packetsLost, senderReports } })), "far-end");
    expect(reporting(25_909)).toBe(
      "The caller reports 25,909 packets lost, which cannot be: the sender reports only 242 sent.",
    );
    // The 500 that went by here may have been sent after that report.
    expect(reporting(742)).toContain("it counts from before, or is wrong");
    expect(reporting(743)).toContain("which cannot be");
  });

  it("judges no sound by a handful of packets", () => {
    const brief = { packetsReceived: 2, packetsExpected: 2, rtcp: { reports: 1, packetsLost: 40 } };
    const record = heardBy(hurtStream(brief));
    expect(said(record, "heard", "cause", "interval", "remedy")).toBe(
      "Only 2 packets of audio went by for the caller, too little for the score to mean much (MOS-CQ 3.43 on the narrowband scale). " +
        "What the callee heard was very good: MOS-LQ 4.41 on the narrowband scale, at which users are very satisfied.",
    );
    const of = (packetsExpected: number, packetizationSeconds: number): string =>
      said(heardBy(hurtStream({ packetsExpected, packetizationSeconds })), "heard");
    expect(of(49, 0.02)).toContain("too little for the score");
    expect(of(50, 0.02)).not.toContain("too little for the score");
    expect(of(17, 0.06)).not.toContain("too little for the score");
  });

  it("tells what was heard besides dead air as that", () => {
    const issues: IssueReport[] = [
      { kind: "dead-air", from: at(1), to: at(9), detail: "Silence." },
    ];
    expect(said({ ...call(), issues }, "heard")).toContain("What the caller did hear was poor");
  });

  it("says why there is no score", () => {
    const changed = [
      { payloadType: 0, packets: 250, codec: "PCMU", kind: "audio" as const },
      { payloadType: 8, packets: 250, codec: "PCMA", kind: "audio" as const },
    ];
    const unrated = without(stream({ payloadTypes: changed }), "quality");
    expect(said(heardBy(unrated), "heard")).toContain(
      "What the caller heard has no score, since its codec changed on the way; nothing was lost on the way here, and nothing came late.",
    );
    const unknown = without(
      stream({ payloadTypes: [{ payloadType: 96, packets: 500 }], mediaType: "audio" }),
      "quality",
      "codec",
    );
    expect(said(heardBy(unknown), "heard")).toContain(
      "has no score, since what its payload type stands for is not known;",
    );
  });

  it.each([
    { seconds: 0.12, max: 0.12, told: "took 120 ms on average: too short to be noticed." },
    { seconds: 0.12, max: 0.9, told: "too short to be noticed, but it was 900 ms at its longest." },
    { seconds: 0.4, max: 0.4, told: "long enough to be noticed as hesitation." },
    { seconds: 1.2, max: 1.2, told: "people talk over each other with that." },
  ])("says of a round trip of $seconds s, at most $max s: $told", ({ seconds, max, told }) => {
    const measured = { ...roundTrip(seconds), maxSeconds: max };
    expect(said(call({ rtt: { measured } }), "delay")).toContain(told);
    expect(said(call({ rtt: { reported: measured } }), "delay")).toContain(
      ", as the far end has it:",
    );
  });

  it("leaves delay out, and says so, where no round trip is known", () => {
    expect(said(without(cleanCall(), "rtt"), "delay", "confidence")).toBe(
      "No round-trip time is known: the scores are for listening and leave delay out.",
    );
  });
});

describe("issues of a call", () => {
  const silence: IssueReport = {
    kind: "one-way-audio",
    direction: "callee-to-caller",
    from: at(1),
    to: at(9),
    detail: "No audio packet came from the callee in the whole call.",
  };

  function silent(
    heard: Partial<ReturnType<typeof stream>>,
    more: Partial<CallReport> = {},
  ): string {
    const streams = [stream({ direction: "caller-to-callee", ...heard })];
    return said(call({ streams, quality: {}, issues: [silence], ...more }), "issue", "remedy");
  }

  it("say who was not heard, and why most likely", () => {
    expect(silent({})).toBe(
      "No audio packet came from the callee in the whole call. " +
        "Nothing at all of the callee's media got here: compare the media address in the callee's description with where the caller sends, and look for a firewall or NAT on the silent way.",
    );
    const nat = {
      source: { address: "192.168.1.5", port: 4000 },
      destination: { address: "198.51.100.7", port: 5000 },
    };
    expect(silent(nat)).toContain(
      "Most likely NAT: the caller is at the private address 192.168.1.5, which the callee at 198.51.100.7 cannot reach.",
    );
    expect(silent({ rtcp: { reports: 3 } })).toContain(
      "The callee is there and gets the other's audio, as its RTCP reports show",
    );
    const senderReports = { count: 2, packetsSent: 412, bytesSent: 65_920 };
    const reportedStreams = [
      { ssrc: 7, direction: "callee-to-caller", rtcp: { reports: 0, senderReports } } as const,
    ];
    expect(silent({}, { reportedStreams })).toContain(
      "By its RTCP the callee sent 412 packets, so they were lost before they got here",
    );
  });

  it("send nobody after dead air that the senders know nothing of", () => {
    const deadAir: IssueReport = { kind: "dead-air", from: at(1), to: at(9), detail: "Silence." };
    const sending = (packetsSent: number): string => {
      const senderReports = { count: 1, packetsSent, bytesSent: 7986 };
      const streams = [
        stream({ direction: "caller-to-callee", rtcp: { reports: 0, senderReports } }),
      ];
      return said(call({ streams, quality: {}, issues: [deadAir] }), "remedy");
    };
    expect(sending(900)).toBe(
      "By its RTCP the caller sent 900 packets, of which 500 went by here: look first at whether the capture has all of the media.",
    );
    expect(sending(540)).toMatch(/^Look at what both ways have in common/);
  });

  it("say when, where the audio had been there before", () => {
    const streams = [
      stream({ direction: "caller-to-callee" }),
      stream({ direction: "callee-to-caller", lastPacketAt: at(1) }),
    ];
    const detail = "No audio packet came from the callee for 8.0 s, while the caller was heard.";
    const record = call({ streams, quality: {}, issues: [{ ...silence, detail }] });
    expect(said(record, "issue", "remedy")).toMatch(
      /^No audio .* heard: from 0:01 to 0:09 after the answer \(12:00:01 to 12:00:09 UTC\)\. Its audio had come before, so the way was open: the callee stopped sending/,
    );
  });

  it("tell a party that was lost on the way from one that stopped sending", () => {
    const gone = { lossRuns: { "200": 1 }, packetizationSeconds: 0.02 };
    const of = (to: number): string => {
      const streams = [
        stream({ direction: "caller-to-callee" }),
        hurtStream({ direction: "callee-to-caller", ...gone }),
      ];
      return said(call({ streams, quality: {}, issues: [{ ...silence, to: at(to) }] }), "remedy");
    };
    // 200 packets of 20 ms are 4 s.
    expect(of(6)).toMatch(
      /^The sequence numbers of its audio went on meanwhile, so the callee kept/,
    );
    expect(of(12)).toMatch(/^Its audio had come before/);
  });

  it("are told with one remedy a kind, and no more than a person reads", () => {
    const late: IssueReport = { kind: "late-media", detail: "It was late." };
    const issues = Array.from({ length: 9 }, (_, index) => ({
      ...late,
      detail: `It was late, ${index}.`,
    }));
    const told = said(call({ issues }), "issue", "remedy");
    expect(told).toContain("It was late, 5. The path (ICE, DTLS, latching) is only built");
    expect(told.match(/is only built/g)).toHaveLength(1);
    expect(told).toMatch(/The record has 3 more issues of this call\.$/);
    const security = { dtls: [{ result: "ok", durationSeconds: 0.9 }] } as const;
    expect(said(call({ issues: [late], security }), "remedy")).toContain(
      "The DTLS handshake took 900 ms of that",
    );
  });

  it("let no peer write the paragraph", () => {
    const detail = `\u001b[2J${"x".repeat(5000)}`;
    const { paragraph } = explainCall(call({ issues: [{ kind: "codec-changed", detail }] }));
    expect(paragraph).not.toContain("\u001b");
    expect(paragraph.length).toBeLessThan(2500);
  });
});

describe("what is to be doubted", () => {
  const side = { kind: "side-assumed", detail: "Which party is local is assumed." } as const;
  const media = { kind: "no-media-captured", detail: "There was no RTP." } as const;

  it("is what matters to what was told", () => {
    expect(said(call({ confidence: [side, media] }), "confidence")).toBe("There was no RTP.");
    expect(said(failedCall({}, { confidence: [side, media] }), "confidence")).toBe("");
  });

  it("is the codec whose values are not published", () => {
    const streams = call().streams.map((one) => ({
      ...one,
      qualityBasis: { name: "GSM full rate", status: "provisional" as const },
    }));
    expect(said(call({ streams }), "confidence")).toBe(
      "The codec values for GSM full rate are provisional, and so are the scores.",
    );
  });
});
