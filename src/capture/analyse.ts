/**
 * A capture in, the report on its media out.
 *
 * @module
 */

import { setImmediate as nextTurn } from "node:timers/promises";

import type {
  CaptureCounters,
  CaptureDamage,
  CaptureReport,
  StreamReport,
} from "../call/report.js";
import { streamReport } from "../call/stream-report.js";
import { CaptureFormatError, CaptureOpenError } from "../errors.js";
import { Engine, type EngineOptions, type InputState } from "../native/engine.js";
import type { CaptureEvent } from "../native/events.js";
import { isoMicroseconds } from "../net/time.js";
import type { CodecTable } from "../quality/codec-impairment.js";
import type { PayloadMap } from "../rtp/codec.js";
import type { StreamMeasurement } from "../rtp/stream.js";
import { captureDamage } from "./damage.js";
import { PayloadKnowledge, type SignallingCounters } from "./payload-knowledge.js";
import { RtcpKnowledge } from "./rtcp-knowledge.js";
import { type CaptureSource, openCapture, type OpenCapture } from "./source.js";

/** How far an analysis has come. */
export interface AnalysisProgress {
  readonly bytesRead: number;
  /** Absent for a pipe. */
  readonly bytesTotal?: number;
  readonly packets: number;
}

/** What a caller may choose. */
export interface AnalyseOptions extends EngineOptions {
  /** Formats of payload types that no SDP in the capture describes: `96` → opus at 48 kHz. */
  readonly payloads?: PayloadMap;
  /** Codec rows that replace or extend the built-in ones. */
  readonly codecs?: CodecTable;
  readonly onProgress?: (progress: AnalysisProgress) => void;
  /** Ends the analysis early; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** So much is done between two turns of the event loop. */
const EVENTS_A_TURN = 16;
const STREAMS_A_TURN = 16;

/**
 * Analyses one capture: pcap or pcapng, also gzipped, from a file or a stream.
 *
 * A damaged capture gives the report of what could be read, with `damage` set.
 *
 * @throws {CaptureOpenError} If it cannot be opened.
 * @throws {CaptureFormatError} If it is not a capture.
 * @throws {NativeUnavailableError} If the addon is missing.
 * @throws {RangeError} If an option is outside its range.
 */
export async function analyseCapture(
  source: CaptureSource,
  options: AnalyseOptions = {},
): Promise<CaptureReport> {
  return analyseAll([source], options);
}

/**
 * Analyses several captures as one, their frames in order of time. The order in which they are named
 * changes nothing.
 *
 * @throws As {@link analyseCapture}; for the first capture that fails.
 */
export async function analyseMerged(
  paths: readonly string[],
  options: AnalyseOptions = {},
): Promise<CaptureReport> {
  for (const path of paths as readonly unknown[]) {
    if (typeof path === "string") continue;
    throw new TypeError(`paths holds ${JSON.stringify(path)}; it must hold paths as strings`);
  }
  if (paths.length === 0) throw new RangeError("paths is empty; it must name at least one capture");
  return analyseAll(
    [...paths].sort().map((path) => ({ path })),
    options,
  );
}

async function analyseAll(
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
  readonly #payloads: PayloadKnowledge;
  readonly #rtcp = new RtcpKnowledge();
  readonly #streamErrors = new Map<number, Error>();

  constructor(engine: Engine, captures: readonly OpenCapture[], options: AnalyseOptions) {
    this.#engine = engine;
    this.#captures = captures;
    this.#options = options;
    this.#payloads = new PayloadKnowledge(engine, options.payloads);
    for (const { descriptor } of captures) {
      if (descriptor === undefined) engine.addFeed();
      else engine.addFile(descriptor);
    }
  }

  async run(): Promise<CaptureReport> {
    for (;;) {
      const pause = await this.#engine.scan();
      await this.#trackStreams();
      await this.#look();
      this.#options.signal?.throwIfAborted();
      this.#tellProgress();
      if (pause === "hungry") await this.#feed(this.#engine.hungryInput());
      if (pause === "ended") break;
    }
    await this.#engine.finish();
    await this.#trackStreams();
    const inputs = this.#engine.inputs();
    this.#requireCaptures(inputs);
    return this.#report(inputs);
  }

  /** The media of the scan before has been accounted: its reports can find their streams. */
  async #trackStreams(): Promise<void> {
    const count = this.#engine.streamCount();
    do {
      const from = this.#rtcp.tracked;
      this.#rtcp.track(this.#engine.streams(from, Math.min(count - from, STREAMS_A_TURN)));
      if (this.#rtcp.tracked < count) await nextTurn();
    } while (this.#rtcp.tracked < count);
  }

  async #look(): Promise<void> {
    let seen = 0;
    for (const event of this.#engine.takeEvents()) {
      this.#observe(event);
      seen += 1;
      if (seen % EVENTS_A_TURN === 0) await nextTurn();
    }
  }

  #observe(event: CaptureEvent): void {
    if (event.kind === "sip") {
      this.#payloads.observe(event);
    } else if (event.kind === "rtcp") {
      for (const record of event.records) this.#rtcp.observe(record);
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
    const streams: StreamReport[] = [];
    const count = this.#engine.streamCount();
    for (let from = 0; from < count; from += STREAMS_A_TURN) {
      for (const stream of this.#engine.streams(from, STREAMS_A_TURN)) {
        streams.push(this.#streamReport(stream, streams.length));
      }
      await nextTurn();
    }
    const counters = this.#engine.counters();
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
      calls: [],
      streams,
      counters: captureCounters(this.#engine, this.#payloads.counters, this.#rtcp.evicted),
    };
  }

  #streamReport(stream: StreamMeasurement, index: number): StreamReport {
    return streamReport(stream, {
      formatOf: ({ payloadType, map }) => this.#payloads.formatOf(payloadType, map),
      rtcpOf: (clockRateHz) => {
        const rtcp = this.#rtcp.reportedOn(index, clockRateHz);
        return { rtcp, rtt: this.#rtcp.roundTripOf(stream, rtcp) };
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

function captureCounters(
  engine: Engine,
  signalling: SignallingCounters,
  evictedReports: number,
): CaptureCounters {
  const all = engine.counters();
  return {
    packets: all.packets,
    bytes: all.bytes,
    rtp: all.rtp,
    rtcp: all.rtcp,
    rtcpEncrypted: all.rtcpEncrypted,
    sip: all.sip,
    dtls: all.dtls,
    stun: all.stun,
    turnChannelData: all.turnChannelData,
    fragments: all.fragments,
    ignored: all.ignored,
    unconfirmedRtp: all.unconfirmedRtp,
    tcpBytesSkipped: all.tcpBytesSkipped,
    malformed: {
      linkHeader: all.malformedLinkHeader,
      ipHeader: all.malformedIpHeader,
      ipLength: all.malformedIpLength,
      extensionHeader: all.malformedExtensionHeader,
      tunnelHeader: all.malformedTunnelHeader,
      udpHeader: all.malformedUdpHeader,
      tcpHeader: all.malformedTcpHeader,
      fragment: all.malformedFragment,
      tooDeep: all.malformedTooDeep,
      linkType: all.malformedLinkType,
      rtp: all.malformedRtp,
      rtcp: all.malformedRtcp,
      sip: signalling.malformedSip,
      sipStream: all.malformedSipStream,
      sdp: signalling.malformedSdp,
    },
    evicted: {
      fragments: all.evictedFragments,
      tcpConnections: all.evictedTcpConnections,
      candidates: all.evictedCandidates,
      streams: all.evictedStreams,
      endpoints: all.evictedEndpoints,
      reports: evictedReports,
    },
  };
}
