/**
 * Families of a voice server's application side: attaching a call to a voice pipeline, and what the
 * pipeline and the dialog service behind it did.
 *
 * @module
 */

import type { Catalogue } from "../family.js";

const FIRST_BYTE = {
  type: "histogram",
  unit: "seconds",
  labels: [],
  buckets: [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 8, 13],
  accepts: { excludesMin: true },
  series: "all",
  origin: "mediaprobe",
} as const;

/** What a host tells through the recording helpers. */
export const VOICESERVER_FAMILIES = {
  sip_voice_attach_total: {
    type: "counter",
    help: "Attempts to attach an answered call to a voice pipeline.",
    unit: "calls",
    labels: [
      ["mode", "attach-mode"],
      ["result", "attach-result"],
    ],
    series: "all",
    origin: "voiceserver",
    when: "Each `voiceAttach`. `config_error` is every reason for which the pipeline could not be set up. A mode that is not listed is not counted here, but in `metrics_unknown_value_total`.",
  },
  sip_voice_attach_mode_fallback_total: {
    type: "counter",
    help: "Calls attached in another mode than was asked for.",
    unit: "calls",
    labels: [
      ["from", "attach-from"],
      ["to", "attach-to"],
    ],
    series: "all",
    origin: "voiceserver",
    when: "Each `voiceAttachModeFallback` from `pipeline` or `cascaded` to `realtime`. Other pairs are not counted here, but in `metrics_unknown_value_total`.",
  },
  sip_voice_attach_native_total: {
    type: "counter",
    help: "Attempts to attach a call to the native cascaded engine.",
    unit: "calls",
    labels: [["result", "ok-err"]],
    series: "all",
    origin: "voiceserver",
    when: "Each `voiceAttachNative`.",
  },
  voiceserver_asr_errors_total: {
    type: "counter",
    help: "Errors of speech recognition.",
    unit: "events",
    labels: [["transport", "transport"]],
    series: "all",
    origin: "voiceserver",
    when: "Each `asrError`.",
  },
  voiceserver_tts_errors_total: {
    type: "counter",
    help: "Errors of speech synthesis.",
    unit: "events",
    labels: [["transport", "transport"]],
    series: "all",
    origin: "voiceserver",
    when: "Each `ttsError`.",
  },
  voiceserver_barge_in_total: {
    type: "counter",
    help: "Times a user began to speak while speech was played to them.",
    unit: "events",
    labels: [["transport", "transport"]],
    series: "all",
    origin: "voiceserver",
    when: "Each `bargeIn`.",
  },
  voiceserver_dialog_reconnect_total: {
    type: "counter",
    help: "Attempts to reconnect to the dialog service, by how they came out.",
    unit: "events",
    labels: [
      ["transport", "transport"],
      ["outcome", "ok-fail"],
    ],
    series: "all",
    origin: "voiceserver",
    when: "Each `dialogReconnect`.",
  },
  voiceserver_dialog_reconnect_seconds: {
    type: "histogram",
    help: "Time from the loss of the dialog service until it was connected again, or given up.",
    unit: "seconds",
    labels: [
      ["transport", "transport"],
      ["outcome", "ok-fail"],
    ],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    series: "all",
    origin: "mediaprobe",
    when: "Each `dialogReconnect` that says how long it took.",
  },
  voiceserver_e2e_first_byte_ms: {
    type: "summary",
    help: "Time from the final recognition result to the first byte of the spoken answer, in milliseconds.",
    unit: "milliseconds",
    labels: [],
    accepts: { excludesMin: true },
    series: "all",
    origin: "voiceserver",
    when: "Each `observeE2eFirstByte` above 0.",
  },
  voiceserver_tts_first_byte_ms: {
    type: "summary",
    help: "Time from the request of speech to its first audio, in milliseconds.",
    unit: "milliseconds",
    labels: [],
    accepts: { excludesMin: true },
    series: "all",
    origin: "voiceserver",
    when: "Each `observeTtsFirstByte` above 0.",
  },
  voiceserver_llm_first_byte_ms: {
    type: "summary",
    help: "Time from the request of a language model to its first token, in milliseconds.",
    unit: "milliseconds",
    labels: [],
    accepts: { excludesMin: true },
    series: "all",
    origin: "voiceserver",
    when: "Each `observeLlmFirstByte` above 0.",
  },
  voiceserver_e2e_first_byte_seconds: {
    ...FIRST_BYTE,
    help: "Time from the final recognition result to the first byte of the spoken answer.",
    when: "As `voiceserver_e2e_first_byte_ms`, whose quantiles cannot be added up over instances.",
  },
  voiceserver_tts_first_byte_seconds: {
    ...FIRST_BYTE,
    help: "Time from the request of speech to its first audio.",
    when: "As `voiceserver_tts_first_byte_ms`, whose quantiles cannot be added up over instances.",
  },
  voiceserver_llm_first_byte_seconds: {
    ...FIRST_BYTE,
    help: "Time from the request of a language model to its first token.",
    when: "As `voiceserver_llm_first_byte_ms`, whose quantiles cannot be added up over instances.",
  },
} as const satisfies Catalogue;
