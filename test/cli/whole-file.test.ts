import { mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { writeWhole } from "../../src/cli/whole-file.js";
import { MAY_MOUNT, smallDisk } from "../records/support/disk.js";

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

  it("writes where a link leads, and leaves the link", async () => {
    const path = join(folder, "latest.html");
    await writeFile(join(folder, "page.html"), "before");
    await symlink("page.html", path);
    await writeWhole(path, ["after"]);
    expect(await readlink(path)).toBe("page.html");
    expect(await readFile(path, "utf8")).toBe("after");
    expect((await readdir(folder)).sort()).toEqual(["latest.html", "page.html"]);
  });

  it("writes to what is no file, and does not take its place", async () => {
    const path = join(folder, "nowhere");
    // By way of a link, so that a fault costs nobody their device.
    await symlink("/dev/null", path);
    expect(await writeWhole(path, ["a", "b"])).toBe(2);
    expect(await readlink(path)).toBe("/dev/null");
    expect(await readdir(folder)).toEqual(["nowhere"]);
  });

  it.runIf(MAY_MOUNT)("leaves nothing of a file of which the disk takes only a part", async () => {
    const disk = smallDisk(64);
    await expect(writeWhole(join(disk, "page.html"), ["x".repeat(100_000)])).rejects.toThrow(
      "ENOSPC",
    );
    expect(await readdir(disk)).toEqual([]);
  });
});
