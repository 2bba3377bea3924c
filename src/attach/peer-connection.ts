/**
 * Attaches to a peer connection: of werift (0.24, 0.25), where it also watches packets and RTCP, or of
 * any stack that is as W3C webrtc has it. It changes nothing, and leaves nothing behind.
 *
 * @module
 */

import type { MediaAttachment, MediaAttachOptions } from "./media-attachment.js";
import {
  isStandard,
  StandardAttachment,
  type StandardPeerConnection,
} from "./standard-peer-connection.js";
import { WeriftAttachment } from "./werift-attachment.js";
import type { WeriftPeerConnection } from "./werift-ports.js";

const attached = new WeakSet<object>();

/**
 * Watches a peer connection until it is closed or the attachment detached.
 *
 * What the connection lacks is listed in `capabilities.missing` and costs only that.
 *
 * @throws {TypeError} If the connection is no object, or the clock or the wheel is missing.
 * @throws {RangeError} If a timeout is not above 0.
 * @throws {Error} If something is attached to the connection already.
 */
export function attachPeerConnection(
  pc: WeriftPeerConnection | StandardPeerConnection,
  options: MediaAttachOptions,
): MediaAttachment {
  requireValid(pc, options);
  attached.add(pc);
  const onDetach = (): void => {
    attached.delete(pc);
  };
  return isStandard(pc)
    ? new StandardAttachment(pc, options, onDetach)
    : new WeriftAttachment(pc, options, onDetach);
}

function requireValid(pc: unknown, options: Partial<MediaAttachOptions>): void {
  if (typeof pc !== "object" || pc === null) {
    const found = pc === null ? "null" : typeof pc;
    throw new TypeError(`the peer connection is ${found}; it must be an object`);
  }
  if (typeof options.clock !== "function") {
    throw new TypeError("options.clock must be a function that returns epoch milliseconds");
  }
  if (typeof options.wheel !== "object") throw new TypeError("options.wheel must be a PollWheel");
  for (const name of ["dtlsTimeoutMs", "iceTimeoutMs"] as const) {
    const value = options[name];
    if (value === undefined || (value > 0 && value < Infinity)) continue;
    throw new RangeError(`options.${name} is ${value}; it must be above 0`);
  }
  if (!attached.has(pc)) return;
  throw new Error(
    "This peer connection is attached already. Call detach() on what the first attach returned, " +
      "or give one attachment to several consumers.",
  );
}
