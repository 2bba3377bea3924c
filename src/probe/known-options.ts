/**
 * Finds options that nobody reads: a name that was mistyped would leave the default in force, unsaid.
 *
 * @module
 */

import { closestName } from "../net/closest-name.js";

/** Every name that an options object may have; the compiler sees to it that none is missing. */
export type OptionNames<Options> = Readonly<Record<keyof Options & string, true>>;

/**
 * @param owner Whose options they are, as messages name it.
 * @throws {TypeError} If it is no object, or has a value under a name that is no option.
 */
export function requireKnown(
  owner: string,
  options: unknown,
  names: Readonly<Record<string, true>>,
): void {
  if (typeof options !== "object" || options === null) {
    const found = options === null ? "null" : typeof options;
    throw new TypeError(`${owner} is ${found}; it must be an object of options`);
  }
  const known = Object.keys(names);
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || known.includes(name)) continue;
    const closest = closestName(name, known);
    const hint = closest === undefined ? `it has ${known.join(", ")}` : `did you mean ${closest}?`;
    throw new TypeError(`${owner} has no option ${JSON.stringify(name)}; ${hint}`);
  }
}
