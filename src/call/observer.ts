/**
 * Who wants to know of calls while they go on: metrics, records, pages.
 *
 * @module
 */

import type { DtlsAssociation } from "../dtls/association.js";
import type { Endpoint } from "../net/endpoint.js";
import type { Path, RtcpRecord } from "../rtcp/report.js";
import type { CallParty, SeenMessage, SipCall, SipEvent } from "../sip/call.js";
import type { CallReport, CallTransport, DtlsReport } from "./call-report.js";
import type { ConnectionEvent, ConnectionTraffic } from "./connection.js";
import type { HandshakeReport } from "./report.js";

/** What is known of a call besides its signalling when something is told of it. */
export interface CallContext {
  /** Which party is on the observed side. */
  localPartyOf(call: SipCall): CallParty;
  /** As far as descriptions have told by now. */
  transportOf(call: SipCall): CallTransport;
}

/** A handshake of a call; live its packets are not seen. */
export interface ReportedHandshake {
  readonly association?: DtlsAssociation;
  readonly handshake: DtlsReport;
}

/** Where and when the connectivity checks of a call began; live their packets are not seen. */
export interface SeenChecks {
  /** Who sent the first check, and to where. */
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly firstCheckAtMs: number;
}

/** What a record was made of, for who wants more than it says. */
export interface CallDetails {
  readonly call: SipCall;
  readonly handshakes: readonly ReportedHandshake[];
  readonly checks?: SeenChecks;
}

/** When a live call stood as its record says. */
export interface CallMoment {
  readonly call: SipCall;
  /** Epoch milliseconds. */
  readonly atMs: number;
}

/** The RTCP of one datagram, and the call whose media it is about. */
export interface CallRtcp {
  readonly callId: string;
  readonly atMs: number;
  readonly path: Path;
  readonly records: readonly RtcpRecord[];
}

/** Is told in order of time. Must not throw. */
export interface CallObserver {
  onSipEvent?(event: SipEvent, context: CallContext): void;
  /** Every SIP message, of a call or not, before anything is said of it. */
  onMessage?(seen: SeenMessage): void;
  /**
   * RTCP about media of a call. In a capture it comes at the end, just before the records: only then
   * it is known whose media it is about.
   */
  onRtcp?(rtcp: CallRtcp): void;
  /** Once a call, when nothing more will be said of it. */
  onCall?(report: CallReport, details: CallDetails): void;
  /** A DTLS handshake that belongs to no call. */
  onHandshake?(report: HandshakeReport): void;
  /** Something happened to an attached peer connection. */
  onConnection?(event: ConnectionEvent): void;
  /** What flowed over an attached peer connection, about once a second and at its end. */
  onTraffic?(traffic: ConnectionTraffic): void;
  /**
   * A live call as it stands: once an interval, when its outcome is known, and when it is hung up. Its
   * record is not told before what may follow a BYE has had its time; `course.endedAt` says that it is
   * over.
   */
  onInterval?(report: CallReport, moment: CallMoment): void;
}
