#pragma once

#include <cstdint>
#include <optional>

#include "bytes.hpp"
#include "capture/byte_order.hpp"

namespace probe::capture {

// What a pcapng interface description block says of the packets that name it
// (draft-ietf-opsawg-pcapng section 4.2).
class Interface {
 public:
  // `body` is the block without its type and its two lengths, at least kFixedBytes of it. Options
  // that make no sense are passed over: their defaults are microseconds since the Unix epoch.
  Interface(Bytes body, ByteOrder order) noexcept;

  [[nodiscard]] std::uint32_t linkType() const noexcept { return linkType_; }
  // Longest captured part of a packet; 0 is no limit.
  [[nodiscard]] std::uint32_t snapLength() const noexcept { return snapLength_; }

  // Nanoseconds since the Unix epoch, rounded down. A time that the result cannot hold (before
  // 1677, after 2262) becomes the nearest that it can.
  [[nodiscard]] std::int64_t toNs(std::uint64_t ticks) const noexcept {
    if (ticks <= largestQuickTicks_) {
      return static_cast<std::int64_t>(ticks * nsPerTick_) + offsetNs_;
    }
    return toNsExactly(ticks);
  }

  [[nodiscard]] double ticksPerSecond() const noexcept;
  // Packets that the capturing side lost by the last statistics that say so.
  [[nodiscard]] std::optional<std::uint64_t> dropped() const noexcept { return dropped_; }
  // The options of an interface statistics block (section 4.6), which count from the beginning.
  void readStatistics(Bytes options, ByteOrder order) noexcept;

  static constexpr std::size_t kFixedBytes = 8;  // link type, reserved, snap length

 private:
  void readOptions(Bytes options, ByteOrder order) noexcept;
  void prepare() noexcept;
  [[nodiscard]] std::int64_t toNsExactly(std::uint64_t ticks) const noexcept;

  std::uint64_t largestQuickTicks_ = 0;  // up to here a multiplication and an addition are exact
  std::uint64_t nsPerTick_ = 0;
  std::int64_t offsetNs_ = 0;
  std::int64_t offsetSeconds_ = 0;
  std::optional<std::uint64_t> dropped_;
  std::uint32_t linkType_;
  std::uint32_t snapLength_;
  std::uint8_t resolution_ = 6;  // if_tsresol as written: 10^-n, or 2^-n with the top bit set
};

}  // namespace probe::capture
