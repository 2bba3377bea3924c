#pragma once

#include <cstdint>
#include <cstring>
#include <span>

namespace probe {

using Bytes = std::span<const std::uint8_t>;

// Fixed-width reads. The caller has checked that the bytes are there.
[[nodiscard]] inline std::uint16_t load16be(const std::uint8_t* at) noexcept {
  return static_cast<std::uint16_t>(at[0] << 8U | at[1]);
}
[[nodiscard]] inline std::uint32_t load24be(const std::uint8_t* at) noexcept {
  return static_cast<std::uint32_t>(at[0]) << 16U | static_cast<std::uint32_t>(at[1]) << 8U | at[2];
}
[[nodiscard]] inline std::uint32_t load32be(const std::uint8_t* at) noexcept {
  return static_cast<std::uint32_t>(at[0]) << 24U | load24be(at + 1);
}
[[nodiscard]] inline std::uint64_t load64be(const std::uint8_t* at) noexcept {
  return static_cast<std::uint64_t>(load32be(at)) << 32U | load32be(at + 4);
}

}  // namespace probe
