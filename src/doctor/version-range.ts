/**
 * Versions and the ranges that `package.json` states, as far as this one uses them.
 *
 * @module
 */

/**
 * Whether the version is of the range: `^1.9.0`, or bounds that all hold, as in `>=0.21.2 <0.22`. What
 * a version has behind its three numbers is not looked at.
 *
 * @throws {RangeError} If the range is written in another way.
 */
export function isInRange(version: string, range: string): boolean {
  return range.split(" ").every((bound) => {
    const [, relation = "", written = ""] = /^(\^|>=|<)(\d+(?:\.\d+){0,2})$/.exec(bound) ?? [];
    if (written === "") throw new RangeError(`range is ${range}; it must be of ^, >= and <`);
    const [found, limit] = [numbers(version), numbers(written)];
    if (relation === "<") return compare(found, limit) < 0;
    const isSameMajor = relation === ">=" || found[0] === limit[0];
    return isSameMajor && compare(found, limit) >= 0;
  });
}

function numbers(version: string): number[] {
  const [, major = 0, minor = 0, patch = 0] =
    /^(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(version.replace(/^v/, "")) ?? [];
  return [major, minor, patch].map(Number);
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((number, index) => number !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
