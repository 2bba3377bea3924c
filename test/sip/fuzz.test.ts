/** Hostile and random input: nothing is thrown, everything stays bounded, time stays linear. */
import { describe, expect, it } from "vitest";

import { mediaEndpoints } from "../../src/sdp/media-endpoint.js";
import { parseSdp } from "../../src/sdp/session.js";
import { parseAddress } from "../../src/sip/address.js";
import { MAX_HEADER_FIELDS, MAX_LIST_ELEMENTS } from "../../src/sip/header-fields.js";
import { MAX_MESSAGE_BYTES, scanSipMessage, type SipMessage } from "../../src/sip/message.js";
import { MAX_PARAMETERS } from "../../src/sip/parameters.js";
import { sdpBodies } from "../../src/sip/sdp-bodies.js";
import { mutated } from "../sdp/mutation.js";
import { generator } from "../sdp/random.js";
import { sample } from "../sdp/samples.js";
import { INVALID_MESSAGES, LAYER_MESSAGES } from "./torture-messages-invalid.js";
import { VALID_MESSAGES } from "./torture-messages.js";

const REASONS = ["empty", "keep-alive", "no-start-line", "bad-status-code"];

/** `expect` in a loop of thousands costs more than what it checks. */
function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** Reads all there is to read and checks what must hold of any input. */
function checkInvariants(input: string | Uint8Array): SipMessage | undefined {
  const message = scanSipMessage(input);
  if (typeof message === "string") {
    must(REASONS.includes(message), message);
    return undefined;
  }
  const { callId, cseq, fromTag, toTag, topVia, contentType, contentLength, body } = message;
  for (const text of [callId, fromTag, toTag, cseq?.method, topVia?.sentBy, topVia?.transport]) {
    must(text !== "", "an identifier is absent or has a value");
  }
  must((cseq?.number ?? 0) <= 0xffffffff, "CSeq is bounded");
  must(body.length <= (contentLength ?? Infinity), "Content-Length cuts the body");
  must((contentType?.parameters.size ?? 0) <= MAX_PARAMETERS, "parameters are bounded");
  must([...message.headerEntries()].length <= MAX_HEADER_FIELDS, "fields are bounded");
  must(message.headerList("contact").length <= MAX_LIST_ELEMENTS, "lists are bounded");
  for (const value of message.headers("contact")) {
    must(parseAddress(value).parameters.size <= MAX_PARAMETERS, "parameters are bounded");
  }
  const isMissing = message.missingHeaders.length > 0;
  must(message.damage.has("missing-header") === isMissing, "what is missing is told");
  for (const sdp of sdpBodies(message)) {
    const session = parseSdp(sdp);
    if (typeof session !== "string") mediaEndpoints(session);
  }
  return message;
}

const multipart = [
  "INVITE sip:a@example.com SIP/2.0",
  "v: SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bKx;rport=5061;received=192.0.2.2",
  'f: "A, \\"B\\"" <sip:a@example.com>;tag=1',
  "t: <sip:b@example.com>",
  "i: x@y",
  "CSeq: 1 INVITE",
  "Max-Forwards: 70",
  "m: <sip:a@192.0.2.1>;q=1, sip:c@d;x=y",
  'c: multipart/mixed; boundary="b 1"',
  "",
  "--b 1",
  "Content-Type: application/sdp",
  "",
  sample("baresip-dtls-srtp-offer"),
  "--b 1",
  "Content-Type: application/pidf+xml",
  "",
  "<presence/>",
  "--b 1--",
  "",
].join("\r\n");

const TEXTS = [
  ...[...VALID_MESSAGES, ...INVALID_MESSAGES, ...LAYER_MESSAGES].map(({ text }) => text),
  ...Array.from({ length: 10 }, () => multipart),
];

describe("a message mutated at random", () => {
  it.each([1, 2, 3, 4, 5, 6])("is read or refused, seed %d", (seed) => {
    const random = generator(seed);
    let read = 0;
    for (let i = 0; i < 2500; i += 1) {
      const text = mutated(TEXTS[random(TEXTS.length)] ?? "", random);
      if (checkInvariants(i % 2 === 0 ? text : Buffer.from(text, "latin1"))) read += 1;
    }
    // Mutants that are still messages: the corpus must not die of its mutations.
    expect(read).toBeGreaterThan(2000);
  });

  it("of random bytes is read or refused", () => {
    const random = generator(7);
    for (let i = 0; i < 5000; i += 1) {
      const bytes = Uint8Array.from({ length: random(100) }, () => random(256));
      checkInvariants(bytes);
      checkInvariants(Buffer.concat([Buffer.from("BYE sip:a SIP/2.0\r\n"), bytes]));
    }
  });
});

/** A quadratic step would take minutes on these, and the time limit of the test is seconds. */
describe("a megabyte of hostile bytes", () => {
  const fill = (unit: string) => unit.repeat(MAX_MESSAGE_BYTES / unit.length);
  const field = (text: string) => `BYE sip:a SIP/2.0\r\n${text}\r\n\r\n`;
  const multipartOf = (boundary: string, body: string) =>
    `MESSAGE sip:a SIP/2.0\r\nc: multipart/x;boundary="${boundary}"\r\n\r\n${body}`;

  it.each([
    ["line ends", fill("\r\n")],
    ["line feeds", fill("\n")],
    ["NUL", fill("\0")],
    ["blanks", fill(" ")],
    ["one line without end", fill("x")],
    ["lines of junk", fill("x\n")],
    ["a start line of blanks", `BYE${fill(" ")}SIP/2.0\r\n`],
    ["a start line of versions", fill("SIP/2.0 ")],
    ["a status line of blanks", `SIP/2.0${fill(" ")}x`],
    ["a status line of digits", `SIP/2.0 ${fill("2")}`],
    ["a status line of versions", fill("SIP/2.0 1")],
    ["a Request-URI", `BYE ${fill("<")} SIP/2.0\r\n`],
    ["one field name", field(`${fill("a")}: 1`)],
    ["lines without a colon", field(fill("a\r\n"))],
    ["lines of colons", field(fill(":\r\n"))],
    ["many fields", field(fill("Via: x\r\n"))],
    ["blanks before a colon", field(`a${fill(" ")}: 1`)],
    ["blanks after a colon", field(`Contact:${fill(" ")}x`)],
    ["folds", field(`Contact: x${fill("\r\n ")}y`)],
    ["folds of tabs and feeds", field(`Contact: x${fill("\n\t")}`)],
    ["folded words", field(`From: x${fill("\r\n x")}y`)],
    ["commas in Contact", field(`Contact: ${fill(",")}`)],
    ["commas in Via", field(`Via: SIP/2.0/UDP a${fill(",")}`)],
    ["elements in Contact", field(`Contact: ${fill("<sip:a>,")}`)],
    ["quotes in From", field(`From: ${fill('"')}`)],
    ["an odd quote in From", field(`From: x${fill('"a')}"`)],
    ["escapes in From", field(`From: "${fill("\\")}`)],
    ["escaped quotes in Contact", field(`Contact: ${fill('"\\"')}`)],
    ["brackets that open in To", field(`To: ${fill("<")}`)],
    ["brackets that open in Contact", field(`Contact: ${fill("<,")}`)],
    ["brackets that close in To", field(`To: ${fill(">")}`)],
    ["semicolons in From", field(`From: <sip:a>${fill(";")}`)],
    ["parameters in From", field(`From: <sip:a>${fill(";a=b")}`)],
    ["quoted parameters in From", field(`From: <sip:a>${fill(';a="b;"')}`)],
    ["parameters in Via", field(`Via: SIP/2.0/UDP a${fill(";branch=")}`)],
    ["slashes in Via", field(`Via: ${fill("/")}`)],
    ["blanks in Via", field(`Via: SIP/2.0/UDP${fill(" ")}a b`)],
    ["blanks in the host of Via", field(`Via: SIP/2.0/UDP a${fill(" ")}b`)],
    ["digits in CSeq", field(`CSeq: ${fill("1")}`)],
    ["blanks in CSeq", field(`CSeq: 1${fill(" ")}a b`)],
    ["a method in CSeq", field(`CSeq: 1 ${fill("a")} b`)],
    ["digits in Content-Length", field(`Content-Length: ${fill("1")}`)],
    ["blanks in Content-Type", field(`Content-Type: a${fill(" ")}b`)],
    ["parameters in Content-Type", field(`Content-Type: a/b${fill(";a=b")}`)],
    ["codings in Content-Encoding", field(`Content-Encoding: ${fill("a,")}`)],
    ["boundaries", multipartOf("b", fill("--b\r\n"))],
    ["near boundaries", multipartOf("b", fill("--"))],
    ["a long boundary", multipartOf("b".repeat(199), fill(`--${"b".repeat(198)}\n`))],
    ["blanks behind a boundary", multipartOf("b", `--b${fill(" ")}x`)],
    ["parts of one fold", multipartOf("b", `--b\r\na:${fill("\r\n ")}`)],
    ["invalid UTF-8", field(`From: ${fill("\xff")}`)],
    ["half characters", field(`From: ${fill("\xc3")}`)],
  ])("%s", { timeout: 5000 }, (_, text) => {
    checkInvariants(Buffer.from(text, "latin1"));
  });

  it("a body that is one SDP line", { timeout: 5000 }, () => {
    checkInvariants(`BYE sip:a SIP/2.0\r\nc: application/sdp\r\n\r\nv=0\r\na=${fill("a:")}`);
  });

  it("a string of characters outside Latin-1", { timeout: 5000 }, () => {
    checkInvariants(
      `BYE sip:a SIP/2.0\r\nFrom: ${"\u{1f4de}".repeat(MAX_MESSAGE_BYTES / 2)}\r\n\r\n`,
    );
    checkInvariants(`BYE sip:a SIP/2.0\r\nFrom: ${"\ud800".repeat(MAX_MESSAGE_BYTES / 2)}\r\n\r\n`);
  });
});
