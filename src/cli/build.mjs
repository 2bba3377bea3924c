/**
 * Bundles the command: finding and linking the two hundred modules of a report takes longer than many
 * a report does. What a command may do without stays in files of its own, which are loaded when needed.
 *
 * The library's modules stay as they are. Run after `tsc`, whose `dist/cli/main.js` is written over.
 *
 * @module
 */

import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (file) => fileURLToPath(new URL(file, import.meta.url));

// Their names change with what is in them.
rmSync(here("../../dist/command"), { recursive: true, force: true });
await build({
  entryPoints: { "cli/main": here("main.ts") },
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  packages: "external",
  outdir: here("../../dist"),
  sourcemap: true,
  // As deep as `cli`: what lies beside `dist` is found by the way from there.
  chunkNames: "command/[name]-[hash]",
});
