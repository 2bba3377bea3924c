import { describe, expect, it } from "vitest";

import { MAX_HEADER_FIELDS, MAX_LIST_ELEMENTS } from "../../src/sip/header-fields.js";
import { MAX_MESSAGE_BYTES, scanSipMessage, type SipMessage } from "../../src/sip/message.js";
import { MAX_JUNK_BYTES } from "../../src/sip/start-line.js";

const MANDATORY = [
  "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKnashds8;rport",
  "Max-Forwards: 70",
  "To: Bob <sip:bob@example.com>",
  "From: Alice <sip:alice@example.com>;tag=1928301774",
  "Call-ID: a84b4c76e66710@pc33.example.com",
  "CSeq: 314159 INVITE",
];
const START = "INVITE sip:bob@example.com SIP/2.0";

function lines(...all: string[]): string {
  return all.map((line) => `${line}\r\n`).join("");
}

/** An INVITE with all its mandatory fields and these others. */
function invite(fields: readonly string[] = [], body = ""): string {
  return lines(START, ...MANDATORY, ...fields) + "\r\n" + body;
}

function scan(input: string | Uint8Array): SipMessage {
  const message = scanSipMessage(typeof input === "string" ? Buffer.from(input, "latin1") : input);
  if (typeof message === "string") throw new Error(`refused: ${message}`);
  return message;
}

function damageOf(input: string): string[] {
  return [...scan(input).damage];
}

describe("a message of RFC 3261 §7", () => {
  it("gives up what identifies its transaction and dialog", () => {
    const message = scan(invite());
    expect(message).toMatchObject({
      kind: "request",
      method: "INVITE",
      requestUri: "sip:bob@example.com",
      version: "2.0",
      callId: "a84b4c76e66710@pc33.example.com",
      cseq: { number: 314159, method: "INVITE" },
      fromTag: "1928301774",
      toTag: undefined,
      topVia: { transport: "UDP", sentBy: "192.0.2.1:5060", branch: "z9hG4bKnashds8" },
      contentLength: undefined,
      contentType: undefined,
      missingHeaders: [],
    });
    expect(message.body).toHaveLength(0);
    expect([...message.damage]).toEqual([]);
  });

  it("reads a response, with or without a reason phrase", () => {
    const tail = lines(...MANDATORY) + "\r\n";
    expect(scan(`SIP/2.0 486 Busy Here\r\n${tail}`)).toMatchObject({
      kind: "response",
      statusCode: 486,
      reasonPhrase: "Busy Here",
    });
    expect(scan(`SIP/2.0 180 \r\n${tail}`)).toMatchObject({ statusCode: 180, reasonPhrase: "" });
    const bare = scan(`SIP/2.0 180\r\n${tail}`);
    expect(bare).toMatchObject({ statusCode: 180, reasonPhrase: "" });
    expect([...bare.damage]).toEqual(["malformed-start-line"]);
  });

  it("does not ask a response for Max-Forwards, as §8.2.6.2 does not", () => {
    const fields = MANDATORY.filter((field) => !field.startsWith("Max-Forwards"));
    expect(damageOf(`SIP/2.0 200 OK\r\n${lines(...fields)}\r\n`)).toEqual([]);
    expect(damageOf(lines(START, ...fields) + "\r\n")).toEqual(["missing-header"]);
  });

  it("counts a mandatory field that is empty as missing", () => {
    const fields = MANDATORY.map((field) => (field.startsWith("Call-ID") ? "Call-ID:" : field));
    const message = scan(lines(START, ...fields) + "\r\n");
    expect(message.callId).toBeUndefined();
    expect(message.missingHeaders).toEqual(["call-id"]);
  });

  it("takes a string for its UTF-8 bytes", () => {
    const message = scanSipMessage(
      invite(["Subject: 大停電", "Content-Length: 6"], "дом and what comes after"),
    );
    if (typeof message === "string") throw new Error(message);
    expect(message.header("subject")).toBe("大停電");
    expect(message.bodyText).toBe("дом");
    expect(message.body).toHaveLength(6);
  });

  it("keeps nothing of the bytes it was given", () => {
    const bytes = Buffer.from(invite(["Content-Length: 4"], "body"));
    const message = scan(bytes);
    bytes.fill(0);
    expect(message.callId).toBe("a84b4c76e66710@pc33.example.com");
    expect(Buffer.from(message.body).toString()).toBe("body");
  });
});

describe("header fields", () => {
  it("are found in any case and in order", () => {
    const message = scan(invite(["X-One: a", "x-one: b", "X-ONE:c"]));
    expect(message.header("x-One")).toBe("a");
    expect(message.headers("X-one")).toEqual(["a", "b", "c"]);
    expect(message.header("x-two")).toBeUndefined();
    expect(message.headers("x-two")).toEqual([]);
    expect([...message.headerEntries()].at(-1)).toEqual(["X-ONE", "c"]);
  });

  it.each([
    ["Accept-Contact", "a"],
    ["Allow-Events", "u"],
    ["Call-ID", "i"],
    ["Contact", "m"],
    ["Content-Encoding", "e"],
    ["Content-Length", "l"],
    ["Content-Type", "c"],
    ["Event", "o"],
    ["From", "f"],
    ["Identity", "y"],
    ["Identity-Info", "n"],
    ["Refer-To", "r"],
    ["Referred-By", "b"],
    ["Reject-Contact", "j"],
    ["Request-Disposition", "d"],
    ["Session-Expires", "x"],
    ["Subject", "s"],
    ["Supported", "k"],
    ["To", "t"],
    ["Via", "v"],
  ])("%s is the same field as its compact form %s", (full, compact) => {
    const text =
      lines(START, `${compact}: 1`, `${full}: 2`, `${compact.toUpperCase()}: 3`) + "\r\n";
    expect(scan(text).headers(full)).toEqual(["1", "2", "3"]);
    expect(scan(text).headers(compact)).toEqual(["1", "2", "3"]);
  });

  it("may stand on several lines, with tabs, and between blanks and colon", () => {
    const message = scan(invite(["X-Fold  \t:  one\r\n\ttwo\r\n  \r\n three  "]));
    expect(message.header("x-fold")).toBe("one two three");
  });

  it("that mean one each are flagged where they are repeated, and the first counts", () => {
    const message = scan(invite(["i: other@example.com"]));
    expect(message.callId).toBe("a84b4c76e66710@pc33.example.com");
    expect([...message.damage]).toEqual(["repeated-header"]);
  });

  it("give up the elements of a list where the caller says it is one", () => {
    const message = scan(
      invite([
        'Contact: "Lee, Ann \\" , " <sip:a@b;x=1,2>;q=0.5, <sip:c@d>,,',
        "Contact: sip:e@f",
        "Date: Sat, 13 Nov 2010 23:29:00 GMT",
      ]),
    );
    expect(message.headerList("contact")).toEqual([
      '"Lee, Ann \\" , " <sip:a@b;x=1,2>;q=0.5',
      "<sip:c@d>",
      "sip:e@f",
    ]);
    expect(message.headers("date")).toEqual(["Sat, 13 Nov 2010 23:29:00 GMT"]);
  });

  it("hold UTF-8 where that is what the bytes are, and ISO 8859-1 where they are not", () => {
    const message = scan(
      Buffer.concat([
        Buffer.from(lines(START, "Subject: 大停電")),
        Buffer.from(lines("Organization: caf\xe9"), "latin1"),
        Buffer.from("X-Both: caf\xe9 \xc3\xa9\r\n", "latin1"),
        Buffer.from(lines(...MANDATORY) + "\r\n"),
      ]),
    );
    expect(message.header("subject")).toBe("大停電");
    expect(message.header("organization")).toBe("café");
    expect(message.header("x-both")).toBe("caf\xe9 \xc3\xa9");
    expect(message.fromTag).toBe("1928301774");
  });

  it("keep a last byte that would be a blank in ISO 8859-1", () => {
    const message = scan(Buffer.from(invite(["Subject: voilà"]), "utf8"));
    expect(message.header("subject")).toBe("voilà");
  });

  it("that are no header fields are passed over and flagged", () => {
    const message = scan(invite(["no colon here", ": no name", "bad name: x", "X-Good: yes"]));
    expect(message.header("x-good")).toBe("yes");
    expect([...message.damage]).toEqual(["malformed-header"]);
  });

  it("are bounded in number, and the body is found all the same", () => {
    const many = Array.from(
      { length: MAX_HEADER_FIELDS },
      (_, i) => `X-${String(i)}: ${String(i)}`,
    );
    const message = scan(invite([...many, "Content-Length: 2"], "ok"));
    expect([...message.headerEntries()]).toHaveLength(MAX_HEADER_FIELDS);
    expect(message.bodyText).toBe("ok");
    expect([...message.damage]).toEqual(["header-limit"]);
  });

  it("give up a bounded number of list elements", () => {
    const message = scan(invite([`Route: ${"<sip:a>,".repeat(MAX_LIST_ELEMENTS + 5)}`]));
    expect(message.headerList("route")).toHaveLength(MAX_LIST_ELEMENTS);
  });
});

describe("tags", () => {
  it.each([
    ["<sip:a@b>;tag=x1", "x1"],
    ["<sip:a@b;tag=uri>;tag=x1", "x1"],
    ["<sip:a@b;tag=uri>", undefined],
    ["sip:a@b;tag=x1", "x1"],
    ["<sip:a@b> ; TAG = x1 ;y", "x1"],
    ['"<sip:no@no>;tag=no" <sip:a@b>;tag=x1', "x1"],
    ['"quoted \\" ; <" <sip:a@b>;tag=x1', "x1"],
    ["Bell, A. <sip:a@b>;x=tag;tag=x1", "x1"],
    ['<sip:a@b>;x=";tag=no";tag=x1', "x1"],
    ['<sip:a@b>;x="never closed;tag=x1', "x1"],
    ['\\"arik\\" <sip:a@b>;tag=6433ef9', "6433ef9"],
    ['"never closed <sip:a@b>;tag=x1', "x1"],
    ["<sip:a@b;tag=x1", "x1"],
    ["<sip:a@b>;tag=", undefined],
    ["<sip:a@b>;tagged=1", undefined],
  ])("of %s is %s", (from, tag) => {
    const text = lines(START, `From: ${from}`, `To: ${from}`) + "\r\n";
    expect(scan(text).fromTag).toBe(tag);
    expect(scan(text).toTag).toBe(tag);
  });
});

describe("CSeq", () => {
  it.each([
    ["1 INVITE", { number: 1, method: "INVITE" }, false],
    ["0009 \t INVITE", { number: 9, method: "INVITE" }, false],
    ["2147483647 INVITE", { number: 2147483647, method: "INVITE" }, false],
    ["2147483648 INVITE", { number: 2147483648, method: "INVITE" }, true],
    ["4294967296 INVITE", undefined, true],
    ["-1 INVITE", undefined, true],
    ["1", undefined, true],
    ["INVITE", undefined, true],
    ["1 INVITE extra", undefined, true],
    ["1 ", undefined, true],
    ["0123456789 INVITE", { number: 123456789, method: "INVITE" }, false],
    ["1 IN/VITE", { number: 1, method: "IN/VITE" }, false],
  ])("%s", (value, cseq, isBad) => {
    const message = scan(lines(START, `CSeq: ${value}`) + "\r\n");
    expect(message.cseq).toEqual(cseq);
    expect(message.damage.has("bad-cseq")).toBe(isBad);
  });

  it("of a response names a method without having to be that of a request", () => {
    expect(damageOf(`SIP/2.0 200 OK\r\n${lines(...MANDATORY)}\r\n`)).toEqual([]);
  });
});

describe("the topmost Via", () => {
  it.each([
    [
      "SIP/2.0/WSS df7jal23ls0d.invalid;branch=z9hG4bK56sdasks",
      { transport: "WSS", sentBy: "df7jal23ls0d.invalid", branch: "z9hG4bK56sdasks" },
    ],
    [
      "SIP/2.0/udp [2001:DB8::9:1]:5060;rport=2343;received=192.0.2.9;branch=z9hG4bKas3-111",
      {
        transport: "UDP",
        sentBy: "[2001:db8::9:1]:5060",
        branch: "z9hG4bKas3-111",
        received: "192.0.2.9",
        rport: 2343,
      },
    ],
    [
      "SIP / 2.0 /\tTCP  Host.Example.COM : 5061 ; branch = abc , SIP/2.0/UDP other;branch=no",
      { transport: "TCP", sentBy: "host.example.com:5061", branch: "abc" },
    ],
    ['SIP/2.0/UDP h;x=", ;branch=no";branch=yes', { transport: "UDP", sentBy: "h", branch: "yes" }],
    ["SIP/2.0/UDP h;rport;received=", { transport: "UDP", sentBy: "h" }],
    ["SIP/2.0/UDP h;rport=0", { transport: "UDP", sentBy: "h" }],
    ["SIP/2.0/UDP h;rport=65536", { transport: "UDP", sentBy: "h" }],
  ])("%s", (via, expected) => {
    const none = { branch: undefined, received: undefined, rport: undefined };
    expect(scan(lines(START, `v: ${via}`) + "\r\n").topVia).toEqual({ ...none, ...expected });
  });

  it.each(["", "SIP/2.0/UDP", "SIP/2.0", "host;branch=z9hG4bK1", "///"])(
    "that cannot be read is flagged: %j",
    (via) => {
      const message = scan(lines(START, `Via: ${via}`) + "\r\n");
      expect(message.topVia).toBeUndefined();
      expect(message.damage.has("bad-via")).toBe(true);
    },
  );
});

describe("the key of the topmost Via", () => {
  const keyOf = (via: string): string | undefined =>
    scan(lines(START, `Via: ${via}`) + "\r\n").topViaKey;

  it.each([
    "SIP/2.0/UDP a.example;branch=z9hG4bK1",
    "SIP/2.0/TCP a.example:5060;branch=z9hG4bK1;rport",
    "SIP / 2.0 / UDP A.example ; rport=5 ;BRANCH= z9hG4bK1 ;x",
    "SIP/2.0/UDP a.example:5060 ;branch=z9hG4bK1",
    "sip/2.0/udp a.example;branch=z9hG4bK1",
    "SIP/2.0/UDP\ta.example;ttl=1;branch=z9hG4bK1",
    'SIP/2.0/UDP a.example;branch="z9hG4bK1"',
    "SIP/2.0/UDP a.example;branch=z9hG4bK1, SIP/2.0/UDP b.example;branch=z9hG4bK2",
    "SIP/2.0/UDP a.example;branch=z9hG4bK1,SIP/2.0/UDP b.example",
  ])("is the same however it is written: %s", (via) => {
    expect(keyOf(via)).toBe("a.example;branch=z9hG4bK1");
  });

  it.each([
    ["SIP/2.0/UDP [2001:db8::1]:5062;branch=x", "[2001:db8::1]:5062;branch=x"],
    ["SIP/2.0/UDP [2001:DB8::1]:5060;branch=x", "[2001:db8::1];branch=x"],
    ["SIP/2.0/UDP a.example;branch=;rport", "a.example;branch="],
    ["SIP/2.0/UDP a.example", "a.example;branch="],
    ["SIP/2.0/UDP a.example:15060;branch=x", "a.example:15060;branch=x"],
    ["SIP/2.0/UDP a.example, SIP/2.0/UDP b.example;branch=x", "a.example;branch="],
    ["SIP/2.0/ a.example;branch=x", undefined],
    ["SIP/2.0/UDP ;branch=x", undefined],
    ["SIP/2.0/UDP", undefined],
    ["", undefined],
  ])("%s is %s", (via, key) => {
    expect(keyOf(via)).toBe(key);
  });
});

describe("Content-Type", () => {
  it("is lower case without its parameters, which keep their case", () => {
    const field = 'c: Multipart / MIXED ; Boundary = "a;b\\"C" ; charset=UTF-8';
    const { contentType } = scan(invite([field]));
    expect(contentType?.type).toBe("multipart/mixed");
    expect(Object.fromEntries(contentType?.parameters ?? [])).toEqual({
      boundary: 'a;b"C',
      charset: "UTF-8",
    });
  });
});

describe("the body", () => {
  it("ends where Content-Length says, and what follows is flagged", () => {
    const message = scan(invite(["Content-Length: 4"], "bodyREGISTER"));
    expect(message.bodyText).toBe("body");
    expect([...message.damage]).toEqual(["trailing-bytes"]);
  });

  it("ends with the datagram where there is no Content-Length (RFC 3261 §18.3)", () => {
    const message = scan(invite([], "body"));
    expect(message.bodyText).toBe("body");
    expect([...message.damage]).toEqual([]);
  });

  it("is what there is of it where bytes are missing", () => {
    const message = scan(invite(["l: 5"], "body"));
    expect(message.bodyText).toBe("body");
    expect(message.contentLength).toBe(5);
    expect([...message.damage]).toEqual(["truncated-body"]);
  });

  it.each(["-1", "+4", "0x4", "4.0", "four", "99999999999", "4, 4", ""])(
    "is all of the rest where Content-Length is %j",
    (value) => {
      const message = scan(invite([`Content-Length: ${value}`], "body!"));
      expect(message.contentLength).toBeUndefined();
      expect(message.bodyText).toBe("body!");
      expect([...message.damage]).toEqual(["bad-content-length"]);
    },
  );

  it("is all of the rest where two Content-Lengths differ", () => {
    const message = scan(invite(["Content-Length: 1", "l: 2"], "body"));
    expect(message.bodyText).toBe("body");
    expect([...message.damage]).toEqual(["bad-content-length", "repeated-header"]);
  });

  it("keeps every byte", () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const head = Buffer.from(invite(["Content-Length: 256"]));
    expect(Buffer.from(scan(Buffer.concat([head, all])).body).equals(all)).toBe(true);
  });
});

describe("damage that does not lose the message", () => {
  it.each([
    ["line ends before the start line", `\r\n\r\n${invite()}`, ["leading-line-ends"]],
    ["NUL bytes before the start line", `\0\0\0\0${invite()}`, ["leading-junk"]],
    ["lines of junk before it", `\x16\x03 junk\r\nmore: junk\r\n${invite()}`, ["leading-junk"]],
    ["bare line feeds", invite().replaceAll("\r\n", "\n"), ["bare-line-feed"]],
    ["one bare line feed", invite().replace("70\r\n", "70\n"), ["bare-line-feed"]],
    ["no empty line at the end", invite().slice(0, -2), ["truncated-header"]],
    ["a lower-case version", invite().replace("SIP/2.0", "sip/2.0"), []],
    ["a tab in the start line", invite().replace(" ", "\t"), ["malformed-start-line"]],
    ["a version to come", invite().replace("SIP/2.0", "SIP/3.0"), ["unknown-version"]],
    ["an open address", invite().replace("com>;tag", "com;tag"), ["bad-address"]],
    ["another method in CSeq", invite().replace("314159 INVITE", "1 BYE"), ["cseq-mismatch"]],
  ])("%s", (_, text, damage) => {
    const message = scan(text);
    expect(message).toMatchObject({ method: "INVITE", requestUri: "sip:bob@example.com" });
    expect(message.callId).toBe("a84b4c76e66710@pc33.example.com");
    expect(message.fromTag).toBe("1928301774");
    expect([...message.damage]).toEqual(damage);
  });

  it("junk before a response", () => {
    const message = scan(`junk SIP/2.0 200 OK\r\n${lines(...MANDATORY)}\r\n`);
    expect(message).toMatchObject({ statusCode: 200, reasonPhrase: "OK" });
    expect([...message.damage]).toEqual(["leading-junk"]);
  });

  it("a message cut at any byte after its start line", () => {
    const whole = invite(["Content-Length: 4"], "body");
    const lengthRead = whole.indexOf("Content-Length: 4") + "Content-Length: 4".length;
    for (let length = START.length; length < whole.length; length += 1) {
      const message = scan(whole.slice(0, length));
      expect(message).toMatchObject({ method: "INVITE", requestUri: "sip:bob@example.com" });
      expect(message.damage.has("truncated-header")).toBe(length < whole.length - "body".length);
      expect(message.damage.has("truncated-body")).toBe(length >= lengthRead);
    }
  });

  it("a message longer than is read", () => {
    const message = scan(invite([], "x".repeat(MAX_MESSAGE_BYTES)));
    expect([...message.damage]).toEqual(["message-limit"]);
    expect(message.callId).toBe("a84b4c76e66710@pc33.example.com");
  });
});

describe("what is no message", () => {
  it.each([
    ["", "empty"],
    ["\r\n\r\n", "keep-alive"],
    ["\0\0\0\0", "keep-alive"],
    ["\r\n\0", "keep-alive"],
    ["hello", "no-start-line"],
    ["SIP/2.0", "no-start-line"],
    ["INVITE sip:a@b\r\nCall-ID: 1\r\n\r\n", "no-start-line"],
    ["INVITE SIP/2.0\r\n", "no-start-line"],
    ["OPTIONS rtsp://example.com RTSP/1.0\r\n", "no-start-line"],
    ["HTTP/1.1 200 OK\r\n", "no-start-line"],
    [`${"x".repeat(MAX_JUNK_BYTES)}\r\n${"y\r\n".repeat(9)}${invite()}`, "no-start-line"],
    ["SIP/2.0 abc Def\r\n", "no-start-line"],
    ["SIP/2.0 99 Low\r\n", "bad-status-code"],
    ["SIP/2.0 099 Low\r\n", "bad-status-code"],
    ["SIP/2.0 700 High\r\n", "bad-status-code"],
    ["SIP/2.0 2000 Long\r\n", "bad-status-code"],
  ])("%j is refused: %s", (text, reason) => {
    expect(scanSipMessage(Buffer.from(text, "latin1"))).toBe(reason);
    expect(scanSipMessage(text)).toBe(reason);
  });
});
