/** Every sample read twice: here, and by sdp-transform, which shares no line with us. */
import { parse, type Media, type Session } from "sdp-transform";
import { describe, expect, it } from "vitest";

import type { MediaDescription, SharedAttributes } from "../../src/sdp/description.js";
import { canonicalAddress } from "../../src/sdp/ip-address.js";
import { isRtpProtocol } from "../../src/sdp/media-section.js";
import { STATIC_PAYLOADS } from "../../src/rtp/static-payloads.js";
import { parsed, SAMPLES } from "./samples.js";

/** Its `m=` grammar has no port count, so it loses the section. */
const BEYOND_THE_ORACLE: readonly string[] = ["multicast-two-layers"];

const address = (text: string | undefined) =>
  text === undefined ? undefined : (canonicalAddress(text) ?? text);

const text = (value: string | number | undefined) =>
  value === undefined ? undefined : String(value);

function oracleShared(own: Session | Media, session: Session) {
  const both = { ...session, ...own };
  const { fingerprint } = both;
  return {
    address: address((own.connection ?? session.connection)?.ip),
    direction: own.direction ?? session.direction ?? "sendrecv",
    iceUfrag: text(both.iceUfrag),
    icePwd: text(both.icePwd),
    // It keeps the last of several.
    fingerprint: fingerprint && `${fingerprint.type.toLowerCase()} ${fingerprint.hash}`,
    setup: both.setup,
    ptimeMs: both.ptime,
    maxptimeMs: both.maxptime,
  };
}

function ourShared(ours: SharedAttributes) {
  const { direction, iceUfrag, icePwd, setup, ptimeMs, maxptimeMs } = ours;
  const fingerprint = ours.fingerprints.at(-1);
  return {
    address: ours.connection?.address,
    direction,
    iceUfrag,
    icePwd,
    fingerprint: fingerprint && `${fingerprint.algorithm} ${fingerprint.value}`,
    setup,
    ptimeMs,
    maxptimeMs,
  };
}

/** Payload type, name in lower case, clock and channels, from its rtpmaps and RFC 3551. */
function oracleFormats(media: Media): string[] {
  const listed = String(media.payloads).split(" ").map(Number);
  const formats = new Map(
    media.rtp.map(({ payload, codec, rate, encoding }) => {
      const clock = codec.toUpperCase() === "G722" ? 8000 : rate;
      return [payload, `${codec.toLowerCase()}/${clock ?? 0}/${encoding ?? "-"}`];
    }),
  );
  for (const payloadType of listed) {
    const format = STATIC_PAYLOADS.get(payloadType);
    if (!format || formats.has(payloadType) || !isRtpProtocol(media.protocol)) continue;
    const { name, clockRateHz, channels } = format;
    formats.set(payloadType, `${name.toLowerCase()}/${clockRateHz}/${channels ?? "-"}`);
  }
  return [...formats].map(([payloadType, format]) => `${payloadType} ${format}`).sort();
}

function ourFormats({ payloads }: MediaDescription): string[] {
  return [...payloads]
    .map(([payloadType, { name, clockRateHz, channels }]) => {
      return `${payloadType} ${name.toLowerCase()}/${clockRateHz}/${channels ?? "-"}`;
    })
    .sort();
}

function oracleMedia(media: Media, session: Session) {
  const { type, port, protocol, mid, rtcp, candidates = [], ssrcs = [], ssrcGroups = [] } = media;
  const sources = new Map<number, string | undefined>();
  for (const { id, attribute, value } of ssrcs) {
    sources.set(id, attribute === "cname" ? value : sources.get(id));
  }
  return {
    ...oracleShared(media, session),
    type,
    port,
    protocol: protocol.toUpperCase(),
    formats: String(media.payloads).split(" "),
    payloads: oracleFormats(media),
    parameters: media.fmtp.map(({ payload, config }) => `${payload} ${config}`).sort(),
    mid: text(mid),
    rtcp: rtcp && { port: rtcp.port, address: address(rtcp.address) },
    isRtcpMux: media.rtcpMux !== undefined,
    isBundleOnly: media.bundleOnly !== undefined,
    candidates: candidates.map((candidate) => ({
      foundation: String(candidate.foundation),
      component: candidate.component,
      transport: candidate.transport.toLowerCase(),
      priority: candidate.priority,
      address: address(candidate.ip),
      port: candidate.port,
      type: candidate.type,
      relatedAddress: address(candidate.raddr),
      relatedPort: candidate.rport,
    })),
    crypto: (media.crypto ?? []).map(({ id, suite }) => `${id} ${suite}`),
    sources: [...sources].map(([ssrc, cname]) => `${ssrc} ${cname ?? "-"}`),
    sourceGroups: ssrcGroups.map(({ semantics, ssrcs: members }) => `${semantics} ${members}`),
  };
}

function ourMedia(media: MediaDescription) {
  const { type, port, protocol, formats, mid, rtcp, isRtcpMux, isBundleOnly } = media;
  return {
    ...ourShared(media),
    type,
    port,
    protocol,
    formats,
    payloads: ourFormats(media),
    parameters: [...media.payloads]
      .flatMap(([payloadType, format]) =>
        format.parameters === undefined ? [] : [`${payloadType} ${format.parameters}`],
      )
      .sort(),
    mid,
    rtcp: rtcp && { port: rtcp.port, address: rtcp.address },
    isRtcpMux,
    isBundleOnly,
    candidates: media.candidates.map((candidate) => {
      const {
        foundation,
        component,
        transport,
        priority,
        port: candidatePort,
        type: kind,
      } = candidate;
      return {
        foundation,
        component,
        transport,
        priority,
        address: candidate.address,
        port: candidatePort,
        type: kind,
        relatedAddress: candidate.relatedAddress,
        relatedPort: candidate.relatedPort,
      };
    }),
    crypto: media.crypto.map(({ tag, suite }) => `${tag} ${suite}`),
    sources: media.sources.map(({ ssrc, cname }) => `${ssrc} ${cname ?? "-"}`),
    sourceGroups: media.sourceGroups.map(
      ({ semantics, members }) => `${semantics} ${members.join(" ")}`,
    ),
  };
}

const samples = [...SAMPLES].filter(([name]) => !BEYOND_THE_ORACLE.includes(name));

describe("each sample says to us what it says to sdp-transform", () => {
  it.each(samples)("%s, of the session", (_, sdp) => {
    const theirs = parse(sdp);
    const ours = parsed(sdp);
    expect({
      ...ourShared(ours),
      name: ours.name,
      sessionId: Number(ours.origin?.sessionId),
      version: Number(ours.origin?.sessionVersion),
      originAddress: ours.origin?.address,
      groups: ours.groups.map(({ semantics, members }) => `${semantics} ${members.join(" ")}`),
      media: ours.media.length,
    }).toEqual({
      ...oracleShared(theirs, theirs),
      name: theirs.name,
      sessionId: Number(theirs.origin?.sessionId),
      version: Number(theirs.origin?.sessionVersion),
      originAddress: address(theirs.origin?.address),
      groups: (theirs.groups ?? []).map(({ type, mids }) => `${type} ${mids}`),
      media: theirs.media.length,
    });
  });

  it.each(samples)("%s, of its media", (_, sdp) => {
    const theirs = parse(sdp);
    expect(parsed(sdp).media.map(ourMedia)).toEqual(
      theirs.media.map((media) => oracleMedia(media, theirs)),
    );
  });

  it("and there are samples to compare", () => {
    expect(samples.length).toBeGreaterThanOrEqual(25);
  });
});
