#pragma once

#include <cstddef>
#include <cstdint>

namespace probe::net {

// How far from the expected byte a segment may lie and still belong to the same stream; beyond, it
// is from a later part of a stream with a long piece uncaptured, from another one, or forged.
constexpr std::uint32_t kSequenceWindowBytes = 1U << 20U;

// What a TcpTable may hold. A limit that is reached costs data, never memory; the counters tell.
struct TcpLimits {
  std::uint32_t connections = 65'536;        // at least 1
  std::uint64_t bufferedBytes = 64U << 20U;  // of all connections together

  // Of one direction, behind a hole. When either is passed, the hole is given up.
  std::size_t heldBytes = 256U << 10U;
  std::size_t heldSegments = 128;

  // How long a hole may wait to be filled. Above the 1 s of the least retransmission timeout that
  // RFC 6298 section 2.4 advises, and above three backed-off ones of 200 ms as Linux has them.
  std::int64_t holeAgeNs = 2'000'000'000;

  // How long a connection may be silent: RFC 5382 REQ-5, 2 h 4 min.
  std::int64_t idleNs = 7'440'000'000'000;

  // How many segments are looked at before a connection counts as something else than SIP.
  std::uint32_t examinedSegments = 16;
};

}  // namespace probe::net
