/**
 * A browser's peer connection as a server knows it that is sent the browser's `getStats` reports: to be
 * attached as any other connection.
 *
 * @module
 */

import type { PeerConnectionState } from "../call/connection.js";
import { isConnectionState } from "./media-outcomes.js";
import { memberOf } from "./werift-ports.js";
import { entriesOf } from "./werift-stats.js";

/**
 * Stands for the connection at the browser's end.
 *
 * @example
 * ```ts
 * const browser = new BrowserReports();
 * probe.attachPeerConnection(browser, { callId });
 * webSocket.on("message", (text) => browser.report(JSON.parse(text)));
 * webSocket.on("close", () => browser.close());
 * ```
 */
export class BrowserReports extends EventTarget {
  #report: object = new Map();
  #state: PeerConnectionState = "new";

  get connectionState(): PeerConnectionState {
    return this.#state;
  }

  /**
   * Takes a report: what `getStats` gave, or its entries as an array or an object, as they come out of
   * JSON. What is no object is passed over.
   *
   * @param state `connectionState` at the browser. @default as the report's transports have it
   */
  report(report: unknown, state?: string): void {
    if (typeof report !== "object" || report === null || this.#state === "closed") return;
    this.#report = report;
    this.#become(isConnectionState(state) ? state : stateOf(entriesOf(report)));
  }

  /** The newest report. */
  getStats(): Promise<object> {
    return Promise.resolve(this.#report);
  }

  /** The browser closed its connection, or is gone. */
  close(): void {
    this.#become("closed");
  }

  #become(state: PeerConnectionState | undefined): void {
    if (state === undefined || state === this.#state) return;
    this.#state = state;
    this.dispatchEvent(new Event("connectionstatechange"));
  }
}

/** W3C webrtc §4.4.2 of one transport: what its ICE and DTLS make of it. */
function stateOf(entries: readonly unknown[]): PeerConnectionState | undefined {
  const transport = entries.find((entry) => memberOf(entry, "type") === "transport");
  const dtls = memberOf(transport, "dtlsState");
  const ice = memberOf(transport, "iceState");
  if (dtls === "failed" || ice === "failed") return "failed";
  if (ice === "disconnected") return "disconnected";
  if (dtls === "connected") return "connected";
  return dtls === "connecting" || ice === "checking" ? "connecting" : undefined;
}
