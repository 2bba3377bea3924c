#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace probe::capture {

// Reads numbers as the machine that wrote the capture laid them out; a capture says which order
// that was. The caller has checked that the bytes are there.
class ByteOrder {
 public:
  // Big-endian when `isBigEndian`, else little-endian.
  explicit constexpr ByteOrder(bool isBigEndian) noexcept
      : swapped_(isBigEndian != (std::endian::native == std::endian::big)) {}

  // That of this machine.
  static constexpr ByteOrder native() noexcept {
    return ByteOrder(std::endian::native == std::endian::big);
  }
  [[nodiscard]] constexpr bool isNative() const noexcept { return !swapped_; }

  [[nodiscard]] std::uint16_t load16(const std::uint8_t* at) const noexcept {
    std::uint16_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return swapped_ ? __builtin_bswap16(value) : value;
  }
  [[nodiscard]] std::uint32_t load32(const std::uint8_t* at) const noexcept {
    std::uint32_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return swapped_ ? __builtin_bswap32(value) : value;
  }
  [[nodiscard]] std::uint64_t load64(const std::uint8_t* at) const noexcept {
    std::uint64_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return swapped_ ? __builtin_bswap64(value) : value;
  }

 private:
  bool swapped_;
};

}  // namespace probe::capture
