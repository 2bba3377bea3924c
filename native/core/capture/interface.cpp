#include "capture/interface.hpp"

#include <algorithm>
#include <limits>

namespace probe::capture {
namespace {

__extension__ using Wide = __int128;

constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr std::int64_t kLargestNs = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kSmallestNs = std::numeric_limits<std::int64_t>::min();

constexpr std::uint16_t kOptionEnd = 0;
constexpr std::uint16_t kOptionResolution = 9;  // if_tsresol
constexpr std::uint16_t kOptionOffset = 14;     // if_tsoffset
constexpr std::size_t kOptionHeaderBytes = 4;

constexpr std::uint8_t kBinaryResolution = 0x80;
constexpr unsigned kNsExponent = 9;        // 10^-9 s is the unit of the result
constexpr unsigned kLargestExponent = 28;  // ticks of 10^-29 s and less never add up to one ns
constexpr std::size_t kOptionAlignment = 4;

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
  while (options.size() >= kOptionHeaderBytes) {
    const std::uint16_t code = order.load16(options.data());
    const std::size_t length = order.load16(options.data() + 2);
    options = options.subspan(kOptionHeaderBytes);
    if (code == kOptionEnd || length > options.size()) {
      return;
    }
    if (code == kOptionResolution && length == 1) {
      resolution_ = options[0];
    } else if (code == kOptionOffset && length == sizeof offsetSeconds_) {
      offsetSeconds_ = static_cast<std::int64_t>(order.load64(options.data()));
    }
    const std::size_t padded =
        (length + kOptionAlignment - 1) / kOptionAlignment * kOptionAlignment;
    options = options.subspan(std::min(padded, options.size()));
  }
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
