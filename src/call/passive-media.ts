/**
 * What a capture shows of how a call's media was connected and secured.
 *
 * @module
 */

import type { DtlsAssociation } from "../dtls/association.js";
import type { IceMapping, IcePair } from "../ice/pair.js";
import { type Endpoint, endpointKey } from "../net/endpoint.js";
import { isoMicroseconds } from "../net/time.js";
import { present } from "../rtcp/present.js";
import type { CallParty } from "../sip/call.js";
import type { CallEntry } from "./call-entry.js";
import type { IceReport } from "./call-report.js";
import { seconds } from "./duration.js";
import type { CallStream } from "./findings.js";
import { handshakeReport } from "./handshake-report.js";
import type { ReportedHandshake, SeenChecks } from "./observer.js";

/** The reports on the handshakes that were brought to a call. */
export function passiveHandshakes(
  entry: CallEntry,
  handshakes: readonly DtlsAssociation[],
  streams: readonly CallStream[],
  observedToMs: number,
): ReportedHandshake[] {
  const { endedAtMs } = entry.call;
  return handshakes.flatMap((association) => {
    const client = partyAt(entry, association);
    const handshake = handshakeReport(association, {
      clientFingerprints: entry.fingerprintsOf(client),
      serverFingerprints: entry.fingerprintsOf(client === "caller" ? "callee" : "caller"),
      endedAtMs: endedAtMs ?? observedToMs,
      isCallOver: endedAtMs !== undefined,
      hasSrtp: hasMediaKeyedBy(association, streams),
    });
    if (handshake === undefined) return [];
    const { result, ...rest } = handshake;
    const startedAt = isoMicroseconds(association.startedAtMs);
    return [{ association, handshake: { result, startedAt, clientParty: client, ...rest } }];
  });
}

/**
 * Whether media shows that a handshake ended whose end was not captured. Of both ends it does. What only one
 * sends may have keys of another kind (RFC 4568), so it does not where the handshake still went on.
 */
function hasMediaKeyedBy(association: DtlsAssociation, streams: readonly CallStream[]): boolean {
  const { client, server, startedAtMs, lastPacketAtMs } = association;
  const [clientKey, serverKey] = [endpointKey(client), endpointKey(server)];
  const senders = new Set<string>();
  let firstAtMs = Infinity;
  for (const { stream, firstPacketAtMs, lastPacketAtMs: lastAtMs } of streams) {
    const [source, destination] = [endpointKey(stream.source), endpointKey(stream.destination)];
    const isBetween =
      (source === clientKey && destination === serverKey) ||
      (source === serverKey && destination === clientKey);
    if (!isBetween || lastAtMs < startedAtMs) continue;
    senders.add(source);
    firstAtMs = Math.min(firstAtMs, firstPacketAtMs);
  }
  return senders.size === 2 || (senders.size === 1 && lastPacketAtMs <= firstAtMs);
}

/** Whose the client's end is. */
function partyAt(entry: CallEntry, { client, server }: DtlsAssociation): CallParty {
  const isCaller =
    entry.place("caller", client) !== undefined || entry.place("callee", server) !== undefined;
  return isCaller ? "caller" : "callee";
}

/** Between which endpoints a relay's client speaks to it, and what the relay lends it. */
export type Relays = ReadonlyMap<string, Endpoint>;

/** The relays among what servers stated. */
export function relaysAmong(mappings: readonly IceMapping[]): Relays {
  return new Map(
    mappings.flatMap(({ kind, from, server, mapped }) =>
      kind === "relayed" ? [[pathKey(from, server), mapped] as const] : [],
    ),
  );
}

const pathKey = (client: Endpoint, server: Endpoint): string =>
  `${endpointKey(client)} ${endpointKey(server)}`;

/** What the checks that were brought to a call came to. */
export function passiveIce(
  entry: CallEntry,
  pairs: readonly IcePair[],
  relays: Relays,
  localParty: CallParty,
): IceReport | undefined {
  if (pairs.length === 0) return undefined;
  const firstCheckAtMs = Math.min(...pairs.map((pair) => pair.firstCheckAtMs));
  const succeeded = pairs
    .filter(({ succeededAtMs }) => succeededAtMs !== undefined)
    .sort((a, b) => (a.nominatedAtMs ?? Infinity) - (b.nominatedAtMs ?? Infinity));
  const [chosen] = succeeded;
  const first = Math.min(...succeeded.map(({ succeededAtMs = Infinity }) => succeededAtMs));
  const types = chosen && new CandidateTypes(entry, pairs, relays, chosen);
  return {
    result: chosen === undefined ? "failed" : "ok",
    startedAt: isoMicroseconds(firstCheckAtMs),
    ...(chosen?.nominatedAtMs !== undefined && {
      selectedAt: isoMicroseconds(chosen.nominatedAtMs),
    }),
    ...present("durationSeconds", chosen && seconds(firstCheckAtMs, first)),
    ...(entry.iceRestarts > 0 && { restarts: entry.iceRestarts }),
    ...present("localCandidateType", types?.of(localParty)),
    ...present("remoteCandidateType", types?.of(localParty === "caller" ? "callee" : "caller")),
  };
}

/** Where the checks that were brought to a call began. */
export function firstChecks(pairs: readonly IcePair[]): SeenChecks | undefined {
  const [first, ...others] = pairs;
  return (
    first &&
    others.reduce(
      (least, pair) => (pair.firstCheckAtMs < least.firstCheckAtMs ? pair : least),
      first,
    )
  );
}

/** What kind of candidate each party had in the pair that was chosen. */
class CandidateTypes {
  readonly #entry: CallEntry;
  readonly #pairs: readonly IcePair[];
  readonly #chosen: IcePair;
  readonly #relay: { readonly client: Endpoint; readonly relayed: Endpoint } | undefined;

  constructor(entry: CallEntry, pairs: readonly IcePair[], relays: Relays, chosen: IcePair) {
    this.#entry = entry;
    this.#pairs = pairs;
    this.#chosen = chosen;
    const { source, destination } = chosen;
    for (const [client, server] of [
      [source, destination],
      [destination, source],
    ] as const) {
      const relayed = relays.get(pathKey(client, server));
      if (relayed !== undefined) this.#relay = { client, relayed };
    }
  }

  of(party: CallParty): string | undefined {
    const { source, destination } = this.#chosen;
    if (this.#relay === undefined) return this.#typeAt(party, source, destination);
    const { client, relayed } = this.#relay;
    if (this.#entry.place(party, client) !== undefined) return "relay";
    // The peer is known only by the checks between it and the relay's other side.
    const key = endpointKey(relayed);
    const beyond = this.#pairs.find((pair) =>
      [pair.source, pair.destination].some((endpoint) => endpointKey(endpoint) === key),
    );
    return beyond && this.#typeAt(party, beyond.source, beyond.destination);
  }

  /** A place that checks found and no candidate named is peer-reflexive (RFC 8445 §7.3.1.3). */
  #typeAt(party: CallParty, ...endpoints: readonly Endpoint[]): string | undefined {
    for (const endpoint of endpoints) {
      const place = this.#entry.place(party, endpoint);
      if (place === undefined) continue;
      return place.candidateType ?? (place.source === "checked" ? "prflx" : undefined);
    }
    return undefined;
  }
}
