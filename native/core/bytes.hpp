#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>

namespace probe {

using Bytes = std::span<const std::uint8_t>;

// Fixed-width reads in network order. The caller has checked that the bytes are there. One load and
// one swap each: compilers do not find that in four loads and shifts everywhere.
[[nodiscard]] inline std::uint16_t load16be(const std::uint8_t* at) noexcept {
  std::uint16_t value = 0;
  std::memcpy(&value, at, sizeof value);
  return std::endian::native == std::endian::little ? __builtin_bswap16(value) : value;
}
[[nodiscard]] inline std::uint32_t load24be(const std::uint8_t* at) noexcept {
  return static_cast<std::uint32_t>(load16be(at)) << 8U | at[2];
}
[[nodiscard]] inline std::uint32_t load32be(const std::uint8_t* at) noexcept {
  std::uint32_t value = 0;
  std::memcpy(&value, at, sizeof value);
  return std::endian::native == std::endian::little ? __builtin_bswap32(value) : value;
}
[[nodiscard]] inline std::uint64_t load64be(const std::uint8_t* at) noexcept {
  std::uint64_t value = 0;
  std::memcpy(&value, at, sizeof value);
  return std::endian::native == std::endian::little ? __builtin_bswap64(value) : value;
}

}  // namespace probe
