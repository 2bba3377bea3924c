#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "bytes.hpp"
#include "net/packet.hpp"
#include "net/tunnel.hpp"

namespace probe::net {

// A UDP datagram in IPv4 or IPv6 in Ethernet, without options, tags, fragments or tunnels: what
// nearly every frame of a call is. Points into the frame, so that what is needed of it can be read
// from there without a copy in between.
struct PlainUdp {
  const std::uint8_t* addresses;  // the source's, behind it the destination's
  const std::uint8_t* udp;        // the UDP header
  Bytes payload;                  // what was captured of it
  std::uint32_t payloadWireBytes;
  std::uint32_t ipBytes;
  Family family;
};

constexpr std::size_t kEthernetHeaderBytes = 14;
constexpr std::size_t kUdpHeaderBytes = 8;

// Whether the UDP header behind `ipHeaderBytes` fits its IP packet and is no tunnel's.
[[nodiscard]] inline bool viewUdp(Bytes frame, std::size_t ipHeaderBytes, PlainUdp& out) noexcept {
  const std::size_t payloadAt = kEthernetHeaderBytes + ipHeaderBytes + kUdpHeaderBytes;
  out.udp = frame.data() + kEthernetHeaderBytes + ipHeaderBytes;
  const std::uint32_t udpBytes = load16be(out.udp + 4);
  if (udpBytes < kUdpHeaderBytes || udpBytes + ipHeaderBytes > out.ipBytes ||
      isUdpTunnelPort(load16be(out.udp)) || isUdpTunnelPort(load16be(out.udp + 2))) {
    return false;
  }
  out.payloadWireBytes = udpBytes - static_cast<std::uint32_t>(kUdpHeaderBytes);
  out.payload = {frame.data() + payloadAt,
                 std::min<std::size_t>(out.payloadWireBytes, frame.size() - payloadAt)};
  return true;
}

// Whether an Ethernet frame is that plain; then fills `out`.
[[nodiscard]] inline bool viewPlainUdp(Bytes frame, PlainUdp& out) noexcept {
  constexpr std::size_t kIpv4Bytes = 20;
  constexpr std::size_t kIpv6Bytes = 40;
  constexpr std::uint32_t kIpv4 = 0x08004500;  // EtherType, version 4, header of 5 words
  constexpr std::uint32_t kIpv4Mask = 0xFFFFFF00;
  constexpr std::uint32_t kIpv6 = 0x86DD6000;  // EtherType, version 6, any traffic class
  constexpr std::uint32_t kIpv6Mask = 0xFFFFF000;
  constexpr std::uint32_t kFragmentAndProtocolMask = 0x3FFF00FF;
  if (frame.size() < kEthernetHeaderBytes + kIpv4Bytes + kUdpHeaderBytes) {
    return false;
  }
  const std::uint8_t* ip = frame.data() + kEthernetHeaderBytes;
  const std::uint32_t typeAndVersion = load32be(ip - 2);
  if ((typeAndVersion & kIpv4Mask) == kIpv4) [[likely]] {
    out.ipBytes = load16be(ip + 2);
    out.addresses = ip + 12;
    out.family = Family::kIpv4;
    return (load32be(ip + 6) & kFragmentAndProtocolMask) == kProtocolUdp &&
           viewUdp(frame, kIpv4Bytes, out);
  }
  if ((typeAndVersion & kIpv6Mask) != kIpv6 || ip[6] != kProtocolUdp ||
      frame.size() < kEthernetHeaderBytes + kIpv6Bytes + kUdpHeaderBytes) {
    return false;
  }
  out.ipBytes = load16be(ip + 4) + static_cast<std::uint32_t>(kIpv6Bytes);
  out.addresses = ip + 8;
  out.family = Family::kIpv6;
  return viewUdp(frame, kIpv6Bytes, out);
}

}  // namespace probe::net
