#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "bytes.hpp"
#include "net/fragments.hpp"
#include "net/ip.hpp"
#include "net/layer.hpp"
#include "net/link.hpp"
#include "net/malformed.hpp"
#include "net/packet.hpp"
#include "net/tunnel.hpp"

namespace probe::net {

enum class Decoded : std::uint8_t {
  kUdp,
  kTcp,
  kOther,  // a well-formed frame of something else (ARP, ICMP with what it quotes, SCTP, ...)
  kFragmentHeld,  // part of a datagram that is not complete yet
  kMalformed,     // see Decoder::counters()
};

struct DecoderCounters {
  // By Malformed. A datagram on a tunnel's port that holds no tunnel is not malformed.
  std::array<std::uint64_t, static_cast<std::size_t>(Malformed::kCount)> malformed;
  std::uint64_t fragmentsEvicted;  // incomplete datagrams given up: table full or too old
};

// Takes a frame apart down to the innermost UDP datagram or TCP segment: through VLAN tags, PPPoE,
// MPLS, IP in IP, GRE, ERSPAN, VXLAN, Geneve and GTP-U, and joins IP fragments. What ICMP quotes is
// never decoded. A frame that the snap length cut gives what is there of its payload, as long as
// the UDP or TCP header (20 bytes of it) is; the headers say how much there was.
//
// Checksums are not looked at: offload leaves them wrong in every capture of the sending host.
//
// Does not allocate but for fragments (see FragmentTable), read the clock or throw. Not
// thread-safe: one owner at a time.
class Decoder {
 public:
  static constexpr std::size_t kUdpHeaderBytes = 8;
  static constexpr unsigned kMaxLayers = 32;  // steps from header to header within one frame

  // `frame` borrows; `packet.payload` may point into it or into the reassembly buffer, until the
  // next decode. `packet` is filled for kUdp and kTcp and else holds nothing of use. `atNs` is the
  // capture time, by which fragments age.
  Decoded decode(std::uint32_t linkType, Bytes frame, std::uint32_t wireLength, std::int64_t atNs,
                 Packet& packet);
  [[nodiscard]] const DecoderCounters& counters() const noexcept { return counters_; }
  // Datagrams that still wait for fragments: at a capture's end, those that never came whole.
  [[nodiscard]] const FragmentTable& fragments() const noexcept { return fragments_; }

 private:
  struct Walk;

  static bool decodePlain(Bytes frame, Packet& packet) noexcept;
  static bool decodePlainIpv6(Bytes frame, Packet& packet) noexcept;
  static bool fillPlain(Bytes frame, std::size_t udpAt, std::uint32_t ipBytes,
                        Packet& packet) noexcept;
  Decoded decodeLayers(std::uint32_t linkType, Bytes frame, std::uint32_t wireLength,
                       std::int64_t atNs, Packet& packet);
  Decoded count(Malformed reason) noexcept;
  static Next readPayload(std::uint8_t protocol, Walk& walk) noexcept;
  Next join(std::uint8_t protocol, Walk& walk);

  FragmentTable fragments_;
  DecoderCounters counters_{};
};

// Nearly every frame of a call is a UDP datagram in IPv4 or IPv6 in Ethernet without options, tags
// or fragments. Those are decoded here, in a few loads; false is any other.
inline bool Decoder::decodePlain(Bytes frame, Packet& packet) noexcept {
  constexpr std::size_t kIpAt = 14;
  constexpr std::size_t kUdpAt = kIpAt + 20;
  constexpr std::uint32_t kTypeAndVersion = 0x08004500;  // EtherType, version 4, header of 5 words
  constexpr std::uint32_t kTypeAndVersionMask = 0xFFFFFF00;
  constexpr std::uint32_t kFragmentAndProtocolMask = 0x3FFF00FF;
  if (frame.size() < kUdpAt + kUdpHeaderBytes) {
    return false;
  }
  const std::uint8_t* at = frame.data();
  if ((load32be(at + kIpAt - 2) & kTypeAndVersionMask) != kTypeAndVersion) {
    return decodePlainIpv6(frame, packet);
  }
  const std::uint32_t ipBytes = load16be(at + kIpAt + 2);
  if ((load32be(at + kIpAt + 6) & kFragmentAndProtocolMask) != kProtocolUdp ||
      !fillPlain(frame, kUdpAt, ipBytes, packet)) {
    return false;
  }
  packet.path.source = ipv4Address(at + kIpAt + 12);
  packet.path.destination = ipv4Address(at + kIpAt + 16);
  packet.path.family = Family::kIpv4;
  return true;
}

inline bool Decoder::decodePlainIpv6(Bytes frame, Packet& packet) noexcept {
  constexpr std::size_t kIpAt = 14;
  constexpr std::size_t kIpBytes = 40;
  constexpr std::size_t kUdpAt = kIpAt + kIpBytes;
  constexpr std::uint32_t kTypeAndVersion = 0x86DD6000;  // EtherType, version 6, any traffic class
  constexpr std::uint32_t kTypeAndVersionMask = 0xFFFFF000;
  if (frame.size() < kUdpAt + kUdpHeaderBytes) {
    return false;
  }
  const std::uint8_t* at = frame.data();
  if ((load32be(at + kIpAt - 2) & kTypeAndVersionMask) != kTypeAndVersion ||
      at[kIpAt + 6] != kProtocolUdp ||
      !fillPlain(frame, kUdpAt, load16be(at + kIpAt + 4) + std::uint32_t{kIpBytes}, packet)) {
    return false;
  }
  std::memcpy(packet.path.source.data(), at + kIpAt + 8, sizeof(Address));
  std::memcpy(packet.path.destination.data(), at + kIpAt + 24, sizeof(Address));
  packet.path.family = Family::kIpv6;
  return true;
}

// What is behind the addresses. `ipBytes` is the IP packet's length, its header ends at `udpAt`.
inline bool Decoder::fillPlain(Bytes frame, std::size_t udpAt, std::uint32_t ipBytes,
                               Packet& packet) noexcept {
  constexpr std::size_t kEthernetBytes = 14;
  const std::uint8_t* at = frame.data() + udpAt;
  const std::uint32_t udpBytes = load16be(at + 4);
  const std::uint16_t sourcePort = load16be(at);
  const std::uint16_t destinationPort = load16be(at + 2);
  if (udpBytes < kUdpHeaderBytes || udpBytes + (udpAt - kEthernetBytes) > ipBytes ||
      isUdpTunnelPort(sourcePort) || isUdpTunnelPort(destinationPort)) {
    return false;
  }
  const std::size_t payloadAt = udpAt + kUdpHeaderBytes;
  packet.path.sourcePort = sourcePort;
  packet.path.destinationPort = destinationPort;
  packet.path.protocol = kProtocolUdp;
  packet.payloadWireBytes = udpBytes - static_cast<std::uint32_t>(kUdpHeaderBytes);
  packet.payload = {frame.data() + payloadAt,
                    std::min<std::size_t>(packet.payloadWireBytes, frame.size() - payloadAt)};
  packet.ipBytes = ipBytes;
  packet.sequence = 0;
  packet.tcpFlags = 0;
  return true;
}

inline Decoded Decoder::decode(std::uint32_t linkType, Bytes frame, std::uint32_t wireLength,
                               std::int64_t atNs, Packet& packet) {
  if (linkType == kLinkTypeEthernet && decodePlain(frame, packet)) [[likely]] {
    return Decoded::kUdp;
  }
  return decodeLayers(linkType, frame, wireLength, atNs, packet);
}

}  // namespace probe::net
