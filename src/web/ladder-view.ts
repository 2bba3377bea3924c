/**
 * The ladder of a call: who said what to whom, with the messages' texts on demand.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import type { LadderParticipant, LadderStep } from "../call/ladder.js";
import { endpointKey } from "../net/endpoint.js";
import { arrowOf } from "../report/ladder-arrows.js";
import type { PageLadder } from "../report/page-data.js";
import { partyName } from "../report/party-name.js";
import { clockText, countOf, durationText } from "../report/quantity.js";
import { foreign, foreignLines, h, section } from "./dom.js";
import type { TimeSpan } from "./time-span.js";

/** A longer silence between two steps has a line of its own. */
const NOTABLE_PAUSE_SECONDS = 2;

/** What a ladder is drawn from. */
export interface LadderViewOptions {
  readonly call: CallReport;
  readonly ladder: PageLadder;
  readonly steps: readonly LadderStep[];
  readonly span: TimeSpan;
  /** Is told the second of the axis that the reader points at. */
  readonly onPoint: (seconds: number) => void;
}

/** The section with the ladder. */
export function ladderView({ call, ladder, steps, span, onPoint }: LadderViewOptions): HTMLElement {
  const { participants, omittedSteps } = ladder;
  const lines = h("ol", { class: "steps" });
  let lastSeconds = Number.NaN;
  for (const step of steps) {
    const seconds = (step.atMs - span.originMs) / 1000;
    const pause = seconds - lastSeconds;
    if (pause >= NOTABLE_PAUSE_SECONDS) {
      lines.append(h("li", { class: "pause" }, `${durationText(pause)} later`));
    }
    lines.append(stepLine(step, seconds, participants.length, onPoint));
    lastSeconds = seconds;
  }
  const more =
    omittedSteps === 0
      ? undefined
      : h("p", { class: "none" }, `${countOf(omittedSteps, "step")} more, not drawn.`);
  return section(
    "Ladder",
    "ladder",
    h(
      "div",
      { class: "ladder-scroll", tabindex: 0, role: "region", "aria-label": "SIP ladder" },
      h("div", { class: "ladder-sheet" }, heading(participants, call), lines),
    ),
    more,
  );
}

function heading(participants: readonly LadderParticipant[], call: CallReport): HTMLElement {
  const columns = participants.map(({ endpoint, party, userAgent }, index) => {
    const element = h(
      "div",
      { class: "participant" },
      party === undefined ? undefined : h("strong", {}, partyName(call[party])),
      h("span", {}, foreign(endpointKey(endpoint))),
      userAgent === undefined
        ? undefined
        : h("small", { title: foreign(userAgent) }, foreign(userAgent)),
    );
    place(element, index, 0, participants.length);
    return element;
  });
  return h(
    "div",
    { class: "participants" },
    h("span", {}),
    h("div", { class: "lines" }, ...columns),
  );
}

function stepLine(
  step: LadderStep,
  seconds: number,
  participants: number,
  onPoint: (seconds: number) => void,
): HTMLElement {
  const { from, to, stroke, label, tone, notes } = arrowOf(step);
  const text = step.kind === "message" ? step.text : undefined;
  const arrow = h(
    "div",
    {
      class: `arrow ${stroke} ${from === to ? "self" : from < to ? "right" : "left"} tone-${tone ?? "plain"}`,
    },
    h("span", { class: "label" }, label, ...notes.map((note) => h("small", {}, note))),
    h("span", { class: "shaft", "aria-hidden": "true" }),
  );
  const isLast = from === to && from === participants - 1 && from > 0;
  place(
    arrow,
    isLast ? from - 1 : Math.min(from, to),
    from === to ? 1 : Math.abs(to - from),
    participants,
  );
  arrow.classList.toggle("end", isLast);
  const lines = h("div", { class: "lines" }, ...lifelines(participants), arrow);
  const time = h("time", {}, clockText(seconds));
  const kind = `step ${step.kind}`;
  const line = h("li", { class: kind });
  line.addEventListener("pointerenter", () => {
    onPoint(seconds);
  });
  if (text === undefined) {
    line.append(h("div", { class: "step-line" }, time, lines));
    return line;
  }
  const body = h("pre", { tabindex: 0, hidden: true, "aria-label": "Message text" });
  const toggle = h(
    "button",
    { type: "button", class: "step-line", "aria-expanded": "false", title: "Show the message" },
    time,
    lines,
  );
  toggle.addEventListener("click", () => {
    body.hidden = !body.hidden;
    if (body.textContent === "") body.textContent = foreignLines(text);
    toggle.setAttribute("aria-expanded", String(!body.hidden));
  });
  toggle.addEventListener("focus", () => {
    onPoint(seconds);
  });
  line.append(toggle, body);
  return line;
}

function lifelines(participants: number): HTMLElement[] {
  return Array.from({ length: participants }, (_, index) => {
    const element = h("i", { "aria-hidden": "true" });
    element.style.left = `${centre(index, participants)}%`;
    return element;
  });
}

/** From the lifeline of one participant over so many columns. */
function place(element: HTMLElement, column: number, columns: number, participants: number): void {
  element.style.left = `${centre(column, participants)}%`;
  if (columns > 0) element.style.width = `${(columns * 100) / participants}%`;
}

function centre(column: number, participants: number): number {
  return ((column + 0.5) * 100) / participants;
}
