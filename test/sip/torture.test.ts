import { describe, expect, it } from "vitest";

import { scanSipMessage, type SipMessage } from "../../src/sip/message.js";
import { sdpBodies } from "../../src/sip/sdp-bodies.js";
import { BIG_STATUS_CODE, INVALID_MESSAGES, LAYER_MESSAGES } from "./torture-messages-invalid.js";
import { VALID_MESSAGES } from "./torture-messages.js";

function scanned(text: string): SipMessage {
  const message = scanSipMessage(Buffer.from(text, "utf8"));
  if (typeof message === "string") throw new Error(`refused: ${message}`);
  return message;
}

/** What a message says, in the words of {@link TortureMessage}. */
function said(message: SipMessage) {
  const { callId, cseq, fromTag, toTag, topVia } = message;
  return {
    start:
      message.kind === "request"
        ? `${message.method} ${message.requestUri}`
        : `${message.statusCode} ${message.reasonPhrase}`,
    callId,
    cseq: cseq && `${cseq.number} ${cseq.method}`,
    fromTag,
    toTag,
    via: topVia && `${topVia.transport} ${topVia.sentBy} ${topVia.branch ?? "-"}`,
    damage: [...message.damage].sort(),
    sdpBodies: sdpBodies(message).length,
  };
}

describe.each([
  ["valid", VALID_MESSAGES],
  ["invalid", INVALID_MESSAGES],
  ["transaction and application layer", LAYER_MESSAGES],
])("RFC 4475, %s messages", (_, messages) => {
  it.each(messages)("§$section $name is read, and what is wrong with it told", (expected) => {
    const { text, name, section, damage = [], ...rest } = expected;
    expect(said(scanned(text)), `${section} ${name}`).toEqual({
      callId: undefined,
      cseq: undefined,
      fromTag: undefined,
      toTag: undefined,
      via: undefined,
      sdpBodies: 0,
      ...rest,
      damage: [...damage].sort(),
    });
  });

  it.each(messages)("$name says the same as a string as it does as bytes", ({ text }) => {
    const message = scanSipMessage(text);
    if (typeof message === "string") throw new Error(`refused: ${message}`);
    expect(said(message)).toEqual(said(scanned(text)));
  });
});

describe("RFC 4475, single points", () => {
  it("§3.1.2.19 bigcode is refused: its code is no status code", () => {
    expect(scanSipMessage(Buffer.from(BIG_STATUS_CODE))).toBe("bad-status-code");
  });

  it("§3.1.1.1 wsinv: folded values lose their folds, lists give up their elements", () => {
    const wsinv = scanned(VALID_MESSAGES[0]?.text ?? "");
    expect(wsinv.header("NewFangledHeader")).toBe("newfangled value continued newfangled value");
    expect(wsinv.header("subject")).toBe("");
    expect(wsinv.headerList("Via")).toHaveLength(3);
    expect(wsinv.header("UnknownHeaderWithUnusualValue")).toBe(";;,,;;,;");
    expect(wsinv.headers("contact")).toEqual([
      '"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam = newvalue ; secondparam ; q = 0.33',
    ]);
  });

  it("§3.1.1.5 esc02: a name that only looks like Contact once unescaped is not Contact", () => {
    const esc02 = VALID_MESSAGES.find(({ name }) => name === "esc02");
    expect(scanned(esc02?.text ?? "").headers("contact")).toHaveLength(2);
  });

  it("§3.1.1.7 longreq: every hop of the long way is there", () => {
    const longreq = VALID_MESSAGES.find(({ name }) => name === "longreq");
    expect(scanned(longreq?.text ?? "").headerList("via")).toHaveLength(33);
  });

  it("§3.1.1.8 dblreq: the first message ends where its Content-Length says", () => {
    const dblreq = VALID_MESSAGES.find(({ name }) => name === "dblreq");
    expect(scanned(dblreq?.text ?? "").body).toHaveLength(0);
  });

  it("§3.3.1 insuf: says which fields are missing", () => {
    const insuf = LAYER_MESSAGES.find(({ name }) => name === "insuf");
    expect(scanned(insuf?.text ?? "").missingHeaders).toEqual([
      "from",
      "to",
      "call-id",
      "max-forwards",
    ]);
  });
});
