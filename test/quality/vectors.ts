import { readFileSync } from "node:fs";

/** G.107 symbols as the vectors write them. */
export type Symbols = Readonly<Record<string, number>>;

export interface Vectors {
  readonly tolerances: { readonly R: number; readonly MOS: number };
  readonly emodel_nb: readonly {
    readonly name: string;
    readonly input: Symbols;
    readonly expected: Symbols;
    readonly published?: Symbols;
    readonly published_tolerance?: number;
  }[];
  readonly emodel_delay_bound_R70: {
    readonly tolerance_ms: number;
    readonly rows: readonly {
      readonly codec: string;
      readonly Ie: number;
      readonly maxDelayNoEcho_ms: number;
      readonly maxDelayEL50_ms: number;
    }[];
  };
  readonly r_to_mos: {
    readonly cases: readonly { readonly R: number; readonly mosClamped: number }[];
  };
  readonly mos_to_r: { readonly cases: readonly { readonly mos: number; readonly R: number }[] };
  readonly emodel_wb: {
    readonly cases: readonly {
      readonly codec?: string;
      readonly kbps?: number;
      readonly context?: "monotic" | "diotic";
      readonly Ie_wb?: number;
      readonly Bpl_wb?: number;
      readonly Ppl?: number;
      readonly Ie_eff_wb?: number;
      readonly R: number;
      readonly mos: number;
      readonly published_mos?: number;
    }[];
  };
  readonly emodel_fb: {
    readonly cases: readonly {
      readonly codec: string;
      readonly Ie_fb: number;
      readonly Bpl_fb: number;
      readonly Ta: number;
      readonly Ppl: number;
      readonly R: number;
      readonly mos: number;
    }[];
  };
  readonly burst_ratio: {
    readonly gilbert: readonly {
      readonly p: number;
      readonly q: number;
      readonly Ppl: number;
      readonly BurstR: number;
    }[];
    readonly from_runs: readonly {
      readonly pattern_rle: readonly (readonly [kind: "0" | "1", length: number])[];
      readonly lossFraction: number;
      readonly BurstR: number;
    }[];
  };
}

/** Published and independently computed values, each with its source. */
export const vectors: Vectors = JSON.parse(
  readFileSync(new URL("./vectors.json", import.meta.url), "utf8"),
) as Vectors;

/** How far `actual` is from `expected`. */
export function distance(actual: number | undefined, expected: number): number {
  return Math.abs((actual ?? Number.NaN) - expected);
}
