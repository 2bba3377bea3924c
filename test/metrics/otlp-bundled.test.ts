import { build } from "esbuild";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "mediaprobe-bundle-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

it("lets a host be bundled that has nothing of OpenTelemetry", async () => {
  const source = readFileSync(new URL("../../src/metrics/otlp.ts", import.meta.url), "utf8");
  const { errors, outputFiles } = await build({
    stdin: { contents: source, loader: "ts", resolveDir: folder },
    external: ["./*", "../*"],
    bundle: true,
    platform: "node",
    format: "esm",
    write: false,
    logLevel: "silent",
  });
  expect(errors).toEqual([]);
  expect(outputFiles[0]?.text).toContain('import("@opentelemetry/api")');
});
