/**
 * What a voice server counts by hand: typed helpers with the names that its own code has for them.
 *
 * @module
 */

import { FirstByte } from "./first-byte.js";
import type { HistogramSeries } from "./histogram.js";
import { KnownIds } from "./known-ids.js";
import { LABEL_VALUES, type LabelValue } from "./label-values.js";
import type { Recorder } from "./recorder.js";

type Transport = LabelValue<"transport">;
type Direction = LabelValue<"direction">;
type Side = LabelValue<"side">;
type ByeReasonClass = LabelValue<"bye-reason-class">;

const CLASSES = LABEL_VALUES["status-class"];
const TIMED_METHODS: ReadonlySet<string> = new Set(LABEL_VALUES["timed-method"]);
const ATTACH_MODES: ReadonlySet<string> = new Set(LABEL_VALUES["attach-mode"]);
const ATTACH_FROM: ReadonlySet<string> = new Set(LABEL_VALUES["attach-from"]);
const ATTACH_TO: ReadonlySet<string> = new Set(LABEL_VALUES["attach-to"]);

/** Figures of a call that is over. What is not known is left out. */
export interface CallQos {
  /** Mean round-trip time in milliseconds; 0 stands for unknown. */
  readonly rttMs?: number | undefined;
  /** Interarrival jitter in milliseconds; 0 stands for unknown. */
  readonly jitterMs?: number | undefined;
  /** From 0 to 1. A measured 0 counts. */
  readonly lossFraction?: number | undefined;
  /** From 1 to 5; 0 stands for unknown. */
  readonly mosEstimate?: number | undefined;
}

/**
 * Counts what a host sees itself, in the families that {@link CallMetrics} feeds by itself for calls
 * that a probe watches: a host has one or the other count a call, not both.
 *
 * Nothing here throws, and all but the helpers that take a call's id allocate nothing. What is not
 * listed is counted as `other`, and noted, unless it says otherwise.
 */
export class VoiceServerMetrics {
  readonly #recorder: Recorder;
  readonly #inviteResults;
  readonly #byes;
  readonly #timeouts;
  readonly #refreshes;
  readonly #handshakes;
  readonly #verifications;
  readonly #rttMs;
  readonly #jitterMs;
  readonly #lossFraction;
  readonly #mosEstimate;
  readonly #activeCalls;
  readonly #startedCalls;
  readonly #endedCalls;
  readonly #reconnects;
  readonly #reconnectSeconds;
  readonly #attached;
  readonly #fallbacks;
  readonly #nativeAttached;
  readonly #asrErrors;
  readonly #ttsErrors;
  readonly #bargeIns;
  readonly #e2eFirstByte: FirstByte;
  readonly #ttsFirstByte: FirstByte;
  readonly #llmFirstByte: FirstByte;
  readonly #calls = new KnownIds<Transport>((transport) => {
    this.#end(transport, "other");
  });
  readonly #rated = new KnownIds<never>(() => undefined);

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
    this.#inviteResults = recorder.counter("sip_invite_result_total");
    this.#byes = recorder.counter("sip_bye_total");
    this.#timeouts = recorder.counter("sip_transaction_timeout_total");
    this.#refreshes = recorder.counter("sip_session_timer_refresh_total");
    this.#handshakes = recorder.counter("sip_dtls_handshake_total");
    this.#verifications = recorder.counter("sip_stir_verify_total");
    this.#rttMs = recorder.summary("sip_call_rtt_ms").at();
    this.#jitterMs = recorder.summary("sip_call_jitter_ms").at();
    this.#lossFraction = recorder.summary("sip_call_loss_fraction").at();
    this.#mosEstimate = recorder.summary("sip_call_mos_estimate").at();
    this.#activeCalls = recorder.gauge("voiceserver_active_calls");
    this.#startedCalls = recorder.counter("voiceserver_calls_started_total");
    this.#endedCalls = recorder.counter("voiceserver_calls_total");
    this.#reconnects = recorder.counter("voiceserver_dialog_reconnect_total");
    this.#reconnectSeconds = recorder.histogram("voiceserver_dialog_reconnect_seconds");
    this.#attached = recorder.counter("sip_voice_attach_total");
    this.#fallbacks = recorder.counter("sip_voice_attach_mode_fallback_total");
    this.#nativeAttached = recorder.counter("sip_voice_attach_native_total");
    this.#asrErrors = recorder.counter("voiceserver_asr_errors_total");
    this.#ttsErrors = recorder.counter("voiceserver_tts_errors_total");
    this.#bargeIns = recorder.counter("voiceserver_barge_in_total");
    this.#e2eFirstByte = new FirstByte(recorder, "e2e");
    this.#ttsFirstByte = new FirstByte(recorder, "tts");
    this.#llmFirstByte = new FirstByte(recorder, "llm");
  }

  /**
   * A response to an INVITE.
   *
   * @param statusCode From 100 to 699; others are not counted.
   */
  inviteResult(direction: Direction, statusCode: number): void {
    if (!Number.isFinite(statusCode)) return;
    const statusClass = CLASSES[Math.floor(statusCode / 100) - 1];
    if (statusClass !== undefined) this.#inviteResults.at(direction, statusClass).inc();
  }

  /** A BYE of a call. Without a direction the call was outbound. */
  bye(direction: Direction, by: Side, reasonClass: ByeReasonClass): void;
  bye(by: Side, reasonClass: ByeReasonClass): void;
  bye(...values: [Direction, Side, ByeReasonClass] | [Side, ByeReasonClass]): void {
    if (values.length === 2) this.#byes.at("outbound", ...values).inc();
    else this.#byes.at(...values).inc();
  }

  /** A request that had no final response in time. Any method; few are told apart. */
  transactionTimeout(method: string): void {
    const timed = TIMED_METHODS.has(method) ? (method as LabelValue<"timed-method">) : "other";
    this.#timeouts.at(timed).inc();
  }

  /** What came of a session timer refresh (RFC 4028). */
  sessionTimerRefresh(result: LabelValue<"refresh-count">): void {
    this.#refreshes.at(result).inc();
  }

  /** How a DTLS-SRTP handshake ended. */
  dtlsHandshake(result: LabelValue<"dtls-count">): void {
    this.#handshakes.at(result).inc();
  }

  /** What came of verifying who vouches for a caller (RFC 8224). */
  stirVerify(result: LabelValue<"stir-count">): void {
    this.#verifications.at(result).inc();
  }

  /**
   * Figures of a call that is over.
   *
   * @param callId With it each call counts once, however often its figures are handed in.
   */
  observeCallQos(qos: CallQos, callId?: string): void {
    if (callId !== undefined) {
      if (this.#rated.has(callId)) return;
      this.#rated.end(callId);
    }
    const { rttMs = 0, jitterMs = 0, lossFraction, mosEstimate = 0 } = qos;
    if (rttMs !== 0) this.#rttMs.observe(rttMs);
    if (jitterMs !== 0) this.#jitterMs.observe(jitterMs);
    if (lossFraction !== undefined) this.#lossFraction.observe(lossFraction);
    if (mosEstimate !== 0) this.#mosEstimate.observe(mosEstimate);
  }

  /** A call that is answered. Told again of the same call, it does nothing. */
  callStarted(callId: string, transport: Transport): void {
    if (this.#calls.has(callId)) return;
    this.#calls.begin(callId, transport);
    this.#startedCalls.at(transport).inc();
    this.#activeCalls.at(transport).count(1);
  }

  /**
   * A call that is over, once. One whose start was not told counts as started, too; one that started is
   * counted under the transport it started with.
   */
  callEnded(callId: string, transport: Transport, status: LabelValue<"call-status">): void {
    const isKnown = this.#calls.has(callId);
    const started = this.#calls.end(callId);
    if (started !== undefined) {
      this.#end(started, status);
    } else if (!isKnown) {
      this.#startedCalls.at(transport).inc();
      this.#endedCalls.at(transport, status).inc();
    }
  }

  /**
   * An attempt to reconnect to the dialog service.
   *
   * @param seconds How long it took, where known.
   */
  dialogReconnect(transport: Transport, outcome: LabelValue<"ok-fail">, seconds?: number): void {
    this.#reconnects.at(transport, outcome).inc();
    observe(this.#reconnectSeconds.at(transport, outcome), seconds);
  }

  /** An attempt to attach a call to a voice pipeline. A mode that is not listed is only noted. */
  voiceAttach(mode: LabelValue<"attach-mode">, isOk: boolean): void {
    if (ATTACH_MODES.has(mode)) this.#attached.at(mode, isOk ? "ok" : "config_error").inc();
    else this.#recorder.remarks.unknownValue("sip_voice_attach_total", "mode");
  }

  /** A call attached in another mode than was asked for. Pairs that are not listed are only noted. */
  voiceAttachModeFallback(from: LabelValue<"attach-from">, to: LabelValue<"attach-to">): void {
    if (ATTACH_FROM.has(from) && ATTACH_TO.has(to)) {
      this.#fallbacks.at(from, to).inc();
      return;
    }
    const key = ATTACH_FROM.has(from) ? "to" : "from";
    this.#recorder.remarks.unknownValue("sip_voice_attach_mode_fallback_total", key);
  }

  /** An attempt to attach a call to the native cascaded engine. */
  voiceAttachNative(isOk: boolean): void {
    this.#nativeAttached.at(isOk ? "ok" : "err").inc();
  }

  /** The user began to speak while speech was played to them. */
  bargeIn(transport: Transport): void {
    this.#bargeIns.at(transport).inc();
  }

  /** Speech recognition failed. */
  asrError(transport: Transport): void {
    this.#asrErrors.at(transport).inc();
  }

  /** Speech synthesis failed. */
  ttsError(transport: Transport): void {
    this.#ttsErrors.at(transport).inc();
  }

  /** Milliseconds from the final recognition result to the first audio; 0 stands for none. */
  observeE2eFirstByte(milliseconds: number): void {
    if (milliseconds !== 0) this.#e2eFirstByte.observe(milliseconds);
  }

  /** Milliseconds from the request of speech to its first audio; 0 stands for none. */
  observeTtsFirstByte(milliseconds: number): void {
    if (milliseconds !== 0) this.#ttsFirstByte.observe(milliseconds);
  }

  /** Milliseconds from the request of a language model to its first token; 0 stands for none. */
  observeLlmFirstByte(milliseconds: number): void {
    if (milliseconds !== 0) this.#llmFirstByte.observe(milliseconds);
  }

  #end(transport: Transport, status: LabelValue<"call-status">): void {
    this.#activeCalls.at(transport).count(-1);
    this.#endedCalls.at(transport, status).inc();
  }
}

function observe(series: HistogramSeries, value: number | undefined): void {
  if (value !== undefined) series.observe(value);
}
