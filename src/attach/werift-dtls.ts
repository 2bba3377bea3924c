/**
 * What a DTLS handshake of an attached transport came to. The stack keeps most reasons to itself:
 * they follow from the order of its states, from alerts seen on their way in, and from a timer of our
 * own, since some handshakes never end by themselves.
 *
 * @module
 */

import type { DtlsReport } from "../call/call-report.js";
import type { AttachedHandshake } from "../call/connection.js";
import type { DtlsAlert, DtlsResult, DtlsRole } from "../dtls/association.js";
import { fingerprintsOf } from "../dtls/certificate.js";
import { alertName } from "../dtls/names.js";
import { DtlsObserver } from "../dtls/observer.js";
import { ALERT, readRecords } from "../dtls/record.js";
import { matchesFingerprint, type StatedFingerprint } from "../dtls/verdict.js";
import { isoMicroseconds } from "../net/time.js";
import { present } from "../rtcp/present.js";
import type { Path } from "../rtcp/report.js";

/** What the stack shows of a handshake at the moment. */
export interface HandshakeFacts {
  readonly state: string | undefined;
  readonly iceState: string | undefined;
  /** Of this side. */
  readonly role: DtlsRole | undefined;
  /** The handshake as such ended well. */
  readonly hasFinished: boolean;
  /** In DER. */
  readonly remoteCertificate: Uint8Array | undefined;
  /** In the remote description; absent without one. */
  readonly remoteFingerprints: readonly StatedFingerprint[] | undefined;
  readonly version?: string;
  readonly cipher?: string;
  readonly srtpProfile?: string;
}

/** What a watch of a handshake is given. */
export interface DtlsWatchOptions {
  readonly facts: () => HandshakeFacts;
  readonly clock: () => number;
  readonly after: (delayMs: number, act: () => void) => () => void;
  readonly timeoutMs: number;
  /** Without its datagrams neither alerts nor retransmissions are known. @default true */
  readonly seesDatagrams?: boolean;
  readonly onOutcome: (report: AttachedHandshake) => void;
  /** The far end closed what was up. */
  readonly onClosedByPeer: (isAuthenticated: boolean) => void;
}

type Alert = Omit<DtlsAlert, "by">;

const CLOSE_NOTIFY = 0;
const USER_CANCELED = 90;

/** A close this long after a plaintext alert is put down to it. */
const ALERT_EFFECT_MS = 1000;

/** Alerts kept of one handshake. */
const MAX_ALERTS = 16;

/** One handshake of one transport. */
export class DtlsWatch {
  readonly #options: DtlsWatchOptions;
  readonly #alerts: Alert[] = [];
  /** Only what comes in can be observed. Given up once the handshake is over. */
  #observer: DtlsObserver | undefined = new DtlsObserver({ maxAssociations: 4 });
  #retransmissions = 0;
  #isBegun = false;
  #startedAtMs: number | undefined;
  #cancelTimer: (() => void) | undefined;
  #report: AttachedHandshake | undefined;
  #lastPlainAlertAtMs = -Infinity;
  #isUp = false;
  #isClosed = false;

  constructor(options: DtlsWatchOptions) {
    this.#options = options;
  }

  get #seesDatagrams(): boolean {
    return this.#options.seesDatagrams ?? true;
  }

  /** `undefined` until the handshake came to something. */
  get report(): AttachedHandshake | undefined {
    return this.#report;
  }

  /** Takes up a transport that may be on its way already; how long is then not known. */
  attached(): void {
    const { state } = this.#options.facts();
    if (state === "connecting") this.#begin();
    else if (state === "connected" || state === "failed") this.stateChanged(state);
  }

  stateChanged(state: string): void {
    switch (state) {
      case "connecting":
        this.#startedAtMs = this.#options.clock();
        this.#begin();
        return;
      case "connected":
        this.#isUp = true;
        this.#conclude(this.#report === undefined ? "ok" : "late-ok");
        return;
      case "failed":
        this.#conclude(this.#resultOfFailure(), this.#alerts[0]);
        return;
      case "closed":
        this.#closed();
        return;
      default:
    }
  }

  /** Takes a datagram that came in. */
  datagram(payload: Uint8Array, path: Path, atMs: number): void {
    if (this.#observer !== undefined) {
      this.#observer.observe({ ...path, atMs, payload });
    } else if (payload[0] !== ALERT) {
      return;
    }
    for (const { contentType, epoch, body } of readRecords(payload, false).records) {
      if (contentType === ALERT && epoch === 0) this.#takeAlert(body, atMs);
    }
  }

  /** The whole connection failed. */
  connectionFailed(): void {
    if (this.#report !== undefined) return;
    const { state, iceState, hasFinished, remoteFingerprints } = this.#options.facts();
    if (state === "new" && iceState === "connected") {
      if ((remoteFingerprints?.length ?? 0) === 0) this.#conclude("no-fingerprint");
      else this.#conclude("fail");
    } else if (state === "connecting" && hasFinished) {
      this.#conclude("no-srtp-profile");
    } else if (state === "connecting" && (iceState === "failed" || iceState === "closed")) {
      this.#conclude("fail", this.#alerts[0]);
    }
  }

  /** The whole connection was closed on this side. */
  connectionClosed(): void {
    this.#isClosed = true;
    if (this.#isBegun && this.#report === undefined) this.#conclude("aborted");
  }

  /** Ends the timer. */
  detach(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#observer = undefined;
  }

  #begin(): void {
    if (this.#isBegun) return;
    this.#isBegun = true;
    this.#cancelTimer = this.#options.after(this.#options.timeoutMs, () => {
      this.#cancelTimer = undefined;
      if (this.#report === undefined) this.#conclude(this.#resultOfSilence(), this.#alerts[0]);
    });
  }

  /** A transport that failed after its handshake refused the certificate. */
  #resultOfFailure(): DtlsResult {
    const { hasFinished, remoteCertificate, remoteFingerprints } = this.#options.facts();
    if (!hasFinished) return this.#seesDatagrams ? this.#resultOfSilence() : "fail";
    const isMatch =
      remoteCertificate !== undefined &&
      remoteFingerprints !== undefined &&
      matchesFingerprint(fingerprintsOf(remoteCertificate), remoteFingerprints) === true;
    return isMatch ? "fail" : "fingerprint-mismatch";
  }

  /** An alert is not authenticated: it names a failure, and never makes one. */
  #resultOfSilence(): DtlsResult {
    const [alert] = this.#alerts;
    if (alert === undefined) return "timeout";
    return isClosing(alert) ? "aborted" : "fail";
  }

  #closed(): void {
    if (this.#isClosed) return;
    if (this.#isUp) {
      this.#isUp = false;
      const sinceAlertMs = this.#options.clock() - this.#lastPlainAlertAtMs;
      this.#options.onClosedByPeer(sinceAlertMs > ALERT_EFFECT_MS);
    } else if (this.#report === undefined) {
      const [alert] = this.#alerts;
      this.#conclude(alert !== undefined && !isClosing(alert) ? "fail" : "aborted", alert);
    }
  }

  #takeAlert(body: Uint8Array, atMs: number): void {
    const [level, code] = body;
    if (body.length !== 2 || code === undefined || (level !== 1 && level !== 2)) return;
    this.#lastPlainAlertAtMs = atMs;
    if (this.#isUp || this.#alerts.length === MAX_ALERTS) return;
    const name = alertName(code);
    this.#alerts.push({ level: level === 2 ? "fatal" : "warning", code, name, atMs });
  }

  #conclude(result: DtlsResult, alert?: Alert): void {
    const isLate = result === "late-ok";
    if (this.#report !== undefined && (!isLate || isSuccess(this.#report))) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const { role, version, cipher, srtpProfile } = this.#options.facts();
    const durationSeconds =
      this.#startedAtMs === undefined
        ? undefined
        : (this.#options.clock() - this.#startedAtMs) / 1000;
    for (const { retransmissions } of this.#observer?.associations() ?? []) {
      this.#retransmissions += retransmissions;
    }
    this.#observer = undefined;
    this.#report = {
      result,
      ...(this.#startedAtMs !== undefined && { startedAt: isoMicroseconds(this.#startedAtMs) }),
      ...present("localRole", role),
      ...(alert !== undefined && { alert: { ...withoutTime(alert), by: farEndOf(role) } }),
      ...present("durationSeconds", durationSeconds),
      ...present("version", version),
      ...present("cipher", cipher),
      ...present("srtpProfile", srtpProfile),
      ...(this.#seesDatagrams && { retransmissions: this.#retransmissions }),
    };
    this.#options.onOutcome(this.#report);
  }
}

/** Whether media can flow after it. */
export function isSuccess({ result }: DtlsReport): boolean {
  return result === "ok" || result === "late-ok";
}

function farEndOf(role: DtlsRole | undefined): DtlsRole {
  return role === "client" ? "server" : "client";
}

function withoutTime({ level, code, name }: Alert): Omit<Alert, "atMs"> {
  return { level, code, name };
}

function isClosing({ code }: Alert): boolean {
  return code === CLOSE_NOTIFY || code === USER_CANCELED;
}
