/**
 * What the command line asks of one call of a capture: `ladder` and `explain`.
 *
 * @module
 */

import { captureInvocation, type CaptureInvocation } from "./capture-invocation.js";
import { atLeastOne, type Given } from "./option-values.js";
import { UsageError } from "./usage-error.js";

/** One call, drawn. */
export interface LadderInvocation extends CaptureInvocation {
  readonly kind: "ladder";
  /** A Call-ID or its beginning; absent for the only call there is. */
  readonly callId?: string;
}

/** One call, told. */
export interface ExplainInvocation extends CaptureInvocation {
  readonly kind: "explain";
  /** A Call-ID or its beginning; absent for the only call there is. */
  readonly callId?: string;
  readonly isJson: boolean;
}

/** @throws {UsageError} If it cannot be understood. */
export function ladderInvocation(words: readonly string[], given: Given): LadderInvocation {
  return { kind: "ladder", ...oneCall("ladder", words, given) };
}

/** @throws {UsageError} If it cannot be understood. */
export function explainInvocation(words: readonly string[], given: Given): ExplainInvocation {
  return { kind: "explain", ...oneCall("explain", words, given), isJson: given.has("json") };
}

function oneCall(
  command: string,
  words: readonly string[],
  given: Given,
): Omit<LadderInvocation, "kind"> {
  const [file, callId, extra] = atLeastOne(
    words,
    `${command} needs a capture file, as in ${command} call.pcap CALL-ID`,
  );
  if (extra !== undefined) {
    throw new UsageError(`${command} takes a file and a Call-ID; ${extra} is one too many`);
  }
  return { ...captureInvocation([file], given), ...(callId !== undefined && { callId }) };
}
