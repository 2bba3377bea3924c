/**
 * How media found its path, lost it, and found it again. The stack tells neither that no pair works
 * nor that a restart leads nowhere; both are concluded here.
 *
 * @module
 */

import type { IceReport } from "../call/call-report.js";
import { isoMicroseconds } from "../net/time.js";
import { present } from "../rtcp/present.js";
import type { WeriftCandidatePair, WeriftIceTransport } from "./werift-ports.js";

/** What became of a restart. */
export interface RestartOutcome {
  /** From 1. */
  readonly attempt: number;
  readonly result: "started" | "ok" | "failed";
  readonly durationSeconds?: number;
}

/** What a watch of ICE is given. */
export interface IceWatchOptions {
  readonly transport: WeriftIceTransport;
  readonly clock: () => number;
  readonly after: (delayMs: number, act: () => void) => () => void;
  readonly timeoutMs: number;
  readonly onOutcome: (report: IceReport) => void;
  readonly onRestart: (outcome: RestartOutcome) => void;
}

const PAIR_FAILED = 4;

/** ICE of one transport. */
export class IceWatch {
  readonly #options: IceWatchOptions;
  #result: IceReport["result"] | undefined;
  #startedAtMs: number | undefined;
  #selectedAtMs: number | undefined;
  /** What it had come to before is not known by its time. */
  #isFollowed = false;
  #durationSeconds: number | undefined;
  #localType: string | undefined;
  #remoteType: string | undefined;
  #cancelTimer: (() => void) | undefined;
  #restarts: number;
  #restartedAtMs: number | undefined;
  /** What was told of already. */
  #toldResult: IceReport["result"] | undefined;

  constructor(options: IceWatchOptions) {
    this.#options = options;
    this.#restarts = options.transport.iceRestarts ?? 0;
  }

  /** `undefined` until there is something to say. */
  get report(): IceReport | undefined {
    if (this.#result === undefined) return undefined;
    return {
      result: this.#result,
      ...present("startedAt", instant(this.#startedAtMs)),
      ...present("selectedAt", instant(this.#selectedAtMs)),
      ...present("durationSeconds", this.#durationSeconds),
      ...(this.#restarts > 0 && { restarts: this.#restarts }),
      ...present("localCandidateType", this.#localType),
      ...present("remoteCandidateType", this.#remoteType),
    };
  }

  /** Takes up a transport that may be on its way already. */
  attached(): void {
    const { state } = this.#options.transport;
    if (state === "checking") this.#arm();
    else if (state !== "new" && state !== undefined) this.stateChanged(state);
    this.#isFollowed = true;
  }

  stateChanged(state: string): void {
    this.#noticeRestart();
    switch (state) {
      case "checking":
        if (this.#result === undefined) this.#startedAtMs ??= this.#options.clock();
        this.#arm();
        return;
      case "connected":
        this.#succeed();
        return;
      case "completed":
        // Told when gathering ends, be it before the first check: only a selected pair counts.
        if (this.#selectedPair() !== undefined) this.#succeed();
        return;
      case "failed":
        this.#fail();
        return;
      default:
    }
  }

  /** Looks for what no event tells. */
  poll(): void {
    this.#noticeRestart();
    const pair = this.#selectedPair();
    if (pair !== undefined) this.#rememberTypes(pair);
    if (this.#restartedAtMs !== undefined && pair !== undefined) this.#succeed();
    if (this.#restartedAtMs === undefined && this.#result === undefined && this.#isHopeless()) {
      this.#fail();
    }
  }

  /** Ends the timer. */
  detach(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #selectedPair(): WeriftCandidatePair | undefined {
    return this.#options.transport.connection?.nominated;
  }

  /** Every pair failed, and no further candidate will come. */
  #isHopeless(): boolean {
    const { state, connection } = this.#options.transport;
    const { candidatePairs = [], remoteCandidatesEnd, localCandidatesEnd } = connection ?? {};
    if (state !== "checking" || remoteCandidatesEnd !== true || localCandidatesEnd === false) {
      return false;
    }
    return candidatePairs.length > 0 && candidatePairs.every((pair) => pair.state === PAIR_FAILED);
  }

  #arm(): void {
    if (this.#cancelTimer !== undefined) return;
    this.#cancelTimer = this.#options.after(this.#options.timeoutMs, () => {
      this.#cancelTimer = undefined;
      const isDone = this.#restartedAtMs === undefined && this.#result === "ok";
      if (isDone) return;
      if (this.#selectedPair() === undefined) this.#fail();
      else this.#succeed();
    });
  }

  #noticeRestart(): void {
    const restarts = this.#options.transport.iceRestarts ?? 0;
    if (restarts <= this.#restarts) return;
    this.#restarts = restarts;
    this.#restartedAtMs = this.#options.clock();
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#arm();
    this.#options.onRestart({ attempt: restarts, result: "started" });
  }

  #succeed(): void {
    const pair = this.#selectedPair();
    if (pair !== undefined) this.#rememberTypes(pair);
    const nowMs = this.#options.clock();
    if (this.#isFollowed) this.#selectedAtMs ??= nowMs;
    if (this.#startedAtMs !== undefined) {
      this.#durationSeconds ??= (nowMs - this.#startedAtMs) / 1000;
    }
    this.detach();
    this.#result = "ok";
    this.#endRestart("ok");
    this.#tell();
  }

  #fail(): void {
    this.detach();
    const hadPath = this.#result === "ok" || this.#result === "lost";
    this.#result = hadPath ? "lost" : "failed";
    this.#endRestart("failed");
    this.#tell();
  }

  #endRestart(result: "ok" | "failed"): void {
    if (this.#restartedAtMs === undefined) return;
    const durationSeconds = (this.#options.clock() - this.#restartedAtMs) / 1000;
    this.#restartedAtMs = undefined;
    this.#options.onRestart({ attempt: this.#restarts, result, durationSeconds });
  }

  #tell(): void {
    if (this.#toldResult === this.#result) return;
    this.#toldResult = this.#result;
    if (this.report !== undefined) this.#options.onOutcome(this.report);
  }

  #rememberTypes({ localCandidate, remoteCandidate }: WeriftCandidatePair): void {
    this.#localType = localCandidate?.type ?? this.#localType;
    this.#remoteType = remoteCandidate?.type ?? this.#remoteType;
  }
}

function instant(atMs: number | undefined): string | undefined {
  return atMs === undefined ? undefined : isoMicroseconds(atMs);
}
