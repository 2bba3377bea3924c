/**
 * What STUN and TURN messages on the wire say of the paths media may take (RFC 8445, RFC 8489,
 * RFC 8656).
 *
 * @module
 */

import type { Endpoint } from "../net/endpoint.js";

/** Two endpoints between which connectivity was checked. */
export interface IcePair {
  /** Who sent the first check, and to where. */
  readonly source: Endpoint;
  readonly destination: Endpoint;
  /** Fragments of both sides as USERNAME names them, the first check's receiver first. */
  readonly destinationUfrag: string;
  readonly sourceUfrag: string;
  readonly firstCheckAtMs: number;
  /** First success response in either direction. */
  readonly succeededAtMs?: number;
  /** First success response to a check with USE-CANDIDATE. */
  readonly nominatedAtMs?: number;
  /** Of a connectivity or consent check (RFC 7675). */
  readonly lastSuccessAtMs?: number;
  /** Last check or answer. */
  readonly lastMessageAtMs: number;
  /** In both directions; a request that was sent again is the same check. */
  readonly checks: number;
  /** Checks with a success response. */
  readonly responses: number;
  /** Checks with an error response, role conflicts included. */
  readonly errors: number;
  /** Of the errors: 487, after which the agents swap roles and check again (RFC 8445 §7.2.5.1). */
  readonly roleConflicts: number;
}

/** What a server said a client looks like from outside. */
export interface IceMapping {
  /** The client's endpoint as its request came from. */
  readonly from: Endpoint;
  /** Who said so. */
  readonly server: Endpoint;
  readonly mapped: Endpoint;
  readonly kind: "server-reflexive" | "relayed";
  readonly atMs: number;
}
