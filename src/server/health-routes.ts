/**
 * `/health` and `/ready`: whether the process lives, and whether it can take calls.
 *
 * @module
 */

import { randomUUID } from "node:crypto";

import { type Exchange, sendJson } from "./reply.js";

/** Resolves when what it looks at is fit; rejects, or resolves to `false`, when it is not. */
export type ReadinessCheck = () => unknown;

/** After which a check counts as failed, unless another limit is set. */
export const DEFAULT_CHECK_TIMEOUT_MS = 2000;

interface CheckResult {
  readonly status: "ok" | "failed" | "timeout";
  readonly durationSeconds: number;
  readonly reason?: string;
}

/** What `/ready` asks. */
export interface Readiness {
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  readonly timeoutMs: number;
  /** The host takes no new calls any more. */
  readonly isDraining: () => boolean;
  readonly nowMs: () => number;
}

/** The process answers: that is all. */
export function sendHealth(exchange: Exchange): void {
  sendJson(exchange, 200, { data: { status: "ok" }, ...meta(exchange) });
}

/** 200 when every check holds, else 503, with each check's result. */
export async function sendReady(exchange: Exchange, readiness: Readiness): Promise<void> {
  const names = Object.keys(readiness.checks);
  const results = await Promise.all(
    names.map((name) => runCheck(readiness.checks[name], readiness)),
  );
  const checks = Object.fromEntries(names.map((name, index) => [name, results[index]]));
  const isDraining = readiness.isDraining();
  const isReady = !isDraining && results.every(({ status }) => status === "ok");
  const status = isReady ? "ok" : isDraining ? "draining" : "unavailable";
  sendJson(exchange, isReady ? 200 : 503, {
    data: { status, ...(names.length > 0 && { checks }) },
    ...meta(exchange),
  });
}

function meta({ request }: Exchange): { readonly meta: { readonly requestId: string } } {
  const given = request.headers["x-request-id"];
  const isUsable = typeof given === "string" && /^[\w.:-]{1,128}$/.test(given);
  return { meta: { requestId: isUsable ? given : randomUUID() } };
}

async function runCheck(
  check: ReadinessCheck | undefined,
  { timeoutMs, nowMs }: Readiness,
): Promise<CheckResult> {
  const startedAtMs = nowMs();
  const taken = (): number => Math.round(nowMs() - startedAtMs) / 1000;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => {
      resolve("late");
    }, timeoutMs);
  });
  try {
    const result = await Promise.race([Promise.resolve().then(check), late]);
    if (result === "late") return { status: "timeout", durationSeconds: taken() };
    return { status: result === false ? "failed" : "ok", durationSeconds: taken() };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { status: "failed", durationSeconds: taken(), reason };
  } finally {
    clearTimeout(timer);
  }
}
