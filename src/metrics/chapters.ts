/**
 * The families of the catalogue in the order in which documents tell of them.
 *
 * @module
 */

import { CALL_QUALITY_FAMILIES } from "./catalogue/call-quality.js";
import { CALL_FAMILIES } from "./catalogue/calls.js";
import { HOST_CHAPTERS } from "./catalogue/host.js";
import { LIVE_QUALITY_FAMILIES } from "./catalogue/live-quality.js";
import { MEDIA_FAMILIES } from "./catalogue/media.js";
import { PROBE_FAMILIES } from "./catalogue/probe.js";
import { SECURITY_FAMILIES } from "./catalogue/security.js";
import { SELF_FAMILIES } from "./catalogue/self.js";
import { SIP_FAMILIES } from "./catalogue/sip.js";
import { VOICESERVER_FAMILIES } from "./catalogue/voiceserver.js";
import { WEBRTC_FAMILIES } from "./catalogue/webrtc.js";
import type { Chapter } from "./family.js";

/** Every family stands in one of these. */
export const CHAPTERS: readonly Chapter[] = [
  ["Calls", "How many calls there are and were.", CALL_FAMILIES],
  ["Signalling", "SIP transactions, dialogs and session timers.", SIP_FAMILIES],
  ["Security and connectivity", "DTLS-SRTP, STIR and ICE.", SECURITY_FAMILIES],
  [
    "Quality by call",
    "Every call weighs the same, however long it was. Do not mix with quality by interval.",
    CALL_QUALITY_FAMILIES,
  ],
  [
    "Quality of calls in progress",
    "What there is to alert on while it can still be mended. Absent unless a probe is made with `metrics: { liveQuality: true }`: `docs/attach.md` says what that costs.",
    LIVE_QUALITY_FAMILIES,
  ],
  [
    "Media and quality by interval",
    "Every stretch of media weighs the same: a long call counts for more than a short one.",
    MEDIA_FAMILIES,
  ],
  [
    "Peer connections",
    "Counted when it happens. Calls over peer connections are in the chapters before, too.",
    WEBRTC_FAMILIES,
  ],
  [
    "Voice server",
    "What a host application tells of the voice pipeline behind its calls.",
    VOICESERVER_FAMILIES,
  ],
  ...HOST_CHAPTERS,
  ["The probe", "How the probe and its process are doing.", PROBE_FAMILIES],
  ["The metrics themselves", "What was handed in and is in no other family.", SELF_FAMILIES],
];
