/**
 * Every family there is.
 *
 * @module
 */

import { CALL_QUALITY_FAMILIES } from "./catalogue/call-quality.js";
import { CALL_FAMILIES } from "./catalogue/calls.js";
import { HOST_FAMILIES } from "./catalogue/host.js";
import { LIVE_QUALITY_FAMILIES } from "./catalogue/live-quality.js";
import { MEDIA_FAMILIES } from "./catalogue/media.js";
import { PROBE_FAMILIES } from "./catalogue/probe.js";
import { SECURITY_FAMILIES } from "./catalogue/security.js";
import { SELF_FAMILIES } from "./catalogue/self.js";
import { SIP_FAMILIES } from "./catalogue/sip.js";
import { VOICESERVER_FAMILIES } from "./catalogue/voiceserver.js";
import { WEBRTC_FAMILIES } from "./catalogue/webrtc.js";

/** The families of the whole catalogue, by name. */
export type ProbeCatalogue = typeof CALL_FAMILIES &
  typeof SIP_FAMILIES &
  typeof SECURITY_FAMILIES &
  typeof CALL_QUALITY_FAMILIES &
  typeof LIVE_QUALITY_FAMILIES &
  typeof MEDIA_FAMILIES &
  typeof WEBRTC_FAMILIES &
  typeof VOICESERVER_FAMILIES &
  typeof PROBE_FAMILIES &
  typeof HOST_FAMILIES &
  typeof SELF_FAMILIES;

/** What a probe records unless it is told otherwise. */
export const CATALOGUE: ProbeCatalogue = {
  ...CALL_FAMILIES,
  ...SIP_FAMILIES,
  ...SECURITY_FAMILIES,
  ...CALL_QUALITY_FAMILIES,
  ...LIVE_QUALITY_FAMILIES,
  ...MEDIA_FAMILIES,
  ...WEBRTC_FAMILIES,
  ...VOICESERVER_FAMILIES,
  ...PROBE_FAMILIES,
  ...HOST_FAMILIES,
  ...SELF_FAMILIES,
};
