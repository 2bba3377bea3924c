/**
 * Media that RTCP proves: its receiver reported on it, or its sender on what it sent. Where a capture
 * shows one direction only, that is all there is of the other.
 *
 * @module
 */

import type { Traffic } from "../call/media-index.js";
import type { Path, RtcpRecord } from "../rtcp/report.js";
import { provesMedia } from "../rtcp/unseen-streams.js";

/** Paths of RTCP that are remembered; what further ones report proves nothing. */
const MAX_PATHS = 262_144;

interface Proof {
  /** Who sent the RTCP also sends media, or receives it. */
  sends: boolean;
  receives: boolean;
  readonly fromMs: number;
  toMs: number;
}

/** Gathers what all RTCP of a capture proves. */
export class ReportedMedia {
  readonly #proofs = new Map<Path, Proof>();

  observe(record: RtcpRecord): void {
    if (!provesMedia(record)) return;
    const { kind, path, atMs } = record;
    let proof = this.#proofs.get(path);
    if (proof === undefined) {
      if (this.#proofs.size >= MAX_PATHS) return;
      proof = { sends: false, receives: false, fromMs: atMs, toMs: atMs };
      this.#proofs.set(path, proof);
    }
    proof.toMs = atMs;
    if (kind === "sender-info") proof.sends = true;
    else proof.receives = true;
  }

  /** Between the ends of the RTCP. */
  *traffic(): Generator<Traffic> {
    for (const [path, { sends, receives, fromMs, toMs }] of this.#proofs) {
      const { source, destination } = path;
      if (sends) yield { source, destination, fromMs, toMs };
      if (receives) yield { source: destination, destination: source, fromMs, toMs };
    }
  }
}
