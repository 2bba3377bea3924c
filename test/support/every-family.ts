/**
 * One update of every family of a recorder's catalogue.
 *
 * @module
 */

import { CounterSeries } from "../../src/metrics/counter.js";
import { GaugeSeries } from "../../src/metrics/gauge.js";
import { HistogramSeries } from "../../src/metrics/histogram.js";
import { LABEL_VALUES, type LabelValueList } from "../../src/metrics/label-values.js";
import type { Recorder } from "../../src/metrics/recorder.js";
import { SummarySeries } from "../../src/metrics/summary.js";

/** Counts 1, sets 1 or takes a sample of 1 in the first series of each family. */
export function everyFamily(recorder: Recorder): void {
  for (const { name } of recorder.tables) {
    const table = recorder.tableOf(name);
    if (table === undefined) continue;
    const values = table.family.labels.map(([, list]) => {
      const all: LabelValueList = LABEL_VALUES[list];
      return "learned" in all || "recent" in all ? "made up" : (all[0] ?? "");
    });
    const series = table.at(...values);
    if (series instanceof CounterSeries) series.inc();
    else if (series instanceof GaugeSeries) series.set(1);
    else if (series instanceof HistogramSeries || series instanceof SummarySeries)
      series.observe(1);
  }
}
