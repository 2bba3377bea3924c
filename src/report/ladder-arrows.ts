/**
 * What the steps of a ladder say, and in which tone.
 *
 * @module
 */

import type {
  DtlsStep,
  IceStep,
  LadderStep,
  MediaStep,
  MessageStep,
  StirStep,
} from "../call/ladder.js";
import { alertText } from "./call-explanation.js";
import { printable, TIE } from "./display-text.js";
import { REASON_WORDS } from "./identity-words.js";
import type { Arrow } from "./ladder-lines.js";
import { countOf, durationText, percent, secondsBetween } from "./quantity.js";
import { satisfaction, score } from "./satisfaction.js";
import { codecText, flowText, mosCell } from "./stream-columns.js";
import type { Tone } from "./tone.js";

/** The arrow for a step. */
export function arrowOf(step: LadderStep): Arrow {
  switch (step.kind) {
    case "message":
      return messageArrow(step);
    case "media":
      return mediaArrow(step);
    case "dtls":
      return handshakeArrow(step);
    case "ice":
      return pathArrow(step);
    case "stir":
      return identityArrow(step);
  }
}

function messageArrow(step: MessageStep): Arrow {
  const { from, to, label, isRetransmission, notes } = step;
  return {
    from,
    to,
    stroke: isRetransmission ? "again" : "message",
    label: printable(label) + (isRetransmission ? ", again" : ""),
    tone: isRetransmission ? "faint" : messageTone(step),
    notes: notes.map(printable),
  };
}

/** A challenge is a step on the way, not a failure. */
const CHALLENGES: readonly number[] = [401, 407, 422];

function messageTone({ statusCode }: MessageStep): Tone | undefined {
  if (statusCode === undefined) return "strong";
  if (statusCode < 200) return undefined;
  if (statusCode < 300) return "good";
  return statusCode < 400 || CHALLENGES.includes(statusCode) ? "fair" : "bad";
}

function mediaArrow({ from, to, stream }: MediaStep): Arrow {
  const { packetsReceived, lossRatio, quality, firstPacketAt, lastPacketAt } = stream;
  const mos = score(quality);
  const parts = [
    codecText(stream),
    countOf(packetsReceived, "packet"),
    lossRatio === 0 ? "nothing lost" : `${percent(lossRatio)} lost`,
    ...(mos === undefined ? [] : [`MOS ${mosCell(mos, quality?.scale).text}`]),
  ];
  const length = durationText(secondsBetween(firstPacketAt, lastPacketAt));
  return {
    from,
    to,
    stroke: "media",
    label: parts.join(", ").replaceAll(TIE, " "),
    tone: mos === undefined ? undefined : satisfaction(mos).tone,
    notes: [`${flowText(stream)} for ${length}`],
  };
}

function handshakeArrow({ from, to, handshake }: DtlsStep): Arrow {
  const { version, result, durationSeconds, cipher, srtpProfile, alert } = handshake;
  const { retransmissions = 0 } = handshake;
  const name = version === undefined ? "DTLS" : `DTLS ${printable(version)}`;
  const took = durationSeconds === undefined ? "" : ` after ${durationText(durationSeconds)}`;
  const facts = [
    ...(alert === undefined ? [] : [alertText(alert)]),
    ...(retransmissions === 0 ? [] : [countOf(retransmissions, "retransmission")]),
    ...[srtpProfile, cipher].filter((one) => one !== undefined).map(printable),
  ];
  return {
    from,
    to,
    stroke: "message",
    label: `${name} ${result}${took}`.replaceAll(TIE, " "),
    tone: result === "ok" ? "good" : result === "late-ok" ? "fair" : "bad",
    notes: facts.length === 0 ? [] : [facts.join(", ")],
  };
}

function pathArrow({ from, to, ice }: IceStep): Arrow {
  const { result, durationSeconds, restarts, localCandidateType, remoteCandidateType } = ice;
  const took = durationSeconds === undefined ? "" : ` after ${durationText(durationSeconds)}`;
  const facts = [
    ...(localCandidateType === undefined ? [] : [`local ${printable(localCandidateType)}`]),
    ...(remoteCandidateType === undefined ? [] : [`remote ${printable(remoteCandidateType)}`]),
    ...(restarts === undefined ? [] : [countOf(restarts, "restart")]),
  ];
  return {
    from,
    to,
    stroke: "message",
    label: `ICE ${result}${took}`.replaceAll(TIE, " "),
    tone: result === "ok" ? "good" : "bad",
    notes: facts.length === 0 ? [] : [facts.join(", ").replaceAll(TIE, " ")],
  };
}

const IDENTITY_TONES: Readonly<Record<StirStep["stir"]["result"], Tone | undefined>> = {
  verified: "good",
  unverified: undefined,
  "soft-fail": "fair",
  failed: "bad",
  "no-identity": "faint",
};

function identityArrow({ from, to, stir }: StirStep): Arrow {
  const { result, attestation, reason } = stir;
  const claim = result === "verified" ? ", " : ", claims ";
  const level = attestation === undefined ? "" : claim + attestation;
  return {
    from,
    to,
    stroke: "message",
    label: `STIR ${result}${level}`,
    tone: IDENTITY_TONES[result],
    notes: reason === undefined ? [] : [REASON_WORDS[reason]],
  };
}
