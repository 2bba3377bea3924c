/**
 * The whole of a call on one line: signalling, paths, handshakes, identity, media and issues on the
 * time axis that the plots below it have.
 *
 * @module
 */

import type { CallReport } from "../call/call-report.js";
import type { LadderStep } from "../call/ladder.js";
import { arrowOf } from "../report/ladder-arrows.js";
import { codecText } from "../report/stream-columns.js";
import { clockText } from "../report/quantity.js";
import { satisfaction, score } from "../report/satisfaction.js";
import type { Tone } from "../report/tone.js";
import { foreign, h, s, section } from "./dom.js";
import { burstMarks } from "./timeline-data.js";
import { secondsAt, type TimeSpan } from "./time-span.js";

const LANE_HEIGHT = 18;
/** The drawing is scaled to the width it gets: in so many units. */
const WIDTH = 1000;

/** One thing on the axis. */
interface Item {
  readonly fromSeconds: number;
  /** Absent for what takes no time. */
  readonly toSeconds?: number;
  readonly tone?: Tone | undefined;
  readonly label: string;
}

/** Things of one kind. */
interface StripLane {
  readonly name: string;
  readonly items: readonly Item[];
}

/** The strip. */
export class CourseStrip {
  readonly element: HTMLElement;
  readonly #cursor: SVGElement;
  readonly #span: TimeSpan;

  /** @param onPoint - Is told the second of the axis that the reader points at. */
  constructor(
    call: CallReport,
    steps: readonly LadderStep[],
    span: TimeSpan,
    onPoint: (seconds: number) => void,
  ) {
    this.#span = span;
    const lanes = stripLanes(call, steps, span).filter(({ items }) => items.length > 0);
    this.#cursor = s("line", {
      class: "cursor",
      y1: 0,
      y2: lanes.length * LANE_HEIGHT,
      x1: -1,
      x2: -1,
    });
    const drawing = s(
      "svg",
      {
        viewBox: `0 0 ${WIDTH} ${lanes.length * LANE_HEIGHT}`,
        preserveAspectRatio: "none",
        height: lanes.length * LANE_HEIGHT,
        role: "img",
        "aria-label": lanes.map(laneText).join(". "),
      },
      ...lanes.flatMap(({ items }, index) => items.map((item) => this.#drawn(item, index))),
      this.#cursor,
    );
    drawing.addEventListener("pointermove", ({ clientX }) => {
      const { left, width } = drawing.getBoundingClientRect();
      onPoint(((clientX - left) / width) * span.seconds);
    });
    const names = h(
      "div",
      { class: "strip-names", "aria-hidden": "true" },
      ...lanes.map(({ name }) => h("span", {}, name)),
    );
    const ends = h(
      "div",
      { class: "strip-ends", "aria-hidden": "true" },
      h("span", {}, "0"),
      h("span", {}, clockText(span.seconds)),
    );
    this.element = section("Course", "course", h("div", { class: "strip" }, names, drawing), ends);
  }

  /** Shows where the cursor is. */
  point(seconds: number | undefined): void {
    const x = seconds === undefined ? -1 : this.#x(seconds);
    this.#cursor.setAttribute("transform", `translate(${x + 1} 0)`);
  }

  #x(seconds: number): number {
    return (seconds / this.#span.seconds) * WIDTH;
  }

  #drawn({ fromSeconds, toSeconds, tone, label }: Item, lane: number): SVGElement {
    const x = this.#x(fromSeconds);
    const width = Math.max(2.5, toSeconds === undefined ? 0 : this.#x(toSeconds) - x);
    return s(
      "rect",
      {
        class: `item tone-${tone ?? "plain"}`,
        x: Math.min(x, WIDTH - width),
        y: lane * LANE_HEIGHT + 3,
        width,
        height: LANE_HEIGHT - 6,
      },
      s("title", {}, `${clockText(fromSeconds)} ${foreign(label)}`),
    );
  }
}

function laneText({ name, items }: StripLane): string {
  const first = items
    .slice(0, 8)
    .map(({ fromSeconds, label }) => `${clockText(fromSeconds)} ${foreign(label)}`);
  return `${name}: ${first.join(", ")}${items.length > first.length ? ", …" : ""}`;
}

function stripLanes(
  call: CallReport,
  steps: readonly LadderStep[],
  span: TimeSpan,
): readonly StripLane[] {
  const of = (...kinds: readonly LadderStep["kind"][]): Item[] =>
    steps.filter(({ kind }) => kinds.includes(kind)).map((step) => stepItem(step, span));
  const media = (flow: CallReport["streams"][number]["direction"]): Item[] =>
    call.streams
      .filter(({ direction }) => direction === flow)
      .flatMap((stream): Item[] => {
        const mos = score(stream.quality);
        const whole = {
          fromSeconds: secondsAt(span, stream.firstPacketAt),
          toSeconds: secondsAt(span, stream.lastPacketAt),
          tone: mos === undefined ? undefined : satisfaction(mos).tone,
          label: codecText(stream),
        };
        const bursts = burstMarks(stream, span).map(({ isSevere, ...mark }): Item => ({
          ...mark,
          tone: isSevere ? "bad" : "fair",
        }));
        return [whole, ...bursts];
      });
  const issues = call.issues.flatMap(({ kind, from, to }): Item[] =>
    from === undefined
      ? []
      : [
          {
            fromSeconds: secondsAt(span, from),
            ...(to !== undefined && { toSeconds: secondsAt(span, to) }),
            tone: "bad",
            label: kind,
          },
        ],
  );
  const signalling = of("message");
  return [
    { name: "SIP", items: signalling.length > 0 ? signalling : milestones(call, span) },
    { name: "STIR", items: of("stir") },
    { name: "ICE", items: of("ice") },
    { name: "DTLS", items: of("dtls") },
    { name: "media →", items: media("caller-to-callee") },
    { name: "media ←", items: media("callee-to-caller") },
    { name: "media", items: media(undefined) },
    { name: "issues", items: issues },
  ];
}

function stepItem(step: LadderStep, { originMs }: TimeSpan): Item {
  const { label, tone } = arrowOf(step);
  const fromSeconds = (step.atMs - originMs) / 1000;
  const lasted =
    step.kind === "dtls"
      ? step.handshake.durationSeconds
      : step.kind === "ice"
        ? step.ice.durationSeconds
        : undefined;
  const item = { fromSeconds, tone: tone === "strong" ? undefined : tone, label };
  return lasted === undefined ? item : { ...item, toSeconds: fromSeconds + lasted };
}

/** What the record tells of the signalling where its messages are not there. */
function milestones({ course }: CallReport, span: TimeSpan): Item[] {
  const { invitedAt, ringingAt, answeredAt, endedAt } = course;
  return (
    [
      ["invited", invitedAt],
      ["ringing", ringingAt],
      ["answered", answeredAt],
      ["ended", endedAt],
    ] as const
  ).flatMap(([label, at]) =>
    at === undefined ? [] : [{ fromSeconds: secondsAt(span, at), label }],
  );
}
