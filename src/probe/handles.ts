/**
 * What a host has of what it attached, and may say of it.
 *
 * @module
 */

import type { SipCapabilities } from "../attach/sip-attachment.js";
import type { SipAgentOptions, SipStack } from "./sip-agents.js";

/** An attached user agent, or one dialog of it. */
export interface AgentHandle {
  readonly stack: SipStack;
  /** What can and cannot be seen of it. */
  readonly capabilities: SipCapabilities;
  /** Takes the hooks out. Calls that are open are told as they stand, as abandoned. */
  detach(): void;
}

/** What a dialog's attachment may be told. */
export interface AttachDialogOptions extends SipAgentOptions {
  /** The user agent, where the session does not lead to it. */
  readonly userAgent?: object;
  /** Whose media it is, where the stack does not say. */
  readonly peerConnection?: object;
}

/** What a connection's attachment may be told. */
export interface AttachConnectionOptions {
  /**
   * Of the SIP call that it is the media of, where the stack does not say; without any SIP, how the
   * connection is to be called in its record.
   */
  readonly callId?: string;
}
