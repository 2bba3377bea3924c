/**
 * RTCP compound packets of an end that sends and receives (RFC 3550 §6).
 *
 * @module
 */

/** Seconds from 1900, where NTP counts from, to 1970. */
const NTP_OFFSET_SECONDS = 2208988800;

/** An instant as a 64-bit NTP timestamp, in two halves. */
export function ntpOf(atUs) {
  const seconds = Math.floor(atUs / 1e6);
  const fraction = Math.floor(((atUs - seconds * 1e6) / 1e6) * 0x100000000);
  return { seconds: (seconds + NTP_OFFSET_SECONDS) >>> 0, fraction };
}

/** The middle 32 bits of an NTP timestamp, as LSR has them. */
export function middleOf(ntp) {
  return (((ntp.seconds & 0xffff) << 16) | (ntp.fraction >>> 16)) >>> 0;
}

function writeBlock(packet, at, block) {
  packet.writeUInt32BE(block.ssrc, at);
  packet.writeInt32BE((block.fractionLost << 24) | (block.packetsLost & 0xffffff), at + 4);
  packet.writeUInt32BE(block.extendedHighest >>> 0, at + 8);
  packet.writeUInt32BE(block.jitterTicks, at + 12);
  packet.writeUInt32BE(block.lastSenderReport, at + 16);
  packet.writeUInt32BE(block.delaySinceLastSenderReport, at + 20);
}

function writeSourceDescription(packet, at, ssrc, cname) {
  const bytes = packet.length - at;
  packet[at] = 0x81;
  packet[at + 1] = 202;
  packet.writeUInt16BE(bytes / 4 - 1, at + 2);
  packet.writeUInt32BE(ssrc, at + 4);
  packet[at + 8] = 1; // CNAME
  packet[at + 9] = cname.length;
  packet.write(cname, at + 10, "latin1");
}

/**
 * A compound of a report and a source description. A sender report when `sent` says what was sent,
 * else a receiver report; with one block when there is anything to report on.
 */
export function compoundReport({ ssrc, cname, sent, block }) {
  const reportBytes = (sent ? 28 : 8) + (block ? 24 : 0);
  // At least one zero byte ends the chunk's items, and the chunk ends on a word.
  const descriptionBytes = 8 + 4 * Math.ceil((2 + cname.length + 1) / 4);
  const packet = Buffer.alloc(reportBytes + descriptionBytes);
  packet[0] = 0x80 | (block ? 1 : 0);
  packet[1] = sent ? 200 : 201;
  packet.writeUInt16BE(reportBytes / 4 - 1, 2);
  packet.writeUInt32BE(ssrc, 4);
  if (sent) {
    packet.writeUInt32BE(sent.ntp.seconds, 8);
    packet.writeUInt32BE(sent.ntp.fraction, 12);
    packet.writeUInt32BE(sent.timestamp >>> 0, 16);
    packet.writeUInt32BE(sent.packets, 20);
    packet.writeUInt32BE(sent.octets, 24);
  }
  if (block) writeBlock(packet, reportBytes - 24, block);
  writeSourceDescription(packet, reportBytes, ssrc, cname);
  return packet;
}
