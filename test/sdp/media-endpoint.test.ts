import { describe, expect, it } from "vitest";

import { endpointKey } from "../../src/net/endpoint.js";
import {
  MAX_ENDPOINTS,
  MAX_PORT_PAIRS,
  mediaEndpoints,
  type MediaEndpoint,
} from "../../src/sdp/media-endpoint.js";
import { parsed, sample } from "./samples.js";

const HEAD = "v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n";

function endpoints(...lines: string[]): readonly MediaEndpoint[] {
  return mediaEndpoints(parsed(HEAD + lines.map((line) => `${line}\r\n`).join("")));
}

function ofSample(name: string): readonly MediaEndpoint[] {
  return mediaEndpoints(parsed(sample(name)));
}

/** Each endpoint as `section source rtp rtcp`, with `=` where RTCP shares the port. */
function places(found: readonly MediaEndpoint[]): string[] {
  return found.map(({ mediaIndex, source, rtp, rtcp }) => {
    const rtpKey = rtp ? endpointKey(rtp) : "-";
    const rtcpKey = rtcp ? endpointKey(rtcp) : "-";
    return `${mediaIndex} ${source} ${rtpKey} ${rtcpKey === rtpKey ? "=" : rtcpKey}`;
  });
}

describe("mediaEndpoints of what real stacks send", () => {
  it.each([
    ["baresip-pcmu-offer", ["0 connection 10.77.1.2:20034 10.77.1.2:20035"]],
    ["freeswitch-offer", ["0 connection 203.0.113.9:24578 ="]],
    ["rtpengine-plain-offer", ["0 connection 127.0.0.1:30000 127.0.0.1:30001"]],
    [
      // Offers both: one port, or RTCP on the other if the answerer does not take that.
      "rtpengine-webrtc-offer",
      ["0 connection 127.0.0.1:30024 =", "0 connection - 127.0.0.1:30025"],
    ],
    [
      "linphone-ice-ipv6-offer",
      [
        "0 connection [fd00::2]:7078 [fd00::2]:7079",
        "0 candidate 192.0.2.2:7078 -",
        "0 candidate - 192.0.2.2:7079",
      ],
    ],
    [
      "chromium-bundle-answer",
      [0, 1, 2].flatMap((section) => [
        `${section} connection 192.0.2.2:50780 =`,
        `${section} candidate [fd00::2]:56630 =`,
      ]),
    ],
    ["chromium-mdns-red-offer", []],
    ["janus-red-answer", ["0 candidate 203.0.113.30:10442 ="]],
    [
      "firefox-bundle-offer",
      [0, 1, 2].flatMap((section) => [
        `${section} connection 198.51.100.20:50120 =`,
        `${section} connection - 198.51.100.20:50122`,
        `${section} candidate 192.0.2.15:50120 =`,
        `${section} candidate [2001:db8::15]:50121 =`,
        `${section} candidate 203.0.113.77:61002 =`,
        `${section} candidate - 192.0.2.15:50122`,
      ]),
    ],
    ["cisco-ios-hold", []],
    ["cisco-ios-t38-reinvite", ["0 connection 192.0.2.70:17390 -"]],
    ["gateway-t38-or-audio-answer", ["1 connection 198.51.100.33:6056 -"]],
    [
      "multicast-two-layers",
      [
        "0 connection 233.252.0.1:49170 233.252.0.1:49171",
        "1 connection [ff15::101]:51372 [ff15::101]:51373",
        "1 connection [ff15::101]:51374 [ff15::101]:51375",
        "2 connection 233.252.0.1:49180 198.51.100.7:53020",
      ],
    ],
    [
      "aiortc-bundle-offer",
      [
        "0 connection 192.0.2.2:42808 =",
        "0 candidate [fd00::2]:46734 =",
        "1 connection 192.0.2.2:46010 =",
        "1 candidate [fd00::2]:51895 =",
        "1 connection 192.0.2.2:42808 =",
        "1 candidate [fd00::2]:46734 =",
        "2 connection 192.0.2.2:47722 -",
        "2 candidate [fd00::2]:33585 -",
        "2 connection 192.0.2.2:42808 =",
        "2 candidate [fd00::2]:46734 =",
      ],
    ],
  ])("%s", (name, expected) => {
    expect(places(ofSample(name))).toEqual(expected);
  });

  it("say what they carry: a video section that Chromium bundles knows the audio of its port", () => {
    const [first] = ofSample("chromium-bundle-offer");
    expect(first).toMatchObject({
      mediaType: "audio",
      mid: "0",
      isSecure: true,
      keyings: ["dtls"],
    });
    expect(first?.payloads.get(111)).toMatchObject({ name: "opus", clockRateHz: 48000 });
    expect(first?.payloads.get(96)).toMatchObject({ name: "VP8", clockRateHz: 90000 });
    const data = ofSample("chromium-bundle-offer").at(-1);
    expect(data).toMatchObject({ mediaType: "application", isRtp: false, isSecure: true });
    expect(data?.payloads.get(111)).toMatchObject({ name: "opus" });
  });

  it("say how they are secured", () => {
    const about = (name: string) =>
      ofSample(name).map(({ protocol, isRtp, isSecure, keyings }) => {
        return [protocol, isRtp, isSecure, ...keyings];
      });
    expect(about("baresip-dtls-srtp-answer")).toEqual([["UDP/TLS/RTP/SAVPF", true, true, "dtls"]]);
    expect(about("rtpengine-sdes-offer")).toEqual([["RTP/SAVP", true, true, "sdes"]]);
    expect(about("asterisk-two-profiles-offer")).toEqual([
      ["RTP/SAVP", true, true, "sdes"],
      ["RTP/AVP", true, false],
    ]);
    expect(about("cisco-ios-t38-reinvite")).toEqual([["UDPTL", false, false]]);
  });

  it("carry packet time and direction of their section", () => {
    expect(ofSample("ims-evs-amr-offer")[0]).toMatchObject({
      rtp: { address: "2001:db8:0:1::a5", port: 49152 },
      ptimeMs: 20,
      direction: "inactive",
    });
  });
});

describe("mediaEndpoints", () => {
  it("tells opportunistic SRTP from SRTP that is demanded (RFC 8643)", () => {
    const [endpoint] = endpoints(
      "m=audio 5004 RTP/AVP 0",
      "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x",
      "a=fingerprint:sha-256 00:01",
    );
    expect(endpoint).toMatchObject({ isSecure: false, keyings: ["dtls", "sdes"] });
  });

  it("has no RTCP port beyond the last port", () => {
    expect(places(endpoints("m=audio 65535 RTP/AVP 0"))).toEqual([
      "0 connection 192.0.2.1:65535 -",
    ]);
    expect(places(endpoints("m=audio 65532/9 RTP/AVP 0"))).toEqual([
      "0 connection 192.0.2.1:65532 192.0.2.1:65533",
      "0 connection 192.0.2.1:65534 192.0.2.1:65535",
    ]);
  });

  it.each([
    ["a host name", ["m=audio 5004 RTP/AVP 0", "c=IN IP4 media.example.com"]],
    ["no port", ["m=audio 0 RTP/AVP 0"]],
    ["an unreadable port", ["m=audio five RTP/AVP 0"]],
    ["zeros", ["m=audio 5004 RTP/AVP 0", "c=IN IP6 ::"]],
    ["the discard port, with ICE", ["m=audio 9 RTP/AVP 0", "a=ice-ufrag:x", "a=rtcp:9"]],
  ])("has nothing for a section with %s", (_, lines) => {
    expect(endpoints(...lines)).toEqual([]);
  });

  it("has nothing where there is no address at all", () => {
    expect(mediaEndpoints(parsed("v=0\r\nm=audio 5004 RTP/AVP 0\r\n"))).toEqual([]);
  });

  it.each(["a=rtcp:0", "a=rtcp:5005 IN IP4 0.0.0.0", "a=rtcp:5005 IN IP4 rtcp.example.com"])(
    "has no RTCP endpoint for %s",
    (line) => {
      expect(places(endpoints("m=audio 5004 RTP/AVP 0", line))).toEqual([
        "0 connection 192.0.2.1:5004 -",
      ]);
    },
  );

  it("takes RTCP at the stated port too while sharing is only offered, unless that is a placeholder", () => {
    const both = ["m=audio 5004 RTP/AVP 0", "a=rtcp-mux"];
    const shared = "0 connection 192.0.2.1:5004 =";
    expect(places(endpoints(...both))).toEqual([shared]);
    expect(places(endpoints(...both, "a=rtcp:5004"))).toEqual([shared]);
    expect(places(endpoints(...both, "a=rtcp:5009"))).toEqual([
      shared,
      "0 connection - 192.0.2.1:5009",
    ]);
    expect(places(endpoints(...both, "a=ice-ufrag:x", "a=rtcp:9"))).toEqual([shared]);
  });

  it("passes over candidates that no packet of media can go to", () => {
    expect(
      places(
        endpoints(
          "m=audio 5004 RTP/AVP 0",
          "a=candidate:1 1 tcp 1 192.0.2.2 9 typ host tcptype active",
          "a=candidate:2 1 udp 1 x.local 5000 typ host",
          "a=candidate:3 1 udp 1 0.0.0.0 5000 typ host",
          "a=candidate:4 1 udp 1 192.0.2.3 0 typ host",
          "a=candidate:5 3 udp 1 192.0.2.4 5000 typ host",
          "a=candidate:6 1 udp 1 192.0.2.5 5000 typ prflx",
        ),
      ),
    ).toEqual(["0 connection 192.0.2.1:5004 192.0.2.1:5005", "0 candidate 192.0.2.5:5000 -"]);
  });

  it("lets a section's own format stand before those it is bundled with, the first one's next", () => {
    const [audio, video, data] = endpoints(
      "a=group:BUNDLE a v d",
      "m=audio 5004 RTP/AVP 96",
      "a=mid:a",
      "a=rtpmap:96 opus/48000/2",
      "m=video 5004 RTP/AVP 96 97",
      "a=mid:v",
      "a=rtpmap:96 VP8/90000",
      "a=rtpmap:97 VP9/90000",
      "m=application 5004 UDP/DTLS/SCTP webrtc-datachannel",
      "a=mid:d",
    );
    expect(audio?.payloads.get(96)?.name).toBe("opus");
    expect(audio?.payloads.get(97)?.name).toBe("VP9");
    expect(video?.payloads.get(96)?.name).toBe("VP8");
    expect(data?.payloads.get(96)?.name).toBe("opus");
  });

  it("shares the transport of the first section of a bundle that is not rejected", () => {
    expect(
      places(
        endpoints(
          "a=group:BUNDLE a v w",
          "m=audio 0 RTP/AVP 0",
          "a=mid:a",
          "m=video 5006 RTP/AVP 31",
          "a=mid:v",
          "a=rtcp-mux",
          "m=video 0 RTP/AVP 31",
          "a=mid:w",
          "a=bundle-only",
        ),
      ),
    ).toEqual(["1 connection 192.0.2.1:5006 =", "2 connection 192.0.2.1:5006 ="]);
  });

  it("keeps the maps of sections apart that are in no bundle", () => {
    const [audio] = endpoints("m=audio 5004 RTP/AVP 0", "m=video 5006 RTP/AVP 31");
    expect([...(audio?.payloads.keys() ?? [])]).toEqual([0]);
  });

  it("is bounded in port pairs and in all", () => {
    expect(endpoints("m=audio 5004/1000 RTP/AVP 0")).toHaveLength(MAX_PORT_PAIRS);
    const candidates = Array.from(
      { length: 128 },
      (_, i) => `a=candidate:1 1 udp 1 192.0.2.1 ${6000 + i} typ host`,
    );
    const sections = Array.from({ length: 256 }, () => ["m=audio 5004 RTP/AVP 0", ...candidates]);
    expect(endpoints(...sections.slice(0, 60).flat())).toHaveLength(MAX_ENDPOINTS);
  });
});
