#include "net/decoder.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

#include "net/plain_udp.hpp"
#include "net/transport.hpp"

namespace probe::net {

// One frame on its way through the layers.
struct Decoder::Walk {
  // Nothing is cleared that is written before it is read: that took as long as all the rest.
  // NOLINTNEXTLINE(*-member-init): as said
  Walk(Bytes frame, std::uint32_t wireLength, std::int64_t capturedNs, Packet& into) noexcept
      : cursor(frame, wireLength), packet(into), atNs(capturedNs) {}

  Cursor cursor;
  IpHeader ip;
  Packet& packet;
  std::int64_t atNs;
  Decoded reached = Decoded::kOther;  // what readPayload() ended at
  // The last datagram on a tunnel's port, in case that what is in it makes no sense.
  std::optional<Packet> plain;
};

namespace {

// What fragments are worth joining: payloads that can lead to UDP or TCP.
bool leadsToTransport(std::uint8_t protocol) noexcept {
  switch (protocol) {
    case kProtocolUdp:
    case kProtocolTcp:
    case kProtocolIpv4:
    case kProtocolIpv6:
    case kProtocolGre:
    case kProtocolAuthentication:
    case kProtocolRouting:
    case kProtocolFragment:
    case kProtocolDestination:
      return true;
    default:
      return false;
  }
}

Next readHeader(Next next, Cursor& cursor, IpHeader& ip) noexcept {
  switch (next.layer()) {
    case Layer::kEthernet:
      return readEthernet(cursor);
    case Layer::kEtherType:
      return readEtherType(next.type(), cursor);
    case Layer::kLlc:
      return readLlc(cursor);
    case Layer::kPpp:
      return readPpp(cursor);
    case Layer::kIpv6:
      return readIpv6(cursor, ip);
    case Layer::kIp:
      if (cursor.size() > 0 && cursor.data()[0] >> 4U == static_cast<unsigned>(Family::kIpv6)) {
        return readIpv6(cursor, ip);
      }
      return readIpv4(cursor, ip);
    default:
      return readIpv4(cursor, ip);
  }
}

bool isIp(Layer layer) noexcept {
  return layer == Layer::kIp || layer == Layer::kIpv4 || layer == Layer::kIpv6;
}

void fill(const PlainUdp& plain, Packet& packet) noexcept {
  if (plain.family == Family::kIpv4) {
    packet.path.source = ipv4Address(plain.addresses);
    packet.path.destination = ipv4Address(plain.addresses + 4);
  } else {
    std::memcpy(packet.path.source.data(), plain.addresses, sizeof(Address));
    std::memcpy(packet.path.destination.data(), plain.addresses + sizeof(Address), sizeof(Address));
  }
  packet.path.sourcePort = static_cast<std::uint16_t>(plain.ports >> 16U);
  packet.path.destinationPort = static_cast<std::uint16_t>(plain.ports);
  packet.path.family = plain.family;
  packet.path.protocol = kProtocolUdp;
  packet.payload =
      plain.payload.first(std::min<std::size_t>(plain.payload.size(), plain.payloadWireBytes));
  packet.payloadWireBytes = plain.payloadWireBytes;
  packet.ipBytes = plain.ipBytes;
  packet.sequence = 0;
  packet.tcpFlags = 0;
}

}  // namespace

Decoded Decoder::decode(std::uint32_t linkType, Bytes frame, std::uint32_t wireLength,
                        std::int64_t atNs, Packet& packet) {
  const bool isPlain = linkType == kLinkTypeEthernet &&
                       withPlainUdp(frame, [&packet](const PlainUdp& plain) noexcept {
                         fill(plain, packet);
                         return true;
                       });
  return isPlain ? Decoded::kUdp : decodeLayers(linkType, frame, wireLength, atNs, packet);
}

Decoded Decoder::decodeLayers(std::uint32_t linkType, Bytes frame, std::uint32_t wireLength,
                              std::int64_t atNs, Packet& packet) {
  Walk walk(frame, wireLength, atNs, packet);
  Next next = readLink(linkType, walk.cursor);
  for (unsigned layers = 1; layers < kMaxLayers; ++layers) {
    switch (next.layer()) {
      case Layer::kMalformed:
        if (walk.plain.has_value() && next.reason() != Malformed::kFragment) {
          packet = *walk.plain;
          return Decoded::kUdp;
        }
        return count(next.reason());
      case Layer::kOther:
        return walk.reached;
      case Layer::kFragment:
        next = join(static_cast<std::uint8_t>(next.type()), walk);
        break;
      case Layer::kIpPayload:
        next = readPayload(static_cast<std::uint8_t>(next.type()), walk);
        break;
      default: {
        const std::uint32_t wireBytes = walk.cursor.wireBytes();
        const bool isIpHeader = isIp(next.layer());
        next = readHeader(next, walk.cursor, walk.ip);
        // Inside a datagram nothing can be longer than it: the mark of bytes that are no packet.
        if (isIpHeader && walk.plain.has_value() && walk.ip.packetBytes > wireBytes) {
          next = Malformed::kIpLength;
        }
        break;
      }
    }
  }
  return count(Malformed::kTooDeep);
}

// Reads what an IP packet carries. kOther ends the walk, at walk.reached.
Next Decoder::readPayload(std::uint8_t protocol, Walk& walk) noexcept {
  constexpr Next kEnd(Layer::kOther);
  switch (protocol) {
    case kProtocolUdp:
      break;
    case kProtocolTcp:
      if (!readTcp(walk.cursor, walk.ip, walk.packet)) {
        return Malformed::kTcpHeader;
      }
      walk.reached = Decoded::kTcp;
      return kEnd;
    case kProtocolIpv4:
      return Layer::kIpv4;
    case kProtocolIpv6:
      return Layer::kIpv6;
    case kProtocolGre:
      return readGre(walk.cursor);
    case kProtocolAuthentication:
      return readAuthentication(walk.cursor);
    default:
      return walk.ip.family == Family::kIpv6 ? readExtension(protocol, walk.cursor, walk.ip) : kEnd;
  }
  if (!readUdp(walk.cursor, walk.ip, walk.packet)) {
    return Malformed::kUdpHeader;
  }
  // The standards name the destination port; senders that answer to it from it exist all the same.
  const Path& path = walk.packet.path;
  const std::uint16_t port =
      isUdpTunnelPort(path.destinationPort) ? path.destinationPort : path.sourcePort;
  if (isUdpTunnelPort(port)) {
    const Next next = readUdpTunnel(port, walk.cursor);
    if (next.layer() != Layer::kMalformed) {
      walk.plain = walk.packet;
      return next;
    }
  }
  walk.reached = Decoded::kUdp;
  return kEnd;
}

Next Decoder::join(std::uint8_t protocol, Walk& walk) {
  constexpr Next kEnd(Layer::kOther);
  if (!leadsToTransport(protocol)) {
    return kEnd;
  }
  const bool isIpv4 = walk.ip.family == Family::kIpv4;
  const FragmentKey key{.source = walk.ip.source,
                        .destination = walk.ip.destination,
                        .id = walk.ip.id,
                        .family = walk.ip.family,
                        .protocol = isIpv4 ? protocol : std::uint8_t{0}};
  const Fragment fragment{.offset = walk.ip.fragmentOffset,
                          .more = walk.ip.moreFragments,
                          .protocol = protocol,
                          .headerBytes = walk.ip.packetBytes - walk.cursor.wireBytes(),
                          .wireBytes = walk.cursor.wireBytes(),
                          .bytes = walk.cursor.bytes()};
  Datagram whole{};
  const Joined joined = fragments_.add(key, fragment, walk.atNs, whole);
  counters_.fragmentsEvicted = fragments_.evicted();
  switch (joined) {
    case Joined::kRefused:
      return Malformed::kFragment;
    case Joined::kHeld:
      walk.reached = Decoded::kFragmentHeld;
      return kEnd;
    case Joined::kWhole:
      break;
  }
  // The buffer is new: what an outer datagram borrowed from it is gone.
  walk.plain.reset();
  walk.cursor = Cursor(whole.bytes, whole.wireBytes);
  walk.ip.packetBytes = whole.headerBytes + whole.wireBytes;
  return {Layer::kIpPayload, whole.protocol};
}

Decoded Decoder::count(Malformed reason) noexcept {
  ++counters_.malformed[static_cast<std::size_t>(reason)];
  return Decoded::kMalformed;
}

}  // namespace probe::net
