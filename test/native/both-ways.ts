/**
 * Measures one capture both ways: replayed by the engine, and tapped packet by packet by a live one,
 * each told the same of its endpoints at the same frames.
 *
 * @module
 */
import { Engine } from "../../src/native/engine.js";
import { LiveEngine, type LiveEngineOptions } from "../../src/native/live-engine.js";
import { endpointKey, type Endpoint } from "../../src/net/endpoint.js";
import type { PayloadMap } from "../../src/rtp/codec.js";
import { STATIC_PAYLOADS } from "../../src/rtp/static-payloads.js";
import type { StreamMeasurement } from "../../src/rtp/stream.js";
import { mediaEndpoints } from "../../src/sdp/media-endpoint.js";
import { parseSdp } from "../../src/sdp/session.js";
import { scanSipMessage } from "../../src/sip/message.js";
import { sdpBodies } from "../../src/sip/sdp-bodies.js";

/** A UDP datagram as a socket's owner sees it. */
export interface TappedDatagram {
  readonly frame: number;
  readonly atMs: number;
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly payload: Uint8Array;
  readonly ipBytes: number;
}

/** What signalling says of an endpoint, from a frame on. */
export interface Naming {
  readonly frame: number;
  readonly endpoint: Endpoint;
  readonly payloads: PayloadMap;
}

/** Streams in an order of their own, and with payload maps in place of their numbers. */
export interface Measured {
  readonly streams: readonly unknown[];
  readonly rtp: number;
  readonly unconfirmedRtp: number;
  readonly malformedRtp: number;
}

/**
 * The whole UDP datagrams of a classic pcap in microseconds: Ethernet, IPv4 without options, IPv6
 * without extension headers. All else is passed over, and so is what the snap length cut.
 */
export function tappedDatagrams(capture: Uint8Array): TappedDatagram[] {
  const view = new DataView(capture.buffer, capture.byteOffset, capture.length);
  const datagrams: TappedDatagram[] = [];
  let frame = 0;
  for (let at = 24; at < capture.length; at += 16 + view.getUint32(at + 8, true), ++frame) {
    const ip = at + 16 + 14;
    const isIpv6 = view.getUint16(ip - 2) === 0x86dd;
    const isIpv4 = view.getUint16(ip - 2) === 0x0800 && view.getUint8(ip) === 0x45;
    const isWhole = view.getUint32(at + 8, true) === view.getUint32(at + 12, true);
    if (!isWhole || (!isIpv4 && !isIpv6)) continue;
    if (isIpv4 && (view.getUint16(ip + 6) & 0x3fff) !== 0) continue;
    if (view.getUint8(ip + (isIpv6 ? 6 : 9)) !== 17) continue;
    const udp = ip + (isIpv6 ? 40 : 20);
    const [addresses, bytes] = isIpv6 ? [ip + 8, 16] : [ip + 12, 4];
    datagrams.push({
      frame,
      atMs: view.getUint32(at, true) * 1000 + view.getUint32(at + 4, true) / 1000,
      source: { address: textOf(view, addresses, isIpv6), port: view.getUint16(udp) },
      destination: {
        address: textOf(view, addresses + bytes, isIpv6),
        port: view.getUint16(udp + 2),
      },
      payload: capture.subarray(udp + 8, udp + view.getUint16(udp + 4)),
      ipBytes: isIpv6 ? 40 + view.getUint16(ip + 4) : view.getUint16(ip + 2),
    });
  }
  return datagrams;
}

/** Longest run of zeros first in all addresses that the fixtures hold. */
function textOf(view: DataView, at: number, isIpv6: boolean): string {
  if (!isIpv6) return [0, 1, 2, 3].map((byte) => view.getUint8(at + byte)).join(".");
  const groups = [0, 2, 4, 6, 8, 10, 12, 14].map((by) => view.getUint16(at + by).toString(16));
  return groups.join(":").replace(/(^|:)0(:0)+(:|$)/, "::");
}

/** Replays a capture; what is named besides its own descriptions comes first. */
export async function replayed(
  capture: Uint8Array,
  given: readonly Naming[] = [],
): Promise<{ measured: Measured; namings: Naming[] }> {
  const engine = new Engine();
  engine.setDefaultMap(STATIC_PAYLOADS);
  const namings = [...given];
  const numbers = new Map<string, number>();
  const name = ({ endpoint, frame, payloads }: Naming): void => {
    const key = JSON.stringify([...payloads].sort(([a], [b]) => a - b));
    const number = numbers.get(key) ?? engine.addMap(payloads);
    numbers.set(key, number);
    engine.nameEndpoint(endpoint, frame, number);
  };
  for (const naming of given) name(naming);
  const input = engine.addFeed();
  engine.feed(input, capture);
  for (;;) {
    const pause = await engine.scan();
    for (const event of engine.takeEvents()) {
      if (event.kind !== "sip") continue;
      const found = described(event.payload, event.frame);
      for (const naming of found) name(naming);
      namings.push(...found);
    }
    if (pause === "hungry") engine.endFeed(input);
    if (pause === "ended") break;
  }
  await engine.finish();
  const { rtp, unconfirmedRtp, malformedRtp } = engine.counters();
  const streams = comparable(engine.streams(0, engine.streamCount()), (map) => engine.map(map));
  return { measured: { streams, rtp, unconfirmedRtp, malformedRtp }, namings };
}

function described(payload: Uint8Array, frame: number): Naming[] {
  const message = scanSipMessage(payload);
  if (typeof message === "string") return [];
  const namings: Naming[] = [];
  for (const body of sdpBodies(message)) {
    const session = parseSdp(body);
    if (typeof session === "string") continue;
    for (const { isRtp, rtp, payloads } of mediaEndpoints(session)) {
      if (isRtp && rtp !== undefined) namings.push({ frame, endpoint: rtp, payloads });
    }
  }
  return namings;
}

/** Taps every datagram; `look` may read of the engine after each. */
export function tapped(
  datagrams: readonly TappedDatagram[],
  namings: readonly Naming[],
  options: LiveEngineOptions = {},
  look: (engine: LiveEngine, flow: number) => void = () => undefined,
): Measured {
  const engine = new LiveEngine(options);
  const flows = new Map<string, { id: number; source: string; destination: string }>();
  const said = new Map<string, PayloadMap>();
  let next = 0;
  for (const { frame, source, destination, payload, ipBytes, atMs } of datagrams) {
    for (; next < namings.length && (namings[next]?.frame ?? 0) <= frame; ++next) {
      const { endpoint, payloads } = namings[next] as Naming;
      const key = endpointKey(endpoint);
      said.set(key, payloads);
      for (const flow of flows.values()) {
        if (flow.destination === key) engine.setPayloads(flow.id, payloads);
        if (flow.source === key) engine.setPayloads(flow.id, payloads, "source");
      }
    }
    if ((payload[0] ?? 0) >> 6 !== 2) continue;
    const from = endpointKey(source);
    const to = endpointKey(destination);
    let flow = flows.get(`${from} ${to}`);
    if (flow === undefined) {
      flow = { id: engine.openFlow({ source, destination }), source: from, destination: to };
      flows.set(`${from} ${to}`, flow);
      const [byDestination, bySource] = [said.get(to), said.get(from)];
      if (byDestination) engine.setPayloads(flow.id, byDestination);
      if (bySource) engine.setPayloads(flow.id, bySource, "source");
    }
    engine.packet(flow.id, payload, ipBytes, atMs);
    look(engine, flow.id);
  }
  const streams = [...flows.values()].flatMap(({ id }) => engine.closeFlow(id));
  const { rtp, unconfirmedRtp, malformedRtp } = engine.counters();
  return {
    streams: comparable(streams, (map) => engine.map(map)),
    rtp,
    unconfirmedRtp,
    malformedRtp,
  };
}

function comparable(
  streams: readonly StreamMeasurement[],
  mapOf: (number: number) => PayloadMap,
): unknown[] {
  const keyOf = ({ source, destination, ssrc }: StreamMeasurement): string =>
    `${endpointKey(source)} ${endpointKey(destination)} ${String(ssrc)}`;
  return [...streams]
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
    .map((stream) => ({
      ...stream,
      payloadTypes: stream.payloadTypes.map(({ map, ...count }) => ({
        ...count,
        payloads: [...mapOf(map)].sort(([a], [b]) => a - b),
      })),
    }));
}
