/**
 * Stretches of time, and what they have in common.
 *
 * @module
 */

/** A stretch of time in milliseconds, its end excluded. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** How long a stretch lasts, in milliseconds. */
export function lengthMs({ fromMs, toMs }: Span): number {
  return toMs - fromMs;
}

/** The same time as few stretches as possible, in order. Empty ones are left out. */
export function merged(spans: readonly Span[]): Span[] {
  const ordered = spans.filter((span) => span.toMs > span.fromMs);
  ordered.sort((a, b) => a.fromMs - b.fromMs);
  const result: Span[] = [];
  for (const span of ordered) {
    const last = result.at(-1);
    if (last !== undefined && span.fromMs <= last.toMs) {
      result[result.length - 1] = {
        fromMs: last.fromMs,
        toMs: Math.max(last.toMs, span.toMs),
      };
    } else {
      result.push(span);
    }
  }
  return result;
}

/** The time that both have. Both must be as {@link merged} gives them. */
export function intersection(a: readonly Span[], b: readonly Span[]): Span[] {
  const result: Span[] = [];
  let i = 0;
  let j = 0;
  for (let one = a[0], other = b[0]; one && other; one = a[i], other = b[j]) {
    const fromMs = Math.max(one.fromMs, other.fromMs);
    const toMs = Math.min(one.toMs, other.toMs);
    if (toMs > fromMs) result.push({ fromMs, toMs });
    if (one.toMs < other.toMs) i += 1;
    else j += 1;
  }
  return result;
}

/** The time that `a` has and `b` has not. Both must be as {@link merged} gives them. */
export function difference(a: readonly Span[], b: readonly Span[]): Span[] {
  const outside: Span[] = [];
  let fromMs = -Infinity;
  for (const span of b) {
    outside.push({ fromMs, toMs: span.fromMs });
    fromMs = span.toMs;
  }
  outside.push({ fromMs, toMs: Infinity });
  return intersection(a, outside);
}
