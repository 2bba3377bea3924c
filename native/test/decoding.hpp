#pragma once

#include <cstdint>

#include "frame_bytes.hpp"
#include "net/decoder.hpp"

// One frame through a decoder, for the tests of net/.
namespace probe::test::decoding {

using frame_bytes::be16;
using frame_bytes::be32;
using frame_bytes::Buffer;
using frame_bytes::ethernet;
using frame_bytes::Ipv4;
using frame_bytes::ipv4;
using frame_bytes::ipv6;
using frame_bytes::isSame;
using frame_bytes::join;
using frame_bytes::kDestination4;
using frame_bytes::kDestination6;
using frame_bytes::kSource4;
using frame_bytes::kSource6;
using frame_bytes::le16;
using frame_bytes::le32;
using frame_bytes::ramp;
using frame_bytes::tcp;
using frame_bytes::udp;
using net::Decoded;
using net::Family;
using net::Malformed;

constexpr std::uint32_t kEthernet = 1;
constexpr std::uint32_t kIpv4Type = 0x0800;
constexpr std::uint32_t kIpv6Type = 0x86DD;

// A decoder and what it last made of a frame. The frame is kept, as `packet` borrows from it.
struct Decoding {
  net::Decoder decoder;
  net::Packet packet{};
  Buffer frame;

  // `captured`, when not negative, is the snap length that cuts the frame.
  Decoded decode(std::uint32_t linkType, const Buffer& bytes, std::int64_t atNs = 0,
                 std::int64_t captured = -1) {
    const auto size = captured < 0 ? static_cast<std::ptrdiff_t>(bytes.size()) : captured;
    frame = Buffer(bytes.begin(), bytes.begin() + size);
    return decoder.decode(linkType, frame, static_cast<std::uint32_t>(bytes.size()), atNs, packet);
  }
  [[nodiscard]] std::uint64_t malformed(Malformed reason) const {
    return decoder.counters().malformed[static_cast<std::size_t>(reason)];
  }
  [[nodiscard]] std::uint64_t malformedFrames() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t count : decoder.counters().malformed) {
      sum += count;
    }
    return sum;
  }
  [[nodiscard]] bool isFrom(const Buffer& source, const Buffer& destination) const {
    const Buffer address(packet.path.source.begin(), packet.path.source.end());
    const Buffer other(packet.path.destination.begin(), packet.path.destination.end());
    Buffer from = source;
    Buffer to = destination;
    from.resize(address.size());
    to.resize(other.size());
    return address == from && other == to &&
           packet.path.family == (source.size() == 4 ? Family::kIpv4 : Family::kIpv6);
  }
};

// The datagram that the tests carry in ever other ways: ports 5004 and 5006.
inline Buffer media() {
  return udp(5004, 5006, ramp(40));
}

// True when the frame holds media() from the source to the destination of frame_bytes.
inline bool holdsMedia(std::uint32_t linkType, const Buffer& frame) {
  Decoding of;
  if (of.decode(linkType, frame) != Decoded::kUdp) {
    return false;
  }
  const bool isIpv4 = of.packet.path.family == Family::kIpv4;
  return (isIpv4 ? of.isFrom(kSource4, kDestination4) : of.isFrom(kSource6, kDestination6)) &&
         of.packet.path.sourcePort == 5004 && of.packet.path.destinationPort == 5006 &&
         of.packet.path.protocol == net::kProtocolUdp && isSame(of.packet.payload, ramp(40)) &&
         of.packet.payloadWireBytes == 40 && of.packet.ipBytes == (isIpv4 ? 68U : 88U) &&
         of.malformedFrames() == 0;
}

// True when the frame is malformed for this one reason.
inline bool isMalformed(std::uint32_t linkType, const Buffer& frame, Malformed reason) {
  Decoding of;
  return of.decode(linkType, frame) == Decoded::kMalformed && of.malformed(reason) == 1 &&
         of.malformedFrames() == 1;
}

inline bool isOther(std::uint32_t linkType, const Buffer& frame) {
  Decoding of;
  return of.decode(linkType, frame) == Decoded::kOther && of.malformedFrames() == 0;
}

}  // namespace probe::test::decoding
