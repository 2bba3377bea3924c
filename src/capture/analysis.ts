/**
 * An analysis: engine, signalling and calls, from the first byte to the report.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import { CallTable } from "../call/call-table.js";
import type { CallEntry } from "../call/call-entry.js";
import type { CallStream, Observation } from "../call/findings.js";
import type { Claim, Traffic } from "../call/media-index.js";
import type { CaptureDamage, CaptureReport, StreamReport } from "../call/report.js";
import { streamReport } from "../call/stream-report.js";
import { CaptureFormatError, CaptureOpenError } from "../errors.js";
import { Engine, type InputState } from "../native/engine.js";
import { NetworkSet } from "../net/network.js";
import { isoMicroseconds } from "../net/time.js";
import type { Draft } from "../rtcp/present.js";
import type { StreamMeasurement } from "../rtp/stream.js";
import { IdentityVerifier } from "../stir/verify.js";
import type { AnalyseOptions } from "./analyse-options.js";
import { captureCounters } from "./capture-counters.js";
import { CaptureGaps } from "./capture-gaps.js";
import { captureInput } from "./capture-input.js";
import { captureDamage } from "./damage.js";
import { RtcpKnowledge } from "./rtcp-knowledge.js";
import { Signalling } from "./signalling.js";
import { type CaptureSource, openCapture, type OpenCapture } from "./source.js";
import { ToldRtcp } from "./told-rtcp.js";
import { Turns } from "./turns.js";

/** Streams told of at a time: thousands of measurements need not live at once, beside their reports. */
const STREAMS_AT_ONCE = 8;
const IDENTITIES_AT_ONCE = 256;

/** Analyses captures as one, here and now. @throws As `analyseMerged`. */
export async function analyseAll(
  sources: readonly CaptureSource[],
  options: AnalyseOptions,
): Promise<CaptureReport> {
  const engine = new Engine(options);
  const captures: OpenCapture[] = [];
  try {
    for (const source of sources) captures.push(await openCapture(source));
    return await new Analysis(engine, captures, options).run();
  } finally {
    for (const capture of captures) await capture.close();
  }
}

class Analysis {
  readonly #engine: Engine;
  readonly #captures: readonly OpenCapture[];
  readonly #options: AnalyseOptions;
  readonly #calls: CallTable;
  readonly #signalling: Signalling;
  readonly #rtcp = new RtcpKnowledge();
  readonly #gaps = new CaptureGaps();
  readonly #toldRtcp: ToldRtcp;
  readonly #streamErrors = new Map<number, Error>();
  readonly #turns = new Turns();

  constructor(engine: Engine, captures: readonly OpenCapture[], options: AnalyseOptions) {
    this.#engine = engine;
    this.#captures = captures;
    this.#options = options;
    this.#calls = new CallTable({
      observationPoint:
        options.observationPoint ?? captures.map(({ name }) => lastSegment(name)).join(" + "),
      local: options.local && NetworkSet.of(options.local),
      observer: options.observer,
      identities: options.stir && new IdentityVerifier(options.stir),
    });
    this.#signalling = new Signalling(engine, this.#calls, options.payloads);
    this.#toldRtcp = new ToldRtcp(options.observer);
    for (const { descriptor } of captures) {
      if (descriptor === undefined) engine.addFeed();
      else engine.addFile(descriptor);
    }
  }

  async run(): Promise<CaptureReport> {
    for (;;) {
      const pause = await this.#engine.scan();
      this.#turns.begin();
      await this.#trackStreams();
      await this.#look();
      this.#options.signal?.throwIfAborted();
      this.#tellProgress();
      if (pause === "hungry") await this.#feed(this.#engine.hungryInput());
      if (pause === "ended") break;
    }
    await this.#engine.finish();
    this.#turns.begin();
    await this.#trackStreams();
    const inputs = this.#engine.inputs();
    this.#requireCaptures(inputs);
    return this.#report(inputs);
  }

  /** The media of the scan before has been accounted: its reports can find their streams. */
  async #trackStreams(): Promise<void> {
    const count = this.#engine.streamCount();
    while (this.#rtcp.tracked < count) {
      this.#rtcp.track(this.#engine.streamIdentities(this.#rtcp.tracked, IDENTITIES_AT_ONCE));
      if (this.#turns.isOver) await this.#turns.next();
    }
    await this.#turns.run(this.#rtcp.settle());
  }

  async #look(): Promise<void> {
    for (const event of this.#engine.takeEvents()) {
      if (event.kind === "rtcp") {
        this.#rtcp.observe(event);
        this.#toldRtcp.observe(event);
        continue;
      }
      this.#signalling.observe(event);
      if (this.#turns.isOver) await this.#turns.next();
    }
  }

  async #feed(input: number): Promise<void> {
    try {
      const next = await this.#captures[input]?.chunks?.next();
      if (next === undefined || next.done === true) this.#engine.endFeed(input);
      else this.#engine.feed(input, next.value);
    } catch (error) {
      this.#streamErrors.set(input, error instanceof Error ? error : new Error(String(error)));
      this.#engine.endFeed(input);
    }
  }

  #tellProgress(): void {
    const { onProgress } = this.#options;
    if (onProgress === undefined) return;
    let bytesRead = 0;
    let bytesTotal: number | undefined = 0;
    for (const [index, input] of this.#engine.inputs().entries()) {
      const capture = this.#captures[index];
      bytesRead += capture?.bytesRead?.() ?? input.bytesRead;
      if (capture?.bytesTotal === undefined) bytesTotal = undefined;
      else if (bytesTotal !== undefined) bytesTotal += capture.bytesTotal;
    }
    const { packets } = this.#engine.counters();
    onProgress({ bytesRead, packets, ...(bytesTotal === undefined ? {} : { bytesTotal }) });
  }

  /** Where nothing at all could be read there is nothing to report. */
  #requireCaptures(inputs: readonly InputState[]): void {
    for (const [index, input] of inputs.entries()) {
      const name = this.#captures[index]?.name ?? "";
      const error = this.#streamErrors.get(index);
      if (input.readError !== 0 || error !== undefined) {
        if (input.frames > 0) continue;
        const sentence = captureDamage(input, error)?.sentence ?? "";
        throw new CaptureOpenError(`${name}: ${sentence}`, error && { cause: error });
      }
      if (input.problem === "truncated" && input.offset === 0 && input.frames === 0) {
        throw new CaptureFormatError(
          `${name}: The input is not a capture: ${String(input.value)} bytes are less than a header.`,
        );
      }
      if (input.problem === "not-a-capture") {
        throw new CaptureFormatError(`${name}: ${captureDamage(input)?.sentence ?? ""}`);
      }
    }
  }

  async #report(inputs: readonly InputState[]): Promise<CaptureReport> {
    const counters = this.#engine.counters();
    await this.#turns.run(this.#calls.finish(counters.lastFrameAtMs));
    const { joined, streams } = await this.#joinStreams();
    await this.#turns.run(this.#calls.noteReported(this.#rtcp.provenTraffic()));
    this.#calls.noteUnseen(this.#rtcp.unseen());
    this.#toldRtcp.tell(this.#calls);
    const calls = await this.#callReports(joined, {
      kind: "capture",
      hasMedia: counters.rtp > 0,
      fromMs: counters.firstFrameAtMs,
      toMs: counters.lastFrameAtMs,
      // Missing TCP bytes cut messages as well: of the calls they belong to, each of which says so.
      hasCutPackets: this.#signalling.hasCutMessages && counters.cutFrames > 0,
      gaps: this.#gaps.found(),
      isSideAssumed: false,
      hasEncryptedSignalling: counters.sipsHandshakes > 0,
    });
    return {
      schema: "mediaprobe.report/1",
      file: this.#captures.map(({ name }) => name).join(" + "),
      ...(counters.packets === 0
        ? {}
        : {
            firstPacketAt: isoMicroseconds(counters.firstFrameAtMs),
            lastPacketAt: isoMicroseconds(counters.lastFrameAtMs),
          }),
      ...this.#damage(inputs),
      inputs: inputs.map(({ origin }) => captureInput(origin)),
      calls,
      streams,
      handshakes: this.#calls.handshakesWithoutCall(counters.lastFrameAtMs),
      counters: captureCounters(counters, {
        signalling: this.#signalling.counters,
        evictedReports: this.#rtcp.evicted + this.#calls.evictedReports + this.#toldRtcp.refused,
        evictedCalls: this.#calls.evicted,
      }),
    };
  }

  /** The streams of each call, and those that are of none. */
  async #joinStreams(): Promise<{ joined: Map<CallEntry, CallStream[]>; streams: StreamReport[] }> {
    const count = this.#engine.streamCount();
    const traffic: Traffic[] = [];
    while (traffic.length < count) {
      traffic.push(...this.#engine.streamIdentities(traffic.length, IDENTITIES_AT_ONCE));
      if (this.#turns.isOver) await this.#turns.next();
    }
    const claims = await this.#turns.run(this.#calls.join(traffic));
    const joined = new Map<CallEntry, CallStream[]>();
    const streams: StreamReport[] = [];
    for (let from = 0; from < count; from += STREAMS_AT_ONCE) {
      for (const [offset, stream] of this.#engine.streams(from, STREAMS_AT_ONCE).entries()) {
        const claim = claims[from + offset];
        const report = this.#streamReport(stream, from + offset);
        this.#gaps.add(stream);
        if (claim === undefined) streams.push(report);
        else joinedStreams(joined, claim).push(callStream(claim, stream, report));
        if (this.#turns.isOver) await this.#turns.next();
      }
    }
    return { joined, streams };
  }

  async #callReports(
    joined: ReadonlyMap<CallEntry, readonly CallStream[]>,
    observation: Observation,
  ): Promise<CallReport[]> {
    const calls: CallReport[] = [];
    for (const entry of this.#calls.entries) {
      calls.push(this.#calls.report(entry, joined.get(entry) ?? [], observation));
      if (this.#turns.isOver) await this.#turns.next();
    }
    return calls;
  }

  #streamReport(stream: StreamMeasurement, index: number): Draft<StreamReport> {
    return streamReport(stream, {
      formatOf: ({ payloadType, map }) => this.#signalling.formatOf(payloadType, map),
      rtcpOf: (clockRateHz) => {
        const rtcp = this.#rtcp.reportedOn(index, clockRateHz);
        return { rtcp, rtt: this.#rtcp.roundTripOf(stream, index, rtcp) };
      },
      fixedBufferMs: this.#options.fixedBufferMs,
      codecs: this.#options.codecs,
    });
  }

  #damage(inputs: readonly InputState[]): { damage?: CaptureDamage } {
    for (const [index, input] of inputs.entries()) {
      const damage = captureDamage(input, this.#streamErrors.get(index));
      if (damage === undefined) continue;
      if (inputs.length === 1) return { damage };
      const name = this.#captures[index]?.name ?? "";
      return { damage: { ...damage, sentence: `${name}: ${damage.sentence}` } };
    }
    return {};
  }
}

/** Where a file lies says nothing of where its packets were captured. */
function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function joinedStreams(joined: Map<CallEntry, CallStream[]>, { entry }: Claim): CallStream[] {
  let streams = joined.get(entry);
  if (streams === undefined) {
    streams = [];
    joined.set(entry, streams);
  }
  return streams;
}

function callStream(
  { entry, flow, mediaType: described }: Claim,
  { firstPacketAtMs, lastPacketAtMs }: StreamMeasurement,
  report: Draft<StreamReport>,
): CallStream {
  const mediaType = entry.mediaTypeOf(flow, report.payloadTypes) ?? described;
  report.direction = flow;
  report.mediaType = mediaType;
  return { stream: report, flow, mediaType, firstPacketAtMs, lastPacketAtMs };
}
