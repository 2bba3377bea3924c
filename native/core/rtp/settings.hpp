#pragma once

#include <cstdint>

namespace probe::rtp {

// What a host may choose. Defaults are those the reports state.
struct Settings {
  double fixedBufferNs = 60e6;
  double adaptiveMinNs = 20e6;
  double adaptiveMaxNs = 200e6;
  std::int64_t intervalNs = 5'000'000'000;
  std::uint32_t intervalsKept = 720;
  std::uint32_t maxStreams = 262'144;
  std::uint32_t maxCandidates = 65'536;
  std::uint32_t maxEndpoints = 262'144;
};

}  // namespace probe::rtp
