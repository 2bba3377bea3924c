#include "rtp/stream.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "check.hpp"
#include "measured_stream.hpp"
#include "rtp/stream_table.hpp"

using namespace probe::test::stream;

namespace {

double delayNs(const Stream& stream, double share) {
  const Stream::Delays all = stream.allDelays();
  double counted = 0;
  for (const std::uint32_t count : all.counts) {
    counted += count;
  }
  return delayQuantileNs(all.counts, share * counted, all.maxNs);
}

}  // namespace

TEST("counts nothing lost across the wrap of the sequence number") {
  const Stream stream = measured(punctual(range(65500, 65636)));
  CHECK(stream.packets == 136);
  CHECK(stream.expected() == 136);
  CHECK(lost(stream) == 0);
  CHECK(stream.restarts == 0);
}

TEST("a first packet of number 0 with a late 65535 before it is no loss") {
  const Stream stream = measured(punctual({0, 65535, 1, 2}));
  CHECK(stream.expected() == 4);
  CHECK(lost(stream) == 0);
  CHECK(stream.reordered == 1);
}

TEST("tells a late packet from a duplicate") {
  const Stream stream = measured(punctual({10, 12, 11, 12, 13}));
  CHECK(stream.packets == 5);
  CHECK(stream.expected() == 4);
  CHECK(stream.reordered == 1);
  CHECK(stream.duplicates == 1);
  CHECK(lost(stream) == -1);
}

TEST("a restart is no loss and both its packets count") {
  auto sequences = range(100, 200);
  for (const std::uint32_t one : range(40000, 40100)) {
    sequences.push_back(one);
  }
  auto packets = punctual(sequences);
  for (std::size_t i = 100; i < packets.size(); ++i) {
    packets[i].timestamp = static_cast<std::uint32_t>(777'000'000 + i * 160);
  }
  const Stream stream = measured(packets);
  CHECK(stream.restarts == 1);
  CHECK(stream.packets == 200);
  CHECK(stream.expected() == 200);
  CHECK(stream.jitterMaxNs() < 1e3);
}

TEST("a long outage is loss when the media clock went on") {
  auto packets = punctual(range(0, 100));
  for (std::uint32_t i = 4100; i < 4200; ++i) {
    packets.push_back({.sequence = static_cast<std::uint16_t>(i),
                       .atMs = std::int64_t{i} * 20,
                       .timestamp = i * 160});
  }
  const Stream stream = measured(packets);
  CHECK(stream.restarts == 0);
  CHECK(lost(stream) == 4000);
  CHECK(stream.losses->impairedRuns() == 1);
}

TEST("one stray number is neither loss nor a restart") {
  auto sequences = range(0, 50);
  sequences.push_back(30000);
  for (const std::uint32_t one : range(50, 100)) {
    sequences.push_back(one);
  }
  const Stream stream = measured(punctual(sequences));
  CHECK(stream.restarts == 0);
  CHECK(lost(stream) == 0);
  CHECK(stream.packets == 101);
}

TEST("copies that come 150 packets late do not begin a sequence") {
  std::vector<std::uint32_t> sequences;
  for (std::uint32_t i = 0; i < 400; ++i) {
    sequences.push_back(i);
    if (i >= 150) {
      sequences.push_back(i - 150);
    }
  }
  const Stream stream = measured(punctual(sequences));
  CHECK(stream.restarts == 0);
  CHECK(stream.packets == 650);
  CHECK(stream.expected() == 650);
}

TEST("packets that come 150 late in a row are a sequence of their own, and not the sender's") {
  auto sequences = range(0, 200);
  for (const auto& [from, to] : {std::pair{210U, 360U}, {200U, 210U}, {360U, 400U}}) {
    const auto more = range(from, to);
    sequences.insert(sequences.end(), more.begin(), more.end());
  }
  const Stream stream = measured(punctual(sequences));
  CHECK(stream.restarts == 0);
  CHECK(stream.packets == 400);
  CHECK(lost(stream) == 10);
  CHECK(stream.losses->impairedRuns() == 1);
}

TEST("a copy of the number that a restart left behind does not go back to it") {
  auto sequences = range(0, 200);
  const auto again = range(0, 203);
  sequences.insert(sequences.end(), again.begin(), again.end());
  sequences.push_back(200);
  sequences.push_back(203);
  const Stream stream = measured(punctual(sequences));
  CHECK(stream.restarts == 1);
  CHECK(stream.duplicates == 1);
  CHECK(lost(stream) == -1);
}

TEST("jitter follows RFC 3550 A.8 across the wrap of the timestamp") {
  std::vector<Sent> packets;
  double expected = 0;
  std::int64_t lateBefore = 0;
  for (std::uint32_t i = 0; i < 200; ++i) {
    const std::int64_t late = i * 7 % 5;
    packets.push_back({.sequence = static_cast<std::uint16_t>(i),
                       .atMs = std::int64_t{i} * 20 + late,
                       .timestamp = 0xFFFFFF00U + i * 160});
    if (i > 0) {
      expected += (std::fabs(static_cast<double>(late - lateBefore)) - expected) / 16;
    }
    lateBefore = late;
  }
  const Stream stream = measured(packets);
  CHECK(std::fabs(stream.jitterNs / 1e6 - expected) < 1e-9);
  CHECK(stream.jitterUpdates() == 199);
}

TEST("telephone-events do not touch jitter and a codec's timeline goes on after them") {
  auto packets = punctual(range(0, 20));
  for (std::uint32_t i = 20; i < 30; ++i) {
    packets.push_back({.sequence = static_cast<std::uint16_t>(i),
                       .atMs = std::int64_t{i} * 20,
                       .timestamp = 20 * 160,
                       .payloadType = 101});
  }
  for (std::uint32_t i = 30; i < 50; ++i) {
    packets.push_back({.sequence = static_cast<std::uint16_t>(i),
                       .atMs = std::int64_t{i} * 20,
                       .timestamp = i * 160});
  }
  const Stream stream = measured(packets);
  CHECK(stream.jitterMaxNs() < 1);
  CHECK(stream.jitterUpdates() == 39);
  CHECK(lost(stream) == 0);
  CHECK(stream.payloadCounts[0].packets == 40);
  CHECK(stream.payloadCounts[1].packets == 10);
}

TEST("silence suppression is neither loss nor jitter") {
  auto packets = punctual(range(0, 20));
  packets.push_back({.sequence = 20, .atMs = 3000, .timestamp = 150 * 160, .marker = true});
  packets.push_back({.sequence = 21, .atMs = 3020, .timestamp = 151 * 160});
  const Stream stream = measured(packets);
  CHECK(lost(stream) == 0);
  CHECK(stream.jitterMaxNs() < 1);
  CHECK(stream.discarded == 0);
  CHECK(stream.frameTicks == 160);
}

TEST("a sender that stops its clock in silence jolts jitter once, but is not late") {
  auto packets = punctual(range(0, 20));
  for (std::uint32_t i = 20; i < 40; ++i) {
    packets.push_back({.sequence = static_cast<std::uint16_t>(i),
                       .atMs = 5000 + std::int64_t{i} * 20,
                       .timestamp = i * 160,
                       .marker = i == 20});
  }
  const Stream stream = measured(packets);
  CHECK(std::fabs(stream.jitterMaxNs() - 5e9 / 16) < 1e3);
  CHECK(stream.discarded == 0);
  CHECK(stream.allDelays().maxNs < 1e3);
}

TEST("a sender that sets its clock anew is neither late nor early by it") {
  auto packets = punctual(range(0, 40));
  for (std::size_t i = 20; i < packets.size(); ++i) {
    packets[i].timestamp += 1'500'000'000;
  }
  const Stream stream = measured(packets);
  CHECK(stream.discarded == 0);
  CHECK(stream.allDelays().maxNs < 1e3);
}

TEST("a packet later than the fixed buffer is discarded, not lost") {
  auto packets = punctual(range(0, 40));
  packets[10].atMs += 61;
  packets[20].atMs += 59;
  const Stream stream = measured(packets);
  CHECK(stream.discarded == 1);
  CHECK(lost(stream) == 0);
  CHECK(stream.losses->impairedPackets() == 1);
}

TEST("runs of impaired packets are counted in the interval that noticed them") {
  Settings settings;
  settings.intervalNs = 1000 * kMs;
  std::vector<Sent> packets;
  for (const std::uint32_t i : range(0, 150)) {
    // One run of lost and late packets; one of a packet that comes in time after all, but only when
    // the next interval has begun; and there a late one.
    if (i == 18 || i == 19 || i == 22 || i == 48) {
      continue;
    }
    const bool late = i == 20 || i == 21 || i == 60;
    packets.push_back({.sequence = static_cast<std::uint16_t>(i),
                       .atMs = std::int64_t{i} * 20 + (late ? 61 : 0),
                       .timestamp = i * 160});
    if (i == 49) {
      packets.push_back({.sequence = 48, .atMs = 1001, .timestamp = 48 * 160});
    } else if (i == 30) {
      packets.push_back({.sequence = 22, .atMs = 601, .timestamp = 22 * 160});
    }
  }
  std::ranges::stable_sort(packets, {}, &Sent::atMs);
  const Stream stream = measured(packets, settings);
  CHECK(stream.discarded == 4);
  CHECK(stream.losses->impairedRuns() == 2);
  CHECK(stream.intervals->size() == 2);
  CHECK((*stream.intervals)[0].impairedRuns == 2);
  CHECK((*stream.intervals)[1].impairedRuns == 0);
  CHECK(stream.openInterval().impairedRuns == 0);
}

TEST("a path that becomes longer starts the buffer over after ten late packets") {
  auto packets = punctual(range(0, 100));
  for (std::size_t i = 50; i < packets.size(); ++i) {
    packets[i].atMs += 200;
  }
  const Stream stream = measured(packets);
  CHECK(stream.discarded == 9);
}

TEST("delay variation is measured against the interval's least delay") {
  std::vector<Sent> packets;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    packets.push_back({.sequence = static_cast<std::uint16_t>(i),
                       .atMs = std::int64_t{i} * 20 + (i % 10 == 0 ? 40 : 10),
                       .timestamp = i * 160});
  }
  const Stream stream = measured(packets);
  CHECK(std::fabs(stream.allDelays().maxNs - 30e6) < 1e3);
  const double p50 = delayNs(stream, 0.5);
  const double p95 = delayNs(stream, 0.95);
  CHECK(p50 < 0.2e6);
  CHECK(std::fabs(p95 - 30e6) < 30e6 / 16);
  CHECK(stream.intervals->size() == 3);
  CHECK(stream.openInterval().packets == 250);
}

TEST("intervals are merged pairwise when there are too many, and lose nothing") {
  Settings settings;
  settings.intervalsKept = 8;
  settings.intervalNs = 100 * kMs;
  std::vector<std::uint32_t> sequences;
  for (const std::uint32_t one : range(0, 1000)) {
    if (one % 50 != 7) {
      sequences.push_back(one);
    }
  }
  std::vector<Sent> packets;
  for (const std::uint32_t one : sequences) {
    packets.push_back({.sequence = static_cast<std::uint16_t>(one),
                       .atMs = std::int64_t{one} * 20,
                       .timestamp = one * 160});
  }
  const Stream stream = measured(packets, settings);
  CHECK(stream.intervals->size() <= 9);
  std::uint32_t received = 0;
  std::int64_t expected = 0;
  for (std::size_t i = 0; i < stream.intervals->size(); ++i) {
    const Interval& one = (*stream.intervals)[i];
    received += one.packets;
    expected += one.expected;
    CHECK(one.index % stream.intervalLength == 0);
    CHECK(i == 0 || one.index > (*stream.intervals)[i - 1].index);
  }
  const Interval open = stream.openInterval();
  CHECK(received + open.packets == stream.packets);
  CHECK(expected + open.expected == stream.expected());
}

TEST("delay bins cover 0 to 512 ms without gaps, none wider than an eighth of its delay") {
  for (std::size_t bin = 0; bin < kDelayBins; ++bin) {
    const double low = delayBinEdgeNs(bin);
    const double high = delayBinEdgeNs(bin + 1);
    CHECK(high > low);
    CHECK(delayBin(low + 1) == bin);
    CHECK(delayBin(high - 1) == bin);
    CHECK(bin < 16 || (high - low) <= low / 8 + 1);
  }
  CHECK(std::fabs(delayBinEdgeNs(kDelayBins) - 512e6) < 1);
  CHECK(delayBin(1e12) == kDelayBins - 1);
}

TEST("counts of delays stay true in their shares when they no longer fit") {
  std::vector<Sent> packets;
  for (std::uint32_t i = 0; i < 200'000; ++i) {
    packets.push_back({.sequence = static_cast<std::uint16_t>(i),
                       .atMs = std::int64_t{i} * 20 + (i % 100 < 97 ? 0 : 50),
                       .timestamp = i * 160});
  }
  const Stream stream = measured(packets);
  CHECK(stream.allDelays().scale > 0);
  CHECK(delayNs(stream, 0.96) < 1e6);
  CHECK(delayNs(stream, 0.98) > 45e6);
}
