#include <algorithm>
#include <cstdint>
#include <vector>

#include "check.hpp"
#include "measured_stream.hpp"
#include "rtp/stream.hpp"

using namespace probe::test::stream;

TEST("counts loss runs by length, also those longer than the window") {
  auto sequences = range(0, 200);
  std::vector<std::uint32_t> kept;
  for (const std::uint32_t one : sequences) {
    if (one != 20 && one != 50 && one != 51 && one != 52) {
      kept.push_back(one);
    }
  }
  for (const std::uint32_t one : range(500, 800)) {
    kept.push_back(one);
  }
  const Stream stream = measured(punctual(kept));
  CHECK(lost(stream) == 4 + 300);
  const auto& runs = stream.losses->runs();
  CHECK(runs.lengths[0] == 1 && runs.counts[0] == 1);
  CHECK(runs.lengths[1] == 3 && runs.counts[1] == 1);
  CHECK(runs.lengths[2] == 300 && runs.counts[2] == 1);
  CHECK(runs.counts[3] == 0);
  CHECK(stream.losses->impairedPackets() == 304);
  CHECK(stream.losses->impairedRuns() == 3);
}

TEST("reproduces the worked example of RFC 3611 section 4.7.2") {
  // 1 received, 0 lost, X discarded; the printed pattern lacks its last packet.
  const char* pattern = "11110111111111111111111X111X1011110111111111111111111X1111111111";
  LossState losses;
  std::uint32_t sequence = 0;
  for (const char* at = pattern; *at != '\0'; ++at, ++sequence) {
    if (*at == '0') {
      losses.lost(sequence);
    } else if (*at == 'X') {
      losses.discarded(sequence);
    }
  }
  losses.close();
  CHECK(losses.burstGap().bursts == 1);
  CHECK(losses.burstGap().burstPackets == 12);
  CHECK(losses.burstGap().burstImpaired == 4);
  CHECK(losses.burstGap().gapImpaired == 2);
}

TEST("a burst lasts from the packet before it to the one after it, wherever the numbers wrap") {
  // Lost: 65533 to 65535 and 2, in one burst; 30 on its own; 60 comes late, but in time; 61 does
  // not.
  auto packets = punctual(range(65520, 65536 + 200));
  const auto at = [&packets](std::uint32_t sequence) -> Sent& { return packets[sequence - 65520]; };
  at(65536 + 60).atMs += 30;
  at(65536 + 61).atMs += 61;
  at(65536 + 63).atMs += 100;
  std::erase_if(packets, [](const Sent& sent) {
    return sent.sequence >= 65533 || sent.sequence == 2 || sent.sequence == 30;
  });
  std::ranges::stable_sort(packets, {}, &Sent::atMs);
  const Stream stream = measured(packets);
  CHECK(stream.losses->burstGap().bursts == 2);
  CHECK(stream.losses->burstGap().gapImpaired == 1);
  const auto& bursts = stream.losses->worstBursts();
  CHECK(bursts.size() == 2);
  CHECK(bursts[0].lost == 4 && bursts[0].discarded == 0);
  CHECK(bursts[0].when.fromNs == 12 * 20 * kMs && bursts[0].when.toNs == 19 * 20 * kMs);
  CHECK(bursts[1].lost == 0 && bursts[1].discarded == 2);
  CHECK(bursts[1].when.fromNs == 77 * 20 * kMs && bursts[1].when.toNs == (79 * 20 + 100) * kMs);
}

TEST("a burst is where it was missed, however long the outage and whatever came in its midst") {
  auto packets = punctual(range(0, 20'000));
  std::erase_if(packets, [](const Sent& sent) {
    return (sent.sequence > 100 && sent.sequence < 9000 && sent.sequence != 104) ||
           (sent.sequence >= 12'000 && sent.sequence < 12'002);
  });
  const Stream stream = measured(packets);
  const auto& bursts = stream.losses->worstBursts();
  CHECK(stream.losses->burstGap().bursts == 2 && bursts.size() == 2);
  CHECK(bursts[0].lost == 8898);
  CHECK(bursts[0].when.fromNs == 2000 * kMs && bursts[0].when.toNs == 180'000 * kMs);
  CHECK(bursts[1].lost == 2);
  CHECK(bursts[1].when.fromNs == 11'999 * 20 * kMs && bursts[1].when.toNs == 12'002 * 20 * kMs);
}

TEST("a gap is counted packet by packet, whether it is longer than the window or not") {
  for (const std::uint32_t gap : {1U, 126U, 127U, 128U, 129U, 130U, 131U, 257U, 2998U}) {
    std::vector<std::uint32_t> sequences;
    for (const std::uint32_t one : range(0, 200 + gap + 300)) {
      const bool nearby = one == 195 || one == 200 + gap + 3;
      if (!nearby && (one < 200 || one >= 200 + gap)) {
        sequences.push_back(one);
      }
    }
    const Stream stream = measured(punctual(sequences));
    CHECK(lost(stream) == gap + 2);
    const LossState& losses = *stream.losses;
    CHECK(losses.impairedPackets() == gap + 2 && losses.impairedRuns() == 3);
    CHECK(losses.burstGap().bursts == 1);
    CHECK(losses.burstGap().burstImpaired == gap + 2);
    CHECK(losses.burstGap().burstPackets == gap + 9);
    CHECK(losses.worstBursts()[0].lost == gap + 2);
    const auto& runs = losses.runs();
    CHECK(runs.lengths[0] == 1 && runs.counts[0] == (gap == 1 ? 3 : 2));
    CHECK(gap == 1 || (runs.lengths[1] == gap && runs.counts[1] == 1));
  }
}

TEST("packets missing between the first one and an earlier one that came late are a burst then") {
  auto sequences = range(100, 200);
  sequences.insert(sequences.begin() + 3, 95);
  auto packets = punctual(sequences);
  packets[3].timestamp = packets[2].timestamp;  // not too late to be played
  const Stream stream = measured(packets);
  const auto& bursts = stream.losses->worstBursts();
  CHECK(bursts.size() == 1);
  CHECK(bursts[0].lost == 4 && bursts[0].discarded == 0);
  CHECK(bursts[0].when.fromNs == 60 * kMs && bursts[0].when.toNs == 60 * kMs);
}

TEST("of many bursts the worst are kept, in their order") {
  std::vector<std::uint32_t> sequences;
  const auto lostOf = [](std::uint32_t burst) { return burst % 40 == 7 ? 5U : burst % 3 + 2; };
  for (std::uint32_t burst = 0; burst < 200; ++burst) {
    const auto good = range(burst * 50 + lostOf(burst), burst * 50 + 50);
    sequences.insert(sequences.end(), good.begin(), good.end());
  }
  auto packets = punctual(sequences);
  for (Sent& sent : packets) {
    sent.atMs = std::int64_t{sent.timestamp} / 8;
  }
  const Stream stream = measured(packets);
  const auto& bursts = stream.losses->worstBursts();
  CHECK(stream.losses->burstGap().bursts == 199);  // the first packet is the first received
  CHECK(bursts.size() == LossState::kBurstsKept);
  CHECK(std::ranges::is_sorted(bursts, {}, [](const Burst& one) { return one.when.fromNs; }));
  CHECK(std::ranges::count(bursts, 5U, &Burst::impaired) == 5);
  CHECK(std::ranges::count(bursts, 4U, &Burst::impaired) == 27);
  CHECK(bursts[0].when.toNs == (2 * 50 + 4) * 20 * kMs);
  CHECK(bursts[1].when.toNs == (5 * 50 + 4) * 20 * kMs);
}

TEST("an unfinished burst is told as it is, and told again as it ends") {
  auto packets = punctual(range(0, 60));
  std::erase_if(packets,
                [](const Sent& sent) { return sent.sequence >= 10 && sent.sequence < 20; });
  const Settings settings;
  Stream stream({}, factOf(packets.front()), settings);
  stream.setFormat(kPcmu, kSpeech, 0);
  for (const Sent& sent : packets) {
    stream.update(factOf(sent), settings);
    const auto bursts = stream.settled().losses.worstBursts();
    CHECK(bursts.size() == (sent.sequence < 20 ? 0 : 1));
  }
  stream.update(factOf({.sequence = 15, .atMs = 1200, .timestamp = 15 * 160}), settings);
  const auto late = stream.settled().losses.worstBursts();
  CHECK(late.size() == 1 && late[0].lost == 9 && late[0].discarded == 1);
  CHECK(late[0].when.fromNs == 180 * kMs && late[0].when.toNs == 1200 * kMs);
}
