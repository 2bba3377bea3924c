/**
 * What a capture shows of how a call's media was connected and secured.
 *
 * @module
 */

import type { DtlsAssociation } from "../dtls/association.js";
import type { IcePair } from "../ice/pair.js";
import { endpointKey } from "../net/endpoint.js";
import { present } from "../rtcp/present.js";
import type { CallParty } from "../sip/call.js";
import type { CallEntry } from "./call-entry.js";
import type { IceReport } from "./call-report.js";
import { seconds } from "./duration.js";
import type { CallStream } from "./findings.js";
import { handshakeReport } from "./handshake-report.js";
import type { ReportedHandshake } from "./observer.js";

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
      hasSrtp: streams.some((one) => isKeyedBy(one, association)),
    });
    return handshake === undefined ? [] : [{ association, handshake }];
  });
}

/** Media between the handshake's ends, since it began. */
function isKeyedBy(
  { stream, lastPacketAtMs }: CallStream,
  { client, server, startedAtMs }: DtlsAssociation,
): boolean {
  if (lastPacketAtMs < startedAtMs) return false;
  const ends = [endpointKey(stream.source), endpointKey(stream.destination)];
  return ends.includes(endpointKey(client)) && ends.includes(endpointKey(server));
}

/** Whose the client's end is. */
function partyAt(entry: CallEntry, { client, server }: DtlsAssociation): CallParty {
  const isCaller =
    entry.place("caller", client) !== undefined || entry.place("callee", server) !== undefined;
  return isCaller ? "caller" : "callee";
}

/** What the checks that were brought to a call came to. */
export function passiveIce(
  entry: CallEntry,
  pairs: readonly IcePair[],
  localParty: CallParty,
): IceReport | undefined {
  if (pairs.length === 0) return undefined;
  const firstCheckAtMs = Math.min(...pairs.map((pair) => pair.firstCheckAtMs));
  const succeeded = pairs
    .filter(({ succeededAtMs }) => succeededAtMs !== undefined)
    .sort((a, b) => (a.nominatedAtMs ?? Infinity) - (b.nominatedAtMs ?? Infinity));
  const [chosen] = succeeded;
  const first = Math.min(...succeeded.map(({ succeededAtMs = Infinity }) => succeededAtMs));
  const remoteParty = localParty === "caller" ? "callee" : "caller";
  return {
    result: chosen === undefined ? "failed" : "ok",
    ...present("durationSeconds", chosen && seconds(firstCheckAtMs, first)),
    ...(entry.iceRestarts > 0 && { restarts: entry.iceRestarts }),
    ...present("localCandidateType", chosen && candidateType(entry, localParty, chosen)),
    ...present("remoteCandidateType", chosen && candidateType(entry, remoteParty, chosen)),
  };
}

/** A place that checks found and no candidate named is peer-reflexive (RFC 8445 §7.3.1.3). */
function candidateType(entry: CallEntry, of: CallParty, pair: IcePair): string | undefined {
  const place = entry.place(of, pair.source) ?? entry.place(of, pair.destination);
  if (place === undefined) return undefined;
  return place.candidateType ?? (place.source === "checked" ? "prflx" : undefined);
}
