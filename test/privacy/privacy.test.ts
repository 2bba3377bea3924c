import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import type { CaptureReport } from "../../src/call/report.js";
import { MIN_RUN } from "../../src/privacy/known-numbers.js";
import { Privacy } from "../../src/privacy/privacy.js";
import type { ReportedView } from "../../src/rtcp/reported-view.js";
import { scanSipMessage } from "../../src/sip/message.js";
import { parseIdentity } from "../../src/stir/identity.js";
import { call, capture, stream } from "../report/samples.js";
import { fixtureNames } from "../support/fixtures.js";

const HASH = new Privacy({ mode: "hash", key: Buffer.alloc(32, 7) });
const REDACT = new Privacy({ mode: "redact" });

/** A small generator with a seed, so that what fails once fails again. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function number(next: (below: number) => number): string {
  return Array.from({ length: 7 + next(9) }, (_, at) =>
    String(at === 0 ? 2 + next(8) : next(10)),
  ).join("");
}

/** The same digits as people write them. */
function written(digits: string, next: (below: number) => number): string {
  const separators = ["", "", "", " ", "-", ".", " ("];
  return Array.from(digits, (digit) => digit + (separators[next(separators.length)] ?? "")).join(
    "",
  );
}

function expectNone(numbers: readonly string[], text: string): void {
  const together = text.replace(/[ ().-]/g, "");
  for (const one of numbers) {
    for (let at = 0; at + MIN_RUN <= one.length; at += 1) {
      const run = one.slice(at, at + MIN_RUN);
      expect(text, `${run} of ${one}`).not.toContain(run);
      expect(together, `${run} of ${one}`).not.toContain(run);
    }
  }
}

function passport(orig: string, dest: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { attest: "A", dest: { tn: [dest] }, iat: 1, orig: { tn: orig }, origid: "x" };
  return `${part({ alg: "ES256", ppt: "shaken", typ: "passport", x5u: "https://c.example/c" })}.${part(claims)}.c2ln`;
}

/** An INVITE that names these numbers in every place where one may stand. */
function invite(next: (below: number) => number, numbers: readonly string[]): string {
  const [a = "", b = "", c = "", d = ""] = numbers;
  const body = `v=0\r\no=${a} 1 1 IN IP4 host.example\r\ns=call of ${b}\r\ne=me (${written(c, next)})\r\np=+${d}\r\n`;
  return [
    `INVITE sip:+${b}@gw.example;user=phone SIP/2.0`,
    `Via: SIP/2.0/UDP pbx.example:5060;branch=z9hG4bK-${a}-x`,
    `f: "${written(a, next)}" <sip:${a}@pbx.example>;tag=${a}t`,
    `To: Mr ${b} <tel:+${written(b, next)}>`,
    `Call-ID: ${a}-${b}@pbx.example`,
    `CSeq: 1 INVITE`,
    `Contact: <sip:${a}@10.1.2.3:5060>`,
    `P-Asserted-Identity: "${c}" <sip:+${c}@pbx.example>,\r\n <tel:+${c}>`,
    `Remote-Party-ID: <sip:${c}@pbx.example>;party=calling`,
    `Diversion: <tel:${d}>;reason=unconditional`,
    `History-Info: <sip:${d}@pbx.example?Reason=SIP%3Bcause%3D302>;index=1`,
    `Refer-To: <sip:${d}@pbx.example?Replaces=${a}%3Bto-tag%3D1>`,
    `Proxy-Authorization: Digest username="${a}", realm="r", uri="sip:${b}@gw.example", response="0f"`,
    `Identity: ${passport(a, b)};info=<https://c.example/c>;alg=ES256;ppt=shaken`,
    `X-Number: ${written(a, next)}`,
    `Content-Type: application/sdp`,
    `Content-Length: ${String(body.length)}`,
    "",
    body,
  ].join("\r\n");
}

describe.each([
  ["redacted", REDACT],
  ["hashed", HASH],
])("what is %s", (_, privacy) => {
  it("holds no run of digits of any number that a message names, wherever it stood", () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const next = random(seed);
      const numbers = Array.from({ length: 4 }, () => number(next));
      const masked = privacy.sipText(invite(next, numbers));
      expectNone(numbers, masked);
      const { payload } = /\.(?<payload>[^.]+)\.redacted/.exec(masked)?.groups ?? {};
      expectNone(numbers, Buffer.from(payload ?? "", "base64url").toString());
    }
  });

  it("is still a message, of the right length, from and to the same hosts", () => {
    const next = random(1);
    const text = invite(next, [number(next), number(next), number(next), number(next)]);
    const message = scanSipMessage(privacy.sipText(text));
    if (typeof message === "string") throw new Error(message);
    expect(message.contentLength).toBe(message.body.length);
    expect(message.headerList("via")[0]).toContain("pbx.example:5060");
    expect(message.header("contact")).toMatch(/@10\.1\.2\.3:5060>$/);
    const { passport: claims, infoUri } = parseIdentity(message.headerList("identity")[0] ?? "");
    expect(claims).toMatchObject({ attestation: "A", ppt: "shaken" });
    expect(infoUri).toBe("https://c.example/c");
  });

  it("is the same when masked again", () => {
    const next = random(2);
    const text = invite(next, [number(next), number(next), number(next), number(next)]);
    const once = privacy.sipText(text);
    expect(privacy.sipText(once)).toBe(once);
    expect(privacy.call(privacy.call(call()))).toEqual(privacy.call(call()));
  });

  it("holds no run of digits of a party of a record, wherever it stood", () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const next = random(seed);
      const [from, to] = [number(next), number(next)];
      const masked = privacy.call({
        ...call(),
        callId: `${from}x${to}@pbx`,
        sessionId: `${to}.1`,
        caller: { uri: `sip:+${from}@pbx.example`, displayName: written(from, next) },
        callee: { uri: `tel:${written(to, next)}`, userAgent: `phone of ${to}` },
        issues: [{ kind: "no-media", detail: `sip:${from}@pbx.example heard nothing of ${to}` }],
      });
      const named = { ...masked, course: {}, streams: [], schema: "" };
      expectNone([from, to], JSON.stringify(named));
    }
  });
});

describe("hashing", () => {
  it("gives a record and a message the same pseudonym for the same person", () => {
    const record = HASH.call({ ...call(), caller: { uri: "sip:josé@pbx.example" } });
    const bytes = Buffer.from(
      "OPTIONS sip:b SIP/2.0\r\nFrom: <sip:josé@pbx.example>\r\n\r\n",
      "utf8",
    );
    expect(record.caller?.uri).toBe(`sip:${HASH.name("josé")}@pbx.example`);
    expect(Buffer.from(HASH.sipText(bytes)).toString()).toContain(
      `<${String(record.caller?.uri)}>`,
    );
  });
});

describe.each(fixtureNames())("fixtures/%s", (name) => {
  const expected = JSON.parse(
    readFileSync(new URL(`../../fixtures/${name}/expected.json`, import.meta.url), "utf8"),
  ) as CaptureReport;

  it("is changed where it names somebody, and nowhere else", () => {
    const changes = [...changed(expected, REDACT.report(expected))];
    const elsewhere = changes.filter(({ path, before, after }) => {
      if (/\.(?:calle[re]\.(?:uri|displayName)|rtcp\.cname)$/.test(path))
        return !/\bredacted\b/.test(after);
      // A number of six or more digits, and the rest of the text as it was.
      const [start = "", end = ""] = after.split("redacted");
      return !/\d{6}/.test(before) || !before.startsWith(start) || !before.endsWith(end);
    });
    expect(elsewhere).toEqual([]);
  });

  it("names nobody", () => {
    for (const { caller, callee } of REDACT.report(expected).calls) {
      for (const { uri = "sip:host", displayName = "redacted" } of [caller ?? {}, callee ?? {}]) {
        expect(uri).toMatch(/^(?:sips?:(?:redacted@|anonymous@|[^@]*$)|tel:redacted|urn:)/);
        expect(displayName).toBe("redacted");
      }
    }
  });
});

it("masks streams that belong to no call as it masks calls", () => {
  const loose = stream({ rtcp: { cname: "+12155550121@phone.example" } as ReportedView });
  const { streams } = REDACT.report(capture([loose]));
  expect(streams).toEqual([{ ...loose, rtcp: { cname: "redacted@phone.example" } }]);
});

interface Change {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** Every value that differs. */
function* changed(before: unknown, after: unknown, path = ""): Generator<Change> {
  if (typeof before === "object" && before !== null && typeof after === "object") {
    for (const [key, value] of Object.entries(before) as [string, unknown][]) {
      yield* changed(value, (after as Record<string, unknown>)[key], `${path}.${key}`);
    }
  } else if (before !== after) {
    yield { path, before: String(before), after: String(after) };
  }
}
