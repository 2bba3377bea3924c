#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "rtp/loss_times.hpp"

namespace probe::rtp {

constexpr std::uint32_t kGmin = 16;  // RFC 3611 section 4.7.2: the recommended value

// Totals of bursts and gaps by the definition of RFC 3611 section 4.7.2. (Its appendix A.2 counts
// the worked example of that section differently; the definition is what is followed here.)
struct BurstGap {
  std::uint32_t bursts = 0;
  std::uint32_t burstPackets = 0;  // received, lost and discarded ones inside bursts
  std::uint32_t burstImpaired = 0;
  std::uint32_t gapImpaired = 0;
};

// One burst, and when it was.
struct Burst {
  TimeSpan when;
  std::uint32_t lost;
  std::uint32_t discarded;

  [[nodiscard]] std::uint32_t impaired() const noexcept { return lost + discarded; }
};

// What went missing from one stream, in sequence order. Made when the first packet is lost or
// discarded: most streams never need one.
class LossState {
 public:
  // Runs of more different lengths than this are counted with the longest one known.
  static constexpr std::size_t kRunLengths = 10;
  struct Runs {
    std::array<std::uint16_t, kRunLengths> lengths;
    std::array<std::uint32_t, kRunLengths> counts;  // 0: the entry and those after it are unused
  };

  // Of more bursts than this, those with the most impaired packets are kept; the first of equals.
  static constexpr std::size_t kBurstsKept = 32;

  // Told when it shows that packets are missing or late; most come in time to fill the gap after
  // all. `settled` is the last packet whose fate is sealed.
  void missed(std::uint32_t first, std::uint32_t last, const TimeSpan& when,
              std::uint32_t settled) {
    times_.note(first, last, when, settled);
  }

  // Extended sequence numbers must not decrease.
  void lost(std::uint32_t sequence) noexcept {
    if (lostRun_ != 0 && sequence == lastLost_ + 1) {
      ++lostRun_;
    } else {
      closeLostRun();
      lostRun_ = 1;
    }
    lastLost_ = sequence;
    impaired(sequence);
    ++clusterLost_;
  }
  // So were those that follow the one lost last, and were missed with it.
  void lostAsWell(std::uint32_t count) noexcept {
    lostRun_ += count;
    lastLost_ += count;
    impairedPackets_ += count;
    clusterImpaired_ += count;
    clusterLast_ += count;
    clusterLost_ += count;
  }
  void discarded(std::uint32_t sequence) noexcept { impaired(sequence); }

  // Ends the runs in progress: at a restart, and before reading.
  void close() noexcept {
    closeLostRun();
    lostRun_ = 0;
    closeCluster();
    clusterImpaired_ = 0;
    times_.clear();
  }

  [[nodiscard]] const Runs& runs() const noexcept { return runs_; }
  [[nodiscard]] const BurstGap& burstGap() const noexcept { return burstGap_; }
  // In the order of the stream.
  [[nodiscard]] const std::vector<Burst>& worstBursts() const noexcept { return worstBursts_; }
  [[nodiscard]] std::uint32_t impairedPackets() const noexcept { return impairedPackets_; }
  [[nodiscard]] std::uint32_t impairedRuns() const noexcept { return impairedRuns_; }

 private:
  void impaired(std::uint32_t sequence) noexcept {
    ++impairedPackets_;
    if (clusterImpaired_ == 0 || sequence != clusterLast_ + 1) {
      ++impairedRuns_;
    }
    if (clusterImpaired_ != 0 && sequence - clusterLast_ <= kGmin) {
      ++clusterImpaired_;
    } else {
      closeCluster();
      clusterFirst_ = sequence;
      clusterImpaired_ = 1;
      clusterLost_ = 0;
      clusterWhen_ = {};
    }
    clusterLast_ = sequence;
    clusterWhen_.add(times_.of(sequence));
  }
  void closeLostRun() noexcept;
  void closeCluster() noexcept;
  void keep(const Burst& burst) noexcept;

  Runs runs_{};
  BurstGap burstGap_;
  std::uint32_t lastLost_ = 0;
  std::uint32_t lostRun_ = 0;
  std::uint32_t impairedPackets_ = 0;
  std::uint32_t impairedRuns_ = 0;
  // A cluster is what a burst begins as: impaired packets with fewer than Gmin good ones between.
  std::uint32_t clusterFirst_ = 0;
  std::uint32_t clusterLast_ = 0;
  std::uint32_t clusterImpaired_ = 0;
  std::uint32_t clusterLost_ = 0;
  TimeSpan clusterWhen_;
  LossTimes times_;
  std::vector<Burst> worstBursts_;
};

}  // namespace probe::rtp
