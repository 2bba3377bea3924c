/**
 * A page that carries its calls.
 *
 * @module
 */

import {
  blockId,
  HEAD_ID,
  LOOSE_ID,
  type LooseMedia,
  type PageCall,
  type PageHead,
} from "../report/page-data.js";
import { countOf, dateAndTime, durationText, secondsBetween } from "../report/quantity.js";
import { foreign } from "./dom.js";
import type { CallSource, ListedCall, SourceNotes } from "./source.js";

/** Blocks kept unpacked: those beside the one that is read. */
const MAX_BLOCKS_KEPT = 8;

/** The source of a page that carries its calls; nothing for one that does not. */
export async function embeddedSource(): Promise<CallSource | undefined> {
  if (document.getElementById(HEAD_ID) === null) return undefined;
  return new EmbeddedSource((await unpacked(HEAD_ID)) as PageHead);
}

class EmbeddedSource implements CallSource {
  readonly #head: PageHead;
  readonly #calls: readonly ListedCall[];
  readonly #blocks = new Map<number, Promise<readonly PageCall[]>>();
  readonly loose?: NonNullable<CallSource["loose"]>;

  constructor(head: PageHead) {
    this.#head = head;
    this.#calls = head.rows.map((row, index) => ({ key: String(index), row, isOpen: false }));
    const count = head.looseStreams + head.looseHandshakes;
    if (count > 0) {
      this.loose = { count, load: async () => (await unpacked(LOOSE_ID)) as LooseMedia };
    }
  }

  notes(): SourceNotes {
    const { file, firstPacketAt, lastPacketAt, counters, damage, leftOut } = this.#head;
    const span =
      firstPacketAt === undefined || lastPacketAt === undefined
        ? []
        : [
            `${dateAndTime(firstPacketAt)} UTC`,
            durationText(secondsBetween(firstPacketAt, lastPacketAt)),
          ];
    const left = [
      leftOut.calls > 0 ? `the ${countOf(leftOut.calls, "call")} that fared best` : undefined,
      leftOut.ladders > 0 ? `the messages of ${countOf(leftOut.ladders, "call")}` : undefined,
      leftOut.streams > 0
        ? countOf(leftOut.streams, "stream without a call", "streams without a call")
        : undefined,
      leftOut.handshakes > 0
        ? countOf(leftOut.handshakes, "handshake without a call", "handshakes without a call")
        : undefined,
    ].filter((one) => one !== undefined);
    return {
      title: foreign(file.split("/").at(-1) ?? file),
      facts: [...span, countOf(counters.packets, "packet")],
      warnings: [
        ...(damage === undefined ? [] : [foreign(damage.sentence)]),
        ...(left.length === 0
          ? []
          : [`Left out of this page to keep it small: ${left.join(", ")}.`]),
      ],
    };
  }

  calls(): readonly ListedCall[] {
    return this.#calls;
  }

  async load(key: string): Promise<PageCall> {
    const index = Number(key);
    const { callsPerBlock } = this.#head;
    const block = await this.#block(Math.floor(index / callsPerBlock));
    const call = block[index % callsPerBlock];
    if (call === undefined) throw new Error("This call is not in this page.");
    return call;
  }

  watch(): void {
    // What is at rest does not change.
  }

  #block(index: number): Promise<readonly PageCall[]> {
    const known = this.#blocks.get(index);
    if (known !== undefined) return known;
    const block = unpacked(blockId(index)) as Promise<readonly PageCall[]>;
    this.#blocks.set(index, block);
    const [oldest] = this.#blocks.keys();
    if (this.#blocks.size > MAX_BLOCKS_KEPT && oldest !== undefined) this.#blocks.delete(oldest);
    return block;
  }
}

/** @throws {Error} If the page was cut short on its way. */
async function unpacked(id: string): Promise<unknown> {
  const element = document.getElementById(id);
  if (element === null) throw new Error("A part of this page is missing: was it sent whole?");
  const packed = Uint8Array.from(atob(element.textContent), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}
