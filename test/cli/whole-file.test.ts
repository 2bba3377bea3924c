import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { writeWhole } from "../../src/cli/whole-file.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mediaprobe-whole-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe("writeWhole", () => {
  it("writes the pieces in their order, and counts bytes rather than characters", async () => {
    const path = join(folder, "page.html");
    expect(await writeWhole(path, ["a", "é", "b"])).toBe(4);
    expect(await readFile(path, "utf8")).toBe("aéb");
    expect(await readdir(folder)).toEqual(["page.html"]);
  });

  it("leaves what was there before as it was when the pieces fail half way", async () => {
    const path = join(folder, "page.html");
    await writeFile(path, "before");
    function* failing(): Generator<string> {
      yield "half";
      throw new Error("no more");
    }
    await expect(writeWhole(path, failing())).rejects.toThrow("no more");
    expect(await readFile(path, "utf8")).toBe("before");
    expect(await readdir(folder)).toEqual(["page.html"]);
  });
});
