/**
 * How a call's media found its way and was secured, and who vouches for the caller, in sentences.
 *
 * @module
 */

import type { CallReport, DtlsReport, IceReport, StirReport } from "../../call/call-report.js";
import { alertText } from "../call-explanation.js";
import { printable, shortened } from "../display-text.js";
import { REASON_WORDS } from "../identity-words.js";
import { countOf, durationText, timeOfDay } from "../quantity.js";
import { type Sentence, sentenceText } from "./sentence.js";

/** Handshake messages that come again without being worth a word. */
const USUAL_RETRANSMISSIONS = 2;
/** Columns for what a peer wrote. */
const MAX_FOREIGN_COLUMNS = 80;

/** Only what is worth a word. */
export function pathSentences({ security, ice, sessionTimer }: CallReport): Sentence[] {
  const { dtls = [], srtpKeying, stir } = security;
  const handshakes = dtls.map((one, index) => handshake(one, `security.dtls[${index}]`));
  return [
    ...identity(stir),
    ...unlike(handshakes),
    ...(srtpKeying === "sdes" ? [keysInDescriptions()] : []),
    ...path(ice),
    ...(sessionTimer?.refreshes ?? []).flatMap(({ at, result }, index): Sentence[] => {
      const why = REFRESH_FAILURES[result];
      if (why === undefined) return [];
      const text = `The session refresh at ${timeOfDay(at)} UTC failed: ${why}.`;
      const of = `sessionTimer.refreshes[${index}]`;
      return [{ about: "path", text, fields: [`${of}.at`, `${of}.result`], tone: "bad" }];
    }),
  ];
}

const REFRESH_FAILURES: Readonly<Partial<Record<string, string>>> = {
  "422-gave-up": "the interval was too short for the other side, and no longer one was tried",
  "481": "the other side knew nothing of the call any more (481)",
  failed: "it was refused, never answered or never sent",
};

/** Handshakes of which the same is to be said are told once. */
function unlike(sentences: readonly Sentence[]): Sentence[] {
  return sentences.filter(({ text }, index) => {
    return sentences.findIndex((other) => other.text === text) === index;
  });
}

const HANDSHAKE_RESULTS: Readonly<Record<DtlsReport["result"], string>> = {
  ok: "its media was secured by DTLS",
  fail: "the DTLS handshake failed, so there were no keys for the media",
  timeout: "the DTLS handshake came to no end, so there were no keys for the media",
  "fingerprint-mismatch":
    "the certificate of the DTLS handshake is not the one that the descriptions vouch for",
  "no-srtp-profile":
    "the DTLS handshake agreed on no SRTP profile, so there were no keys for the media",
  "no-fingerprint":
    "no fingerprint in the descriptions vouches for the certificate of the DTLS handshake",
  aborted: "the DTLS handshake was broken off, so there were no keys for the media",
  "late-ok": "the DTLS handshake held only after it had been given up",
};

function handshake(report: DtlsReport, of: string): Sentence {
  const { result, alert, durationSeconds, retransmissions = 0, version, srtpProfile } = report;
  const isOk = result === "ok";
  const what = isOk
    ? HANDSHAKE_RESULTS.ok +
      (version === undefined ? "" : ` ${printable(version)}`) +
      (srtpProfile === undefined ? "" : ` (${printable(srtpProfile)})`)
    : HANDSHAKE_RESULTS[result];
  const took =
    durationSeconds === undefined
      ? ""
      : `${isOk ? " in " : ", after "}${durationText(durationSeconds)}`;
  const isNotable = retransmissions > (isOk ? USUAL_RETRANSMISSIONS : 0);
  const again = isNotable ? `, with ${countOf(retransmissions, "retransmission")}` : "";
  const why = alert === undefined ? "" : `: ${alertText(alert)}`;
  return {
    about: "path",
    text: sentenceText(what + took + again + why),
    fields: ["result", "version", "srtpProfile", "durationSeconds", "alert", "retransmissions"].map(
      (name) => `${of}.${name}`,
    ),
    tone: isOk ? undefined : result === "late-ok" ? "fair" : "bad",
  };
}

function keysInDescriptions(): Sentence {
  const text = "Its media was encrypted with keys that the descriptions carry (SDES).";
  return { about: "path", text, fields: ["security.srtpKeying"] };
}

function path(ice: IceReport | undefined): Sentence[] {
  if (ice === undefined) return [];
  const fields = ["ice.result", "ice.localCandidateType", "ice.remoteCandidateType"];
  if (ice.result === "failed") {
    const text =
      "ICE found no path: no connectivity check succeeded; look at firewalls and at whether a TURN server is offered.";
    return [{ about: "path", text, fields, tone: "bad" }];
  }
  if (ice.result === "lost") {
    const text = "ICE lost its path while the call went on: consent was no longer renewed.";
    return [{ about: "path", text, fields, tone: "bad" }];
  }
  const types = [ice.localCandidateType, ice.remoteCandidateType];
  if (!types.includes("relay")) return [];
  return [{ about: "path", text: "It went through a TURN relay.", fields }];
}

/** Nothing of calls for which nobody vouches. */
function identity(stir: StirReport | undefined): Sentence[] {
  if (stir === undefined) return [];
  return [ourVerdict(stir), othersVerdict(stir)].filter((one) => one !== undefined);
}

function ourVerdict({ result, attestation, reason, code }: StirReport): Sentence | undefined {
  const fields = ["result", "attestation", "reason", "code"].map((name) => `security.stir.${name}`);
  const level = attestation === undefined ? "" : ` (attestation ${attestation})`;
  if (result === "verified") {
    const text = `Who called is vouched for${level}, and that holds.`;
    return { about: "path", text, fields };
  }
  if (reason === undefined || result === "no-identity") return undefined;
  const why = `${REASON_WORDS[reason]}${code === undefined ? "" : ` (${code})`}`;
  if (result === "unverified") {
    const text = `Somebody vouches for the caller${level}, which could not be verified: ${why}.`;
    return { about: "path", text, fields };
  }
  const went = result === "soft-fail" ? "; the call went on all the same" : "";
  const text = `What vouches for the caller does not hold: ${why}${went}.`;
  return { about: "path", text, fields, tone: "bad" };
}

/** Their refusal of the INVITE is told as that. */
function othersVerdict({ peer }: StirReport): Sentence | undefined {
  if (peer?.claimedBy === "response") return undefined;
  if (peer?.result !== "failed" && peer?.result !== "soft-fail") return undefined;
  const reason = shortened(printable(peer.reason), MAX_FOREIGN_COLUMNS);
  const text = `Whoever verified the caller's identity on the way refuses it: ${reason}.`;
  const fields = ["security.stir.peer.result", "security.stir.peer.reason"];
  return { about: "path", text, fields, tone: "bad" };
}
