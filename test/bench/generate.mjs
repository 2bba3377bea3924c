/**
 * Captures of many calls whose every count is known: SIP, G.711 both ways and RTCP over UDP, with
 * loss, reordering and duplicates, in order of time, the same bytes for the same seed.
 *
 * @module
 */
import { closeSync, openSync, renameSync, writeSync } from "node:fs";

import { KIND_COPY, KIND_RTCP, KIND_SIP, LoadCall } from "./load/call.mjs";
import { CaptureSink } from "./load/frames.mjs";
import { completeOptions, PACKET_US, PRESETS } from "./load/options.mjs";
import { Random } from "./load/random.mjs";
import { Schedule } from "./load/schedule.mjs";
import { payloadPool } from "./load/stream.mjs";

export { PRESETS };

const SLICE_US = 100_000;
const TRUTH_WRITE_CHARS = 1 << 20;

/** When each call begins and how much it sends: pairs of one longer and one shorter call. */
function planCalls(options, random) {
  const spreadUs = options.packetsAStream * PACKET_US * options.startSpread;
  const stepUs = spreadUs / options.calls;
  const plans = [];
  let longer = 0;
  for (let index = 0; index < options.calls; ++index) {
    const isPaired = index + 1 < options.calls || index % 2 === 1;
    if (index % 2 === 0) {
      longer = isPaired ? Math.floor(options.packetsAStream * 0.3 * random.ratio()) : 0;
    }
    const packets = options.packetsAStream + (index % 2 === 0 ? longer : -longer);
    const offsetUs = Math.floor((index + random.ratio()) * stepUs);
    plans.push({ packets, inviteAtUs: options.startAtMs * 1000 + offsetUs });
  }
  return plans;
}

/** A load while it is written. */
class Run {
  #options;
  #sink;
  #random;
  #pool;
  #plans;
  #schedule = new Schedule();
  #calls = new Map();
  #begun = 0;
  #counts = { rtpPackets: 0, rtcpPackets: 0, sipMessages: 0 };

  constructor(options, sink) {
    this.#options = options;
    this.#sink = sink;
    this.#random = new Random(options.seed);
    this.#pool = payloadPool(this.#random);
    this.#plans = planCalls(options, this.#random);
  }

  /** Writes everything. Hands each call to `finished` when nothing of it is to come. */
  complete(finished) {
    const write = this.#write.bind(this);
    let startUs = this.#options.startAtMs * 1000;
    while (this.#begun < this.#plans.length || this.#calls.size > 0) {
      const endUs = startUs + SLICE_US;
      this.#beginCalls(endUs);
      const ended = [];
      for (const [index, call] of this.#calls) {
        if (call.planUntil(endUs, this.#schedule, index, this.#random)) ended.push(index);
      }
      this.#schedule.drain(startUs, endUs, write);
      for (const index of ended) {
        finished(this.#calls.get(index));
        this.#calls.delete(index);
      }
      startUs = endUs;
    }
    this.#sink.flush();
    return { frames: this.#sink.frames, bytes: this.#sink.bytes, ...this.#counts };
  }

  #beginCalls(endUs) {
    const { ipv6Share } = this.#options;
    for (; this.#begun < this.#plans.length; ++this.#begun) {
      const index = this.#begun;
      const { packets, inviteAtUs } = this.#plans[index];
      if (inviteAtUs >= endUs) return;
      const isIpv6 = Math.floor((index + 1) * ipv6Share) > Math.floor(index * ipv6Share);
      const call = new LoadCall(index, packets, inviteAtUs, isIpv6, this.#random, this.#options);
      this.#calls.set(index, call);
    }
  }

  #write(atUs, kind, owner, number) {
    if (kind === KIND_SIP) {
      this.#counts.sipMessages += 1;
      this.#calls.get(owner).writeMessage(this.#sink, atUs, number);
      return;
    }
    const call = this.#calls.get(owner >> 1);
    if (kind === KIND_RTCP) {
      this.#counts.rtcpPackets += 1;
      call.writeReport(this.#sink, atUs, owner & 1, number);
    } else {
      this.#counts.rtpPackets += 1;
      call.streams[owner & 1].write(this.#sink, this.#pool, atUs, number, kind === KIND_COPY);
    }
  }
}

/**
 * A capture in memory, with the truth about it.
 *
 * @type {import("./generate.d.mts").generateCapture}
 */
export function generateCapture(options) {
  const sink = new CaptureSink(undefined);
  const calls = [];
  const run = new Run(completeOptions(options), sink);
  const totals = run.complete((call) => calls.push(call.truth()));
  calls.sort((a, b) => a.invitedAtUs - b.invitedAtUs);
  return { bytes: new Uint8Array(Buffer.concat(sink.chunks)), truth: { ...totals, calls } };
}

/**
 * Writes a capture to `path` and the truth about it to `truthPath`: JSON Lines, one call a line in
 * the order of their ends, the totals on the last line.
 *
 * @type {import("./generate.d.mts").writeCapture}
 */
export function writeCapture(path, truthPath, options) {
  const complete = completeOptions(options);
  // A name of its own until it is whole: a generation that was stopped leaves no half file behind.
  const descriptor = openSync(`${path}.part`, "w");
  const truth = openSync(`${truthPath}.part`, "w");
  let lines = "";
  const put = (line) => {
    lines += `${JSON.stringify(line)}\n`;
    if (lines.length >= TRUTH_WRITE_CHARS) {
      writeSync(truth, lines);
      lines = "";
    }
  };
  try {
    const run = new Run(complete, new CaptureSink(descriptor));
    const totals = run.complete((call) => put(call.truth()));
    put(totals);
    writeSync(truth, lines);
    renameSync(`${truthPath}.part`, truthPath);
    renameSync(`${path}.part`, path);
    return totals;
  } finally {
    closeSync(descriptor);
    closeSync(truth);
  }
}
