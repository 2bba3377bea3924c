#include "report_row.hpp"

#include <limits>
#include <numeric>

namespace probe {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr double kNsPerMs = 1e6;
constexpr double kSecondsPerNs = 1e-9;

[[nodiscard]] double milliseconds(std::int64_t ns) noexcept {
  return static_cast<double>(ns) / kNsPerMs;
}

std::size_t appendRuns(const rtp::LossState::Runs& all, std::vector<double>& out) {
  std::size_t runs = 0;
  for (; runs < rtp::LossState::kRunLengths && all.counts[runs] != 0; ++runs) {
    out.push_back(all.lengths[runs]);
    out.push_back(all.counts[runs]);
  }
  return runs;
}

std::size_t appendBursts(const std::vector<rtp::Burst>& all, std::vector<double>& out) {
  for (const rtp::Burst& one : all) {
    out.insert(out.end(), {milliseconds(one.when.fromNs), milliseconds(one.when.toNs),
                           static_cast<double>(one.lost), static_cast<double>(one.discarded)});
  }
  return all.size();
}

void appendInterval(const rtp::Stream& stream, const rtp::Settings& settings,
                    const rtp::Interval& one, std::vector<double>& out) {
  const bool timed = one.jitterUpdates != 0;
  const bool delayed = one.delays != 0;
  out.insert(out.end(), {milliseconds(stream.firstPacketNs + settings.intervalNs * one.index),
                         static_cast<double>(one.packets), static_cast<double>(one.expected),
                         static_cast<double>(one.duplicates), static_cast<double>(one.reordered),
                         static_cast<double>(one.discarded), static_cast<double>(one.impairedRuns),
                         static_cast<double>(one.payloadBytes),
                         timed ? one.jitterMeanNs * kSecondsPerNs : kUnknown,
                         timed ? one.jitterMaxNs * kSecondsPerNs : kUnknown,
                         delayed ? one.delayP95Ns * kSecondsPerNs : kUnknown,
                         delayed ? one.delayMaxNs * kSecondsPerNs : kUnknown,
                         delayed ? one.leastDelayNs * kSecondsPerNs : kUnknown});
}

// The ended intervals and the one in progress, which a merge may have made part of the last one.
std::size_t appendIntervals(const rtp::Stream& stream, const rtp::Settings& settings,
                            std::vector<double>& out) {
  rtp::Interval open = stream.openInterval();
  std::size_t ended = stream.intervals ? stream.intervals->size() : 0;
  if (ended != 0 && stream.intervals->back().index == open.index) {
    rtp::Interval last = stream.intervals->back();
    merge(last, open);
    open = last;
    --ended;
  }
  for (std::size_t i = 0; i < ended; ++i) {
    appendInterval(stream, settings, (*stream.intervals)[i], out);
  }
  if (open.packets == 0) {
    return ended;
  }
  appendInterval(stream, settings, open, out);
  return ended + 1;
}

}  // namespace

void appendIdentity(const rtp::Stream& stream, const rtp::StreamKey& whose,
                    std::vector<double>& rows, std::vector<std::uint8_t>& addresses) {
  rows.insert(rows.end(),
              {static_cast<double>(whose.ssrc), static_cast<double>(whose.ports >> 16U),
               static_cast<double>(whose.ports & 0xFFFFU), whose.ipv6 ? 1.0 : 0.0,
               milliseconds(stream.firstPacketNs), milliseconds(stream.lastArrivalNs())});
  addresses.insert(addresses.end(), whose.source.begin(), whose.source.end());
  addresses.insert(addresses.end(), whose.destination.begin(), whose.destination.end());
}

void appendStream(const rtp::Stream& stream, const rtp::StreamKey& whose,
                  const rtp::Settings& settings, StreamRows& out) {
  const std::uint32_t updates = stream.jitterUpdates();
  const rtp::Stream::Delays delays = stream.allDelays();
  const double counted = std::accumulate(delays.counts.begin(), delays.counts.end(), 0.0);
  const bool delayed = counted > 0;
  std::array<double, 3> quantiles{kUnknown, kUnknown, kUnknown};
  if (delayed) {
    std::size_t next = 0;
    for (const double share : {0.5, 0.95, 0.99}) {
      quantiles[next++] =
          rtp::delayQuantileNs(delays.counts, share * counted, delays.maxNs) * kSecondsPerNs;
    }
  }
  const double open = stream.openInterval().delays;
  const double packets = counted * static_cast<double>(1ULL << delays.scale);
  const double waitSumNs = stream.adaptiveWaitSumNs + stream.adaptiveWaitNs(settings) * open;
  const rtp::Stream::Settled settled = stream.settled();
  const rtp::LossState& losses = settled.losses;
  const rtp::BurstGap& burstGap = losses.burstGap();
  const auto runs = appendRuns(losses.runs(), out.lossRuns);
  const auto worstBursts = appendBursts(losses.worstBursts(), out.worstBursts);
  const auto intervals = appendIntervals(stream, settings, out.intervals);
  const double jitter = updates != 0 ? kSecondsPerNs : kUnknown;
  appendIdentity(stream, whose, out.rows, out.addresses);
  out.rows.insert(out.rows.end(), {static_cast<double>(stream.packets),
                                   static_cast<double>(stream.expected()),
                                   static_cast<double>(stream.duplicates),
                                   static_cast<double>(stream.reordered),
                                   static_cast<double>(stream.restarts),
                                   static_cast<double>(stream.discarded),
                                   static_cast<double>(stream.adaptiveDiscarded),
                                   delayed ? waitSumNs / packets * kSecondsPerNs : kUnknown,
                                   stream.jitterNs * jitter,
                                   stream.jitterSumNs / updates * jitter,
                                   stream.jitterMaxNs() * jitter,
                                   static_cast<double>(updates),
                                   quantiles[0],
                                   quantiles[1],
                                   quantiles[2],
                                   delayed ? delays.maxNs * kSecondsPerNs : kUnknown,
                                   packets,
                                   static_cast<double>(stream.payloadBytes()),
                                   static_cast<double>(stream.ipBytes()),
                                   static_cast<double>(stream.frameTicks),
                                   static_cast<double>(losses.impairedPackets()),
                                   static_cast<double>(losses.impairedRuns()),
                                   static_cast<double>(burstGap.bursts),
                                   static_cast<double>(burstGap.burstPackets),
                                   static_cast<double>(burstGap.burstImpaired),
                                   static_cast<double>(burstGap.gapImpaired),
                                   static_cast<double>(runs),
                                   static_cast<double>(worstBursts),
                                   static_cast<double>(intervals),
                                   static_cast<double>(settings.intervalNs) *
                                       stream.intervalLength * kSecondsPerNs});
  for (const auto& count : settled.payloadCounts) {
    out.rows.insert(out.rows.end(),
                    {static_cast<double>(count.payloadType), static_cast<double>(count.packets),
                     static_cast<double>(count.map)});
  }
  out.rows.push_back(static_cast<double>(settled.otherPayloadTypes));
}

}  // namespace probe
