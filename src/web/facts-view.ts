/**
 * What else the record of a call tells: its views side by side, its streams, how it was secured.
 *
 * @module
 */

import type { CallReport, DtlsReport } from "../call/call-report.js";
import type { HandshakeReport, StreamReport } from "../call/report.js";
import { endpointKey } from "../net/endpoint.js";
import { alertText } from "../report/call-explanation.js";
import { comparedViews } from "../report/compared-views.js";
import { explanation } from "../report/explanation.js";
import { REASON_WORDS } from "../report/identity-words.js";
import { countOf, dateAndTime, durationText, timeOfDay, UNKNOWN } from "../report/quantity.js";
import {
  CALL_STREAM_IDENTITY_COLUMNS,
  codecText,
  FIGURE_COLUMNS,
  ssrcText,
} from "../report/stream-columns.js";
import { button, type Child, foreign, h, section, table, toned } from "./dom.js";

/** The buffer that an explanation of late packets names where a page is not told another one. */
const SETTINGS = { fixedBufferMs: 60 };

/** What is measured, reported and stated, side by side. */
export function comparedView(call: CallReport): HTMLElement | undefined {
  const figures = comparedViews(call);
  if (figures.length === 0) return undefined;
  const rows = figures.map(({ stream, figure, unit, measured, reported, stack, disagrees }) => [
    `${stream === undefined ? "call" : streamName(stream)}: ${figure}${unit === "" ? "" : `, ${unit}`}`,
    view(measured, disagrees),
    view(reported, disagrees),
    view(stack, disagrees),
    disagrees ? h("span", { class: "tone-bad" }, "≠ disagree") : undefined,
  ]);
  return section(
    "Three views",
    "views",
    table(
      "Figures by whose word they are",
      ["", "measured here", "reported by the far end", "stated by the stack", ""],
      rows,
    ),
  );
}

function view(text: string | undefined, disagrees: boolean): Child {
  if (text === undefined) return h("span", { class: "tone-faint" }, UNKNOWN);
  return disagrees ? h("mark", {}, text) : text;
}

function streamName(stream: StreamReport): string {
  const { direction } = stream;
  const sign = direction === undefined ? "" : direction === "caller-to-callee" ? "→ " : "← ";
  return `${sign}${foreign(codecText(stream))} ${ssrcText(stream.ssrc)}`;
}

/** The streams with their figures, and why each sounded as it did. */
export function streamsView(streams: readonly StreamReport[]): HTMLElement | undefined {
  if (streams.length === 0) return undefined;
  const columns = [...CALL_STREAM_IDENTITY_COLUMNS, ...FIGURE_COLUMNS];
  const titles = columns.map(
    ({ title, unit }) => `${title.trim()}${unit === "" ? "" : ` ${unit}`}`,
  );
  const rows = streams.map((stream) => columns.map(({ cell }): Child => toned(cell(stream))));
  const notes = streams.flatMap((stream) =>
    explanation(stream, SETTINGS).map((one) =>
      h("li", {}, h("span", { class: "tone-faint" }, `${ssrcText(stream.ssrc)} `), toned(one)),
    ),
  );
  return section(
    "Streams",
    "streams",
    table("Streams", titles, rows),
    h("ul", { class: "notes" }, ...notes),
  );
}

/** How the call was secured, vouched for and kept alive. */
export function factsView(call: CallReport): HTMLElement {
  const { caller, callee, security, ice, sessionTimer, timings, course, outcome } = call;
  const { dtls = [], stir, srtpKeying } = security;
  const facts: [string, Child][] = [
    ["Call-ID", h("code", {}, foreign(call.callId))],
    ...party("Caller", caller),
    ...party("Callee", callee),
    ...instants(course),
    ...lengths(timings),
    ...(outcome.attempts > 1 ? [["Attempts", String(outcome.attempts)] as [string, Child]] : []),
    ...(srtpKeying === undefined ? [] : [["SRTP keys", srtpKeying] as [string, Child]]),
    ...dtls.map((one): [string, Child] => ["DTLS", handshakeText(one)]),
    ...(ice === undefined ? [] : [["ICE", iceText(ice)] as [string, Child]]),
    ...(stir === undefined ? [] : [["STIR", stirText(stir)] as [string, Child]]),
    ...(sessionTimer === undefined
      ? []
      : [["Session timer", timerText(sessionTimer)] as [string, Child]]),
    ["Seen by", foreign(call.observationPoint)],
  ];
  return section("Facts", "facts", factList(facts));
}

/** Handshakes that belong to no call. */
export function handshakesView(handshakes: readonly HandshakeReport[]): HTMLElement | undefined {
  if (handshakes.length === 0) return undefined;
  const facts = handshakes.map((one): [string, Child] => [
    `${endpointKey(one.client)} → ${endpointKey(one.server)}`,
    `${timeOfDay(one.startedAt)} ${handshakeText(one)}`,
  ]);
  return section("DTLS handshakes", "facts", factList(facts));
}

/** What may turn the direction of text or hide in it; JSON can spell it out. */
const HIDDEN = /[\u007f-\u009f\p{Cf}\p{Co}\p{Zl}\p{Zp}]/gu;

function escaped(character: string): string {
  return character
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}

/** The whole record, made when it is asked for. */
export function recordView(record: unknown, name: string): HTMLElement {
  const details = h("details", { class: "record" }, h("summary", {}, "The record as JSON"));
  details.addEventListener(
    "toggle",
    () => {
      const text = JSON.stringify(record, undefined, 2).replace(HIDDEN, escaped);
      details.append(
        button({ class: "quiet" }, () => void navigator.clipboard.writeText(text), "Copy"),
        h("pre", { tabindex: 0, "aria-label": name }, text),
      );
    },
    { once: true },
  );
  return details;
}

function factList(facts: readonly (readonly [string, Child])[]): HTMLElement {
  return h(
    "dl",
    {},
    ...facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
}

function party(title: string, one: CallReport["caller"]): [string, Child][] {
  if (one === undefined) return [];
  const { uri, displayName, endpoint, userAgent } = one;
  const parts = [displayName, uri, endpoint && endpointKey(endpoint), userAgent];
  return [
    [
      title,
      parts
        .filter((part) => part !== undefined)
        .map(foreign)
        .join(" · "),
    ],
  ];
}

function instants({ invitedAt, answeredAt, endedAt }: CallReport["course"]): [string, Child][] {
  return (
    [
      ["Invited", invitedAt],
      ["Answered", answeredAt],
      ["Ended", endedAt],
    ] as const
  ).flatMap(([name, at]): [string, Child][] =>
    at === undefined ? [] : [[name, `${dateAndTime(at)} UTC`]],
  );
}

function lengths(timings: CallReport["timings"]): [string, Child][] {
  return (
    [
      ["Post-dial delay", timings.postDialDelaySeconds],
      ["Ringing", timings.ringSeconds],
      ["Setup", timings.setupSeconds],
      ["Length", timings.durationSeconds],
      ["Disconnect delay", timings.disconnectDelaySeconds],
      ["First media after answer", timings.firstMediaDelaySeconds],
    ] as const
  ).flatMap(([name, seconds]): [string, Child][] => {
    if (seconds === undefined) return [];
    return [[name, seconds < 0 ? `${durationText(-seconds)} before it` : durationText(seconds)]];
  });
}

function handshakeText(handshake: DtlsReport): string {
  const { result, alert, durationSeconds, version, cipher, srtpProfile } = handshake;
  const { retransmissions = 0 } = handshake;
  return [
    result,
    durationSeconds === undefined ? undefined : `after ${durationText(durationSeconds)}`,
    version === undefined ? undefined : `DTLS ${version}`,
    cipher,
    srtpProfile,
    alert && alertText(alert),
    retransmissions === 0 ? undefined : countOf(retransmissions, "retransmission"),
  ]
    .filter((part) => part !== undefined)
    .map(foreign)
    .join(" · ");
}

function iceText(ice: NonNullable<CallReport["ice"]>): string {
  const { result, durationSeconds, localCandidateType, remoteCandidateType, restarts } = ice;
  return [
    result,
    durationSeconds === undefined ? undefined : `after ${durationText(durationSeconds)}`,
    localCandidateType && `local ${localCandidateType}`,
    remoteCandidateType && `remote ${remoteCandidateType}`,
    restarts === undefined ? undefined : countOf(restarts, "restart"),
  ]
    .filter((part) => part !== undefined)
    .map(foreign)
    .join(" · ");
}

function stirText(stir: NonNullable<CallReport["security"]["stir"]>): string {
  const { result, attestation, reason, signer, peer } = stir;
  const claim = result === "verified" ? "attestation" : "claims";
  return [
    result,
    attestation && `${claim} ${attestation}`,
    reason && REASON_WORDS[reason],
    signer && `signed by ${signer.subject}`,
    peer && `others: ${peer.result}`,
  ]
    .filter((part) => part !== undefined)
    .map(foreign)
    .join(" · ");
}

function timerText(timer: NonNullable<CallReport["sessionTimer"]>): string {
  const { intervalSeconds, refresher, refreshes } = timer;
  const results = refreshes.map(({ at, result }) => `${timeOfDay(at)} ${result}`);
  return [`${intervalSeconds} s, refreshed by the ${refresher}`, ...results].join(" · ");
}
