import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const KNOWLEDGE = ["net", "errors", "sdp", "rtp", "rtcp", "sip", "dtls", "ice", "stir", "quality"];

/** Who may import whom inside `src`. Rooms that later work adds get their rows with it. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  net: ["errors"],
  rtp: ["errors", "net"],
  sdp: ["errors", "net", "rtp"],
  rtcp: ["errors", "net", "rtp"],
  sip: ["errors", "net"],
  dtls: ["errors", "net"],
  ice: ["errors", "net"],
  stir: ["errors", "net"],
  quality: ["errors", "net", "rtp"],
  call: KNOWLEDGE,
  native: ["errors", "net", "rtp", "rtcp"],
  capture: [...KNOWLEDGE, "call", "native"],
  attach: [...KNOWLEDGE, "call", "native"],
  hep: [...KNOWLEDGE, "call"],
  metrics: [...KNOWLEDGE, "call"],
  report: [...KNOWLEDGE, "call"],
  doctor: [...KNOWLEDGE, "call", "report"],
  gates: [...KNOWLEDGE, "call", "report"],
  vitest: [...KNOWLEDGE, "call", "gates"],
  privacy: [...KNOWLEDGE, "call"],
  records: [...KNOWLEDGE, "call", "privacy"],
  // What it says of calls is what reports say; of a voice pipeline, what metrics are told.
  logs: [...KNOWLEDGE, "call", "report", "metrics", "privacy"],
  probe: [...KNOWLEDGE, "call", "native", "attach", "metrics", "privacy", "logs"],
  server: [...KNOWLEDGE, "call", "metrics", "report", "probe"],
  demo: [...KNOWLEDGE, "call", "probe", "server", "logs"],
  web: ["net", "call", "report"],
  cli: [
    ...KNOWLEDGE,
    "call",
    "native",
    "capture",
    "hep",
    "metrics",
    "report",
    "attach",
    "doctor",
    "gates",
    "probe",
    "server",
    "demo",
    "privacy",
    "records",
    "logs",
  ],
  index: [
    ...KNOWLEDGE,
    "call",
    "native",
    "capture",
    "attach",
    "hep",
    "metrics",
    "probe",
    "server",
    "privacy",
    "records",
    "report",
    "logs",
  ],
};

/** The one place each outside package may appear. */
const MAY_USE: Readonly<Record<string, readonly string[]>> = {
  attach: ["node:https"],
  dtls: ["node:crypto"],
  stir: ["node:crypto", "@peculiar/asn1-schema", "@peculiar/asn1-x509"],
  hep: ["node:dgram", "node:net", "node:timers/promises", "node:tls", "node:zlib"],
  metrics: [
    "node:crypto",
    "node:http",
    "node:perf_hooks",
    "node:stream",
    "node:timers/promises",
    "prom-client",
  ],
  native: ["node:module", "node:url"],
  capture: [
    "node:events",
    "node:fs",
    "node:fs/promises",
    "node:zlib",
    "node:stream",
    "node:timers/promises",
    "node:worker_threads",
  ],
  report: ["node:fs/promises", "node:util", "node:zlib"],
  privacy: ["node:crypto"],
  logs: ["pino"],
  records: ["node:fs", "node:fs/promises", "node:path", "node:readline", "node:url"],
  demo: ["node:dgram", "node:events", "sip.js", "werift"],
  probe: ["node:module"],
  server: ["node:crypto", "node:events", "node:http", "node:net", "node:zlib"],
  vitest: ["vitest"],
  web: ["uplot"],
  cli: [
    "node:fs",
    "node:module",
    "node:net",
    "node:os",
    "node:process",
    "node:stream",
    "node:timers/promises",
    "node:url",
    "node:util",
    "node:v8",
  ],
};

/** Knowledge takes time as an argument; only these rooms may look at a clock. */
const MAY_READ_CLOCK: readonly string[] = ["cli", "probe", "server", "demo", "logs"];

/** Where a clock paces work and enters no result. */
const PACED = join("capture", "turns.ts");

const src = join(dirname(fileURLToPath(import.meta.url)), "../src");
const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((file) =>
  file.endsWith(".ts"),
);

/** First path segment below `src`, without extension: `quality/codecs.ts` is in `quality`. */
const roomOf = (file: string): string => (file.split(/[/\\]/)[0] ?? "").replace(/\.ts$/, "");

const textOf = (file: string): string => readFileSync(join(src, file), "utf8");

const importsOf = (file: string): string[] =>
  [...textOf(file).matchAll(/\b(?:from|import) "([^"]+)"/g)].map((match) => match[1] ?? "");

describe.each(files)("src/%s", (file) => {
  const room = roomOf(file);

  it("belongs to a known room", () => {
    expect(Object.keys(MAY_IMPORT)).toContain(room);
  });

  it("imports only what its room may", () => {
    for (const specifier of importsOf(file)) {
      if (specifier.startsWith(".")) {
        const target = roomOf(relative(src, join(src, dirname(file), specifier)));
        expect([room, ...(MAY_IMPORT[room] ?? [])], specifier).toContain(
          target.replace(/\.js$/, ""),
        );
      } else {
        expect(MAY_USE[room] ?? [], specifier).toContain(specifier);
      }
    }
  });

  it("reads a clock only where it may", () => {
    if (MAY_READ_CLOCK.includes(room) || file === PACED) return;
    expect(textOf(file)).not.toMatch(/\bDate\.now\(|\bperformance\.now\(|\bnew Date\(\)|hrtime/);
  });
});
