#pragma once

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
  std::uint32_t ports;            // source << 16 | destination
  Bytes payload;                  // what was captured of it, and of what the frame was padded with
  std::uint32_t payloadWireBytes;
  std::uint32_t ipBytes;
  Family family;
};

constexpr std::size_t kEthernetHeaderBytes = 14;
constexpr std::size_t kUdpHeaderBytes = 8;

constexpr std::size_t kIpv4HeaderBytes = 20;
constexpr std::size_t kIpv6HeaderBytes = 40;

// Whether the UDP header behind `ipHeaderBytes` fits its IP packet and is no tunnel's.
[[gnu::always_inline]] [[nodiscard]] inline bool viewUdp(Bytes frame, std::size_t ipHeaderBytes,
                                                         PlainUdp& out) noexcept {
  const std::size_t payloadAt = kEthernetHeaderBytes + ipHeaderBytes + kUdpHeaderBytes;
  const std::uint8_t* udp = frame.data() + kEthernetHeaderBytes + ipHeaderBytes;
  const std::uint32_t udpBytes = load16be(udp + 4);
  out.ports = load32be(udp);
  if (udpBytes < kUdpHeaderBytes || udpBytes + ipHeaderBytes > out.ipBytes ||
      isUdpTunnelPort(static_cast<std::uint16_t>(out.ports >> 16U)) ||
      isUdpTunnelPort(static_cast<std::uint16_t>(out.ports))) {
    return false;
  }
  out.payloadWireBytes = udpBytes - static_cast<std::uint32_t>(kUdpHeaderBytes);
  out.payload = {frame.data() + payloadAt, frame.size() - payloadAt};
  return true;
}

// As withPlainUdp(), for a frame whose EtherType and IP version are known.
template <Family kFamily>
[[gnu::always_inline]] [[nodiscard]] inline bool viewPlainUdpOf(Bytes frame,
                                                                PlainUdp& out) noexcept {
  const std::uint8_t* ip = frame.data() + kEthernetHeaderBytes;
  out.family = kFamily;
  if constexpr (kFamily == Family::kIpv4) {
    constexpr std::uint32_t kFragmentAndProtocolMask = 0x3FFF00FF;
    out.ipBytes = load16be(ip + 2);
    out.addresses = ip + 12;
    return (load32be(ip + 6) & kFragmentAndProtocolMask) == kProtocolUdp &&
           viewUdp(frame, kIpv4HeaderBytes, out);
  } else {
    if (frame.size() < kEthernetHeaderBytes + kIpv6HeaderBytes + kUdpHeaderBytes) {
      return false;
    }
    out.ipBytes = load16be(ip + 4) + static_cast<std::uint32_t>(kIpv6HeaderBytes);
    out.addresses = ip + 8;
    return ip[6] == kProtocolUdp && viewUdp(frame, kIpv6HeaderBytes, out);
  }
}

// Whether an Ethernet frame is that plain and `use`, which is given the datagram, wants it. Written
// out for each family, so that where the addresses lie is no question in what `use` does.
template <typename Use>
[[gnu::always_inline]] [[nodiscard]] inline bool withPlainUdp(Bytes frame, const Use& use) {
  constexpr std::uint32_t kIpv4 = 0x08004500;  // EtherType, version 4, header of 5 words
  constexpr std::uint32_t kIpv4Mask = 0xFFFFFF00;
  constexpr std::uint32_t kIpv6 = 0x86DD6000;  // EtherType, version 6, any traffic class
  constexpr std::uint32_t kIpv6Mask = 0xFFFFF000;
  if (frame.size() < kEthernetHeaderBytes + kIpv4HeaderBytes + kUdpHeaderBytes) {
    return false;
  }
  PlainUdp datagram;
  const std::uint32_t typeAndVersion = load32be(frame.data() + kEthernetHeaderBytes - 2);
  if ((typeAndVersion & kIpv4Mask) == kIpv4) [[likely]] {
    return viewPlainUdpOf<Family::kIpv4>(frame, datagram) && use(datagram);
  }
  return (typeAndVersion & kIpv6Mask) == kIpv6 && viewPlainUdpOf<Family::kIpv6>(frame, datagram) &&
         use(datagram);
}

}  // namespace probe::net
