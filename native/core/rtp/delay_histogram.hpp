#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace probe::rtp {

// Delays from 0 to 512 ms in 96 bins: 31.25 us wide up to 500 us, from there 8 to an octave, so
// that a bin is never wider than an eighth of the delay it stands for. Longer delays fall into the
// last bin.
constexpr std::size_t kDelayBins = 96;
constexpr double kDelayBinUnitNs = 31250;

[[nodiscard]] inline std::size_t delayBin(double delayNs) noexcept {
  constexpr double kTopUnits = (1U << 14U) - 1;
  constexpr std::uint32_t kLinearUnits = 8;
  const double units = delayNs * (1 / kDelayBinUnitNs);
  const double positive = units > 0 ? units : 0;
  const auto u = static_cast<std::uint32_t>(positive < kTopUnits ? positive : kTopUnits);
  const unsigned shift = static_cast<unsigned>(std::bit_width(u | kLinearUnits)) - 4U;
  return (static_cast<std::size_t>(shift) << 3U) + (u >> shift);
}

// Lower edge of a bin in nanoseconds. Of kDelayBins: the upper edge of the last one.
[[nodiscard]] inline double delayBinEdgeNs(std::size_t bin) noexcept {
  if (bin < 16) {
    return static_cast<double>(bin) * kDelayBinUnitNs;
  }
  const std::size_t shift = (bin >> 3U) - 1;
  const std::size_t mantissa = (bin & 7U) + 8;
  return static_cast<double>(mantissa << shift) * kDelayBinUnitNs;
}

// Whether the four bins from `bin` on are empty: most are, and are passed over at once.
[[nodiscard]] inline bool isEmptyGroup(const std::array<std::uint16_t, kDelayBins>& counts,
                                       std::size_t bin) noexcept {
  std::uint64_t four = 0;
  std::memcpy(&four, &counts[bin], sizeof(four));
  return four == 0;
}

// The delay below which `wanted` of the counted ones lie, linear inside its bin and never above
// `maxNs`.
template <typename Count>
[[nodiscard]] double delayQuantileNs(const std::array<Count, kDelayBins>& counts, double wanted,
                                     double maxNs) noexcept {
  double below = 0;
  for (std::size_t bin = 0; bin < kDelayBins; ++bin) {
    if (counts[bin] == 0) {
      continue;
    }
    const auto count = static_cast<double>(counts[bin]);
    if (below + count >= wanted) {
      const double low = delayBinEdgeNs(bin);
      const double high = bin + 1 == kDelayBins && maxNs > low ? maxNs : delayBinEdgeNs(bin + 1);
      const double at = low + (high - low) * ((wanted - below) / count);
      return at < maxNs ? at : maxNs;
    }
    below += count;
  }
  return maxNs;
}

}  // namespace probe::rtp
