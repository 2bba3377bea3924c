/** Hostile and random input: nothing is thrown, everything stays bounded, time stays linear. */
import { isIP } from "node:net";
import { describe, expect, it } from "vitest";

import { MAX_LINES } from "../../src/sdp/lines.js";
import { MAX_ENDPOINTS, mediaEndpoints } from "../../src/sdp/media-endpoint.js";
import { MAX_CANDIDATES, MAX_FORMATS } from "../../src/sdp/media-section.js";
import { MAX_MEDIA, parseSdp } from "../../src/sdp/session.js";
import { mutated } from "./mutation.js";
import { generator } from "./random.js";
import { SAMPLES } from "./samples.js";

const REASONS = ["empty", "no-sdp-line"];
const DIRECTIONS = ["sendrecv", "sendonly", "recvonly", "inactive"];

/** `expect` in a loop of thousands costs more than what it checks. */
function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** Reads all there is to read and checks what must hold of any input. */
function checkInvariants(text: string): boolean {
  const session = parseSdp(text);
  if (typeof session === "string") {
    must(REASONS.includes(session), session);
    return false;
  }
  must(session.media.length <= MAX_MEDIA, "sections are bounded");
  for (const media of session.media) {
    must(DIRECTIONS.includes(media.direction), media.direction);
    must(media.formats.length <= MAX_FORMATS, "formats are bounded");
    must(media.candidates.length <= MAX_CANDIDATES, "candidates are bounded");
    for (const [payloadType, { clockRateHz, name }] of media.payloads) {
      must(payloadType >= 0 && payloadType <= 127, "a payload type has seven bits");
      must(clockRateHz >= 1 && name !== "", "a format has a clock and a name");
    }
  }
  const endpoints = mediaEndpoints(session);
  must(endpoints.length <= MAX_ENDPOINTS, "endpoints are bounded");
  for (const { rtp, rtcp } of endpoints) {
    must((rtp ?? rtcp) !== undefined, "an endpoint is somewhere");
    for (const endpoint of [rtp, rtcp]) {
      if (endpoint === undefined) continue;
      must(endpoint.port > 0 && endpoint.port <= 65535, "a port is a port");
      must(isIP(endpoint.address) !== 0, "an address is an address");
    }
  }
  return true;
}

describe("a description mutated at random", () => {
  const texts = [...SAMPLES.values()];

  it.each([1, 2, 3, 4])("is read or refused, seed %d", (seed) => {
    const random = generator(seed);
    let read = 0;
    for (let i = 0; i < 2500; i += 1) {
      const text = texts[random(texts.length)] ?? "";
      if (checkInvariants(mutated(text, random))) read += 1;
    }
    // Mutants that are still descriptions: the corpus must not die of its mutations.
    expect(read).toBeGreaterThan(2000);
  });

  it("of random characters is read or refused", () => {
    const random = generator(5);
    for (let i = 0; i < 5000; i += 1) {
      const codes = Array.from({ length: random(80) }, () => random(i % 2 === 0 ? 128 : 0x10000));
      checkInvariants(String.fromCharCode(...codes));
    }
  });
});

/** A quadratic step would take minutes on these, and the time limit of the test is seconds. */
describe("a megabyte of hostile text", () => {
  const MEGABYTE = 1_000_000;
  const fill = (unit: string) => unit.repeat(MEGABYTE / unit.length);
  const lines = (line: string) => `v=0\r\nm=audio 5004 RTP/AVP 0\r\n${fill(`${line}\r\n`)}`;

  it.each([
    ["nothing but line ends", fill("\r\n")],
    ["nothing but carriage returns", fill("\r")],
    ["nothing but blanks", fill(" ")],
    ["nothing but NUL", fill("\0")],
    ["nothing but equals signs", fill("=")],
    ["blanks before the equals sign", `v${fill(" ")}=0`],
    ["one line of blanks and a letter at its end", `v=0\r\na=${fill(" ")}x`],
    ["one line of colons", `v=0\r\na=${fill(":")}`],
    ["one m= line of slashes", `v=0\r\nm=${fill("/")}`],
    ["one m= line of formats", `v=0\r\nm=audio 5004 RTP/AVP ${fill("0 ")}`],
    ["one m= line of blanks", `v=0\r\nm=audio${fill(" ")}5004 RTP/AVP 0`],
    ["one m= line of protocol", `v=0\r\nm=audio 5004 ${fill("RTP/")} 0`],
    ["one connection of slashes", `v=0\r\nc=IN IP4 ${fill("/")}`],
    ["one connection of colons", `v=0\r\nc=IN IP6 ${fill(":")}`],
    ["one origin of fields", `v=0\r\no=${fill("a ")}`],
    ["one group", `v=0\r\na=group:BUNDLE ${fill("a ")}`],
    ["one rtpmap of slashes", lines(`a=rtpmap:96 ${"/".repeat(900_000)}`)],
    ["one candidate of pairs", `v=0\r\nm=audio 1 RTP/AVP 0\r\na=candidate:${fill("1 ")}`],
    ["one fingerprint", `v=0\r\na=fingerprint:sha-256 ${fill("00:")}`],
    ["one packet time", `v=0\r\na=ptime:${fill("1")}`],
    ["many sections", `v=0\r\n${fill("m=audio 5004 RTP/AVP 0\r\n")}`],
    ["many rtpmaps", lines("a=rtpmap:96 opus/48000")],
    ["many parameters", lines("a=fmtp:96 x")],
    ["many candidates", lines("a=candidate:1 1 udp 1 192.0.2.1 5000 typ host")],
    ["many sources", lines("a=ssrc:1 cname:x")],
    ["many groups", lines("a=group:BUNDLE a b")],
    ["many keys", lines("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x")],
  ])("%s", { timeout: 5000 }, (_, text) => {
    checkInvariants(text);
  });

  it("in as many bundled sections as are read", { timeout: 5000 }, () => {
    const mids = Array.from({ length: MAX_MEDIA }, (_, i) => String(i));
    const rtpmaps = Array.from({ length: 40 }, (_, i) => `a=rtpmap:${88 + i} opus/48000\r\n`);
    const section = (mid: string) =>
      `m=audio 5004 RTP/AVP 0\r\na=mid:${mid}\r\n${rtpmaps.join("")}`;
    const groups = `a=group:BUNDLE ${mids.join(" ")}\r\n`.repeat(64);
    const text = `v=0\r\nc=IN IP4 192.0.2.1\r\n${groups}${mids.map(section).join("")}`;
    expect(text.split("\n").length).toBeLessThan(MAX_LINES);
    expect(checkInvariants(text)).toBe(true);
  });
});
