/**
 * Starts the page with the data it carries, or else with what its server tells.
 *
 * @module
 */

import { h } from "./dom.js";
import { embeddedSource } from "./embedded-source.js";
import { LiveSource } from "./live-source.js";
import { Page } from "./page.js";

async function start(root: HTMLElement): Promise<void> {
  try {
    new Page(root, (await embeddedSource()) ?? new LiveSource());
  } catch (error) {
    root.replaceChildren(
      h("p", { class: "failure", role: "alert" }, `This page cannot be shown: ${String(error)}`),
    );
  }
}

const root = document.getElementById("app");
if (root !== null) void start(root);
