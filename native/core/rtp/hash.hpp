#pragma once

#include <cstdint>

namespace probe::rtp {

// Addresses, ports and SSRC are the sender's choice: without a secret they could be chosen to
// collide. Two rounds of a 64 by 64 bit multiplication with secret operands.
struct HashSeed {
  std::uint64_t first = 0x9E3779B97F4A7C15;
  std::uint64_t second = 0xD1B54A32D192ED03;
};

[[nodiscard]] inline std::uint64_t foldedProduct(std::uint64_t a, std::uint64_t b) noexcept {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

[[nodiscard]] inline std::uint64_t hashOf(std::uint64_t a, std::uint64_t b,
                                          const HashSeed& seed) noexcept {
  return foldedProduct(foldedProduct(a ^ seed.first, b ^ seed.second) ^ seed.first,
                       b ^ 0xA0761D6478BD642F);
}

}  // namespace probe::rtp
