#include "rtp/stream.hpp"

#include <algorithm>

namespace probe::rtp {
namespace {

constexpr std::uint32_t kCycle = 1U << 16U;
constexpr std::uint32_t kMaxDropout = 3000;  // RFC 3550 A.1: a larger step ahead is a jump
constexpr std::uint32_t kMaxMisorder = 100;  // RFC 3550 A.1: so is a packet further behind
constexpr double kOutageToleranceNs = 5e8;
constexpr double kOutageToleranceRatio = 0.1;

// The histogram begins a little below the least delay known, where its bins are narrow.
constexpr double kHistogramMarginNs = 1e6;

// So many late packets in a row are a path that became longer, not jitter: a buffer starts over.
constexpr std::uint8_t kLateBeforeResync = 10;

[[nodiscard]] bool isBit(const std::array<std::uint64_t, 2>& bits,
                         std::uint32_t sequence) noexcept {
  return (bits[(sequence >> 6U) & 1U] >> (sequence & 63U) & 1U) != 0;
}

void setBit(std::array<std::uint64_t, 2>& bits, std::uint32_t sequence, bool value) noexcept {
  const std::uint64_t bit = 1ULL << (sequence & 63U);
  std::uint64_t& word = bits[(sequence >> 6U) & 1U];
  word = value ? word | bit : word & ~bit;
}

}  // namespace

Stream::Stream(const StreamKey& whose, const Fact& first, const Settings& settings) noexcept
    : intervalEndNs(first.atNs + settings.intervalNs),
      highest(kCycle + first.sequenceNumber - 1),  // update() makes it the first packet's
      adaptiveVariationNs(static_cast<float>(settings.adaptiveMinNs / 4)),
      firstPacketNs(first.atNs),
      lastUntimedNs(first.atNs),
      base(kCycle + first.sequenceNumber),
      key(whose) {}

void Stream::setFormat(std::uint8_t type, const PayloadFormat& format,
                       std::uint16_t fromMap) noexcept {
  countPayloadType();
  payloadType = type;
  map = fromMap;
  speech = isSpeech(format) ? 1 : 0;
  if (!isTimed(format)) {
    nsPerTick = 0;
    return;
  }
  const double before = nsPerTick;
  nsPerTick = 1e9 / format.clockRateHz;
  // Another codec has timestamps of its own, so there is nothing to compare with. Comfort noise
  // shares those of the codec it stands in for (RFC 3389 section 4).
  const bool sameTimeline = timedPayloadType == type || format.kind == PayloadKind::kComfortNoise ||
                            timedPayloadType == kNoPayloadType;
  if (!sameTimeline || (before > 0 && before != nsPerTick)) {
    hasTransit = 0;
  }
  if (format.kind != PayloadKind::kComfortNoise) {
    timedPayloadType = type;
  }
}

void Stream::countPayloadType() noexcept {
  otherPayloadTypes += addPayloadCount(payloadCounts);
  payloadTypeSince = packets;
}

// Counts the packets of the payload type at hand; gives back those that found no place.
std::uint32_t Stream::addPayloadCount(
    std::array<PayloadCount, kPayloadTypes>& counts) const noexcept {
  const std::uint32_t count = packets - payloadTypeSince;
  if (count == 0) {
    return 0;
  }
  for (PayloadCount& known : counts) {
    if (known.packets == 0 || (known.payloadType == payloadType && known.map == map)) {
      known.packets += count;
      known.payloadType = payloadType;
      known.map = map;
      return 0;
    }
  }
  return count;
}

// -- order ----------------------------------------------------------------------------------------

Stream::Place Stream::placeSlowly(const Fact& fact, std::uint16_t ahead) noexcept {
  if (ahead == 0) {
    ++duplicates;
    return Place::kDuplicate;
  }
  if (ahead < kMaxDropout) {
    if (hasLeft != 0 && fact.sequenceNumber == leftSequence) {
      // Nobody began anew: some packets came very late, or again.
      --restarts;
      hasLeft = 0;
      beginSequence(fact.sequenceNumber);
      return Place::kNew;
    }
    jumpTo(highest + ahead, {.fromNs = std::min(lastArrivalNs(), fact.atNs), .toNs = fact.atNs});
    return Place::kNew;
  }
  const std::uint32_t behind = kCycle - ahead;
  return behind < kMaxMisorder ? placeBehind(fact, behind) : placeFarAway(fact);
}

Stream::Place Stream::placeBehind(const Fact& fact, std::uint32_t behind) noexcept {
  const std::uint32_t sequence = highest - behind;
  if (sequence < base) {
    if (sequence + 1 < base) {
      mark.impairedRuns += isImpaired(base) ? 0 : 1;
      miss(sequence + 1, base - 1, {.fromNs = fact.atNs, .toNs = fact.atNs});
    }
    for (std::uint32_t missing = sequence + 1; missing < base; ++missing) {
      setBit(seen, missing, false);
    }
    base = sequence;
    setBit(seen, sequence, true);
  } else if (isBit(seen, sequence)) {
    ++duplicates;
    return Place::kDuplicate;
  } else {
    mark.impairedRuns -= runsMadeBy(sequence);
  }
  setBit(seen, sequence, true);
  ++reordered;
  return Place::kNew;
}

// A packet that belongs nowhere near is held: it counts as a sequence of its own, neither loss nor
// gain, until the next number after it confirms that the sender went on from there. It does not
// where the old sequence went on meanwhile: that is how late copies of packets come.
Stream::Place Stream::placeFarAway(const Fact& fact) noexcept {
  if (hasStray == 0 || highest != highestAtStray ||
      fact.sequenceNumber != static_cast<std::uint16_t>(straySequence + 1)) {
    hasStray = 1;
    highestAtStray = highest;
    straySequence = fact.sequenceNumber;
    strayTimestamp = fact.timestamp;
    strayNs = fact.atNs;
    ++expectedBefore;
    return Place::kHeld;
  }
  hasStray = 0;
  --expectedBefore;
  const auto ahead = static_cast<std::uint16_t>(straySequence - highest);
  if (continuesAfterOutage(ahead)) {
    jumpTo(highest + ahead, {.fromNs = std::min(lastTimedNs, strayNs), .toNs = strayNs});
  } else {
    restart(straySequence);
  }
  advance();
  return Place::kNew;
}

// A long outage looks like a restart to RFC 3550 A.1. It is one when the media clock says that as
// much time went by as the wall clock does.
bool Stream::continuesAfterOutage(std::uint16_t ahead) const noexcept {
  if (ahead >= kCycle / 2 || nsPerTick == 0 || hasTransit == 0) {
    return false;
  }
  const auto waited = static_cast<double>(strayNs - lastTimedNs);
  const double played = static_cast<std::int32_t>(strayTimestamp - lastTimestamp) * nsPerTick;
  return std::fabs(waited - played) <= std::max(kOutageToleranceNs, waited * kOutageToleranceRatio);
}

// Goes on with `sequence`, which came at the end of `when`; the packet before it at its beginning.
void Stream::jumpTo(std::uint32_t sequence, const TimeSpan& when) noexcept {
  miss(highest + 1, sequence - 1, when);
  mark.impairedRuns += isImpaired(highest) ? 0 : 1;
  for (std::uint32_t missing = 0; highest + 1 < sequence; ++missing) {
    if (missing > kWindow) {
      // From here on what leaves the window is of this gap, as all in it.
      const std::uint32_t rest = sequence - 1 - highest;
      lossState().lostAsWell(rest);
      highest += rest;
      break;
    }
    advance();
    setBit(seen, highest, false);
  }
  advance();
}

void Stream::restart(std::uint16_t sequence) noexcept {
  ++restarts;
  hasLeft = 1;
  leftSequence = static_cast<std::uint16_t>(highest + 1);
  beginSequence(sequence);
}

void Stream::beginSequence(std::uint16_t sequence) noexcept {
  if (!isWindowWhole()) {
    settleWindow(lossState());
  }
  if (losses) {
    losses->close();
  }
  expectedBefore += highest - base + 1;
  base = kCycle + sequence;
  highest = base;
  seen = {~0ULL, ~0ULL};
  late = {0, 0};
  hasLate = 0;
  hasTransit = 0;
}

void Stream::leaveWindow(std::uint32_t sequence) noexcept {
  if (!isBit(seen, sequence) || isBit(late, sequence)) {
    settle(sequence, lossState());
    setBit(late, sequence, false);
    hasLate = late[0] != 0 || late[1] != 0 ? 1 : 0;
  }
}

// Gives the fate of a packet that leaves the window to whoever counts runs and bursts.
void Stream::settle(std::uint32_t sequence, LossState& into) const noexcept {
  if (static_cast<std::int32_t>(sequence - base) < 0) {
    return;
  }
  if (!isBit(seen, sequence)) {
    into.lost(sequence);
  } else if (isBit(late, sequence)) {
    into.discarded(sequence);
  }
}

void Stream::settleWindow(LossState& into) const noexcept {
  if (isWindowWhole()) {
    return;
  }
  for (std::uint32_t back = kWindow; back-- > 0;) {
    settle(highest - back, into);
  }
}

void Stream::miss(std::uint32_t first, std::uint32_t last, const TimeSpan& when) noexcept {
  lossState().missed(first, last, when, highest - kWindow);
}

LossState& Stream::lossState() noexcept {
  if (!losses) {
    losses = std::make_unique<LossState>();
  }
  return *losses;
}

// Lost or too late, as far as is known now. For what is in the window.
bool Stream::isImpaired(std::uint32_t sequence) const noexcept {
  return !isBit(seen, sequence) || isBit(late, sequence);
}

// How many more runs there are when this packet is impaired than when it is not: it is one of its
// own, or makes one longer, or makes one of two.
std::int32_t Stream::runsMadeBy(std::uint32_t sequence) const noexcept {
  const bool before = isImpaired(sequence - 1);
  const bool after = sequence != highest && isImpaired(sequence + 1);
  return 1 - (before ? 1 : 0) - (after ? 1 : 0);
}

// -- time -----------------------------------------------------------------------------------------

void Stream::startTransit(const Fact& fact) noexcept {
  ++uncompared;
  hasTransit = 1;
  lastTimedNs = fact.atNs;
  lastTimestamp = fact.timestamp;
  if (wasTimed == 0) {
    wasTimed = 1;
    rebase(transitNs);
    anchorNs = transitNs;
    adaptiveDelayNs = static_cast<float>(transitNs - histogramBaseNs);
  }
  count(transitNs - histogramBaseNs);
}

// Moves the histogram's zero below a new least delay, or to that of the last interval.
void Stream::rebase(double transit) noexcept {
  const double start = transit - kHistogramMarginNs;
  const double shift = histogramBaseNs - start;
  histogramBaseNs = start;
  adaptiveDelayNs = static_cast<float>(adaptiveDelayNs + shift);
  if (mostNs < leastNs) {
    return;
  }
  leastNs = static_cast<float>(leastNs + shift);
  mostNs = static_cast<float>(mostNs + shift);
  const auto before = histogram;
  histogram.fill(0);
  for (std::size_t bin = 0; bin < kDelayBins; ++bin) {
    if (bin % 4 == 0 && isEmptyGroup(before, bin)) {
      bin += 3;
    } else if (before[bin] != 0) {
      const double middle = (delayBinEdgeNs(bin) + delayBinEdgeNs(bin + 1)) / 2;
      std::uint16_t& target = histogram[delayBin(middle + shift)];
      target = static_cast<std::uint16_t>(std::min(0xFFFF, target + before[bin]));
    }
  }
}

void Stream::missPlayout(const Fact& fact, double lateness) noexcept {
  if (++consecutiveLate >= kLateBeforeResync || (fact.flags & kFactMarker) != 0) {
    consecutiveLate = 0;
    anchorNs = transitNs;
    return;
  }
  ++discarded;
  const std::uint32_t sequence =
      highest - static_cast<std::uint16_t>(highest - fact.sequenceNumber);
  mark.impairedRuns += runsMadeBy(sequence);
  setBit(late, sequence, true);
  hasLate = 1;
  // It was missed from when a punctual one would have come.
  miss(sequence, sequence,
       {.fromNs = fact.atNs - static_cast<std::int64_t>(lateness), .toNs = fact.atNs});
}

// -- the end --------------------------------------------------------------------------------------

Stream::Settled Stream::settled() const noexcept {
  Settled now{.losses = losses ? *losses : LossState{},
              .payloadCounts = payloadCounts,
              .otherPayloadTypes = otherPayloadTypes};
  if (isFinished == 0) {
    now.otherPayloadTypes += addPayloadCount(now.payloadCounts);
    settleWindow(now.losses);
    now.losses.close();
  }
  return now;
}

void Stream::finish() noexcept {
  if (isFinished != 0) {
    return;
  }
  const bool hasLosses = losses != nullptr || !isWindowWhole();
  const Settled last = settled();
  countPayloadType();
  if (hasLosses) {
    lossState() = last.losses;
  }
  isFinished = 1;
}

}  // namespace probe::rtp
