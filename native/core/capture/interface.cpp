#include "capture/interface.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "capture/options.hpp"

namespace probe::capture {
namespace {

__extension__ using Wide = __int128;

constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr std::int64_t kLargestNs = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kSmallestNs = std::numeric_limits<std::int64_t>::min();

constexpr std::uint16_t kOptionResolution = 9;  // if_tsresol
constexpr std::uint16_t kOptionOffset = 14;     // if_tsoffset
constexpr std::uint16_t kOptionDropped = 5;     // isb_ifdrop
constexpr std::uint16_t kOptionOsDropped = 7;   // isb_osdrop

constexpr std::uint8_t kBinaryResolution = 0x80;
constexpr unsigned kNsExponent = 9;        // 10^-9 s is the unit of the result
constexpr unsigned kLargestExponent = 28;  // ticks of 10^-29 s and less never add up to one ns

std::uint64_t powerOfTen(unsigned exponent) noexcept {
  std::uint64_t power = 1;
  for (; exponent > 0; --exponent) {
    power *= 10;
  }
  return power;
}

}  // namespace

Interface::Interface(Bytes body, ByteOrder order) noexcept
    : linkType_(order.load16(body.data())), snapLength_(order.load32(body.data() + 4)) {
  readOptions(body.subspan(kFixedBytes), order);
  prepare();
}

void Interface::readOptions(Bytes options, ByteOrder order) noexcept {
  eachOption(options, order, [&](std::uint16_t code, Bytes value) noexcept {
    if (code == kOptionResolution && value.size() == 1) {
      resolution_ = value[0];
    } else if (code == kOptionOffset && value.size() == sizeof offsetSeconds_) {
      offsetSeconds_ = static_cast<std::int64_t>(order.load64(value.data()));
    }
  });
}

void Interface::readStatistics(Bytes options, ByteOrder order) noexcept {
  std::optional<std::uint64_t> dropped;
  eachOption(options, order, [&](std::uint16_t code, Bytes value) noexcept {
    const bool isDrops = code == kOptionDropped || code == kOptionOsDropped;
    if (isDrops && value.size() == sizeof(std::uint64_t)) {
      dropped = dropped.value_or(0) + order.load64(value.data());
    }
  });
  if (dropped) {
    dropped_ = dropped;
  }
}

double Interface::ticksPerSecond() const noexcept {
  const double exponent = resolution_ & ~kBinaryResolution;
  return (resolution_ & kBinaryResolution) != 0 ? std::exp2(exponent) : std::pow(10.0, exponent);
}

// Sets up the quick way, which serves every decimal resolution from a second to a nanosecond.
void Interface::prepare() noexcept {
  const bool isSmall = offsetSeconds_ <= kLargestNs / kNsPerSecond / 2 &&
                       offsetSeconds_ >= kSmallestNs / kNsPerSecond / 2;
  if (resolution_ > kNsExponent || !isSmall) {
    nsPerTick_ = 0;
    largestQuickTicks_ = 0;
    offsetNs_ = toNsExactly(0);
    return;
  }
  nsPerTick_ = powerOfTen(kNsExponent - resolution_);
  offsetNs_ = offsetSeconds_ * kNsPerSecond;
  const std::int64_t room = offsetNs_ > 0 ? kLargestNs - offsetNs_ : kLargestNs;
  largestQuickTicks_ = static_cast<std::uint64_t>(room) / nsPerTick_;
}

std::int64_t Interface::toNsExactly(std::uint64_t ticks) const noexcept {
  Wide ns = static_cast<Wide>(ticks);
  if ((resolution_ & kBinaryResolution) != 0) {
    ns = (ns * kNsPerSecond) >> (resolution_ & ~kBinaryResolution);
  } else if (resolution_ <= kNsExponent) {
    ns *= powerOfTen(kNsExponent - resolution_);
  } else {
    ns = resolution_ > kLargestExponent ? 0 : ns / powerOfTen(resolution_ - kNsExponent);
  }
  ns += static_cast<Wide>(offsetSeconds_) * kNsPerSecond;
  return static_cast<std::int64_t>(std::clamp<Wide>(ns, kSmallestNs, kLargestNs));
}

}  // namespace probe::capture
