#pragma once

#include <array>
#include <cstdint>

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
  }
  void discarded(std::uint32_t sequence) noexcept { impaired(sequence); }

  // Ends the runs in progress: at a restart, and before reading.
  void close() noexcept {
    closeLostRun();
    lostRun_ = 0;
    closeCluster();
    clusterImpaired_ = 0;
  }

  [[nodiscard]] const Runs& runs() const noexcept { return runs_; }
  [[nodiscard]] const BurstGap& burstGap() const noexcept { return burstGap_; }
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
    }
    clusterLast_ = sequence;
  }
  void closeLostRun() noexcept;
  void closeCluster() noexcept;

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
};

}  // namespace probe::rtp
