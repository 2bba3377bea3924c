/**
 * One call, opened: what happened, what was heard, and why.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import { SILENT_ISSUES } from "../report/call-order.js";
import { endingClause, outcomeCell } from "../report/call-outcome.js";
import { type PageCall, stepsOf } from "../report/page-data.js";
import { partiesText } from "../report/party-name.js";
import { clockText, dateAndTime, durationText, mosText, UNKNOWN } from "../report/quantity.js";
import { satisfaction, score } from "../report/satisfaction.js";
import type { Tone } from "../report/tone.js";
import { costsView } from "./costs-view.js";
import { CourseStrip } from "./course-strip.js";
import { button, foreign, h, section, toned } from "./dom.js";
import { comparedView, factsView, recordView, streamsView } from "./facts-view.js";
import { ladderView } from "./ladder-view.js";
import { callSpan, secondsAt, type TimeSpan } from "./time-span.js";
import { Timeline } from "./timeline.js";

/** The page of one call. */
export class CallView {
  readonly element: HTMLElement;
  readonly #timeline: Timeline;

  constructor({ call, ladder }: PageCall) {
    const steps = ladder === undefined ? [] : stepsOf(ladder, call);
    const span = callSpan(
      call,
      steps.map(({ atMs }) => atMs),
    );
    const point = (seconds: number): void => {
      this.#timeline.point(seconds);
      strip.point(seconds);
    };
    const strip = new CourseStrip(call, steps, span, point);
    this.#timeline = new Timeline(call, span, (seconds) => {
      strip.point(seconds);
    });
    this.element = h(
      "article",
      { class: "call", "aria-label": `Call ${partiesText(call)}` },
      headingOf(call),
      findings(call, span, point),
      strip.element,
      this.#timeline.element,
      costsView(call),
      comparedView(call),
      ladder === undefined
        ? section("Ladder", "ladder", h("p", { class: "none" }, "Its messages are not at hand."))
        : ladderView({ call, ladder, steps, span, onPoint: point }),
      streamsView(call.streams),
      factsView(call),
      recordView(call, `Record of ${foreign(call.callId)}`),
    );
  }

  redraw(): void {
    this.#timeline.redraw();
  }

  destroy(): void {
    this.#timeline.destroy();
  }
}

function headingOf(call: CallReport): HTMLElement {
  const { course, timings, transport, quality } = call;
  const at = course.invitedAt ?? course.answeredAt;
  const outcome = outcomeCell(call);
  const facts = [
    ...(at === undefined ? [] : [`${dateAndTime(at)} UTC`]),
    ...(timings.durationSeconds === undefined ? [] : [durationText(timings.durationSeconds)]),
    transport,
  ];
  const ending = endingClause(call);
  return h(
    "header",
    { class: "call-head" },
    h("h2", { tabindex: -1 }, partiesText(call)),
    h(
      "p",
      { class: "call-line" },
      h("strong", { class: `badge tone-${outcome.tone ?? "plain"}` }, outcome.text),
      ...facts.map((fact) => h("span", {}, fact)),
      ending === undefined ? undefined : h("span", {}, ending),
    ),
    h(
      "div",
      { class: "scores" },
      scoreCard("→", "caller to callee", quality?.callerToCallee),
      scoreCard("←", "callee to caller", quality?.calleeToCaller),
    ),
  );
}

function scoreCard(
  sign: string,
  name: string,
  quality: NonNullable<CallReport["quality"]>["callerToCallee"],
): HTMLElement {
  const mos = score(quality);
  const verdict = mos === undefined ? undefined : satisfaction(mos);
  const kind = quality?.mosCq === undefined ? "listening" : "conversation";
  return h(
    "div",
    { class: `score tone-${verdict?.tone ?? "faint"}` },
    h("span", { class: "score-name" }, `${sign} MOS `, h("span", { class: "hidden" }, name)),
    h("strong", {}, mos === undefined ? UNKNOWN : mosText(mos)),
    h("small", {}, verdict === undefined ? "not known" : `${verdict.verdict}, ${kind}`),
  );
}

/** What was wrong, and what may be less than the truth. */
function findings(
  { issues, confidence }: CallReport,
  span: TimeSpan,
  onPoint: (seconds: number) => void,
): HTMLElement {
  const found = issues.map(({ kind, direction, from, detail }) => {
    const tone: Tone = SILENT_ISSUES.includes(kind) ? "bad" : "fair";
    const sign = direction === undefined ? "" : direction === "caller-to-callee" ? " →" : " ←";
    const seconds = from === undefined ? undefined : secondsAt(span, from);
    return h(
      "li",
      { class: "issue" },
      toned({ text: kind + sign, tone }),
      seconds === undefined
        ? undefined
        : button(
            { class: "quiet", title: "Show it in the plots" },
            () => {
              onPoint(seconds);
            },
            clockText(seconds),
          ),
      h("span", {}, foreign(detail)),
    );
  });
  const caveats = confidence.map(({ kind, detail }) =>
    h("li", {}, h("span", { class: "tone-faint" }, kind), h("span", {}, foreign(detail))),
  );
  return h(
    "div",
    { class: "findings" },
    section(
      "Issues",
      "issues",
      found.length === 0 ? h("p", { class: "none" }, "None found.") : h("ul", {}, ...found),
    ),
    section(
      "How sure this is",
      "confidence",
      caveats.length === 0 ? h("p", { class: "none" }, "No caveats.") : h("ul", {}, ...caveats),
    ),
  );
}
