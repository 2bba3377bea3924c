import { describe, expect, it } from "vitest";

import { scanSipMessage } from "../../src/sip/message.js";
import { MAX_MULTIPART_DEPTH, MAX_PARTS, sdpBodies } from "../../src/sip/sdp-bodies.js";

const SDP = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0";
const OTHER = SDP.replace("192.0.2.1", "192.0.2.2");

function bodiesOf(fields: readonly string[], body: string): string[] {
  const head = ["INVITE sip:a@b SIP/2.0", "Call-ID: 1", ...fields, "", ""].join("\r\n");
  const message = scanSipMessage(Buffer.from(head + body, "latin1"));
  if (typeof message === "string") throw new Error(message);
  return sdpBodies(message);
}

function part(boundary: string, content: string, ...fields: string[]): string {
  return `--${boundary}\r\n${fields.map((field) => `${field}\r\n`).join("")}\r\n${content}\r\n`;
}

const IS_SDP = "Content-Type: application/sdp";
const MIXED = "Content-Type: multipart/mixed;boundary=b";

describe("the SDP of a message", () => {
  it("is its body where Content-Type says so, in any case and with parameters", () => {
    expect(bodiesOf([IS_SDP], SDP)).toEqual([SDP]);
    expect(bodiesOf(["c : Application/SDP ;charset=utf-8"], SDP)).toEqual([SDP]);
  });

  it("is nothing where the body is something else or not there", () => {
    expect(bodiesOf(["Content-Type: text/plain"], SDP)).toEqual([]);
    expect(bodiesOf([IS_SDP, "Content-Length: 0"], SDP)).toEqual([]);
    expect(bodiesOf([], "")).toEqual([]);
  });

  it("is a body without Content-Type that starts as SDP does", () => {
    expect(bodiesOf([], SDP)).toEqual([SDP]);
    expect(bodiesOf([], "hello")).toEqual([]);
  });

  it("is passed over where it is encoded, save as identity", () => {
    expect(bodiesOf([IS_SDP, "Content-Encoding: gzip"], SDP)).toEqual([]);
    expect(bodiesOf([IS_SDP, "e: identity"], SDP)).toEqual([SDP]);
  });

  it("is every SDP part of a multipart body, in order", () => {
    const body =
      "preamble\r\n" +
      part("b", SDP, IS_SDP, "Content-Disposition: session;handling=required") +
      part("b", "<xml/>", "Content-Type: application/pidf+xml") +
      part("b", OTHER, "C: APPLICATION/sdp") +
      "--b--\r\nepilogue\r\n--b\r\n" +
      part("b", SDP, IS_SDP);
    expect(bodiesOf([MIXED], body)).toEqual([SDP, OTHER]);
  });

  it("is found where lines end with a line feed alone", () => {
    const body = part("b", SDP, IS_SDP).replaceAll("\r\n", "\n") + "--b--\n";
    expect(bodiesOf([MIXED], body)).toEqual([SDP.replaceAll("\r\n", "\n")]);
  });

  it("is found behind a quoted boundary of RFC 2046 §5.1.1", () => {
    const boundary = "gc0p4Jq0M2Yt08j34c0p'()+_,-./:=? x";
    const type = `Content-Type: multipart/related ; type="application/sdp"; boundary="${boundary}"`;
    expect(bodiesOf([type], part(boundary, SDP, IS_SDP) + `--${boundary}--`)).toEqual([SDP]);
  });

  it("is found where the last boundary is missing", () => {
    expect(bodiesOf([MIXED], `--b\r\n${IS_SDP}\r\n\r\n${SDP}`)).toEqual([SDP]);
  });

  it("is found in a multipart body within another, whose boundary may start with the outer one's", () => {
    const inner = part("bb", SDP, IS_SDP) + "--bb--";
    const body = part("b", inner, "Content-Type: multipart/alternative; boundary=bb") + "--b--";
    expect(bodiesOf([MIXED], body)).toEqual([SDP]);
  });

  it("is found in a part that blanks follow the boundary of", () => {
    expect(bodiesOf([MIXED], `--b \t\r\n${IS_SDP}\r\n\r\n${SDP}\r\n--b-- \r\n`)).toEqual([SDP]);
  });

  it("is not a part in a transfer encoding, or encoded", () => {
    const body =
      part("b", "dj0w", IS_SDP, "Content-Transfer-Encoding: base64") +
      part("b", SDP, IS_SDP, "Content-Transfer-Encoding: Binary") +
      part("b", "\x1f\x8b", IS_SDP, "Content-Encoding: gzip") +
      "--b--";
    expect(bodiesOf([MIXED], body)).toEqual([SDP]);
  });

  it("is nothing without a boundary", () => {
    expect(bodiesOf(["Content-Type: multipart/mixed"], part("b", SDP, IS_SDP))).toEqual([]);
    expect(bodiesOf(['Content-Type: multipart/mixed;boundary=""'], part("", SDP, IS_SDP))).toEqual(
      [],
    );
  });

  it("is searched to a bounded depth and number of parts", () => {
    const nested = (depth: number): string =>
      depth === 0
        ? `${IS_SDP}\r\n\r\n${SDP}`
        : `Content-Type: multipart/mixed;boundary=b${depth}\r\n\r\n--b${depth}\r\n${nested(depth - 1)}\r\n--b${depth}--`;
    const at = (depth: number) => {
      const [type = "", ...rest] = nested(depth).split("\r\n\r\n");
      return bodiesOf([type], rest.join("\r\n\r\n"));
    };
    expect(at(MAX_MULTIPART_DEPTH)).toEqual([SDP]);
    expect(at(MAX_MULTIPART_DEPTH + 1)).toEqual([]);
    const many = part("b", SDP, IS_SDP).repeat(MAX_PARTS + 3);
    expect(bodiesOf([MIXED], many)).toHaveLength(MAX_PARTS);
  });
});
