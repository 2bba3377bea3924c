/**
 * The public API of mediaprobe.
 *
 * @module
 */

export { analyseCapture, analyseMerged } from "./capture/analyse.js";
export type { AnalyseOptions, AnalysisProgress } from "./capture/analyse-options.js";
export { analyseLadder, type LadderResult } from "./capture/analyse-ladder.js";
export { replay } from "./capture/replay.js";
export type { CaptureSource } from "./capture/source.js";
export {
  CONFIDENCE_KINDS,
  ISSUE_KINDS,
  type CallQualityReport,
  type CallReport,
  type CallRoundTripReport,
  type CallTransport,
  type ConfidenceKind,
  type ConfidenceReport,
  type CourseReport,
  type DtlsReport,
  type HopReport,
  type IceReport,
  type IssueKind,
  type IssueReport,
  type MediaFlow,
  type OutcomeReport,
  type PartyReport,
  type ReportedStreamRecord,
  type SessionTimerReport,
  type Side,
  type SrtpKeying,
  type StirReport,
  type TimingsReport,
  type VoiceQuality,
  type VoiceQualityRecord,
  type WorstReport,
} from "./call/call-report.js";
export { voiceQualityText } from "./call/voice-quality-text.js";
export type { Ladder, LadderParticipant, LadderStep } from "./call/ladder.js";
export type {
  CallContext,
  CallDetails,
  CallMoment,
  CallObserver,
  CallRtcp,
} from "./call/observer.js";
export type {
  BurstReport,
  BurstTime,
  CaptureCounters,
  CaptureDamage,
  CaptureInput,
  CaptureReport,
  GapReport,
  HandshakeReport,
  IntervalReport,
  PayloadTypeReport,
  RoundTripReport,
  StreamReport,
  WorstWindow,
} from "./call/report.js";
export {
  CaptureDamagedError,
  CaptureFormatError,
  CaptureOpenError,
  CertificateFilesError,
  NativeUnavailableError,
  OpenTelemetryMissingError,
  ProbeError,
  type ProbeErrorCode,
  RecordStoreError,
} from "./errors.js";
export { HepSource, type HepSourceCounters, type HepSourceOptions } from "./hep/in.js";
export {
  type HepProtocolTypes,
  HepSink,
  type HepSinkCounters,
  type HepSinkOptions,
} from "./hep/out.js";
export { HepServer, type HepServerOptions } from "./hep/server.js";
export { logCalls, type TellsOfCalls } from "./logs/call-log.js";
export { compactEvent } from "./logs/compact-event.js";
export { levelOnSignal, type LevelOnSignalOptions } from "./logs/level-on-signal.js";
export type { LogFormat } from "./logs/log-line.js";
export type { LogFields, LogLevel, LogPort } from "./logs/log-port.js";
export {
  createLogger,
  type LogCounters,
  type LogDestination,
  type Logger,
  type LoggerOptions,
} from "./logs/logger.js";
export type { LogSampling } from "./logs/sampler.js";
export { VoiceLog } from "./logs/voice-log.js";
export {
  catalogDocument,
  type CatalogDocument,
  type DocumentedFamily,
  type DocumentedValues,
} from "./metrics/catalog-document.js";
export { CallMetrics, type CallMetricsOptions } from "./metrics/call-metrics.js";
export {
  BYE_BY_LOCAL,
  BYE_BY_REMOTE,
  BYE_REASON_ERROR,
  BYE_REASON_NORMAL,
  BYE_REASON_TIMER_EXPIRED,
  BYE_REASON_USER_HANGUP,
  DIRECTION_INBOUND,
  DIRECTION_OUTBOUND,
  DTLS_RESULT_FAIL,
  DTLS_RESULT_FINGERPRINT_MISMATCH,
  DTLS_RESULT_OK,
  DTLS_RESULT_TIMEOUT,
  LABELS_TRANSPORT_SIP,
  LABELS_TRANSPORT_WEBRTC,
  LABEL_DIRECTION,
  LABEL_MODEL,
  LABEL_SESSION_ID,
  LABEL_STAGE,
  LABEL_STATUS,
  METRIC,
  REFRESH_422_BUMPED,
  REFRESH_422_GAVE_UP,
  REFRESH_481_DIALOG_GONE,
  REFRESH_RESULT_OK,
  REFRESH_ROLE_SWAPPED_TO_UAS,
  STIR_RESULT_FAILED,
  STIR_RESULT_NO_IDENT,
  STIR_RESULT_SOFT_FAIL,
  STIR_RESULT_VERIFIED,
  VOICE_ATTACH_MODE_CASCADED,
  VOICE_ATTACH_MODE_REALTIME,
  VOICE_ATTACH_RESULT_CONFIG_ERROR,
  VOICE_ATTACH_RESULT_OK,
  labelsCall,
  labelsDialogOutcome,
} from "./metrics/constants.js";
export { defaultMetrics, type DefaultMetrics } from "./metrics/default-metrics.js";
export type { LooseLabels } from "./metrics/allowed-labels.js";
export { ConnectionMetrics, type ConnectionMetricsOptions } from "./metrics/connection-metrics.js";
export {
  CONTENT_TYPES,
  exposition,
  type ExpositionFormat,
  expositionInSlices,
} from "./metrics/exposition.js";
export {
  type GatewayEndpoint,
  GatewayMetrics,
  type GatewayRejection,
  SERVICE_HEADER,
  type UpstreamResponse,
} from "./metrics/host/gateway-metrics.js";
export {
  type FastifyRequestPort,
  type HttpExemplars,
  HttpMetrics,
  type HttpMetricsOptions,
  type UpgradeListener,
} from "./metrics/host/http-metrics.js";
export {
  type AgentSessionOptions,
  AgentsJsEvents,
  attachAgentSession,
  type VoiceEventSink,
} from "./metrics/host/agents-js.js";
export type {
  AgentMetrics,
  AgentSessionPort,
  MetricsMetadata,
  MetricsReport,
} from "./metrics/host/agents-js-ports.js";
export { type RecordingJob, RecordingQueueMetrics } from "./metrics/host/recording-queue.js";
export type {
  ProviderError,
  RequestStatus,
  VoiceEvent,
  VoiceEventFacts,
  VoiceOutput,
  VoiceStage,
} from "./metrics/host/voice-events.js";
export { VoicePipeline, type VoicePipelineOptions } from "./metrics/host/voice-pipeline.js";
export type { VoiceRequest } from "./metrics/host/voice-request.js";
export { LiveQualityMetrics } from "./metrics/live-quality-metrics.js";
export { type OtlpExport, type OtlpOptions, startOtlpExport } from "./metrics/otlp.js";
export {
  catalogueProducer,
  type CatalogueProducer,
  type CatalogueProducerOptions,
} from "./metrics/otlp-catalogue.js";
export { GenAiInstruments } from "./metrics/otlp-gen-ai.js";
export { LiveKitInstruments, type LiveKitInstrumentsOptions } from "./metrics/otlp-livekit.js";
export type { Attributes, MeterPort, MeterProviderPort } from "./metrics/otlp-ports.js";
export { CallSpans, type TracerProviderPort } from "./metrics/otlp-spans.js";
export {
  type MetricsRegistry,
  register as registerMetrics,
  unregister as unregisterMetrics,
} from "./metrics/prometheus.js";
export type { LabelPolicies, LabelPolicy } from "./metrics/label-policy.js";
export { MetricRegistry, type MetricRegistryOptions } from "./metrics/metric-registry.js";
export {
  type ProbeFigures,
  ProbeMetrics,
  type ProbeMetricsOptions,
} from "./metrics/probe-metrics.js";
export { Recorder, type RecorderOptions } from "./metrics/recorder.js";
export type { SummaryAge } from "./metrics/summary.js";
export { SAMPLED_OUT, sampledSessionId } from "./metrics/session-id.js";
export type { SessionLabelOptions } from "./metrics/session-label.js";
export { type CallQos, VoiceServerMetrics } from "./metrics/voiceserver-metrics.js";
export { BrowserReports } from "./attach/browser-reports.js";
export type { MediaCapability } from "./attach/media-attachment.js";
export type {
  RtpBinding,
  RtpSocketAttachment,
  RtpSocketCounters,
} from "./attach/rtp-socket-attachment.js";
export type { SipCapabilities, SipCapability } from "./attach/sip-attachment.js";
export type {
  AttachedHandshake,
  ConnectionEvent,
  ConnectionFailureReason,
  ConnectionIdentity,
  ConnectionTraffic,
  MediaSample,
  MediaTotals,
  PeerConnectionState,
  Traffic,
} from "./call/connection.js";
export { createProbe, type Probe } from "./probe.js";
export type { AgentHandle, AttachConnectionOptions, AttachDialogOptions } from "./probe/handles.js";
export type { ConnectionHandle } from "./probe/connection.js";
export type { ProbeStirOptions } from "./probe/identities.js";
export type { ProbeEventName, ProbeEvents } from "./probe/listeners.js";
export type { ProbeMetricsChoice, ProbeOptions } from "./probe/options.js";
export type { SipAgentOptions, SipStack } from "./probe/sip-agents.js";
export type { ProbeSink } from "./probe/sinks.js";
export type { ProbeCounters, ProbeSnapshot } from "./probe/snapshot.js";
export type { EngineOptions } from "./native/engine.js";
export type { Endpoint } from "./net/endpoint.js";
export { Privacy } from "./privacy/privacy.js";
export type { PrivacyOptions } from "./privacy/pseudonyms.js";
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
export { JsonLinesFile, type JsonLinesOptions } from "./records/json-lines.js";
export { type RecordCounts, RecordSink, type RecordSinkOptions } from "./records/record-sink.js";
export type { RecordWriter } from "./records/record-writer.js";
export type { RetentionLimits } from "./records/retention.js";
export {
  type CallFilter,
  CallSearch,
  type FoundCalls,
  type OutcomeFilter,
  searchCalls,
} from "./records/search.js";
export { SqliteStore, type SqliteStoreOptions } from "./records/sqlite-store.js";
export type { ReportedView } from "./rtcp/reported-view.js";
export type { RoundTripSummary } from "./rtcp/round-trip.js";
export type { PayloadFormat, PayloadKind, PayloadMap } from "./rtp/codec.js";
export type {
  ByeReasonClass,
  CallParty,
  OutcomeVia,
  Reason,
  RefreshResult,
  SeenMessage,
  SipCall,
  SipEvent,
} from "./sip/call.js";
export { type CertificatePaths, readCertificates } from "./capture/certificate-folder.js";
export type {
  CertificateAnswer,
  CertificateChain,
  CertificateSource,
} from "./stir/certificate-source.js";
export type { IdentityFacts } from "./stir/identity-facts.js";
export type { PeerVerdict, StirResult } from "./stir/outcome.js";
export { STIR_REASONS, type StirReason, type VerifierCode } from "./stir/reason.js";
export type { VerifierOptions } from "./stir/token-check.js";
export { VerificationQueue, type VerificationQueueOptions } from "./stir/verification-queue.js";
export {
  type IdentityChecker,
  IdentityVerifier,
  type IdentityVerdict,
  type Signer,
} from "./stir/verify.js";
export { readPage } from "./report/page-template.js";
export {
  explainCall,
  type CallExplanation,
  type ExplainedSentence,
  type StorySettings,
} from "./report/story/call-story.js";
export type { AccessOptions } from "./server/access.js";
export {
  type HandlerOptions,
  type ProbeHandler,
  probeHandler,
  type ServedCalls,
} from "./server/handler.js";
export type { ReadinessCheck } from "./server/health-routes.js";
export { DEFAULT_PORT, type ProbeServer, type ServeOptions, serveProbe } from "./server/server.js";
