#pragma once

#include <array>
#include <cstdint>

#include "bytes.hpp"

namespace probe::net {

enum class Family : std::uint8_t { kIpv4 = 4, kIpv6 = 6 };

constexpr std::uint8_t kProtocolTcp = 6;
constexpr std::uint8_t kProtocolUdp = 17;

// An IPv4 address lies in the first four bytes, the others are 0.
using Address = std::array<std::uint8_t, 16>;

// Who sent to whom. Innermost addresses: what carried them (VLAN, tunnel) is not part of it.
struct Path {
  Address source;
  Address destination;
  std::uint16_t sourcePort;
  std::uint16_t destinationPort;
  Family family;
  std::uint8_t protocol;  // kProtocolUdp or kProtocolTcp
};

// One UDP datagram or TCP segment, out of every tunnel and with its fragments joined. `payload`
// borrows from the frame, or from the reassembly buffer until the next decode.
struct Packet {
  Path path;
  Bytes payload;                   // what was captured of it
  std::uint32_t payloadWireBytes;  // what was sent, as the headers say; at least payload.size()
  std::uint32_t ipBytes;           // the IP packet that carried it, header included
  std::uint32_t sequence;          // TCP only
  std::uint8_t tcpFlags;           // TCP only: FIN 1, SYN 2, RST 4, PSH 8, ACK 16
};

}  // namespace probe::net
