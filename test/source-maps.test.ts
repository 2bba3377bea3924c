import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const BUILT = fileURLToPath(new URL("../dist", import.meta.url));

interface SourceMap {
  readonly sources: readonly string[];
  readonly sourcesContent?: readonly string[];
}

// The package has no `src`: a map without the text of its sources leads debuggers to nowhere.
it("the build's source maps hold their sources", () => {
  const maps = readdirSync(BUILT, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".js.map"),
  );
  expect(maps.length).toBeGreaterThan(100);
  const empty = maps.filter((file) => {
    const map = JSON.parse(readFileSync(`${BUILT}/${file}`, "utf8")) as SourceMap;
    return map.sourcesContent?.length !== map.sources.length;
  });
  expect(empty).toEqual([]);
});
