/**
 * The public API of mediaprobe.
 *
 * @module
 */

export {
  analyseCapture,
  analyseMerged,
  type AnalyseOptions,
  type AnalysisProgress,
} from "./capture/analyse.js";
export type { CaptureSource } from "./capture/source.js";
export type {
  BurstReport,
  CaptureCounters,
  CaptureDamage,
  CaptureReport,
  GapReport,
  IntervalReport,
  PayloadTypeReport,
  RoundTripReport,
  StreamReport,
  WorstWindow,
} from "./call/report.js";
export {
  CaptureFormatError,
  CaptureOpenError,
  NativeUnavailableError,
  ProbeError,
  type ProbeErrorCode,
} from "./errors.js";
export type { EngineOptions } from "./native/engine.js";
export type { Endpoint } from "./net/endpoint.js";
export {
  assessQuality,
  type Quality,
  type QualityCosts,
  type QualityInput,
} from "./quality/assess.js";
export {
  type CodecImpairment,
  type CodecStatus,
  type CodecTable,
  createCodecTable,
} from "./quality/codec-impairment.js";
export { CODECS, findCodec } from "./quality/codecs.js";
export { mosFromR, rFromMos, type Scale } from "./quality/mos.js";
export type { ReportedView } from "./rtcp/reported-view.js";
export type { RoundTripSummary } from "./rtcp/round-trip.js";
export type { PayloadFormat, PayloadKind, PayloadMap } from "./rtp/codec.js";
