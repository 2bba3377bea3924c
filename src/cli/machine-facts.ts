/**
 * What `doctor` finds on the machine and in the project it is started in.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { availableParallelism, totalmem } from "node:os";
import process from "node:process";

import type { Loaded, MachineFacts } from "../doctor/diagnose-machine.js";
import type { PackageFacts } from "../doctor/packages.js";
import { RECEIVE_BUFFER_BYTES } from "../hep/server.js";
import { addonPath, binding } from "../native/binding.js";
import { openDatabase } from "../records/libsql.js";

/** What of a `package.json` is looked at. */
interface Manifest {
  readonly version?: string;
  readonly engines?: { readonly node?: string };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const OWN_MANIFEST = new URL("../../package.json", import.meta.url);
/** Stacks that are attached to by their shape: no version of them is asked for. */
const STACKS_BY_SHAPE: readonly string[] = ["jssip", "drachtio-srf", "@roamhq/wrtc"];

/**
 * Looks around.
 *
 * @param folder - Packages are looked for as a module in it would find them.
 * @param port - Of the probe's server, from 0 to 65535; listened on for a moment.
 */
export async function machineFacts(folder: string, port: number): Promise<MachineFacts> {
  const own = manifestAt(OWN_MANIFEST) ?? {};
  const mostBytes = numberIn("/proc/sys/net/core/rmem_max", /^(\d+)/);
  const droppedDatagrams = numberIn("/proc/net/snmp", UDP_RECEIVE_ERRORS);
  return {
    node: { version: process.versions.node, range: own.engines?.node ?? ">=0" },
    platform: `${process.platform} ${process.arch}`,
    cores: availableParallelism(),
    memoryBytes: memoryBytes(),
    addon: addon(),
    database: await database(),
    packages: packagesOf(own, folder),
    port: { port, ...(await portProblem(port)) },
    ...(mostBytes !== undefined && {
      receiveBuffer: { mostBytes, wantedBytes: RECEIVE_BUFFER_BYTES },
    }),
    ...(droppedDatagrams !== undefined && { droppedDatagrams }),
  };
}

/** A container's limit, where it is under what the machine has. */
function memoryBytes(): number {
  const allowed = process.constrainedMemory();
  return allowed > 0 && allowed < totalmem() ? allowed : totalmem();
}

function addon(): Loaded {
  const what = addonPath();
  try {
    binding();
    return { what };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return { what, problem: firstLine(cause) };
  }
}

async function database(): Promise<Loaded> {
  const what = "libsql";
  try {
    (await openDatabase(":memory:")).close();
    return { what };
  } catch (error) {
    return { what, problem: firstLine(error) };
  }
}

function packagesOf(
  { peerDependencies, devDependencies }: Manifest,
  folder: string,
): PackageFacts[] {
  const supported = Object.entries(peerDependencies ?? {}).map(([name, range]) => ({
    name,
    range,
  }));
  const byShape = STACKS_BY_SHAPE.map((name) => {
    const triedWith = devDependencies?.[name];
    return { name, ...(triedWith !== undefined && { triedWith }) };
  });
  // As a module of that folder would ask; there need not be one.
  const require = createRequire(`${folder}/module.js`);
  return [...supported, ...byShape].map((one) => {
    const version = installedVersion(require.resolve.paths(one.name) ?? [], one.name);
    return { ...one, ...(version !== undefined && { version }) };
  });
}

/** Resolving a package would not find those that do not export their `package.json`. */
function installedVersion(folders: readonly string[], name: string): string | undefined {
  for (const folder of folders) {
    const manifest = manifestAt(`${folder}/${name}/package.json`);
    if (manifest !== undefined) return manifest.version;
  }
  return undefined;
}

function manifestAt(path: string | URL): Manifest | undefined {
  const text = textOf(path);
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Manifest);
  } catch {
    return undefined;
  }
}

async function portProblem(port: number): Promise<{ readonly problem?: string }> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
    return {};
  } catch (error) {
    return { problem: codeOf(error) };
  } finally {
    server.close();
  }
}

/** The column `RcvbufErrors` of the line of numbers, which stands under a line of names. */
const UDP_RECEIVE_ERRORS =
  /^Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors.*\nUdp: \d+ \d+ \d+ \d+ (\d+)/m;

function numberIn(path: string, pattern: RegExp): number | undefined {
  const written = pattern.exec(textOf(path) ?? "")?.[1];
  return written === undefined ? undefined : Number(written);
}

/** Absent where there is no such file, or it may not be read. */
function textOf(path: string | URL): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split("\n")[0] ?? "").replace(/\.$/, "");
}
