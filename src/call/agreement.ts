/**
 * What offer and answer settled on for a call's media, and when (RFC 3264).
 *
 * @module
 */

import type { PayloadMap } from "../rtp/codec.js";

/** What one party may send in one media section. */
export interface AgreedFlow {
  /** False while the section's directions say otherwise: hold, `recvonly`, `inactive`. */
  readonly maySend: boolean;
  /** What the receiver said it takes: payload types on the wire stand for these. */
  readonly payloads: PayloadMap;
}

/** One media section of a call as it stood for a time. */
export interface MediaAgreement {
  /** In lower case: `audio`, `video`, `image`. */
  readonly mediaType: string;
  readonly mediaIndex: number;
  readonly fromMs: number;
  /** Absent if it stood to the end of the call. */
  readonly toMs?: number;
  /** Before the call was answered. */
  readonly isEarly: boolean;
  readonly callerToCallee: AgreedFlow;
  readonly calleeToCaller: AgreedFlow;
}
