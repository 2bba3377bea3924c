import { once } from "node:events";
import { createServer, type Server } from "node:https";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { LookupFunction } from "node:net";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { SPECIAL_PURPOSE } from "../../src/attach/special-purpose.js";
import { X5uFetcher, type X5uOptions } from "../../src/attach/x5u.js";
import { issue, tnAuthList } from "../stir/certificates.js";
import { ownAddress } from "../support/own-address.js";

/** Certificates are fetched from few ports only. */
const PORT = 8443;
const HERE = ownAddress();

const authority = issue({ name: "TLS", isAuthority: true });
const tls = issue({
  name: "sti.example.org",
  issuer: authority,
  hosts: ["sti.example.org", "rebound.example.org", "other.example.net"],
});
const provider = issue({ name: "Provider", tnAuthList: tnAuthList({ spc: "709J" }) });

const seen: string[] = [];
const answers = new Map<string, RequestListener>();
let server: Server;

function answer(path: string, listener: (response: ServerResponse) => void): string {
  answers.set(path, (_request: IncomingMessage, response: ServerResponse) => {
    listener(response);
  });
  return `https://sti.example.org:${PORT}${path}`;
}

const pem =
  (headers: Record<string, string> = {}) =>
  (response: ServerResponse) => {
    response.writeHead(200, { "content-type": "application/x-pem-file", ...headers });
    response.end(provider.pem);
  };

beforeAll(async () => {
  const key = tls.key.export({ type: "pkcs8", format: "pem" });
  server = createServer({ key, cert: tls.pem }, (request, response) => {
    seen.push(request.url ?? "");
    const listener = answers.get(request.url ?? "");
    if (listener === undefined) response.writeHead(404).end();
    else listener(request, response);
  });
  await once(server.listen(PORT, HERE), "listening");
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** A clock that a test sets. */
let nowMs = Date.parse("2025-10-09T08:53:20Z");

const lookup: LookupFunction = (hostname, _options, callback) => {
  const address = hostname === "rebound.example.org" ? "10.0.0.1" : HERE;
  if (hostname === "nowhere.example.org") callback(new Error("no such host"), "", 4);
  else callback(null, address, 4);
};

function fetcher(overrides: Partial<X5uOptions> = {}): X5uFetcher {
  return new X5uFetcher({
    allowedHosts: [".example.org"],
    nowMs: () => nowMs,
    reachableNetworks: [`${HERE}/32`],
    authorities: [authority.pem],
    lookup,
    ...overrides,
  });
}

async function found(source: X5uFetcher, uri: string): Promise<string> {
  await source.fetch(uri);
  const answered = source.find(uri);
  if (answered.kind === "found") return answered.chain.signer.subject;
  return answered.kind === "missing" ? answered.reason : answered.kind;
}

const countOf = (path: string): number => seen.filter((one) => one === path).length;

describe("an honest repository", () => {
  it("gives a certificate, once for as long as it may be kept", async () => {
    const uri = answer("/a.pem", pem());
    const source = fetcher();
    expect(source.find(uri)).toEqual({ kind: "missing", reason: "no-certificate" });
    expect(await found(source, uri)).toBe("CN=Provider");
    expect(source.fetch(uri)).toBeUndefined();
    expect(source.find(uri)).toBe(source.find(uri));
    expect(countOf("/a.pem")).toBe(1);
    nowMs += 86_400_001;
    expect(await found(source, uri)).toBe("CN=Provider");
    expect(countOf("/a.pem")).toBe(2);
    expect(source.counters).toMatchObject({ requests: 2, fetched: 2, refused: 0, overloaded: 0 });
  });

  it("says how long, within bounds (RFC 9111 §5.2.2.1)", async () => {
    const uri = answer("/short.pem", pem({ "cache-control": "public, max-age=60" }));
    const source = fetcher({ maxCacheSeconds: 600 });
    await source.fetch(uri);
    nowMs += 59_000;
    expect(source.fetch(uri)).toBeUndefined();
    nowMs += 2000;
    expect(source.fetch(uri)).toBeDefined();
    const long = answer("/long.pem", pem({ "cache-control": "max-age=999999999" }));
    await source.fetch(long);
    nowMs += 601_000;
    expect(source.find(long).kind).toBe("missing");
  });

  it("is asked once for a URL however many ask at the same time", async () => {
    const uri = answer("/shared.pem", pem());
    const source = fetcher();
    await Promise.all(Array.from({ length: 50 }, () => source.fetch(uri) ?? Promise.resolve()));
    expect(countOf("/shared.pem")).toBe(1);
    expect(source.find(uri).kind).toBe("found");
  });

  it("keeps what was fetched last within its limit", async () => {
    const source = fetcher({ maxCached: 2 });
    const uris = ["/1.pem", "/2.pem", "/3.pem"].map((path) => answer(path, pem()));
    for (const uri of uris) await source.fetch(uri);
    expect(uris.map((uri) => source.find(uri).kind)).toEqual(["missing", "found", "found"]);
  });
});

describe("a hostile repository", () => {
  it.each([
    {
      what: "a redirect",
      why: "redirect",
      act: (response: ServerResponse) =>
        response.writeHead(302, { location: `https://sti.example.org:${PORT}/a.pem` }).end(),
    },
    {
      what: "an error",
      why: "status",
      act: (response: ServerResponse) => response.writeHead(500).end(),
    },
    {
      what: "a page",
      why: "type",
      act: (response: ServerResponse) =>
        response.writeHead(200, { "content-type": "text/html" }).end(provider.pem),
    },
    {
      what: "a length beyond bounds",
      why: "too-large",
      act: (response: ServerResponse) =>
        response
          .writeHead(200, { "content-type": "text/plain", "content-length": 40_000 })
          .end("x".repeat(40_000)),
    },
    {
      what: "bytes without end",
      why: "too-large",
      act: (response: ServerResponse) => {
        response.writeHead(200, { "content-type": "text/plain" });
        const pour = (): void => {
          if (!response.destroyed) response.write("x".repeat(16_384), pour);
        };
        pour();
      },
    },
    {
      what: "headers without end",
      why: "connection",
      act: (response: ServerResponse) =>
        response.writeHead(200, { "x-long": "x".repeat(12_000) }).end(),
    },
    {
      what: "silence",
      why: "timeout",
      act: () => undefined,
    },
    {
      what: "a byte now and then",
      why: "timeout",
      act: (response: ServerResponse) => {
        response.writeHead(200, { "content-type": "text/plain" });
        const drip = setInterval(() => response.write("x"), 20);
        response.on("close", () => {
          clearInterval(drip);
        });
      },
    },
    {
      what: "half an answer",
      why: "connection",
      act: (response: ServerResponse) => {
        response.writeHead(200, { "content-type": "text/plain", "content-length": 100 });
        response.write("half", () => response.destroy());
      },
    },
  ])("that sends $what gives nothing: $why", async ({ what, why, act }) => {
    const path = `/hostile/${what.replaceAll(" ", "-")}`;
    const uri = answer(path, (response) => {
      act(response);
    });
    const source = fetcher({ timeoutMs: 250 });
    expect(await found(source, uri)).toBe("fetch-failed");
    expect([...source.counters.failures]).toEqual([[why, 1]]);
    // It is not asked again and again.
    expect(source.fetch(uri)).toBeUndefined();
    nowMs += 61_000;
    expect(source.fetch(uri)).toBeDefined();
  });

  it("that sends no certificate is told from one that sends nothing", async () => {
    const uri = answer("/text", (response) => {
      response.writeHead(200, { "content-type": "text/plain" }).end("no certificate");
    });
    expect(await found(fetcher(), uri)).toBe("bad");
  });

  it("is not reached at a private address, wherever its name leads", async () => {
    const source = fetcher();
    expect(await found(source, `https://rebound.example.org:${PORT}/a.pem`)).toBe("fetch-failed");
    expect([...source.counters.failures]).toEqual([["special-address", 1]]);
    const strict = fetcher({ reachableNetworks: [] });
    const before = seen.length;
    expect(await found(strict, answer("/inside.pem", pem()))).toBe("fetch-failed");
    const literal = fetcher({ allowedHosts: ["*"] });
    for (const host of [
      "127.0.0.1",
      "[::1]",
      "[::ffff:10.0.0.1]",
      "169.254.169.254",
      "2130706434",
    ]) {
      expect(await found(literal, `https://${host}:${PORT}/a.pem`)).toBe("fetch-failed");
    }
    expect([...literal.counters.failures]).toEqual([["special-address", 5]]);
    expect(seen.length).toBe(before);
  });

  it("must have a certificate of its own that is trusted, for its name", async () => {
    const uri = answer("/b.pem", pem());
    expect(await found(fetcher({ authorities: [provider.pem] }), uri)).toBe("fetch-failed");
    const renamed = uri.replace("sti.example.org", "unnamed.example.org");
    expect(await found(fetcher(), renamed)).toBe("fetch-failed");
    const nowhere = `https://nowhere.example.org:${PORT}/b.pem`;
    expect(await found(fetcher(), nowhere)).toBe("fetch-failed");
  });

  it("cannot have more requests made at once than are allowed", async () => {
    const slow = ["/slow/1", "/slow/2", "/slow/3"].map((path) => answer(path, () => undefined));
    const source = fetcher({ timeoutMs: 100, maxRequests: 2 });
    const waits = slow.map((uri) => source.fetch(uri));
    expect(waits.map((wait) => wait !== undefined)).toEqual([true, true, false]);
    expect(source.counters.overloaded).toBe(1);
    await Promise.all(waits.map((wait) => wait ?? Promise.resolve()));
  });
});

describe("a URL", () => {
  it.each([
    "http://sti.example.org/a.pem",
    "https://sti.example.org:444/a.pem",
    "https://sti.example.org:80/a.pem",
    "https://user@sti.example.org/a.pem",
    "https://user:secret@sti.example.org/a.pem",
    "https://sti.example.org/a.pem?x=1",
    "https://sti.example.org/a.pem?",
    "https://sti.example.org/a.pem#x",
    "https://sti.example.org/a;b/c.pem",
    "https://sti.example.net/a.pem",
    "https://example.org.evil.example/a.pem",
    "https://evilexample.org/a.pem",
    "https://sti.example.org\\@evil.example/a.pem",
    "ftp://sti.example.org/a.pem",
    "file:///etc/passwd",
    "nonsense",
    "",
    `https://sti.example.org/${"a".repeat(3000)}`,
  ])("as %s is never fetched", (uri) => {
    const source = fetcher();
    expect(source.fetch(uri)).toBeUndefined();
    expect(source.find(uri)).toEqual({ kind: "missing", reason: "fetch-refused" });
    expect(source.counters).toMatchObject({ requests: 0, refused: 1 });
  });

  it("may be of any host only if that was said", () => {
    const uri = `https://other.example.net:${PORT}/a.pem`;
    expect(fetcher({ allowedHosts: [] }).find(uri)).toMatchObject({ reason: "fetch-refused" });
    expect(fetcher({ allowedHosts: ["other.EXAMPLE.net"] }).find(uri)).toMatchObject({
      reason: "no-certificate",
    });
    expect(fetcher({ allowedHosts: ["*"] }).find(uri)).toMatchObject({ reason: "no-certificate" });
  });
});

describe("options and ranges", () => {
  it.each([{ timeoutMs: 0 }, { maxBytes: -1 }, { maxRequests: NaN }])("refuse %o", (options) => {
    expect(() => fetcher(options)).toThrow(RangeError);
  });

  it.each(["8.8.8.8", "93.184.216.34", "2606:4700::1111", "1.1.1.1"])("%s is public", (address) => {
    expect(SPECIAL_PURPOSE.holds(address)).toBe(false);
  });

  it.each([
    "0.0.0.0",
    "10.1.2.3",
    "172.31.255.255",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fd00::1",
    "::ffff:8.8.8.8",
    "64:ff9b::a00:1",
  ])("%s is not", (address) => {
    expect(SPECIAL_PURPOSE.holds(address)).toBe(true);
  });
});
