/**
 * What may be chosen of an analysis.
 *
 * @module
 */

import type { CallObserver } from "../call/observer.js";
import type { EngineOptions } from "../native/engine.js";
import type { CodecTable } from "../quality/codec-impairment.js";
import type { PayloadMap } from "../rtp/codec.js";
import type { VerifierOptions } from "../stir/token-check.js";

/** How far an analysis has come. */
export interface AnalysisProgress {
  readonly bytesRead: number;
  /** Absent for a pipe. */
  readonly bytesTotal?: number;
  readonly packets: number;
}

/** What a caller may choose. */
export interface AnalyseOptions extends EngineOptions {
  /** Formats of payload types that no SDP in the capture describes: `96` → opus at 48 kHz. */
  readonly payloads?: PayloadMap;
  /** Codec rows that replace or extend the built-in ones. */
  readonly codecs?: CodecTable;
  /**
   * Networks of the observed side, as `10.0.0.0/8`. Without them the callee's side is assumed to be
   * the local one, and every call says so.
   */
  readonly local?: readonly string[];
  /** What the calls' records name as the place they were seen at. @default the name of the file */
  readonly observationPoint?: string;
  /**
   * What callers' identities are verified with: certificates that were collected beforehand, for a
   * replay asks nobody. Their age is told by the time of the message.
   *
   * @default no certificates, so that only what is wrong without one is found
   */
  readonly stir?: VerifierOptions;
  /** Is told of calls while the capture is read, and of every call's record at the end. */
  readonly observer?: CallObserver;
  readonly onProgress?: (progress: AnalysisProgress) => void;
  /**
   * Has all of the analysis done in a worker thread, so that it holds the event loop no longer than
   * taking some records does: for a process that has live calls too. Costs a tenth of a second to
   * begin, and needs captures in files. Cannot go with `observer` or `stir`.
   *
   * @default false: packets are read off the main thread, what is found in them is put together on it
   */
  readonly inWorker?: boolean;
  /** Ends the analysis early; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}
