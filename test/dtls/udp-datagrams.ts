/**
 * The UDP datagrams of a classic pcap of Ethernet with whole IPv4 packets without options; all else
 * is passed over. Independent of the engine, which does not hand out everything.
 *
 * @module
 */

import type { DtlsDatagram } from "../../src/dtls/observer.js";

/** In file order. */
export function udpDatagrams(capture: Uint8Array): DtlsDatagram[] {
  const view = new DataView(capture.buffer, capture.byteOffset, capture.length);
  const datagrams: DtlsDatagram[] = [];
  for (let at = 24; at < capture.length; at += 16 + view.getUint32(at + 8, true)) {
    const frame = at + 16;
    const ip = frame + 14;
    const udp = ip + 20;
    if (view.getUint16(frame + 12) !== 0x0800 || view.getUint8(ip) !== 0x45) continue;
    if (view.getUint8(ip + 9) !== 17) continue;
    const address = (from: number): string => capture.subarray(from, from + 4).join(".");
    datagrams.push({
      atMs: view.getUint32(at, true) * 1000 + view.getUint32(at + 4, true) / 1000,
      source: { address: address(ip + 12), port: view.getUint16(udp) },
      destination: { address: address(ip + 16), port: view.getUint16(udp + 2) },
      payload: capture.subarray(udp + 8, udp + view.getUint16(udp + 4)),
    });
  }
  return datagrams;
}
