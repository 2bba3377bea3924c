/**
 * One row of a codec table: what a codec costs, and how sure that is.
 *
 * @module
 */

import { EQUIPMENT_IMPAIRMENT_MAX } from "./equipment-impairment.js";
import type { Scale } from "./mos.js";
import { requireWithin } from "./range-check.js";

/**
 * How sure a row is, by the less sure of its two factors.
 *
 * - `published`: printed in ITU-T G.113, whose values are planning values themselves.
 * - `provisional`: from research, or with a factor that stands in for one nobody published.
 * - `unverified`: could not be compared with a publication.
 */
export type CodecStatus = "published" | "provisional" | "unverified";

const STATUSES: readonly CodecStatus[] = ["published", "provisional", "unverified"];

/** How a codec sounds without loss, how well it hides loss, and how long it takes. */
export interface CodecImpairment {
  /** For people: "G.729A with VAD". */
  readonly name: string;
  /** RTP encoding name. Matched without regard to case (RFC 4855 §3). */
  readonly encodingName: string;
  /** RTP clock rate. For G.722 this is 8000. */
  readonly clockRateHz: number;
  /** The E-model that `ie` and `bpl` belong to. */
  readonly scale: Scale;
  /** Ie, R points: 0 to under 95, or 132 on the fullband scale. */
  readonly ie: number;
  /** Bpl, greater than 0. Absent where none is known: then a stream with loss has no rating. */
  readonly bpl?: number;
  readonly status: CodecStatus;
  /** Where `ie` and `bpl` are from. */
  readonly source: string;
  /** The packet size that `bpl` was determined for, in milliseconds. Others are not published. */
  readonly bplPacketMs?: number;
  /** One frame of the codec, in milliseconds. */
  readonly frameMs: number;
  /** Speech in one packet unless negotiated otherwise, in milliseconds. */
  readonly packetMs: number;
  /** What codec and filters add beyond the packet itself, in milliseconds, 0 or more. */
  readonly lookAheadMs: number;
  /** Where `lookAheadMs` is from. */
  readonly lookAheadSource: string;
}

/** A caller's own rows, each of which replaces all of the built-in rows of its format. */
export interface CodecTable {
  readonly own: ReadonlyMap<string, CodecImpairment>;
}

/** The key of a format in a {@link CodecTable}: encoding name and RTP clock rate. */
export function formatKey(encodingName: string, clockRateHz: number): string {
  return `${encodingName.toUpperCase()}/${clockRateHz}`;
}

/**
 * A table that knows these rows besides the built-in ones, and prefers them.
 *
 * @throws {RangeError} If a value of a row is outside the range given in {@link CodecImpairment}, or
 * two rows are for the same format.
 */
export function createCodecTable(rows: Iterable<CodecImpairment>): CodecTable {
  const own = new Map<string, CodecImpairment>();
  for (const row of rows) {
    requireSound(row);
    const key = formatKey(row.encodingName, row.clockRateHz);
    if (own.has(key)) {
      throw new RangeError(`${key} has two rows; a format must have one`);
    }
    own.set(key, { ...row });
  }
  return { own };
}

function requireSound(row: CodecImpairment): void {
  if (!/^[A-Za-z0-9!#$&^_.+-]{1,64}$/.test(row.encodingName)) {
    throw new RangeError(
      `encodingName is ${JSON.stringify(row.encodingName)}; it must be an RTP encoding name`,
    );
  }
  const of = ` of ${row.encodingName}`;
  if (!Object.hasOwn(EQUIPMENT_IMPAIRMENT_MAX, row.scale)) {
    throw new RangeError(
      `scale${of} is ${JSON.stringify(row.scale)}; it must be narrowband, wideband or fullband`,
    );
  }
  if (!STATUSES.includes(row.status)) {
    throw new RangeError(
      `status${of} is ${JSON.stringify(row.status)}; it must be ${STATUSES.join(", ")}`,
    );
  }
  requireWithin(`clockRateHz${of}`, row.clockRateHz, 1, 2 ** 32 - 1);
  // At the maximum loss would cost nothing any more, and above it loss would win points.
  const most = EQUIPMENT_IMPAIRMENT_MAX[row.scale] - 1;
  requireWithin(`ie${of}`, row.ie, 0, most);
  if (row.bpl !== undefined) requireWithin(`bpl${of}`, row.bpl, 0.1, 1000);
  if (row.bplPacketMs !== undefined) requireWithin(`bplPacketMs${of}`, row.bplPacketMs, 0.1, 1000);
  requireWithin(`frameMs${of}`, row.frameMs, 0.1, 1000);
  requireWithin(`packetMs${of}`, row.packetMs, 0.1, 1000);
  requireWithin(`lookAheadMs${of}`, row.lookAheadMs, 0, 1000);
}
