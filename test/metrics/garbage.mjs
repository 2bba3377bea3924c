/**
 * `node --expose-gc --min-semi-space-size=64 --max-semi-space-size=64 test/metrics/garbage.mjs`: bytes
 * that an update allocates once it is compiled, as JSON. What is new stays within the semi-space for a
 * whole round, so that no collection hides it. Needs `npm run build`.
 *
 * @module
 */
import { Recorder } from "../../dist/metrics/recorder.js";
import { VoiceServerMetrics } from "../../dist/metrics/voiceserver-metrics.js";

const UPDATES = 1_000_000;
const ROUNDS = 10;
const WHYS = ["normal", "timer-expired", "error", "user-hangup"];
const CODES = [180, 200, 302, 486, 503, 603];

const recorder = new Recorder();
const helpers = new VoiceServerMetrics(recorder);
const byes = recorder.counter("sip_bye_total");
const bound = byes.at("inbound", "local", "normal");
const active = recorder.gauge("voiceserver_active_calls");
const jitter = recorder.histogram("rtp_call_jitter_seconds");
const delay = recorder.histogram("sip_post_dial_delay_seconds").at("inbound");
const rtt = recorder.summary("sip_call_rtt_ms").at();
const labels = WHYS.map((reason_class) =>
  Object.freeze({ direction: "outbound", by: "remote", reason_class }),
);
const kept = new Array(8);

// Samples are whole numbers: a fraction may be boxed on its way into a call, which the code around the
// call decides, and not what is called.
const updates = {
  "a bound counter": () => bound.inc(),
  "a counter by label values": (i) => byes.at("outbound", "remote", WHYS[i & 3]).inc(),
  "a counter by label names": (i) => byes.with(labels[i & 3]).inc(),
  "a gauge": (i) => active.at("sip").set(i & 7),
  "a bound histogram": (i) => delay.observe(i & 15),
  "a histogram by label values": (i) =>
    jitter.at("sip", "inbound", "PCMU", "measured").observe(i & 1),
  "a summary": (i) => rtt.observe(1 + (i & 1023)),
  "a helper for responses": (i) => helpers.inviteResult("inbound", CODES[i % 6]),
  "a helper for BYEs": (i) => helpers.bye("inbound", "remote", WHYS[i & 3]),
  "a helper for handshakes": () => helpers.dtlsHandshake("ok"),
  // That the others would be seen to allocate if they did.
  "an object": (i) => {
    kept[i & 7] = { i };
  },
};

/** Median of the rounds after the first, in which the update is compiled. */
function bytesAnUpdate(update) {
  const rounds = [];
  for (let round = 0; round <= ROUNDS; ++round) {
    globalThis.gc();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < UPDATES; ++i) update(i);
    rounds.push((process.memoryUsage().heapUsed - before) / UPDATES);
  }
  return rounds.slice(1).sort((a, b) => a - b)[ROUNDS / 2];
}

// What measures is compiled, too.
bytesAnUpdate(updates["a bound counter"]);
const bytes = Object.entries(updates).map(([name, update]) => [name, bytesAnUpdate(update)]);
process.stdout.write(`${JSON.stringify(Object.fromEntries(bytes))}\n`);
