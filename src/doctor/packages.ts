/**
 * Packages that the probe works with, if they are there.
 *
 * @module
 */

import { TIE } from "../report/display-text.js";
import { type Finding, limited, ok, subject, type Subject } from "./finding.js";
import { isInRange } from "./version-range.js";

/** One of them, as the project has it. */
export interface PackageFacts {
  readonly name: string;
  /** Absent where it is not installed. */
  readonly version?: string;
  /** The versions it must be of. */
  readonly range?: string;
  /** Where none are stated: the one that it was tried with. */
  readonly triedWith?: string;
}

/** What goes together, and what for. */
const PURPOSES: readonly {
  readonly purpose: string;
  readonly isMeant: (name: string) => boolean;
}[] = [
  { purpose: "export by OTLP", isMeant: (name) => name.startsWith("@opentelemetry/") },
  { purpose: "gates in tests", isMeant: (name) => name === "vitest" },
  { purpose: "attaching to them", isMeant: () => true },
];

/** What of them is installed, and whether it fits. */
export function packages(all: readonly PackageFacts[]): Subject {
  const installed = all.filter(({ version }) => version !== undefined);
  const absent = all.filter(({ version }) => version === undefined);
  const fitting = installed.filter(isFitting);
  return subject("packages", [
    fitting.length === 0 ? undefined : ok(`${fitting.map(nameAndVersion).join(", ")}.`),
    ...installed.filter((one) => !isFitting(one)).map(misfit),
    halfOfOtlp(installed, absent),
    absent.length === 0 ? undefined : ok(`Not installed: ${forWhat(absent)}.`),
  ]);
}

function isFitting({ version = "", range }: PackageFacts): boolean {
  return range === undefined || isInRange(version, range);
}

function nameAndVersion({ name, version = "", triedWith }: PackageFacts): string {
  const isAnother = triedWith !== undefined && triedWith !== version;
  return `${name}${TIE}${version}${isAnother ? ` (tried with ${triedWith})` : ""}`;
}

function misfit({ name, version = "", range = "" }: PackageFacts): Finding {
  return limited(
    `${name} ${version} is not of ${range}.`,
    "Nothing is tested with it: figures may be missing.",
    `npm install '${name}@${range}'`,
  );
}

function halfOfOtlp(
  installed: readonly PackageFacts[],
  absent: readonly PackageFacts[],
): Finding | undefined {
  const isOtlp = ({ name }: PackageFacts): boolean => purposeOf(name) === "export by OTLP";
  const missing = absent.filter(isOtlp);
  // The API alone comes with many frameworks.
  const begun = installed.filter((one) => isOtlp(one) && !one.name.endsWith("/api"));
  if (missing.length === 0 || begun.length === 0) return undefined;
  const wanted = missing.map(({ name, range = "" }) => `'${name}@${range}'`).join(" ");
  return limited(
    "OpenTelemetry is there in part.",
    "Metrics cannot be exported by OTLP without the rest.",
    `npm install ${wanted}`,
  );
}

/** "@opentelemetry/api (export by OTLP), werift, jssip (attaching to them)". */
function forWhat(absent: readonly PackageFacts[]): string {
  const parts = PURPOSES.flatMap(({ purpose }) => {
    const names = absent.flatMap(({ name }) => (purposeOf(name) === purpose ? [name] : []));
    return names.length === 0 ? [] : [`${names.join(", ")} (${purpose})`];
  });
  return parts.join(", ");
}

function purposeOf(name: string): string {
  return PURPOSES.find(({ isMeant }) => isMeant(name))?.purpose ?? "";
}
