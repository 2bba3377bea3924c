/**
 * Streams and handshakes that belong to no call.
 *
 * @module
 */

import type { LooseMedia } from "../report/page-data.js";
import { h } from "./dom.js";
import { handshakesView, recordView, streamsView } from "./facts-view.js";
import { streamSpan } from "./time-span.js";
import { Timeline } from "./timeline.js";

/** The page of them. */
export class LooseView {
  readonly element: HTMLElement;
  readonly #timeline: Timeline;

  constructor(loose: LooseMedia) {
    const { streams, handshakes } = loose;
    this.#timeline = new Timeline({ streams, issues: [] }, streamSpan(streams));
    this.element = h(
      "article",
      { class: "call", "aria-label": "Without a call" },
      h("header", { class: "call-head" }, h("h2", { tabindex: -1 }, "Without a call")),
      streams.length === 0 ? undefined : this.#timeline.element,
      streamsView(streams),
      handshakesView(handshakes),
      recordView(loose, "Streams and handshakes without a call"),
    );
  }

  redraw(): void {
    this.#timeline.redraw();
  }

  destroy(): void {
    this.#timeline.destroy();
  }
}
