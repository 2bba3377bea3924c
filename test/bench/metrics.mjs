/**
 * `node test/bench/metrics.mjs`: what recording and scraping cost beside prom-client's own classes, as
 * ratios of processor time measured in turns, with the goals they are held to. Needs `npm run build`.
 *
 * `--json` prints the figures for a program. `--check` exits with 1 when a goal is missed by more than
 * 30 %.
 *
 * @module
 */
import { performance } from "node:perf_hooks";

import { Counter, Histogram, Registry, Summary } from "prom-client";

import { expositionInSlices } from "../../dist/metrics/exposition.js";
import { register } from "../../dist/metrics/prometheus.js";
import { Recorder } from "../../dist/metrics/recorder.js";
import { flags, inTurns, SLACK } from "./in-turns.mjs";

const results = [];

/** Median of `theirs` over `ours`, each for one operation. */
async function compare(measure, goal, theirs, ours) {
  const seconds = await inTurns({
    theirs: () => theirs.run(theirs.times),
    ours: () => ours.run(ours.times),
  });
  note(measure, goal, seconds.theirs / theirs.times, seconds.ours / ours.times);
}

function note(measure, goal, their, our) {
  const ratio = their / our;
  results.push({
    measure,
    ratio,
    goal: `>= ${goal}`,
    isMet: ratio >= goal,
    isWithinSlack: ratio >= goal / SLACK,
    detail: `prom-client ${shownSeconds(their)}, mediaprobe ${shownSeconds(our)}`,
  });
}

function shownSeconds(seconds) {
  return seconds < 1e-6 ? `${(seconds * 1e9).toFixed(1)} ns` : `${(seconds * 1e3).toFixed(2)} ms`;
}

const registers = [new Registry()];
const recorder = new Recorder();
const OURS = 2_000_000;
const THEIRS = 100_000;
const WHYS = ["normal", "timer-expired", "error", "user-hangup"];

const theirByes = new Counter({
  name: "byes_total",
  help: "Byes.",
  labelNames: ["direction", "by", "reason_class"],
  registers,
});
const ourByes = recorder.counter("sip_bye_total");
const theirBye = theirByes.labels("inbound", "local", "normal");
const ourBye = ourByes.at("inbound", "local", "normal");
await compare(
  "one series of a counter with three labels",
  50,
  {
    times: THEIRS,
    run: (n) => {
      for (let i = 0; i < n; ++i) theirBye.inc();
    },
  },
  {
    times: OURS,
    run: (n) => {
      for (let i = 0; i < n; ++i) ourBye.inc();
    },
  },
);
await compare(
  "a counter by three label values",
  12,
  {
    times: THEIRS,
    run: (n) => {
      for (let i = 0; i < n; ++i)
        theirByes.inc({ direction: "inbound", by: "local", reason_class: WHYS[i & 3] });
    },
  },
  {
    times: OURS,
    run: (n) => {
      for (let i = 0; i < n; ++i) ourByes.at("inbound", "local", WHYS[i & 3]).inc();
    },
  },
);

const theirDelay = new Histogram({
  name: "delay_seconds",
  help: "Delay.",
  labelNames: ["direction"],
  buckets: [0.1, 0.25, 0.5, 1, 2, 3, 5, 6, 8, 11, 15, 20, 30],
  registers,
}).labels("inbound");
const ourDelay = recorder.histogram("sip_post_dial_delay_seconds").at("inbound");
await compare(
  "one series of a histogram with 13 edges",
  30,
  {
    times: THEIRS,
    run: (n) => {
      for (let i = 0; i < n; ++i) theirDelay.observe((i & 255) / 16);
    },
  },
  {
    times: OURS,
    run: (n) => {
      for (let i = 0; i < n; ++i) ourDelay.observe((i & 255) / 16);
    },
  },
);

const theirRtt = new Summary({ name: "rtt_ms", help: "RTT.", registers });
const ourRtt = recorder.summary("sip_call_rtt_ms").at();
await compare(
  "a summary",
  30,
  {
    times: THEIRS,
    run: (n) => {
      for (let i = 0; i < n; ++i) theirRtt.observe(1 + (i & 1023));
    },
  },
  {
    times: OURS,
    run: (n) => {
      for (let i = 0; i < n; ++i) ourRtt.observe(1 + (i & 1023));
    },
  },
);

/** Ten thousand series and some, a third of them in each family. */
const LABELS = [
  ["codec", "codec"],
  ["status", "call-status"],
  ["result", "dtls-result"],
  ["side", "side"],
];
/** Recorders of families with 3456 series each, ours and theirs. */
function manySeries(names) {
  const many = new Recorder(
    Object.fromEntries(
      names.map((name) => [
        name,
        {
          type: "counter",
          help: "Many.",
          unit: "events",
          labels: LABELS,
          series: "all",
          origin: "mediaprobe",
          when: "Now.",
        },
      ]),
    ),
  );
  const ourRegistry = register(many);
  const theirRegistry = new Registry();
  let series = 0;
  for (const name of names) {
    const counter = new Counter({
      name,
      help: "Many.",
      labelNames: LABELS.map(([label]) => label),
      registers: [theirRegistry],
    });
    const table = [...many.tables].find((one) => one.name === name);
    for (const one of table.all()) {
      one.add(++series);
      counter.inc(one.samples()[0].labels, series);
    }
  }
  return { series, many, ourRegistry, theirRegistry };
}

const { series, many, ourRegistry, theirRegistry } = manySeries(["a_total", "b_total", "c_total"]);
if (
  (await ourRegistry.metrics()).replaceAll(/# .*metrics_.*\n+/g, "").trim() !==
  (await theirRegistry.metrics()).trim()
) {
  throw new Error("the two registries do not expose the same bytes");
}
/**
 * Where the text ends as bytes. It is there already: memory for each new buffer costs what the system
 * asks for pages, which on some machines is more than the rest.
 */
const destination = Buffer.alloc(2 ** 24);
/** What a server does with a registry of prom-client. */
const answer = async (registry) => destination.write(await registry.metrics());
/** What the server of a probe does. */
const answerInSlices = async (recorder) => {
  let bytes = 0;
  for await (const slice of expositionInSlices(recorder)) bytes += destination.write(slice, bytes);
  return bytes;
};
const SCRAPES = 5;
const times = (task) => async () => {
  for (let i = 0; i < SCRAPES; ++i) await task();
};

/**
 * What is the least that a registry of prom-client takes: it is given each family as one finished text,
 * which it copies twice.
 */
async function finishedRegistry(recorder, registry) {
  const finished = new Registry();
  for (const { name } of recorder.tables) {
    const text = await registry.getSingleMetricAsString(name);
    const [, help, type] = /^# HELP \S+ (.*)\n# TYPE \S+ (\S+)/.exec(text);
    const lines = text.split("\n").slice(2).join("\n");
    const end = lines.lastIndexOf(" ");
    const value = Number(lines.slice(end + 1));
    const values = lines === "" ? [] : [{ metricName: lines.slice(0, end), labels: {}, value }];
    finished.registerMetric({ name, get: async () => ({ name, help, type, values }) });
  }
  return finished;
}

/**
 * Notes our scrapes beside theirs: in slices, and through a registry, where what prom-client does with
 * finished text bounds what there is to gain.
 */
async function compareScrapes(what, count, goals, tasks, measure, divisor = 1) {
  const seconds = await inTurns(tasks, measure);
  const [theirs, slices, registry, finished] = ["theirs", "slices", "registry", "finished"].map(
    (name) => seconds[name] / divisor,
  );
  note(`${what} ${count} series in slices, as a probe's server does`, goals.slices, theirs, slices);
  note(`${what} ${count} series through a registry`, goals.registry, theirs, registry);
  results.at(-1).detail += `; of finished text ${shownSeconds(finished)}`;
}

const finished = await finishedRegistry(many, ourRegistry);
await compareScrapes(
  "scraping",
  series,
  { slices: 6, registry: 2 },
  {
    theirs: times(() => answer(theirRegistry)),
    slices: times(() => answerInSlices(many)),
    registry: times(() => answer(ourRegistry)),
    finished: times(() => answer(finished)),
  },
  undefined,
  SCRAPES,
);

const merged = Registry.merge([manySeries(["a_total", "b_total", "c_total"]).ourRegistry]);
await compare(
  `scraping ${series} series through a registry that theirs was merged into`,
  1,
  { times: SCRAPES, run: times(() => answer(theirRegistry)) },
  { times: SCRAPES, run: times(() => answer(merged)) },
);

/** The longest time, in seconds, that the event loop had no turn while a task ran. */
async function stallOf(task) {
  let last = performance.now();
  let longest = 0;
  let isDone = false;
  const watch = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (!isDone) setImmediate(watch);
  };
  setImmediate(watch);
  await new Promise((resolve) => setImmediate(resolve));
  last = performance.now();
  longest = 0;
  await task();
  isDone = true;
  longest = Math.max(longest, performance.now() - last);
  return longest / 1000;
}

const large = manySeries(Array.from({ length: 29 }, (_, i) => `f${i}_total`));
const largeFinished = await finishedRegistry(large.many, large.ourRegistry);
await compareScrapes(
  "the longest stall while scraping",
  large.series,
  { slices: 20, registry: 3 },
  {
    theirs: () => answer(large.theirRegistry),
    slices: () => answerInSlices(large.many),
    registry: () => answer(large.ourRegistry),
    finished: () => answer(largeFinished),
  },
  stallOf,
);

if (flags.json) {
  process.stdout.write(`${JSON.stringify(results, undefined, 2)}\n`);
} else {
  for (const { measure, ratio, goal, isMet, detail } of results) {
    const verdict = isMet ? "" : " (missed)";
    process.stdout.write(
      `${measure}: ${ratio.toFixed(1)} times, goal ${goal}${verdict}; ${detail}\n`,
    );
  }
}
if (flags.check && !results.every(({ isWithinSlack }) => isWithinSlack)) process.exitCode = 1;
