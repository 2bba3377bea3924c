/**
 * DTLS handshakes in a table.
 *
 * @module
 */

import type { HandshakeReport } from "../call/report.js";
import { endpointKey } from "../net/endpoint.js";
import { alertText } from "./call-explanation.js";
import { printable } from "./display-text.js";
import { countOf, durationText, timeOfDay, UNKNOWN } from "./quantity.js";
import { namedTable, paragraphs, type TableOptions } from "./stream-table.js";
import { tally } from "./stream-columns.js";
import type { Cell, Column } from "./table.js";

const MARGIN = 2;

const IDENTITY: readonly Column<HandshakeReport>[] = [
  column("client → server", "left", ({ client, server }) => ({
    text: printable(`${endpointKey(client)} → ${endpointKey(server)}`),
    tone: "strong",
  })),
  {
    ...column("at", "left", ({ startedAt }) => ({ text: timeOfDay(startedAt) })),
    unit: "UTC",
  },
];

const FIGURES: readonly Column<HandshakeReport>[] = [
  column("result", "left", ({ result }) => ({
    text: result,
    tone: result === "ok" ? "good" : result === "late-ok" ? "fair" : "bad",
  })),
  column("took", "right", ({ durationSeconds }) =>
    known(durationSeconds === undefined ? undefined : durationText(durationSeconds)),
  ),
  column("again", "right", ({ retransmissions }) =>
    retransmissions === undefined ? known(undefined) : tally(retransmissions),
  ),
  column("DTLS", "right", ({ version }) => known(version)),
  column("SRTP profile", "left", ({ srtpProfile }) => known(srtpProfile)),
];

function column(
  title: string,
  align: "left" | "right",
  cell: (handshake: HandshakeReport) => Cell,
): Column<HandshakeReport> {
  return { title, unit: "", align, cell };
}

function known(text: string | undefined): Cell {
  return text === undefined ? { text: UNKNOWN, tone: "faint" } : { text: printable(text) };
}

/** The lines of the table, those that failed first; at most so many handshakes. */
export function* handshakeTable(
  handshakes: readonly HandshakeReport[],
  maxHandshakes: number,
  options: Pick<TableOptions, "width" | "paint">,
): Generator<string> {
  const isBad = ({ result }: HandshakeReport): boolean => result !== "ok";
  const ordered = [...handshakes].sort((a, b) => Number(isBad(b)) - Number(isBad(a)));
  const shown = ordered.slice(0, maxHandshakes);
  const table = namedTable([IDENTITY, FIGURES], shown, MARGIN, options);
  yield* table.header;
  for (const [index, { alert }] of shown.entries()) {
    yield* table.row(index);
    if (alert === undefined) continue;
    yield* paragraphs([{ text: alertText(alert), tone: "bad" }], 2 * MARGIN, options);
  }
  const hidden = ordered.slice(shown.length);
  if (hidden.length === 0) return;
  const failed = hidden.filter(isBad).length;
  const text = `${countOf(hidden.length, "more handshake")}, ${failed} of them not ok: --all shows them`;
  yield "";
  yield* paragraphs([{ text }], MARGIN, options);
}
