/**
 * How long it took to the other party and back, in sentences.
 *
 * @module
 */

import type { CallReport } from "../../call/call-report.js";
import { bestRoundTrip } from "../call-figures.js";
import { comparedViews } from "../compared-views.js";
import { TIE } from "../display-text.js";
import { msText } from "../quantity.js";
import { NOTABLE_RTT_SECONDS, SEVERE_RTT_SECONDS } from "../stream-columns.js";
import { listed, type Sentence } from "./sentence.js";

const VIEW_CLAUSES = {
  measured: "",
  reported: ", as the far end has it",
  stack: ", as the media stack has it",
} as const;

/** The round trip where one is known, and who has it otherwise. */
export function delaySentences(call: CallReport): Sentence[] {
  const best = bestRoundTrip(call);
  if (best === undefined) return [];
  const { seconds, view } = best;
  const most = call.rtt?.[view]?.maxSeconds ?? seconds;
  const isSlow = seconds >= NOTABLE_RTT_SECONDS;
  const felt =
    seconds >= SEVERE_RTT_SECONDS
      ? "people talk over each other with that"
      : isSlow
        ? "long enough to be noticed as hesitation"
        : most >= NOTABLE_RTT_SECONDS
          ? `too short to be noticed, but it was ${msText(most)}${TIE}ms at its longest`
          : "too short to be noticed";
  const others = otherViews(call, view);
  return [
    {
      about: "delay",
      text: `The round trip took ${msText(seconds)}${TIE}ms on average${VIEW_CLAUSES[view]}: ${felt}${others}.`,
      fields: ["measured", "reported", "stack"].flatMap((name) => [
        `rtt.${name}.meanSeconds`,
        `rtt.${name}.maxSeconds`,
      ]),
      tone: seconds >= SEVERE_RTT_SECONDS ? "bad" : isSlow ? "fair" : undefined,
    },
  ];
}

/** What others have, where it differs by more than where they measure explains. */
function otherViews(call: CallReport, told: keyof typeof VIEW_CLAUSES): string {
  const compared = comparedViews(call).find(
    ({ figure, stream }) => figure === "RTT" && stream === undefined,
  );
  if (compared?.disagrees !== true) return "";
  const others = (["reported", "stack"] as const).flatMap((view) => {
    const text = compared[view];
    if (view === told || text === undefined) return [];
    return [`the ${view === "reported" ? "far end" : "media stack"} has ${text}${TIE}ms`];
  });
  return others.length === 0 ? "" : `; ${listed(others)}`;
}
