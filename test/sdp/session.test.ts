import { describe, expect, it } from "vitest";

import { MAX_GROUP_MEMBERS } from "../../src/sdp/attributes.js";
import type { MediaDescription, SessionDescription } from "../../src/sdp/description.js";
import { MAX_LINES } from "../../src/sdp/lines.js";
import { MAX_CANDIDATES, MAX_FORMATS, MAX_SOURCES } from "../../src/sdp/media-section.js";
import { MAX_MEDIA, parseSdp } from "../../src/sdp/session.js";
import { MAX_FINGERPRINTS } from "../../src/sdp/shared-attributes.js";
import { parsed, sample, SAMPLES } from "./samples.js";

const HEAD = ["v=0", "o=- 1 2 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "t=0 0"];

function sdp(...lines: string[]): SessionDescription {
  return parsed([...HEAD, ...lines, ""].join("\r\n"));
}

/** The only media section of a description with these lines. */
function media(...lines: string[]): MediaDescription {
  return onlyMedia(sdp(...lines));
}

function onlyMedia(session: SessionDescription): MediaDescription {
  const [only, ...others] = session.media;
  if (only === undefined || others.length > 0) throw new Error("not one section");
  return only;
}

const audio = (...lines: string[]) => media("m=audio 5004 RTP/AVP 0", ...lines);

/** Payload types as `number name/clock/channels kind`. */
function formats({ payloads }: MediaDescription): string[] {
  return [...payloads].map(
    ([payloadType, { name, clockRateHz, channels, kind }]) =>
      `${payloadType} ${name}/${clockRateHz}${channels === undefined ? "" : `/${channels}`} ${kind}`,
  );
}

describe("real descriptions", () => {
  it.each([...SAMPLES])("%s is read without damage but for what is wrong with it", (name, text) => {
    const wrong: Record<string, string[]> = {
      "desk-phone-g722-wrong-clock-offer": ["g722-clock"],
    };
    expect([...parsed(text).damage]).toEqual(wrong[name] ?? []);
  });

  it.each([...SAMPLES])("%s says the same with other line ends, case and blanks", (_, text) => {
    const plain = parsed(text);
    expect(parsed(text.replaceAll("\r\n", "\n"))).toEqual(plain);
    expect(parsed(text.replaceAll("\r\n", "\r"))).toEqual(plain);
    expect(
      parsed(
        text.replaceAll(/^([a-z])=/gm, (_match, letter: string) => ` ${letter.toUpperCase()} =\t`),
      ),
    ).toEqual(plain);
    expect(parsed(`\uFEFF\r\n${text}\0\0`)).toEqual(plain);
  });

  it("Chromium's payload types below 96 are dynamic too, and RED names what it carries", () => {
    const [audioSection, videoSection] = parsed(sample("chromium-mdns-red-offer")).media;
    expect(audioSection?.payloads.get(63)).toEqual({
      name: "red",
      clockRateHz: 48000,
      channels: 2,
      kind: "redundancy",
      parameters: "111/111",
    });
    expect(videoSection?.payloads.get(45)).toMatchObject({ name: "AV1", kind: "video" });
    expect(videoSection?.payloads.get(97)).toMatchObject({
      kind: "retransmission",
      parameters: "apt=96",
    });
    expect(videoSection?.payloads.get(120)).toMatchObject({ name: "ulpfec", kind: "fec" });
  });

  it("a key of SDES is nowhere in what is read", () => {
    const text = sample("asterisk-two-profiles-offer");
    const session = parsed(text);
    expect(session.media[0]?.crypto).toEqual([{ tag: 1, suite: "AES_CM_128_HMAC_SHA1_80" }]);
    expect(JSON.stringify(session)).not.toContain("WVNfX19z");
  });
});

describe("payload types", () => {
  it("of RFC 3551 need no rtpmap", () => {
    expect(formats(media("m=audio 5004 RTP/AVP 0 3 8 9 13 18 96"))).toEqual([
      "0 PCMU/8000/1 audio",
      "3 GSM/8000/1 audio",
      "8 PCMA/8000/1 audio",
      "9 G722/8000/1 audio",
      "13 CN/8000/1 comfort-noise",
      "18 G729/8000/1 audio",
    ]);
  });

  it("keep the order of the m= line, then that of rtpmaps it does not list", () => {
    const section = media(
      "m=audio 5004 RTP/AVP 101 8 96",
      "a=rtpmap:100 opus/48000/2",
      "a=rtpmap:96 iLBC/8000",
      "a=rtpmap:101 telephone-event/8000",
    );
    expect(section.payloadTypes).toEqual([101, 8, 96]);
    expect([...section.payloads.keys()]).toEqual([101, 8, 96, 100]);
  });

  it.each([
    ["pcmu/8000", "PCMU/8000 audio"],
    ["pCmA/8000", "PCMA/8000 audio"],
    ["g729/8000", "G729/8000 audio"],
    ["OPUS/48000/2", "opus/48000/2 audio"],
    ["ILBC/8000", "iLBC/8000 audio"],
    ["gsm/8000/1", "GSM/8000/1 audio"],
    ["SPEEX/16000", "speex/16000 audio"],
    ["amr/8000", "AMR/8000 audio"],
    ["amr-wb/16000/1", "AMR-WB/16000/1 audio"],
    ["evs/16000", "EVS/16000 audio"],
    ["Telephone-Event/48000", "telephone-event/48000 telephone-event"],
    ["cn/16000", "CN/16000 comfort-noise"],
    ["RED/48000/2", "red/48000/2 redundancy"],
    ["RTX/90000", "rtx/90000 retransmission"],
    ["ULPFEC/90000", "ulpfec/90000 fec"],
    ["FlexFEC-03/90000", "flexfec-03/90000 fec"],
    ["parityfec/8000", "parityfec/8000 fec"],
    ["X-NSE/8000", "X-NSE/8000 audio"],
    ["mpeg4-generic/44100/2", "mpeg4-generic/44100/2 audio"],
    [" opus / 48000 / 2", "opus/48000/2 audio"],
  ])("rtpmap %s is %s", (rtpmap, format) => {
    const section = media("m=audio 5004 RTP/AVP 96", `a=rtpmap:96 ${rtpmap}`);
    expect(formats(section)).toEqual([`96 ${format}`]);
  });

  it.each(["vp8", "vp9", "h264", "h265", "av1"])(
    "rtpmap %s/90000 is video as registered",
    (name) => {
      const section = media("m=video 5004 RTP/AVP 96", `a=rtpmap:96 ${name}/90000`);
      expect(formats(section)).toEqual([`96 ${name.toUpperCase()}/90000 video`]);
    },
  );

  it("G722 counts at 8 kHz whatever its rtpmap says, and that is told (RFC 3551 §4.5.2)", () => {
    const session = sdp(
      "m=audio 5004 RTP/AVP 9 96",
      "a=rtpmap:9 G722/16000",
      "a=rtpmap:96 g722/16000/1",
    );
    expect(formats(onlyMedia(session))).toEqual(["9 G722/8000 audio", "96 G722/8000/1 audio"]);
    expect([...session.damage]).toEqual(["g722-clock"]);
  });

  it("without a usable rtpmap are those of RFC 3551 or have the one clock their name allows", () => {
    const session = sdp(
      "m=audio 5004 RTP/AVP 8 96 97 98 99 100",
      "a=rtpmap:8 PCMU",
      "a=rtpmap:96 opus",
      "a=rtpmap:97 speex",
      "a=rtpmap:98 L16/0",
      "a=rtpmap:99 /8000",
      "a=rtpmap:100 AMR-WB/sixteen",
    );
    expect(formats(onlyMedia(session))).toEqual([
      "8 PCMA/8000/1 audio",
      "96 opus/48000 audio",
      "100 AMR-WB/16000 audio",
    ]);
    expect([...session.damage]).toEqual(["bad-rtpmap"]);
  });

  it("of RFC 3551 keep their format where their rtpmap has no clock", () => {
    // As in the description of RFC 4475's messages, which gives the name of an audio codec.
    const session = sdp("m=video 3227 RTP/AVP 31", "a=rtpmap:31 LPC");
    expect(formats(onlyMedia(session))).toEqual(["31 H261/90000 video"]);
    expect([...session.damage]).toEqual(["bad-rtpmap"]);
  });

  it("outside seven bits are none", () => {
    const session = sdp("m=audio 5004 RTP/AVP 128 x 0", "a=rtpmap:128 PCMU/8000", "a=fmtp:128 x=1");
    expect(onlyMedia(session).payloadTypes).toEqual([0]);
    expect([...session.damage].sort()).toEqual(["bad-attribute", "bad-media-line", "bad-rtpmap"]);
  });

  it("keep their parameters as written, over several lines joined", () => {
    const section = media(
      "m=audio 5004 RTP/AVP 96 18",
      "a=fmtp:96 useinbandfec=1; stereo=0",
      "a=rtpmap:96 opus/48000/2",
      "a=fmtp:96 cbr=1",
      "a=fmtp:18 annexb=no",
    );
    expect(section.payloads.get(96)?.parameters).toBe("useinbandfec=1; stereo=0;cbr=1");
    expect(section.payloads.get(18)).toEqual({
      name: "G729",
      clockRateHz: 8000,
      channels: 1,
      kind: "audio",
      parameters: "annexb=no",
    });
  });

  it("of a protocol that is no RTP are none", () => {
    const section = media("m=image 5004 udptl 8 t38");
    expect(section).toMatchObject({ type: "image", protocol: "UDPTL", formats: ["8", "t38"] });
    expect(section.payloadTypes).toEqual([]);
    expect(section.payloads.size).toBe(0);
  });

  it("of a section that is neither audio nor video have no format but the auxiliary ones", () => {
    const section = media(
      "m=text 5004 RTP/AVP 98 100",
      "a=rtpmap:98 t140/1000",
      "a=rtpmap:100 red/1000",
    );
    expect(formats(section)).toEqual(["100 red/1000 redundancy"]);
  });

  it("that two rtpmaps claim belong to the first", () => {
    const section = media(
      "m=audio 5004 RTP/AVP 96",
      "a=rtpmap:96 opus/48000/2",
      "a=rtpmap:96 L16/8000",
    );
    expect(formats(section)).toEqual(["96 opus/48000/2 audio"]);
  });
});

describe("the m= line", () => {
  it("has a port, a count of port pairs, a protocol and formats", () => {
    expect(media("m=Video\t49170/2  rtp/avp   31 32 ")).toMatchObject({
      type: "video",
      port: 49170,
      portCount: 2,
      protocol: "RTP/AVP",
      formats: ["31", "32"],
      payloadTypes: [31, 32],
    });
  });

  it("with port 0 rejects, save in a bundle (RFC 3264 §6, RFC 9143 §6)", () => {
    expect(media("m=audio 0 RTP/AVP 0").isRejected).toBe(true);
    expect(media("m=audio 0 RTP/AVP 0", "a=bundle-only").isRejected).toBe(false);
    expect(audio().isRejected).toBe(false);
  });

  it.each([
    "m=audio",
    "m=audio x RTP/AVP 0",
    "m=audio 65536 RTP/AVP 0",
    "m=audio 5004 RTP/AVP",
    "m=",
  ])("%j is flagged, and keeps what follows apart from the section before", (line) => {
    const session = sdp("m=audio 5004 RTP/AVP 0", line, "a=ptime:30");
    expect(session.media).toHaveLength(2);
    expect(session.media[0]?.ptimeMs).toBeUndefined();
    expect(session.media[1]).toMatchObject({ ptimeMs: 30, isRejected: false });
    expect([...session.damage]).toEqual(["bad-media-line"]);
  });
});

describe("the connection address", () => {
  it.each([
    ["IN IP4 192.0.2.9", { address: "192.0.2.9", isIpAddress: true, addressCount: 1 }],
    [
      "IN IP4 233.252.0.1/127",
      { address: "233.252.0.1", isIpAddress: true, ttl: 127, addressCount: 1 },
    ],
    [
      "IN IP4 233.252.0.1/127/3",
      { address: "233.252.0.1", isIpAddress: true, ttl: 127, addressCount: 3 },
    ],
    ["IN IP6 FF15::101/3", { address: "ff15::101", isIpAddress: true, addressCount: 3 }],
    ["IN IP6 2001:db8:0:0:0:0:0:1", { address: "2001:db8::1", isIpAddress: true, addressCount: 1 }],
    ["IN IP4 2001:DB8::1", { address: "2001:db8::1", isIpAddress: true, addressCount: 1 }],
    ["in\tip4  192.0.2.9", { address: "192.0.2.9", isIpAddress: true, addressCount: 1 }],
    [
      "IN IP4 media.example.com",
      { address: "media.example.com", isIpAddress: false, addressCount: 1 },
    ],
  ])("%s (RFC 8866 §5.7)", (line, connection) => {
    expect(audio(`c=${line}`).connection).toEqual(connection);
  });

  it("is that of the session where the section has none, and absent where neither has", () => {
    expect(audio().connection?.address).toBe("192.0.2.1");
    const session = parsed("v=0\r\nm=audio 5004 RTP/AVP 0\r\n");
    expect(onlyMedia(session).connection).toBeUndefined();
    expect([...session.damage]).toEqual([]);
  });

  it("is the first of several", () => {
    expect(audio("c=IN IP4 233.252.0.1/127", "c=IN IP4 233.252.0.2/127").connection?.address).toBe(
      "233.252.0.1",
    );
  });

  it.each(["", "IN", "IN IP4", "IN IP4 /127"])("%j is flagged and passed over", (line) => {
    const session = sdp("m=audio 5004 RTP/AVP 0", `c=${line}`);
    expect(onlyMedia(session).connection?.address).toBe("192.0.2.1");
    expect([...session.damage]).toEqual(["bad-address-line"]);
  });

  it("of zeros puts on hold (RFC 3264 §8.4), unless ICE is to find the address (RFC 8840)", () => {
    expect(audio("c=IN IP4 0.0.0.0").isHeldByAddress).toBe(true);
    expect(audio("c=IN IP6 ::").isHeldByAddress).toBe(true);
    expect(audio("c=IN IP4 0.0.0.0", "a=ice-ufrag:x", "a=ice-pwd:y").isHeldByAddress).toBe(false);
    expect(audio().isHeldByAddress).toBe(false);
  });
});

describe("what is said for the session", () => {
  const shared = [
    "a=sendonly",
    "a=ice-ufrag:sessionUfrag",
    "a=ice-pwd:sessionPwd",
    "a=setup:actpass",
    "a=fingerprint:SHA-256 aa:bb",
    "a=ptime:40",
    "a=maxptime:80",
  ];

  it("counts for every section", () => {
    expect(media(...shared, "m=audio 5004 RTP/AVP 0")).toMatchObject({
      direction: "sendonly",
      iceUfrag: "sessionUfrag",
      icePwd: "sessionPwd",
      setup: "actpass",
      fingerprints: [{ algorithm: "sha-256", value: "AA:BB" }],
      ptimeMs: 40,
      maxptimeMs: 80,
    });
  });

  it("gives way to what the section says", () => {
    expect(
      media(
        ...shared,
        "m=audio 5004 RTP/AVP 0",
        "a=inactive",
        "a=ice-ufrag:own",
        "a=ice-pwd:ownPwd",
        "a=setup:active",
        "a=fingerprint:sha-1 01:02",
        "a=fingerprint:sha-256 03:04",
        "a=ptime:20.000",
        "a=maxptime:60",
      ),
    ).toMatchObject({
      direction: "inactive",
      iceUfrag: "own",
      icePwd: "ownPwd",
      setup: "active",
      fingerprints: [
        { algorithm: "sha-1", value: "01:02" },
        { algorithm: "sha-256", value: "03:04" },
      ],
      ptimeMs: 20,
      maxptimeMs: 60,
    });
  });

  it("holds where it stands after a line of the media, as long as that is not an m= line", () => {
    const session = parsed("m=audio 5004 RTP/AVP 0\r\nc=IN IP4 192.0.2.7\r\nv=0\r\ns=late\r\n");
    expect(session.name).toBe("late");
    expect(onlyMedia(session).connection?.address).toBe("192.0.2.7");
    expect([...session.damage]).toEqual([]);
  });
});

describe("direction", () => {
  it.each([
    ["a=SendRecv", "sendrecv"],
    ["a=sendonly", "sendonly"],
    ["a=RECVONLY ", "recvonly"],
    ["a=inactive", "inactive"],
    ["a=other", "sendrecv"],
  ])("%s is %s", (line, direction) => {
    expect(audio(line).direction).toBe(direction);
  });
});

describe("RTCP", () => {
  it("may share the port of RTP, or have an address of its own (RFC 5761, RFC 3605)", () => {
    expect(audio()).toMatchObject({ isRtcpMux: false });
    expect(audio("a=rtcp-mux").isRtcpMux).toBe(true);
    expect(audio("a=rtcp-mux-only").isRtcpMux).toBe(true);
    expect(audio("a=rtcp:53020").rtcp).toEqual({ port: 53020 });
    expect(audio("a=rtcp:53020 IN IP4 192.0.2.7").rtcp).toEqual({
      port: 53020,
      address: "192.0.2.7",
    });
    expect(audio("a=rtcp:53020 IN IP6 2001:DB8::7").rtcp?.address).toBe("2001:db8::7");
    expect(audio("a=rtcp:none").rtcp).toBeUndefined();
  });
});

describe("ICE candidates (RFC 8839 §5.1)", () => {
  it("have what joins packets to them", () => {
    const section = audio(
      "a=candidate:842163049 1 UDP 1677729535 203.0.113.4 49203 typ SRFLX raddr 10.0.1.1 rport 8998 generation 0 network-cost 50",
      "a=candidate:1 2 tcp 2105458942 2001:DB8::9 9 typ host tcptype active",
      "a=candidate:3 1 udp 2122260223 8e6c1b9e-17f0-4c2a-9e47-9d1b2a1f0d11.local 51000 typ host",
    );
    expect(section.candidates).toEqual([
      {
        foundation: "842163049",
        component: 1,
        transport: "udp",
        priority: 1677729535,
        address: "203.0.113.4",
        isIpAddress: true,
        port: 49203,
        type: "srflx",
        relatedAddress: "10.0.1.1",
        relatedPort: 8998,
      },
      {
        foundation: "1",
        component: 2,
        transport: "tcp",
        priority: 2105458942,
        address: "2001:db8::9",
        isIpAddress: true,
        port: 9,
        type: "host",
      },
      {
        foundation: "3",
        component: 1,
        transport: "udp",
        priority: 2122260223,
        address: "8e6c1b9e-17f0-4c2a-9e47-9d1b2a1f0d11.local",
        isIpAddress: false,
        port: 51000,
        type: "host",
      },
    ]);
  });

  it.each([
    "",
    "1 1 udp 1 192.0.2.1 5000",
    "1 1 udp 1 192.0.2.1 5000 typ",
    "1 x udp 1 192.0.2.1 5000 typ host",
    "1 1 udp 4294967296 192.0.2.1 5000 typ host",
    "1 1 udp 1 192.0.2.1 65536 typ host",
  ])("%j is none", (candidate) => {
    const session = sdp("m=audio 5004 RTP/AVP 0", `a=candidate:${candidate}`);
    expect(onlyMedia(session).candidates).toEqual([]);
    expect([...session.damage]).toEqual(["bad-attribute"]);
  });
});

describe("other attributes", () => {
  it("name the section, its sources and their groups", () => {
    const section = audio(
      "a=mid:audio_0",
      "a=ssrc:4294967295 cname:user@example.com {x}",
      "a=ssrc:4294967295 msid:stream track",
      "a=ssrc:1 msid:stream track",
      "a=ssrc-group:FID 4294967295 1",
    );
    expect(section.mid).toBe("audio_0");
    expect(section.sources).toEqual([
      { ssrc: 4294967295, cname: "user@example.com {x}" },
      { ssrc: 1 },
    ]);
    expect(section.sourceGroups).toEqual([{ semantics: "FID", members: [4294967295, 1] }]);
  });

  it("group sections, wherever they stand", () => {
    const session = sdp("a=group:bundle a b", "m=audio 5004 RTP/AVP 0", "a=group:LS a b");
    expect(session.groups).toEqual([
      { semantics: "BUNDLE", members: ["a", "b"] },
      { semantics: "LS", members: ["a", "b"] },
    ]);
  });

  it("say who is ICE lite", () => {
    expect(sdp("a=ice-lite").isIceLite).toBe(true);
    expect(sdp().isIceLite).toBe(false);
  });

  it.each([
    "a=setup:both",
    "a=ptime:0",
    "a=ptime:-20",
    "a=ptime:1e3",
    "a=maxptime:600000",
    "a=fingerprint:sha-256",
    "a=fingerprint:sha-256 xx:yy",
    "a=ice-ufrag:",
    "a=ssrc:4294967296 cname:x",
    "a=ssrc-group:FID 1 x",
    "a=crypto:x AES_CM_128_HMAC_SHA1_80 inline:y",
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80",
    "a=rtcp:65536",
  ])("%s is flagged and passed over", (line) => {
    const session = sdp("m=audio 5004 RTP/AVP 0", line);
    expect([...session.damage]).toEqual(["bad-attribute"]);
    expect(onlyMedia(session)).toEqual(audio());
  });
});

describe("damage", () => {
  it("is told where lines are none, and the rest is read", () => {
    const session = parsed("v=0\r\nnonsense\r\nzz=1\r\n=\r\nm=audio 5004 RTP/AVP 0\r\n\x01\x02");
    expect(session.media).toHaveLength(1);
    expect([...session.damage]).toEqual(["malformed-line"]);
  });

  it("is told where the version is missing", () => {
    expect([...parsed("c=IN IP4 192.0.2.1\r\n").damage]).toEqual(["missing-version"]);
  });

  it("is told where another description follows, which is not read", () => {
    const session = parsed(sample("sipp-pcma-offer").repeat(2));
    expect(session.media).toHaveLength(1);
    expect([...session.damage]).toEqual(["second-session"]);
  });

  it.each([
    ["", "empty"],
    [" \r\n\t\0", "no-sdp-line"],
    ["\r\n", "empty"],
    ["hello", "no-sdp-line"],
    ["a=sendrecv\r\n", "no-sdp-line"],
    ["<?xml version='1.0'?>", "no-sdp-line"],
  ])("%j is no description: %s", (text, reason) => {
    expect(parseSdp(text)).toBe(reason);
  });
});

describe("bounds, each told where it is met", () => {
  const many = (count: number, line: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => line(i));

  it("lines", () => {
    const session = sdp(...many(MAX_LINES, () => "b=AS:64"), "m=audio 5004 RTP/AVP 0");
    expect(session.media).toHaveLength(0);
    expect([...session.damage]).toEqual(["line-limit"]);
  });

  it("media sections", () => {
    const session = sdp(...many(MAX_MEDIA + 1, () => "m=audio 5004 RTP/AVP 0"), "a=ptime:20");
    expect(session.media).toHaveLength(MAX_MEDIA);
    expect(session.media.at(-1)?.ptimeMs).toBeUndefined();
    expect([...session.damage]).toEqual(["media-limit"]);
  });

  it("formats", () => {
    const session = sdp(`m=audio 5004 RTP/AVP${" 0".repeat(MAX_FORMATS + 1)}`);
    expect(onlyMedia(session).formats).toHaveLength(MAX_FORMATS);
    expect([...session.damage]).toEqual(["format-limit"]);
  });

  it("candidates", () => {
    const session = sdp(
      "m=audio 5004 RTP/AVP 0",
      ...many(MAX_CANDIDATES + 1, (i) => `a=candidate:1 1 udp 1 192.0.2.1 ${5000 + i} typ host`),
    );
    expect(onlyMedia(session).candidates).toHaveLength(MAX_CANDIDATES);
    expect([...session.damage]).toEqual(["candidate-limit"]);
  });

  it("sources, fingerprints and group members", () => {
    const session = sdp(
      `a=group:BUNDLE ${many(MAX_GROUP_MEMBERS + 9, String).join(" ")}`,
      "m=audio 5004 RTP/AVP 0",
      ...many(MAX_SOURCES + 1, (i) => `a=ssrc:${i} cname:x`),
      ...many(MAX_FINGERPRINTS + 1, () => "a=fingerprint:sha-256 00"),
    );
    expect(session.groups[0]?.members).toHaveLength(MAX_GROUP_MEMBERS);
    expect(onlyMedia(session).sources).toHaveLength(MAX_SOURCES);
    expect(onlyMedia(session).fingerprints).toHaveLength(MAX_FINGERPRINTS);
    expect([...session.damage]).toEqual(["attribute-limit"]);
  });
});
