#include "rtp/loss_state.hpp"

#include <algorithm>

namespace probe::rtp {

void LossState::closeLostRun() noexcept {
  if (lostRun_ == 0) {
    return;
  }
  const auto length = static_cast<std::uint16_t>(lostRun_ < 0xFFFF ? lostRun_ : 0xFFFF);
  std::size_t longest = 0;
  for (std::size_t i = 0; i < kRunLengths; ++i) {
    if (runs_.counts[i] == 0 || runs_.lengths[i] == length) {
      runs_.lengths[i] = length;
      ++runs_.counts[i];
      return;
    }
    longest = runs_.lengths[i] > runs_.lengths[longest] ? i : longest;
  }
  ++runs_.counts[longest];
}

void LossState::closeCluster() noexcept {
  if (clusterImpaired_ == 1) {
    ++burstGap_.gapImpaired;
  } else if (clusterImpaired_ > 1) {
    ++burstGap_.bursts;
    burstGap_.burstPackets += clusterLast_ - clusterFirst_ + 1;
    burstGap_.burstImpaired += clusterImpaired_;
    keep(
        {.when = clusterWhen_, .lost = clusterLost_, .discarded = clusterImpaired_ - clusterLost_});
  }
}

void LossState::keep(const Burst& burst) noexcept {
  if (worstBursts_.size() == kBurstsKept) {
    // The last of the least, so that the first of equals stays.
    const auto least =
        std::ranges::min_element(worstBursts_.rbegin(), worstBursts_.rend(), {}, &Burst::impaired);
    if (least->impaired() >= burst.impaired()) {
      return;
    }
    worstBursts_.erase(std::next(least).base());
  }
  worstBursts_.push_back(burst);
}

}  // namespace probe::rtp
