/**
 * What a machine and the project on it let the probe do.
 *
 * @module
 */

import { bytesText, countOf, countText } from "../report/quantity.js";
import { blind, type Diagnosis, type Finding, limited, ok, subject } from "./finding.js";
import { packages, type PackageFacts } from "./packages.js";
import { isInRange } from "./version-range.js";

/** Something that loads, or why it does not. */
export interface Loaded {
  /** What was loaded: a path, or a version. */
  readonly what: string;
  readonly problem?: string;
}

/** What was found on the machine. */
export interface MachineFacts {
  readonly node: { readonly version: string; readonly range: string };
  /** As in `linux x64`. */
  readonly platform: string;
  readonly cores: number;
  /** That processes may use. */
  readonly memoryBytes: number;
  readonly addon: Loaded;
  readonly database: Loaded;
  readonly packages: readonly PackageFacts[];
  /** Of the probe's server on loopback; `problem` is the system's code, as in EADDRINUSE. */
  readonly port: { readonly port: number; readonly problem?: string };
  /** The most that a socket may have, and what it is to have. Absent where the system does not say. */
  readonly receiveBuffer?: { readonly mostBytes: number; readonly wantedBytes: number };
  /** Datagrams that the system dropped since it started, for want of such room, of all programs. */
  readonly droppedDatagrams?: number;
}

/** Each subject with what is there, what is not, and what that means. */
export function diagnoseMachine(facts: MachineFacts): Diagnosis {
  return {
    schema: "mediaprobe.doctor/1",
    of: "machine",
    subjects: [
      subject("machine", [machine(facts), node(facts)]),
      subject("addon", [addon(facts)]),
      packages(facts.packages),
      subject("records", [records(facts)]),
      subject("server", [server(facts)]),
      ...(facts.receiveBuffer === undefined
        ? []
        : [subject("datagrams", [receiveBuffer(facts.receiveBuffer), dropped(facts)])]),
    ],
  };
}

function machine({ platform, cores, memoryBytes }: MachineFacts): Finding {
  return ok(`${platform}, ${countOf(cores, "core")}, ${bytesText(memoryBytes)} of memory.`);
}

function node({ node: { version, range } }: MachineFacts): Finding {
  if (isInRange(version, range)) return ok(`Node ${version}.`);
  return limited(
    `Node ${version}, which is not supported.`,
    "Nothing is tested with it.",
    `Use a Node of ${range}.`,
  );
}

function addon({ addon: { what, problem } }: MachineFacts): Finding {
  if (problem === undefined) return ok(`Loaded from ${what}.`);
  return blind(
    `${what} does not load: ${problem}.`,
    "Captures cannot be read, and of attached media no packet is measured; what ends and stacks report is.",
    "Build it with npm rebuild mediaprobe (in a checkout: npm run install); it needs make and a C++20 compiler.",
  );
}

function records({ database: { what, problem } }: MachineFacts): Finding {
  if (problem === undefined) return ok(`SQLite by ${what}.`);
  return limited(
    `SQLite does not load: ${problem}.`,
    "Calls cannot be stored in, or found in, a .sqlite file.",
    "Install the optional dependency libsql, or store JSON Lines (--records calls.jsonl).",
  );
}

function server({ port: { port, problem } }: MachineFacts): Finding {
  if (problem === undefined) return ok(`Port ${String(port)} of 127.0.0.1 is free.`);
  const why = problem === "EADDRINUSE" ? "is taken" : `cannot be listened on (${problem})`;
  return limited(
    `Port ${String(port)} of 127.0.0.1 ${why}.`,
    "The probe's page and metrics cannot be served there.",
    "Give another port, or 0 for any that is free; ss -ltnp tells who has it.",
  );
}

function receiveBuffer({
  mostBytes,
  wantedBytes,
}: NonNullable<MachineFacts["receiveBuffer"]>): Finding {
  const most = bytesText(mostBytes);
  if (mostBytes >= wantedBytes) return ok(`A socket may hold ${most} that wait to be read.`);
  return limited(
    `A socket may hold no more than ${most} that wait to be read (net.core.rmem_max).`,
    `serve --hep asks for ${bytesText(wantedBytes)}: what agents send in bursts by UDP may be lost.`,
    `sysctl -w net.core.rmem_max=${String(wantedBytes)}, or have agents send by TCP.`,
  );
}

function dropped({ droppedDatagrams = 0 }: MachineFacts): Finding | undefined {
  if (droppedDatagrams === 0) return undefined;
  return ok(
    `The system dropped ${countText(droppedDatagrams)} datagrams since it started, as the programs they were for did not read in time.`,
    "If the number grows during calls, what reads as loss may be this: widen the buffers of the media server, or give it more processor time.",
  );
}
