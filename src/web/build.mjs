/**
 * Builds the page: script and style bundled into one HTML file, which a server serves and a report
 * carries its data in.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (file) => fileURLToPath(new URL(file, import.meta.url));

const { outputFiles } = await build({
  entryPoints: [here("main.ts"), here("page.css")],
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  outdir: here("."),
  write: false,
});

const textOf = (suffix) => {
  const file = outputFiles.find(({ path }) => path.endsWith(suffix));
  if (file === undefined) throw new Error(`esbuild made no ${suffix}`);
  return file.text.trim();
};
const script = textOf(".js");
const style = textOf(".css");
for (const text of [script, style]) {
  // It would end the element it stands in.
  if (/<\/(?:script|style)|<!--/i.test(text))
    throw new Error("the bundle holds the end of its element");
}

const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
const policy = [
  "default-src 'none'",
  `script-src ${hash(script)}`,
  `style-src ${hash(style)}`,
  "img-src data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

// Given as functions, since a text may hold what stands for a match.
const page = readFileSync(here("page.html"), "utf8")
  .replace("default-src 'none'", () => policy)
  .replace("<style></style>", () => `<style>${style}</style>`)
  .replace("<script></script>", () => `<script>${script}</script>`);
mkdirSync(here("../../dist/web/"), { recursive: true });
writeFileSync(here("../../dist/web/page.html"), page);
