// Compiles the addon for `npm ci`. The Node-API headers come from beside this Node where they are,
// else from the `node-api-headers` package, so that nothing is ever downloaded.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const beside = resolve(process.execPath, "../../include/node");
const headers = existsSync(`${beside}/node_api.h`)
  ? beside
  : resolve(require.resolve("node-api-headers/package.json"), "../include");
const wrapper = dirname(require.resolve("node-addon-api/napi.h"));

const { status, error } = spawnSync(
  "make",
  [
    "--silent",
    `-j${String(availableParallelism())}`,
    "addon",
    `NODE_API_HEADERS=${headers}`,
    `NODE_ADDON_API=${wrapper}`,
  ],
  { cwd: dirname(fileURLToPath(import.meta.url)), stdio: "inherit" },
);
if (error)
  process.stderr.write(
    `mediaprobe needs make and a C++20 compiler to build its addon: ${error.message}\n`,
  );
process.exitCode = status ?? 1;
