/**
 * Lines without the people they name.
 *
 * @module
 */

import type { Privacy } from "../privacy/privacy.js";
import type { LogFields, LogPort } from "./log-port.js";

/** A telephone number as ITU-T E.164 writes it. */
const NUMBER = /\+\d{7,15}(?!\d)/g;
/** Fields whose whole text is a name, as records call them. */
const NAMES: Readonly<Record<string, string>> = {
  displayName: "displayName",
  display_name: "displayName",
  cname: "cname",
  uri: "uri",
};
/** Deeper, nothing is written. */
const MAX_DEPTH = 8;

/** The message and every text in the fields, masked as one: a number known from one is known in all. */
export function maskedEntry(
  privacy: Privacy,
  fields: LogFields,
  message: string,
): { readonly fields: LogFields; readonly message: string } {
  const texts: Readonly<Record<string, string>>[] = [{ text: message }];
  // What is replaced is in this copy: an object may say something else of itself the next time.
  const written = eachText(fields, (text, name) => {
    texts.push({ [NAMES[name] ?? "text"]: text });
    return text;
  });
  const [masked = "", ...rest] = privacy
    .fields({ texts })
    .texts.flatMap((one) => Object.values(one))
    .map((text) => text.replace(NUMBER, (number) => privacy.name(number)));
  let next = 0;
  const copy = eachText(written, () => rest[next++] ?? "") as LogFields;
  return { fields: copy, message: masked };
}

/** Another log that is told what is masked. */
export function maskedLog(log: LogPort, privacy: Privacy): LogPort {
  const masking =
    (level: keyof LogPort) =>
    (fields: LogFields, message: string): unknown => {
      const masked = maskedEntry(privacy, fields, message);
      return log[level](masked.fields, masked.message);
    };
  return {
    debug: masking("debug"),
    info: masking("info"),
    warn: masking("warn"),
    error: masking("error"),
  };
}

/** A copy of what would be written, with every text replaced, always in the same order. */
function eachText(
  value: unknown,
  replaced: (text: string, name: string) => string,
  name = "",
  depth = 0,
): unknown {
  if (typeof value === "string") return replaced(value, name);
  if (value instanceof Error) return replaced(String(value), name);
  if (typeof value !== "object" || value === null) return value;
  if (depth > MAX_DEPTH) return undefined;
  if (writesItself(value)) return eachText(value.toJSON(name), replaced, name, depth + 1);
  if (Array.isArray(value)) return value.map((one) => eachText(one, replaced, name, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, eachText(one, replaced, key, depth + 1)]),
  );
}

/** A date, an address of the web, or whatever else JSON asks what it is. */
function writesItself(value: object): value is { toJSON(key: string): unknown } {
  return "toJSON" in value && typeof value.toJSON === "function";
}
