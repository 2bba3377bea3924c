/**
 * Names and values as voice servers write them, for code that is carried over from one.
 *
 * @module
 */

import type { ProbeCatalogue } from "./catalogue.js";
import { LABEL_VALUES, type LabelValue } from "./label-values.js";

export const LABEL_SESSION_ID = "session_id";
export const LABEL_STAGE = "stage";
export const LABEL_DIRECTION = "direction";
export const LABEL_STATUS = "status";
export const LABEL_MODEL = "model";

export const DIRECTION_INBOUND = "inbound";
export const DIRECTION_OUTBOUND = "outbound";

export const BYE_BY_LOCAL = "local";
export const BYE_BY_REMOTE = "remote";
export const BYE_REASON_NORMAL = "normal";
export const BYE_REASON_TIMER_EXPIRED = "timer-expired";
export const BYE_REASON_ERROR = "error";
export const BYE_REASON_USER_HANGUP = "user-hangup";

export const REFRESH_RESULT_OK = "ok";
export const REFRESH_422_BUMPED = "422-bumped";
export const REFRESH_422_GAVE_UP = "422-gave-up";
export const REFRESH_481_DIALOG_GONE = "481";
export const REFRESH_ROLE_SWAPPED_TO_UAS = "role-swap";

export const DTLS_RESULT_OK = "ok";
export const DTLS_RESULT_FAIL = "fail";
export const DTLS_RESULT_TIMEOUT = "timeout";
export const DTLS_RESULT_FINGERPRINT_MISMATCH = "fingerprint-mismatch";

export const STIR_RESULT_VERIFIED = "verified";
export const STIR_RESULT_FAILED = "failed";
export const STIR_RESULT_SOFT_FAIL = "soft-fail";
export const STIR_RESULT_NO_IDENT = "no-identity";

export const VOICE_ATTACH_MODE_CASCADED = "cascaded";
export const VOICE_ATTACH_MODE_REALTIME = "realtime";
export const VOICE_ATTACH_RESULT_OK = "ok";
export const VOICE_ATTACH_RESULT_CONFIG_ERROR = "config_error";

/** Family names under the names that voice servers give them in code. */
export const METRIC = {
  inviteResultTotal: "sip_invite_result_total",
  byeTotal: "sip_bye_total",
  transactionTimeoutTotal: "sip_transaction_timeout_total",
  sessionTimerRefreshTotal: "sip_session_timer_refresh_total",
  dtlsHandshakeTotal: "sip_dtls_handshake_total",
  stirVerifyTotal: "sip_stir_verify_total",
  callRttMs: "sip_call_rtt_ms",
  callJitterMs: "sip_call_jitter_ms",
  callLossFraction: "sip_call_loss_fraction",
  callMosEstimate: "sip_call_mos_estimate",
  voiceAttachTotal: "sip_voice_attach_total",
  voiceAttachModeFallbackTotal: "sip_voice_attach_mode_fallback_total",
  voiceAttachNativeTotal: "sip_voice_attach_native_total",
  activeCalls: "voiceserver_active_calls",
  callsTotal: "voiceserver_calls_total",
  asrErrors: "voiceserver_asr_errors_total",
  ttsErrors: "voiceserver_tts_errors_total",
  bargeInTotal: "voiceserver_barge_in_total",
  dialogReconnectTotal: "voiceserver_dialog_reconnect_total",
  e2eFirstByteMs: "voiceserver_e2e_first_byte_ms",
  ttsFirstByteMs: "voiceserver_tts_first_byte_ms",
  llmFirstByteMs: "voiceserver_llm_first_byte_ms",
  unknownLabelTotal: "voiceserver_metrics_unknown_label_total",
  observeDroppedTotal: "voiceserver_metrics_observe_dropped_total",
} as const satisfies Readonly<Record<string, keyof ProbeCatalogue>>;

type Transport = LabelValue<"transport">;
type CallStatus = LabelValue<"call-status">;
type DialogOutcome = LabelValue<"ok-fail">;

export const LABELS_TRANSPORT_SIP = Object.freeze({ transport: "sip" } as const);
export const LABELS_TRANSPORT_WEBRTC = Object.freeze({ transport: "webrtc" } as const);

const CALLS = pairs(LABEL_VALUES["call-status"], (transport, status) => ({ transport, status }));
const OUTCOMES = pairs(LABEL_VALUES["ok-fail"], (transport, outcome) => ({ transport, outcome }));

/** Labels of `voiceserver_calls_total`: one frozen object for each pair that is listed. */
export function labelsCall(
  transport: Transport,
  status: CallStatus,
): Readonly<{ transport: Transport; status: CallStatus }> {
  return CALLS.get(transport)?.get(status) ?? { transport, status };
}

/** Labels of `voiceserver_dialog_reconnect_total`: one frozen object for each pair that is listed. */
export function labelsDialogOutcome(
  transport: Transport,
  outcome: DialogOutcome,
): Readonly<{ transport: Transport; outcome: DialogOutcome }> {
  return OUTCOMES.get(transport)?.get(outcome) ?? { transport, outcome };
}

function pairs<Value extends string, Labels>(
  values: readonly Value[],
  make: (transport: Transport, value: Value) => Labels,
): ReadonlyMap<Transport, ReadonlyMap<Value, Readonly<Labels>>> {
  return new Map(
    LABEL_VALUES.transport.map((transport) => [
      transport,
      new Map(values.map((value) => [value, Object.freeze(make(transport, value))])),
    ]),
  );
}
