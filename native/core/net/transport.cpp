#include "net/transport.hpp"

namespace probe::net {
namespace {

constexpr std::size_t kUdpBytes = 8;
constexpr std::size_t kTcpBytes = 20;
constexpr std::size_t kWordBytes = 4;
constexpr std::uint32_t kLargestField = 65535;

void fill(Packet& packet, const IpHeader& ip, const Cursor& cursor,
          std::uint8_t protocol) noexcept {
  packet.path.source = ip.source;
  packet.path.destination = ip.destination;
  packet.path.sourcePort = load16be(cursor.data());
  packet.path.destinationPort = load16be(cursor.data() + 2);
  packet.path.family = ip.family;
  packet.path.protocol = protocol;
  packet.ipBytes = ip.packetBytes;
}

void takePayload(Packet& packet, const Cursor& cursor) noexcept {
  packet.payload = cursor.bytes();
  packet.payloadWireBytes = cursor.wireBytes();
}

}  // namespace

bool readUdp(Cursor& cursor, const IpHeader& ip, Packet& packet) noexcept {
  if (cursor.size() < kUdpBytes) {
    return false;
  }
  std::uint32_t length = load16be(cursor.data() + 4);
  if (length == 0 && cursor.wireBytes() > kLargestField) {
    length = cursor.wireBytes();
  }
  if (length < kUdpBytes || length > cursor.wireBytes()) {
    return false;
  }
  fill(packet, ip, cursor, kProtocolUdp);
  packet.sequence = 0;
  packet.tcpFlags = 0;
  cursor.limit(length);
  cursor.skip(kUdpBytes);
  takePayload(packet, cursor);
  return true;
}

bool readTcp(Cursor& cursor, const IpHeader& ip, Packet& packet) noexcept {
  if (cursor.size() < kTcpBytes) {
    return false;
  }
  const std::size_t headerBytes = (cursor.data()[12] >> 4U) * kWordBytes;
  if (headerBytes < kTcpBytes || headerBytes > cursor.wireBytes()) {
    return false;
  }
  fill(packet, ip, cursor, kProtocolTcp);
  packet.sequence = load32be(cursor.data() + 4);
  packet.tcpFlags = cursor.data()[13];
  const auto payloadBytes = cursor.wireBytes() - static_cast<std::uint32_t>(headerBytes);
  cursor.skip(std::min(headerBytes, cursor.size()));
  cursor.limit(payloadBytes);
  takePayload(packet, cursor);
  return true;
}

}  // namespace probe::net
