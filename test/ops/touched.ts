import { CATALOGUE } from "../../src/metrics/catalogue.js";
import { CounterSeries } from "../../src/metrics/counter.js";
import { GaugeSeries } from "../../src/metrics/gauge.js";
import { HistogramSeries } from "../../src/metrics/histogram.js";
import { LABEL_VALUES, type LabelValueList } from "../../src/metrics/label-values.js";
import type { Recorder } from "../../src/metrics/recorder.js";
import { SummarySeries } from "../../src/metrics/summary.js";

/** Moves one series of every family, as if something of everything had happened. */
export function touchAll(recorder: Recorder): void {
  for (const [name, { labels }] of Object.entries(CATALOGUE)) {
    const values = labels.map(([, list]) => {
      const known: LabelValueList = LABEL_VALUES[list];
      return "learned" in known || "recent" in known ? "some" : (known[0] ?? "");
    });
    const series = recorder.tableOf(name)?.at(...values);
    if (series instanceof CounterSeries || series instanceof GaugeSeries) series.add(1);
    else if (series instanceof SummarySeries || series instanceof HistogramSeries)
      series.observe(1);
  }
}
