import { describe, expect, it } from "vitest";

import { parseSdp } from "../../src/sdp/session.js";
import { parsed, SAMPLES } from "./samples.js";

function sdp(head: readonly string[], ...section: string[]) {
  return parsed(["v=0", "o=- 1 2 IN IP4 192.0.2.1", "s=-", ...head, ...section, ""].join("\r\n"));
}

const LINES = ["a=rtpmap:0 PCMU/8000", "a=rtpmap:101 telephone-event/8000", "a=ptime:20"];

describe("a media section that was read before", () => {
  it.each([...SAMPLES])("%s is read the same the second time", (_name, text) => {
    expect(parseSdp(text)).toEqual(parseSdp(text));
  });

  it("keeps what differs: its port, and what its session says for it", () => {
    const one = sdp(["c=IN IP4 192.0.2.1"], "m=audio 5004 RTP/AVP 0 101", ...LINES);
    const other = sdp(
      ["c=IN IP4 198.51.100.7", "a=sendonly"],
      "m=audio 6006 RTP/AVP 0 101",
      ...LINES,
    );
    expect(one.media[0]).toMatchObject({
      port: 5004,
      direction: "sendrecv",
      connection: { address: "192.0.2.1" },
    });
    expect(other.media[0]).toMatchObject({
      port: 6006,
      direction: "sendonly",
      connection: { address: "198.51.100.7" },
    });
    expect(other.media[0]?.payloads).toBe(one.media[0]?.payloads);
  });

  it("may be rejected by its port alone", () => {
    const section = (port: string) => [`m=audio ${port} RTP/AVP 0 101`, ...LINES];
    expect(sdp([], ...section("5004")).media[0]?.isRejected).toBe(false);
    expect(sdp([], ...section("0")).media[0]?.isRejected).toBe(true);
  });

  it.each([
    ["bad-rtpmap", "a=rtpmap:0 PCMU"],
    ["bad-attribute", "a=ptime:soon"],
    ["malformed-line", "nonsense"],
    ["bad-media-line", undefined],
  ])("is told of %s each time", (damage, line) => {
    const section = ["m=audio 5004 RTP/AVP 0 x", ...(line === undefined ? [] : [line])];
    for (let time = 0; time < 3; time += 1) {
      expect([...sdp([], ...section).damage]).toContain(damage);
    }
  });

  it("still says what it said of the session", () => {
    const section = ["m=audio 5004 RTP/AVP 0", "a=mid:a", "a=group:BUNDLE a"];
    for (let time = 0; time < 3; time += 1) {
      expect(sdp([], ...section).groups).toEqual([{ semantics: "BUNDLE", members: ["a"] }]);
    }
  });

  it("is not read after the description that a second one ends", () => {
    const section = ["m=audio 5004 RTP/AVP 0"];
    for (let time = 0; time < 3; time += 1) {
      const session = sdp([], ...section, "v=0", ...section);
      expect(session.media).toHaveLength(1);
      expect([...session.damage]).toEqual(["second-session"]);
    }
  });
});
