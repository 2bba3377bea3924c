import { pino } from "pino";
import { describe, expect, expectTypeOf, it } from "vitest";

import { createLogger, type Logger, type LoggerOptions } from "../../src/logs/logger.js";
import { LOG_LEVELS, type LogLevel, type LogPort } from "../../src/logs/log-port.js";
import { Lines } from "./lines.js";

const AT = Date.parse("2026-05-15T12:34:56.789Z");

/** A logger whose clock stands still, in an empty environment. */
async function logging(
  options: LoggerOptions = {},
): Promise<{ readonly log: Logger; readonly lines: Lines }> {
  const lines = new Lines();
  const log = await createLogger({
    environment: {},
    destination: lines,
    epochMs: () => AT,
    ...options,
  });
  return { log, lines };
}

describe("the format", () => {
  const write = (log: Logger): void => {
    log.info({ session_id: "sess_abc123", transport: "websocket" }, "session started");
    log.info({ session_id: "sess_abc123", text: "hello" }, "stt transcript received");
  };

  it("of text is that which voice servers document, byte for byte", async () => {
    const { log, lines } = await logging({ debugOnly: [] });
    write(log);
    expect(lines.text).toBe(
      "2026/05/15 12:34:56 INFO session started session_id=sess_abc123 transport=websocket\n" +
        '2026/05/15 12:34:56 INFO stt transcript received session_id=sess_abc123 text="hello"\n',
    );
  });

  it("of JSON is that which voice servers document, byte for byte", async () => {
    const { log, lines } = await logging({ format: "json", debugOnly: [] });
    write(log);
    expect(lines.text).toBe(
      '{"time":"2026-05-15T12:34:56Z","level":"INFO","msg":"session started","session_id":"sess_abc123","transport":"websocket"}\n' +
        '{"time":"2026-05-15T12:34:56Z","level":"INFO","msg":"stt transcript received","session_id":"sess_abc123","text":"hello"}\n',
    );
  });

  it.each(LOG_LEVELS)("names the level %s in capitals", async (level) => {
    const { log, lines } = await logging({ level: "debug", format: "json" });
    log[level]({}, "said");
    expect(lines.entries).toEqual([
      { time: "2026-05-15T12:34:56Z", level: level.toUpperCase(), msg: "said" },
    ]);
  });

  it("keeps every value of JSON as what it is", async () => {
    const { log, lines } = await logging({ format: "json" });
    const circular: Record<string, unknown> = { one: 1 };
    circular["itself"] = circular;
    log.info({ mos: 4.1, answered: true, gone: undefined, nan: NaN, big: 7n, circular }, "said");
    expect(lines.entries).toEqual([
      {
        time: "2026-05-15T12:34:56Z",
        level: "INFO",
        msg: "said",
        mos: 4.1,
        answered: true,
        nan: null,
        big: 7,
        circular: { one: 1, itself: "[Circular]" },
      },
    ]);
  });

  it("lets nobody else begin a line, or command a terminal", async () => {
    const { log, lines } = await logging();
    const hostile = 'x\n2026/05/15 00:00:00 ERROR forged \u001b[2J\u202e"';
    log.warn({ agent: hostile, "a b": 1 }, hostile);
    expect(lines.text.split("\n")).toHaveLength(2);
    expect(lines.text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect(lines.text).toContain("a_b=1");
  });

  it("quotes in text what would be taken for something else", async () => {
    const { log, lines } = await logging();
    log.info({ why: "busy here", empty: "", list: ["a", "b"], equal: "a=b" }, "said");
    expect(lines.text).toBe(
      '2026/05/15 12:34:56 INFO said why="busy here" empty="" list="[\\"a\\",\\"b\\"]" equal="a=b"\n',
    );
  });

  it("tells an error by what it says, its type and where it was thrown", async () => {
    const { log, lines } = await logging({ format: "json" });
    log.error({ error: new TypeError("no socket") }, "probe fault");
    expect(lines.entries[0]).toMatchObject({ error: "no socket", error_type: "TypeError" });
    expect(lines.entries[0]?.["error_stack"]).toContain("logger.test.ts");
  });

  it("never has a field of its own twice", async () => {
    const { log, lines } = await logging({ format: "json" });
    log.info({ level: 3, msg: "other", time: 1 }, "said");
    expect(lines.entries[0]).toMatchObject({
      level: "INFO",
      msg: "said",
      level_: 3,
      msg_: "other",
    });
    expect(lines.text.match(/"level":/g)).toHaveLength(1);
  });

  it("has the fields of a log with them in every line", async () => {
    const { log, lines } = await logging({ format: "json" });
    log.with({ session_id: "s1", stage: "stt" }).with({ stage: "llm" }).info({ n: 1 }, "said");
    expect(lines.entries[0]).toMatchObject({ session_id: "s1", stage: "llm", n: 1 });
  });
});

describe("the level", () => {
  it.each(LOG_LEVELS)("%s writes itself and what is graver", async (level) => {
    const { log, lines } = await logging({ level, format: "json" });
    for (const one of LOG_LEVELS) log[one]({}, one);
    expect(lines.entries.map(({ msg }) => msg)).toEqual(
      LOG_LEVELS.slice(LOG_LEVELS.indexOf(level)),
    );
    expect(LOG_LEVELS.map((one) => log.isEnabled(one))).toEqual(
      LOG_LEVELS.map((one) => LOG_LEVELS.indexOf(one) >= LOG_LEVELS.indexOf(level)),
    );
  });

  it("is info unless it is said, and changes while the log is used, for all that share it", async () => {
    const { log, lines } = await logging({ format: "json" });
    const child = log.with({ session_id: "s1" });
    expect(log.level).toBe("info");
    child.debug({}, "before");
    log.level = "debug";
    child.debug({}, "after");
    child.level = "error";
    log.warn({}, "too quiet");
    expect(lines.entries.map(({ msg }) => msg)).toEqual(["after"]);
  });

  it("refuses what is none, and says what there is", async () => {
    const { log } = await logging();
    expect(() => {
      log.level = "loud" as LogLevel;
    }).toThrow('level is "loud"; it must be debug, info, warn or error');
    expect(log.level).toBe("info");
    await expect(logging({ format: "xml" as "json" })).rejects.toThrow(
      'format is "xml"; it must be text or json',
    );
  });
});

describe("the environment", () => {
  it("goes before the options", async () => {
    const { log, lines } = await logging({
      level: "error",
      format: "text",
      environment: { MEDIAPROBE_LOG_LEVEL: "Debug", MEDIAPROBE_LOG_FORMAT: "JSON" },
    });
    log.debug({}, "said");
    expect(lines.entries).toHaveLength(1);
  });

  it("leaves the options alone where it says nothing", async () => {
    const { log } = await logging({ level: "error", environment: { MEDIAPROBE_LOG_LEVEL: " " } });
    expect(log.level).toBe("error");
  });

  it("is named where it is wrong", async () => {
    await expect(logging({ environment: { MEDIAPROBE_LOG_LEVEL: "verbose" } })).rejects.toThrow(
      'MEDIAPROBE_LOG_LEVEL is "verbose"; it must be debug, info, warn or error',
    );
  });
});

describe("what is private", () => {
  it("is masked in messages and fields, a number alike wherever it stands", async () => {
    const { log, lines } = await logging({ format: "json", privacy: { mode: "redact" } });
    log.warn(
      {
        from: "sip:12155550121@example.com",
        display_name: "Alice",
        to: "+442079460123",
        nested: { detail: ["12155550121 hung up"] },
        transport: "sip",
        at: "192.0.2.1:5060",
      },
      "call of <sip:alice@example.com> refused",
    );
    expect(lines.text).not.toMatch(/alice|2155550121|442079460123/i);
    expect(lines.entries[0]).toMatchObject({
      from: "sip:redacted@example.com",
      display_name: "redacted",
      to: "redacted",
      nested: { detail: ["redacted hung up"] },
      transport: "sip",
      at: "192.0.2.1:5060",
    });
  });

  it("is masked in what objects say of themselves, which is written as without a mask", async () => {
    const { log, lines } = await logging({ format: "json", privacy: { mode: "redact" } });
    log.info(
      {
        since: new Date(0),
        page: new URL("http://example.com/calls"),
        target: new URL("sip:+12155550121@example.com"),
        own: { toJSON: () => ({ number: "+442079460123" }) },
      },
      "asked",
    );
    expect(lines.text).not.toMatch(/2155550121|442079460123/);
    expect(lines.entries[0]).toMatchObject({
      since: "1970-01-01T00:00:00.000Z",
      page: "http://example.com/calls",
      target: "sip:redacted@example.com",
      own: { number: "redacted" },
    });
  });

  it("is told together without being told where it is hashed", async () => {
    const key = Buffer.from("a key of sixteen bytes");
    const { log, lines } = await logging({ format: "json", privacy: { mode: "hash", key } });
    log.info({ a: "sip:+12155550121@h" }, "said");
    log.info({ b: "+12155550121" }, "said");
    const [first, second] = lines.entries;
    expect(first?.["a"]).toBe(`sip:${String(second?.["b"])}@h`);
    expect(second?.["b"]).toMatch(/^anon-[a-p]{16}$/);
  });

  it("as what people said is in lines of debug alone", async () => {
    const { log, lines } = await logging({ level: "debug", format: "json" });
    const said = { session_id: "s1", text: "my pin is 1234", transcript: "my pin is 1234" };
    for (const level of LOG_LEVELS) log[level](said, level);
    const [debug, ...others] = lines.entries;
    expect(debug).toMatchObject({ text: "my pin is 1234", transcript: "my pin is 1234" });
    expect(others).toHaveLength(3);
    for (const entry of others) {
      expect(entry).toMatchObject({ session_id: "s1" });
      expect(JSON.stringify(entry)).not.toContain("1234");
    }
  });

  it("as named paths is never written", async () => {
    const { log, lines } = await logging({
      format: "json",
      level: "debug",
      redact: ["authorization", "headers.cookie"],
    });
    log.debug({ authorization: "Bearer t0ken", headers: { cookie: "t0ken", host: "h" } }, "asked");
    expect(lines.text).not.toContain("t0ken");
    expect(lines.entries[0]).toMatchObject({
      authorization: "redacted",
      headers: { cookie: "redacted", host: "h" },
    });
  });
});

describe("sampling", () => {
  it("writes the first and every nth, by level and message, and says what it left out", async () => {
    let nowMs = AT;
    const { log, lines } = await logging({
      format: "json",
      sampling: { first: 2, everyNth: 3, intervalMs: 1000 },
      epochMs: () => nowMs,
    });
    for (let n = 1; n <= 9; n += 1) log.warn({ n }, "again");
    log.info({ n: 1 }, "again");
    log.warn({ n: 1 }, "other");
    expect(lines.entries.map(({ msg, n, left_out }) => [msg, n, left_out])).toEqual([
      ["again", 1, undefined],
      ["again", 2, undefined],
      ["again", 5, 2],
      ["again", 8, 2],
      ["again", 1, undefined],
      ["other", 1, undefined],
    ]);
    expect(log.counters).toEqual({ sampledOut: 5, lost: 0 });
    nowMs += 1000;
    log.warn({ n: 10 }, "again");
    expect(lines.entries.at(-1)).toMatchObject({ n: 10, left_out: 1 });
  });

  it.each([
    [{ first: 0 }, "first is 0; it must be a whole number of 1 or more"],
    [{ everyNth: 1.5 }, "everyNth is 1.5; it must be a whole number of 1 or more"],
    [{ intervalMs: 0 }, "intervalMs is 0; it must be above 0"],
  ])("refuses %j", async (sampling, message) => {
    await expect(logging({ sampling })).rejects.toThrow(message);
  });
});

describe("a log in trouble", () => {
  it("never throws: what its destination refuses is counted", async () => {
    const { log } = await logging({
      destination: {
        write: () => {
          throw new Error("disk full");
        },
      },
    });
    log.info({}, "said");
    expect(log.counters.lost).toBe(1);
  });

  it("never throws: a field that cannot be written costs its line alone", async () => {
    const { log, lines } = await logging({ format: "json" });
    const hostile = {
      get trap(): string {
        throw new Error("no");
      },
    };
    log.info(hostile, "first");
    log.info({}, "second");
    expect(lines.entries.map(({ msg }) => msg)).toEqual(["second"]);
    expect(log.counters.lost).toBe(1);
  });
});

it("fits where pino and the console fit, too", () => {
  expectTypeOf<Logger>().toExtend<LogPort>();
  expectTypeOf(pino()).toExtend<LogPort>();
  expectTypeOf(console).toExtend<LogPort>();
});
