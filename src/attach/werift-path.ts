/**
 * Between which endpoints a transport's packets go, and how large they are on the wire.
 *
 * @module
 */

import { endpointKey, type Endpoint } from "../net/endpoint.js";
import type { Path } from "../rtcp/report.js";
import { canonicalAddress } from "../sdp/ip-address.js";
import type { WeriftCandidate, WeriftCandidatePair, WeriftConnection } from "./werift-ports.js";

/** Stands for an end that is not known yet. */
const UNKNOWN: Endpoint = { address: "0.0.0.0", port: 0 };

const PAIR_SUCCEEDED = 3;

const UDP_HEADER_BYTES = 8;
const IPV4_HEADER_BYTES = 20;
const IPV6_HEADER_BYTES = 40;

/** Both ways of a pair of candidates. */
export interface PairPath {
  readonly inbound: Path;
  readonly outbound: Path;
  /** Of IP and UDP, of every packet. */
  readonly headerBytes: number;
}

/** Paths that are known again when they come back into use. */
const MAX_PATHS = 8;

/** Follows the pair in use. What came before there was one goes on its first. */
export class PathWatch {
  readonly #connection: WeriftConnection | undefined;
  readonly #paths = new Map<string, PairPath>();
  #pair: WeriftCandidatePair | undefined;
  #path: PairPath | undefined;

  constructor(connection: WeriftConnection | undefined) {
    this.#connection = connection;
  }

  /** The path in use: the same object whenever it is. */
  get current(): PairPath {
    const pair = this.#connection?.nominated ?? this.#pair ?? this.#likely();
    if (this.#path === undefined || pair !== this.#pair) {
      this.#pair = pair;
      this.#path = this.#known(pathOf(pair));
    }
    return this.#path;
  }

  /** Data may come before the agent has settled on a pair. */
  #likely(): WeriftCandidatePair | undefined {
    const pairs = this.#connection?.candidatePairs;
    return pairs?.find(({ state }) => state === PAIR_SUCCEEDED) ?? pairs?.[0];
  }

  #known(path: PairPath): PairPath {
    const { source, destination } = path.inbound;
    const key = `${endpointKey(source)} ${endpointKey(destination)}`;
    const known = this.#paths.get(key);
    if (known !== undefined) return known;
    const [oldest] = this.#paths.keys();
    if (this.#paths.size >= MAX_PATHS && oldest !== undefined) this.#paths.delete(oldest);
    this.#paths.set(key, path);
    return path;
  }
}

function pathOf(pair: WeriftCandidatePair | undefined): PairPath {
  const local = endpointOf(pair?.localCandidate);
  const remote = endpointOf(pair?.remoteCandidate);
  const isIpv6 = isIpv6Address(remote ?? local);
  // A path has two ends of one family, or is none.
  const isKnown = local !== undefined && remote !== undefined && isIpv6Address(local) === isIpv6;
  const [here, there] = isKnown ? [local, remote] : [UNKNOWN, UNKNOWN];
  return {
    inbound: { source: there, destination: here },
    outbound: { source: here, destination: there },
    headerBytes: (isIpv6 ? IPV6_HEADER_BYTES : IPV4_HEADER_BYTES) + UDP_HEADER_BYTES,
  };
}

function isIpv6Address(endpoint: Endpoint | undefined): boolean {
  return endpoint?.address.includes(":") === true;
}

function endpointOf(candidate: WeriftCandidate | undefined): Endpoint | undefined {
  const { host, port } = candidate ?? {};
  if (typeof host !== "string" || typeof port !== "number") return undefined;
  // A link-local address may name its zone, which is nobody's business but the host's.
  const address = canonicalAddress(host.replace(/%.*$/, ""));
  return address === undefined ? undefined : { address, port };
}
