#pragma once

#include <array>
#include <cstdint>

namespace probe::rtp {

// What the statistics need to know of one RTP packet. A capture's scan writes these and a live tap
// will: both are accounted by the same code. 48 bytes, so that a batch stays in the cache.
struct Fact {
  std::int64_t atNs;   // arrival, since the Unix epoch
  std::uint64_t hash;  // of addresses, ports and SSRC, with the engine's seed
  std::uint64_t
      addresses;        // IPv4: source and destination as they lie; IPv6: index into a side table
  std::uint32_t ports;  // source << 16 | destination
  std::uint32_t ssrc;
  std::uint32_t timestamp;
  std::uint32_t frame;  // counted from the batch's first frame
  std::uint16_t sequenceNumber;
  std::uint16_t payloadBytes;
  std::uint16_t ipBytes;
  std::uint8_t payloadType;
  std::uint8_t flags;
};
static_assert(sizeof(Fact) == 48);

// Source and destination, one behind the other.
using Ipv6Addresses = std::array<std::uint8_t, 32>;

constexpr std::uint8_t kFactMarker = 1;
constexpr std::uint8_t kFactIpv6 = 2;

}  // namespace probe::rtp
