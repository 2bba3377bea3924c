#include <algorithm>
#include <numeric>

#include "rtp/stream.hpp"

// What a stream keeps of its intervals and of the delays in them.
namespace probe::rtp {
namespace {

// Shares are all that is read of the counts, so they may be scaled; what a bin cannot halve goes on
// to the next, and the total stays true.
void halve(std::array<std::uint32_t, kDelayBins>& counts) noexcept {
  std::uint32_t rest = 0;
  for (std::uint32_t& count : counts) {
    const std::uint32_t sum = count + rest;
    count = sum / 2;
    rest = sum % 2;
  }
}

}  // namespace

void merge(Interval& into, const Interval& next) noexcept {
  const std::uint32_t updates = into.jitterUpdates + next.jitterUpdates;
  if (updates != 0) {
    const double sum = static_cast<double>(into.jitterMeanNs) * into.jitterUpdates +
                       static_cast<double>(next.jitterMeanNs) * next.jitterUpdates;
    into.jitterMeanNs = static_cast<float>(sum / updates);
  }
  if (next.delays != 0) {
    into.leastDelayNs =
        into.delays == 0 ? next.leastDelayNs : std::min(into.leastDelayNs, next.leastDelayNs);
  }
  into.packets += next.packets;
  into.expected += next.expected;
  into.duplicates += next.duplicates;
  into.reordered += next.reordered;
  into.discarded += next.discarded;
  into.impairedRuns += next.impairedRuns;
  into.payloadBytes += next.payloadBytes;
  into.jitterUpdates = updates;
  into.delays += next.delays;
  into.jitterMaxNs = std::max(into.jitterMaxNs, next.jitterMaxNs);
  into.delayP95Ns = std::max(into.delayP95Ns, next.delayP95Ns);
  into.delayMaxNs = std::max(into.delayMaxNs, next.delayMaxNs);
}

Interval Stream::openInterval() const noexcept {
  const std::uint32_t updates = jitterUpdates() - mark.jitterUpdates;
  const auto delaysCounted = std::accumulate(histogram.begin(), histogram.end(), std::uint32_t{0});
  Interval interval{
      .index = mark.index,
      .packets = packets - mark.packets,
      .expected = static_cast<std::int32_t>(expected() - mark.expected),
      .duplicates = duplicates - mark.duplicates,
      .reordered = reordered - mark.reordered,
      .discarded = discarded - mark.discarded,
      .impairedRuns = mark.impairedRuns,
      .payloadBytes = intervalPayloadBytes,
      .jitterUpdates = updates,
      .delays = delaysCounted,
      .jitterMeanNs =
          updates == 0 ? 0 : static_cast<float>((jitterSumNs - mark.jitterSumNs) / updates),
      .jitterMaxNs = static_cast<float>(intervalJitterMaxNs),
      .delayP95Ns = 0,
      .delayMaxNs = 0,
      .leastDelayNs = 0,
  };
  if (delaysCounted != 0) {
    const double quantile = delayQuantileNs(histogram, 0.95 * delaysCounted, mostNs);
    interval.delayP95Ns = static_cast<float>(std::max(0.0, quantile - leastNs));
    interval.delayMaxNs = mostNs - leastNs;
    interval.leastDelayNs = histogramBaseNs + leastNs;
  }
  return interval;
}

void Stream::closeInterval(std::int64_t nextNs, const Settings& settings) noexcept {
  if (packets != mark.packets) {
    const Interval interval = openInterval();
    if (interval.delays != 0) {
      adaptiveWaitSumNs += adaptiveWaitNs(settings) * interval.delays;
      const Delays all = allDelays();
      if (!delays) {
        delays = std::make_unique<std::array<std::uint16_t, kDelayBins>>();
      }
      std::ranges::transform(all.counts, delays->begin(), [](std::uint32_t count) noexcept {
        return static_cast<std::uint16_t>(count);
      });
      delayScale = all.scale;
      endedDelayMaxNs = all.maxNs;
      histogram.fill(0);
      const double least = interval.leastDelayNs;
      leastNs = kNothing;
      mostNs = -kNothing;
      rebase(least);
    }
    keep(interval, settings);
  }
  const auto index = static_cast<std::uint32_t>((nextNs - firstPacketNs) / settings.intervalNs);
  mark = {.jitterSumNs = jitterSumNs,
          .packets = packets,
          .expected = expected(),
          .duplicates = duplicates,
          .reordered = reordered,
          .discarded = discarded,
          .jitterUpdates = jitterUpdates(),
          .impairedRuns = 0,
          .index = index - index % intervalLength};
  intervalEndNs = firstPacketNs + settings.intervalNs * (mark.index + intervalLength);
  endedJitterMaxNs = jitterMaxNs();
  intervalJitterMaxNs = 0;
  endedPayloadBytes = payloadBytes();
  endedIpBytes = ipBytes();
  intervalPayloadBytes = 0;
  intervalIpBytes = 0;
}

Stream::Delays Stream::allDelays() const noexcept {
  Delays all{.counts = {}, .scale = delayScale, .maxNs = endedDelayMaxNs};
  if (delays) {
    std::ranges::copy(*delays, all.counts.begin());
  }
  if (mostNs < leastNs) {
    return all;
  }
  std::uint32_t rest = 0;  // packets not yet worth a count at this scale; the next bin takes them
  for (std::size_t bin = 0; bin < kDelayBins; ++bin) {
    if (bin % 4 == 0 && isEmptyGroup(histogram, bin)) {
      bin += 3;
    } else if (histogram[bin] != 0) {
      const double middle = (delayBinEdgeNs(bin) + delayBinEdgeNs(bin + 1)) / 2;
      rest += histogram[bin];
      all.counts[delayBin(middle - leastNs)] += rest >> all.scale;
      rest &= (1U << all.scale) - 1;
    }
  }
  for (std::uint32_t most = *std::ranges::max_element(all.counts); most > 0xFFFF; most /= 2) {
    ++all.scale;
    halve(all.counts);
  }
  all.maxNs = std::max(all.maxNs, mostNs - leastNs);
  return all;
}

void Stream::keep(const Interval& interval, const Settings& settings) noexcept {
  if (!intervals) {
    intervals = std::make_unique<std::vector<Interval>>();
  }
  if (intervals->size() >= settings.intervalsKept) {
    intervalLength *= 2;
    const auto all = std::move(*intervals);
    intervals->clear();
    for (const Interval& one : all) {
      append(one);
    }
  }
  append(interval);
}

// NOLINTNEXTLINE(readability-make-member-function-const): it changes what is counted
void Stream::append(Interval interval) noexcept {
  interval.index -= interval.index % intervalLength;
  if (!intervals->empty() && intervals->back().index == interval.index) {
    merge(intervals->back(), interval);
  } else {
    intervals->push_back(interval);
  }
}

}  // namespace probe::rtp
