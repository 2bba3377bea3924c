#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <vector>

#include "rtp/delay_histogram.hpp"
#include "rtp/fact.hpp"
#include "rtp/loss_state.hpp"
#include "rtp/payload_format.hpp"
#include "rtp/settings.hpp"

namespace probe::rtp {

// One interval of a stream's life, numbered from its first packet. What is counted here is what was
// noticed in it: that a packet is missing shows when a later one arrives.
struct Interval {
  std::uint32_t index;
  std::uint32_t packets;
  std::int32_t expected;
  std::uint32_t duplicates;
  std::uint32_t reordered;
  std::uint32_t discarded;
  std::int32_t impairedRuns;  // more at its end than at its start, and fewer where gaps were filled
  std::uint32_t payloadBytes;
  std::uint32_t jitterUpdates;
  std::uint32_t delays;  // packets with a delay: 0 leaves the next three without meaning
  float jitterMeanNs;
  float jitterMaxNs;
  float delayP95Ns;     // above the interval's least delay
  float delayMaxNs;     // likewise
  double leastDelayNs;  // relative to the stream's first packet: carries the clocks' drift
};

// Adds `next` to the interval before it, of which it takes the place.
void merge(Interval& into, const Interval& next) noexcept;

// Who sends what to whom.
struct StreamKey {
  std::array<std::uint8_t, 16> source;
  std::array<std::uint8_t, 16> destination;
  std::uint32_t ports;  // source << 16 | destination
  std::uint32_t ssrc;
  bool ipv6;
};

// Reception statistics of one RTP stream: what a receiver at the point of observation could say.
// Sequence tracking follows RFC 3550 appendix A.1 without its probation, loss A.3, jitter A.8.
//
// An undisturbed packet touches the first two cache lines and one line of the histogram. Does not
// allocate per packet and does not read the clock. One owner at a time.
struct alignas(64) Stream {
  static constexpr std::size_t kPayloadTypes = 5;
  static constexpr std::uint8_t kNoPayloadType = 0xFF;
  static constexpr std::uint32_t kNoStream = 0xFFFFFFFF;
  static constexpr float kNothing = HUGE_VALF;  // least of no delays

  struct PayloadCount {
    std::uint32_t packets;
    std::uint16_t map;  // which payload map told its format
    std::uint8_t payloadType;
  };

  // -- line 0: order and jitter
  std::int64_t lastTimedNs = 0;  // arrival of the packet that jitter compares with
  double nsPerTick = 0;          // 0: no clock for this payload type, or none that counts
  double jitterNs = 0;
  double jitterSumNs = 0;
  double transitNs = 0;  // delay relative to the first packet
  std::int64_t intervalEndNs = 0;
  std::uint32_t lastTimestamp = 0;
  std::uint32_t highest = 0;  // extended sequence number, starting one cycle up
  std::uint32_t packets = 0;
  std::uint8_t payloadType = kNoPayloadType;
  std::uint8_t speech : 1 = 0;
  std::uint8_t hasTransit : 1 = 0;  // there is a packet to compare with
  std::uint8_t wasTimed : 1 = 0;    // there was one once
  std::uint8_t hasStray : 1 = 0;
  std::uint8_t hasLate : 1 = 0;  // a bit of `late` is set
  std::uint8_t isFinished : 1 = 0;
  std::uint8_t hasLeft : 1 = 0;  // `leftSequence` means something
  std::uint8_t consecutiveLate = 0;
  std::uint8_t timedPayloadType = kNoPayloadType;

  // -- line 1: the window of sequence numbers, playout, the interval in progress
  std::array<std::uint64_t, 2> seen{~0ULL, ~0ULL};  // bit = sequence number modulo 128
  double anchorNs = 0;         // transit that the fixed buffer takes as punctual
  double histogramBaseNs = 0;  // transit of the histogram's zero, which these are relative to:
  float adaptiveDelayNs = 0;
  float leastNs = kNothing;
  float mostNs = -kNothing;
  float adaptiveVariationNs = 0;
  double intervalJitterMaxNs = 0;
  std::uint32_t intervalPayloadBytes = 0;
  std::uint32_t intervalIpBytes = 0;

  // -- touched when something is wrong, an interval ends, or a report is made
  std::int64_t firstPacketNs = 0;
  std::int64_t lastUntimedNs = 0;
  double adaptiveWaitSumNs = 0;  // over packets, at the wait their interval ended with
  double endedJitterMaxNs = 0;   // of all ended intervals

  // -- delays of the interval in progress, half a line on: what a calm stream counts, from half a
  // millisecond to eight above the histogram's zero, then lies in one line, the fourth
  std::array<std::uint16_t, kDelayBins> histogram{};

  // -- as before the histogram
  std::array<std::uint64_t, 2> late{0, 0};  // of those seen: too late for the fixed buffer
  std::uint64_t endedPayloadBytes = 0;      // of all ended intervals
  std::uint64_t endedIpBytes = 0;
  std::uint32_t discarded = 0;
  std::uint32_t adaptiveDiscarded = 0;
  std::uint32_t uncompared = 0;      // packets that gave no jitter
  std::int32_t frameTicks = 0;       // timestamp step from packet to packet; not above 0: unknown
  std::uint32_t base = 0;            // lowest extended sequence number since the last restart
  std::uint32_t expectedBefore = 0;  // over all sequences before it, strays included
  std::uint32_t duplicates = 0;
  std::uint32_t reordered = 0;
  std::uint32_t restarts = 0;
  std::uint32_t payloadTypeSince = 0;  // `packets` when it began
  std::uint32_t otherPayloadTypes = 0;
  float endedDelayMaxNs = 0;
  std::int64_t strayNs = 0;
  std::uint32_t strayTimestamp = 0;
  std::uint32_t highestAtStray = 0;
  std::uint16_t straySequence = 0;
  std::uint16_t leftSequence = 0;  // the number that was due when the last restart came
  std::uint16_t map = 0;
  std::uint32_t nextByDestination = kNoStream;
  std::uint32_t nextBySource = kNoStream;
  std::array<PayloadCount, kPayloadTypes> payloadCounts{};
  StreamKey key{};
  // Counters at the start of the interval in progress.
  struct Mark {
    double jitterSumNs = 0;
    std::uint32_t packets = 0;
    std::uint32_t expected = 0;
    std::uint32_t duplicates = 0;
    std::uint32_t reordered = 0;
    std::uint32_t discarded = 0;
    std::uint32_t jitterUpdates = 0;
    std::int32_t impairedRuns = 0;  // of the interval itself
    std::uint32_t index = 0;
  } mark;
  std::uint32_t intervalLength = 1;  // in units of Settings::intervalNs; doubles when merged
  std::uint8_t delayScale = 0;       // counts of `delays` stand for 2^delayScale packets each
  std::unique_ptr<LossState> losses;
  std::unique_ptr<std::array<std::uint16_t, kDelayBins>> delays;  // of all ended intervals
  std::unique_ptr<std::vector<Interval>> intervals;

  Stream(const StreamKey& whose, const Fact& first, const Settings& settings) noexcept;

  // Accounts one packet. The owner has called setFormat for its payload type.
  void update(const Fact& fact, const Settings& settings) noexcept {
    if (fact.atNs >= intervalEndNs) [[unlikely]] {
      closeInterval(fact.atNs, settings);
    }
    ++packets;
    intervalPayloadBytes += fact.payloadBytes;
    intervalIpBytes += fact.ipBytes;

    bool first = true;
    const auto ahead = static_cast<std::uint16_t>(fact.sequenceNumber - highest);
    if (ahead == 1) [[likely]] {
      advance();
    } else {
      const Place place = placeSlowly(fact, ahead);
      if (place == Place::kHeld) {
        leaveOut(fact);
        return;
      }
      first = place != Place::kDuplicate;
    }
    if (nsPerTick > 0) [[likely]] {
      time(fact, first, ahead == 1, settings);
    } else {
      leaveOut(fact);
    }
  }

  // Says how packets of `type` are to be read from now on.
  void setFormat(std::uint8_t type, const PayloadFormat& format, std::uint16_t fromMap) noexcept;

  // The next packet's format is looked up again.
  void forgetFormat() noexcept {
    countPayloadType();
    payloadType = kNoPayloadType;
  }

  // What is told only when a stream ends, as it would be if it ended now.
  struct Settled {
    LossState losses;
    std::array<PayloadCount, kPayloadTypes> payloadCounts;
    std::uint32_t otherPayloadTypes;
  };
  [[nodiscard]] Settled settled() const noexcept;

  // Gives what is still in the window its fate. No update may follow.
  void finish() noexcept;

  // The interval in progress, as it is.
  [[nodiscard]] Interval openInterval() const noexcept;
  // Delays of all intervals, each against its own least one; `scale`: a count stands for 2^scale
  // packets. RFC 5481 section 4.2, which keeps the drift of the sender's clock out of it.
  struct Delays {
    std::array<std::uint32_t, kDelayBins> counts;
    std::uint8_t scale;
    float maxNs;
  };
  [[nodiscard]] Delays allDelays() const noexcept;

  [[nodiscard]] std::uint32_t jitterUpdates() const noexcept { return packets - uncompared; }
  [[nodiscard]] double jitterMaxNs() const noexcept {
    return intervalJitterMaxNs > endedJitterMaxNs ? intervalJitterMaxNs : endedJitterMaxNs;
  }
  [[nodiscard]] std::uint64_t payloadBytes() const noexcept {
    return endedPayloadBytes + intervalPayloadBytes;
  }
  [[nodiscard]] std::uint64_t ipBytes() const noexcept { return endedIpBytes + intervalIpBytes; }

  [[nodiscard]] std::uint32_t expected() const noexcept {
    return expectedBefore + highest - base + 1;
  }
  // How long the adaptive buffer holds a packet of mean delay.
  [[nodiscard]] double adaptiveWaitNs(const Settings& settings) const noexcept {
    const double spread = 4 * static_cast<double>(adaptiveVariationNs);
    const double atLeast = spread < settings.adaptiveMinNs ? settings.adaptiveMinNs : spread;
    return atLeast > settings.adaptiveMaxNs ? settings.adaptiveMaxNs : atLeast;
  }
  [[nodiscard]] std::int64_t lastArrivalNs() const noexcept {
    return lastUntimedNs > lastTimedNs ? lastUntimedNs : lastTimedNs;
  }

 private:
  enum class Place : std::uint8_t { kNew, kDuplicate, kHeld };
  static constexpr std::uint32_t kWindow = 128;
  static constexpr double kLongestFrameNs = 120e6;  // Opus; a longer step is silence suppressed

  void advance() noexcept {
    ++highest;
    const std::size_t word = (highest >> 6U) & 1U;
    if ((seen[word] >> (highest & 63U) & 1U) == 0 || hasLate != 0) [[unlikely]] {
      leaveWindow(highest - kWindow);
      seen[word] |= 1ULL << (highest & 63U);
    }
  }

  // A packet that takes no part in anything that is timed.
  void leaveOut(const Fact& fact) noexcept {
    ++uncompared;
    lastUntimedNs = fact.atNs;
  }

  // Where the media clock was set anew, a packet is not late by the step. Some senders stop it
  // while they are silent or on hold, others begin another one; no network delays by so much.
  // Jitter takes the step nevertheless, as A.8 has no exception.
  [[nodiscard]] bool isNewTimeline(const Fact& fact, double gapNs, double mediaNs) const noexcept {
    constexpr double kSilenceNs = 200e6;
    constexpr double kImplausibleNs = 10e9;
    return std::fabs(gapNs - mediaNs) > kImplausibleNs ||
           ((fact.flags & kFactMarker) != 0 && speech != 0 && gapNs > kSilenceNs &&
            mediaNs < gapNs / 2);
  }

  void time(const Fact& fact, bool first, bool next, const Settings& settings) noexcept {
    if (!hasTransit) [[unlikely]] {
      startTransit(fact);
      return;
    }
    const auto step = static_cast<std::int32_t>(fact.timestamp - lastTimestamp);
    const double mediaNs = step * nsPerTick;
    const auto gapNs = static_cast<double>(fact.atNs - lastTimedNs);
    const double difference = gapNs - mediaNs;
    lastTimedNs = fact.atNs;
    lastTimestamp = fact.timestamp;
    transitNs += isNewTimeline(fact, gapNs, mediaNs) ? 0 : difference;
    const double jitter = jitterNs + (std::fabs(difference) - jitterNs) * (1.0 / 16);
    jitterNs = jitter;
    jitterSumNs += jitter;
    intervalJitterMaxNs = jitter > intervalJitterMaxNs ? jitter : intervalJitterMaxNs;
    // Now and then is enough, and spares a cache line.
    if (((highest & 31U) == 0 || packets < 4) && next && mediaNs <= kLongestFrameNs) {
      frameTicks = step;
    }
    if (first) [[likely]] {
      delay(fact, settings);
    }
  }

  // What the packet's delay means for variation and playout. A mirrored copy has none of its own.
  void delay(const Fact& fact, const Settings& settings) noexcept {
    if (transitNs < histogramBaseNs) [[unlikely]] {
      rebase(transitNs);
    }
    const double above = transitNs - histogramBaseNs;
    count(above);
    if (speech != 0) [[likely]] {
      play(fact, above, settings);
    }
  }

  void count(double aboveNs) noexcept {
    std::uint16_t& bin = histogram[delayBin(aboveNs)];
    bin = static_cast<std::uint16_t>(bin + (bin != 0xFFFF ? 1 : 0));
    const auto above = static_cast<float>(aboveNs);
    leastNs = above < leastNs ? above : leastNs;
    mostNs = above > mostNs ? above : mostNs;
  }

  void play(const Fact& fact, double above, const Settings& settings) noexcept {
    const double lateness = transitNs - anchorNs;
    const bool isFarOff = std::fabs(lateness) > settings.fixedBufferNs;
    if (isFarOff && lateness > 0) [[unlikely]] {
      missPlayout(fact, lateness);
    } else {
      consecutiveLate = 0;
      if (isFarOff || (fact.flags & kFactMarker) != 0) [[unlikely]] {
        anchorNs = transitNs;
      }
    }
    const double mean = adaptiveDelayNs;
    if (above > mean + adaptiveWaitNs(settings)) [[unlikely]] {
      ++adaptiveDiscarded;
    }
    constexpr double kGain = 1 - 0.998002;  // Ramjee et al. 1994, algorithm 1
    const double newMean = mean + kGain * (above - mean);
    const double variation = adaptiveVariationNs;
    adaptiveDelayNs = static_cast<float>(newMean);
    adaptiveVariationNs =
        static_cast<float>(variation + kGain * (std::fabs(newMean - above) - variation));
  }

  Place placeSlowly(const Fact& fact, std::uint16_t ahead) noexcept;
  Place placeBehind(const Fact& fact, std::uint32_t behind) noexcept;
  Place placeFarAway(const Fact& fact) noexcept;
  bool continuesAfterOutage(std::uint16_t ahead) const noexcept;
  void jumpTo(std::uint32_t sequence, const TimeSpan& when) noexcept;
  void miss(std::uint32_t first, std::uint32_t last, const TimeSpan& when) noexcept;
  void restart(std::uint16_t sequence) noexcept;
  void beginSequence(std::uint16_t sequence) noexcept;
  void leaveWindow(std::uint32_t sequence) noexcept;
  void settle(std::uint32_t sequence, LossState& into) const noexcept;
  void settleWindow(LossState& into) const noexcept;
  [[nodiscard]] bool isWindowWhole() const noexcept {
    return (seen[0] & seen[1]) == ~0ULL && hasLate == 0;
  }
  LossState& lossState() noexcept;
  [[nodiscard]] bool isImpaired(std::uint32_t sequence) const noexcept;
  [[nodiscard]] std::int32_t runsMadeBy(std::uint32_t sequence) const noexcept;
  void startTransit(const Fact& fact) noexcept;
  void rebase(double transit) noexcept;
  void missPlayout(const Fact& fact, double lateness) noexcept;
  void countPayloadType() noexcept;
  std::uint32_t addPayloadCount(std::array<PayloadCount, kPayloadTypes>& counts) const noexcept;
  void closeInterval(std::int64_t nextNs, const Settings& settings) noexcept;
  void keep(const Interval& interval, const Settings& settings) noexcept;
  void append(Interval interval) noexcept;
};
static_assert(offsetof(Stream, seen) == 64);
static_assert(offsetof(Stream, firstPacketNs) == 128);
static_assert(offsetof(Stream, histogram) == 128 + 32);

}  // namespace probe::rtp
