#include "report_row.hpp"

#include <limits>

namespace probe {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr double kNsPerMs = 1e6;
constexpr double kSecondsPerNs = 1e-9;

[[nodiscard]] double milliseconds(std::int64_t ns) noexcept {
  return static_cast<double>(ns) / kNsPerMs;
}

std::size_t appendRuns(const rtp::Stream& stream, std::vector<double>& out) {
  std::size_t runs = 0;
  if (stream.losses) {
    const auto& all = stream.losses->runs();
    for (; runs < rtp::LossState::kRunLengths && all.counts[runs] != 0; ++runs) {
      out.push_back(all.lengths[runs]);
      out.push_back(all.counts[runs]);
    }
  }
  return runs;
}

std::size_t appendIntervals(const rtp::Stream& stream, const rtp::Settings& settings,
                            std::vector<double>& out) {
  if (!stream.intervals) {
    return 0;
  }
  for (const rtp::Interval& one : *stream.intervals) {
    const bool timed = one.jitterUpdates != 0;
    const bool delayed = one.delays != 0;
    out.insert(out.end(), {milliseconds(stream.firstPacketNs + settings.intervalNs * one.index),
                           static_cast<double>(one.packets), static_cast<double>(one.expected),
                           static_cast<double>(one.duplicates), static_cast<double>(one.reordered),
                           static_cast<double>(one.discarded), static_cast<double>(one.lossRuns),
                           static_cast<double>(one.payloadBytes),
                           timed ? one.jitterMeanNs * kSecondsPerNs : kUnknown,
                           timed ? one.jitterMaxNs * kSecondsPerNs : kUnknown,
                           delayed ? one.delayP95Ns * kSecondsPerNs : kUnknown,
                           delayed ? one.delayMaxNs * kSecondsPerNs : kUnknown,
                           delayed ? one.leastDelayNs * kSecondsPerNs : kUnknown});
  }
  return stream.intervals->size();
}

}  // namespace

void appendStream(const rtp::Stream& stream, const rtp::Settings& settings, StreamRows& out) {
  const bool timed = stream.jitterUpdates != 0;
  double delays = 0;
  double counted = 0;
  std::array<double, 3> quantiles{kUnknown, kUnknown, kUnknown};
  if (stream.delays) {
    for (const std::uint16_t count : *stream.delays) {
      counted += count;
    }
    delays = counted * static_cast<double>(1ULL << stream.delayScale);
    std::size_t next = 0;
    for (const double share : {0.5, 0.95, 0.99}) {
      quantiles[next++] =
          rtp::delayQuantileNs(*stream.delays, share * counted, stream.delayMaxNs) * kSecondsPerNs;
    }
  }
  const rtp::LossState none;
  const rtp::LossState& losses = stream.losses ? *stream.losses : none;
  const rtp::BurstGap& burstGap = losses.burstGap();
  const auto runs = appendRuns(stream, out.lossRuns);
  const auto intervals = appendIntervals(stream, settings, out.intervals);
  const double jitter = timed ? kSecondsPerNs : kUnknown;
  out.rows.insert(
      out.rows.end(),
      {static_cast<double>(stream.key.ssrc),
       static_cast<double>(stream.key.ports >> 16U),
       static_cast<double>(stream.key.ports & 0xFFFFU),
       stream.key.ipv6 ? 1.0 : 0.0,
       milliseconds(stream.firstPacketNs),
       milliseconds(stream.lastArrivalNs()),
       static_cast<double>(stream.packets),
       static_cast<double>(stream.expected()),
       static_cast<double>(stream.duplicates),
       static_cast<double>(stream.reordered),
       static_cast<double>(stream.restarts),
       static_cast<double>(stream.discarded),
       static_cast<double>(stream.adaptiveDiscarded),
       delays > 0 ? stream.adaptiveWaitSumNs / delays * kSecondsPerNs : kUnknown,
       stream.jitterNs * jitter,
       timed ? stream.jitterSumNs / stream.jitterUpdates * kSecondsPerNs : kUnknown,
       stream.jitterMaxNs * jitter,
       static_cast<double>(stream.jitterUpdates),
       quantiles[0],
       quantiles[1],
       quantiles[2],
       stream.delays ? stream.delayMaxNs * kSecondsPerNs : kUnknown,
       delays,
       static_cast<double>(stream.payloadBytes),
       static_cast<double>(stream.ipBytes),
       static_cast<double>(stream.frameTicks),
       static_cast<double>(losses.impairedPackets()),
       static_cast<double>(losses.impairedRuns()),
       static_cast<double>(burstGap.bursts),
       static_cast<double>(burstGap.burstPackets),
       static_cast<double>(burstGap.burstImpaired),
       static_cast<double>(burstGap.gapImpaired),
       static_cast<double>(runs),
       static_cast<double>(intervals),
       static_cast<double>(settings.intervalNs) * stream.intervalLength * kSecondsPerNs});
  for (const auto& count : stream.payloadCounts) {
    out.rows.insert(out.rows.end(),
                    {static_cast<double>(count.payloadType), static_cast<double>(count.packets),
                     static_cast<double>(count.map)});
  }
  out.rows.push_back(static_cast<double>(stream.otherPayloadTypes));
  out.addresses.insert(out.addresses.end(), stream.key.source.begin(), stream.key.source.end());
  out.addresses.insert(out.addresses.end(), stream.key.destination.begin(),
                       stream.key.destination.end());
}

}  // namespace probe
