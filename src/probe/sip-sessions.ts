/**
 * What a session of a SIP stack leads to.
 *
 * @module
 */

/**
 * The user agent of a session of sip.js or JsSIP.
 *
 * @throws {TypeError} If the session does not lead to it.
 */
export function userAgentOf(session: object): object {
  const found: unknown = Reflect.get(session, "userAgent") ?? Reflect.get(session, "_ua");
  if (typeof found === "object" && found !== null) return found;
  throw new TypeError(
    "The session does not lead to its user agent. Hand it in: { userAgent: … }, or attach the user agent.",
  );
}

/**
 * The Call-ID of a session of sip.js or JsSIP.
 *
 * @throws {TypeError} If it has none yet.
 */
export function callIdOf(session: object): string {
  for (const name of ["request", "_request"]) {
    const request: unknown = Reflect.get(session, name);
    if (typeof request !== "object" || request === null) continue;
    const callId: unknown = Reflect.get(request, "callId") ?? Reflect.get(request, "call_id");
    if (typeof callId === "string") return callId;
  }
  throw new TypeError(
    "The session has no Call-ID. Attach an outgoing one once its INVITE is made, or attach the user agent.",
  );
}
