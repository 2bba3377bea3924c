// What a live engine holds, refuses and gives back.
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "check.hpp"
#include "live.hpp"
#include "live_flows.hpp"

using namespace probe;
using namespace probe::test::live;

TEST("candidates that a late description would make streams of stay within the flow's limit") {
  LiveEngine engine({}, {.maxFlows = 2, .maxStreamsPerFlow = 3}, {});
  const std::uint32_t flow = engine.openFlow(path(1, 2));
  for (std::uint32_t ssrc = 0; ssrc < 100; ++ssrc) {
    drain(engine, run(flow, ssrc, 0, 1));
  }
  engine.setPayloads(flow, kDestination, engine.table().addMap(audioAt(96, 48000)));
  CHECK(streamsIn(closed(engine, flow)) == 3);
  CHECK(engine.table().counters().unconfirmed == 97);
}

TEST("a flow that is closed leaves neither streams nor description to the next of its number") {
  LiveEngine engine({}, {}, {});
  const std::uint32_t flow = namedFlow(engine);
  drain(engine, run(flow, 7, 0, 20));
  CHECK(streamsIn(closed(engine, flow)) == 1);
  CHECK(!engine.isOpen(flow));
  drain(engine, run(flow, 7, 20, 30));
  CHECK(engine.counters().unknownFlow == 10);
  CHECK(engine.openFlow(path(5, 6)) == flow);
  drain(engine, run(flow, 7, 30, 33));
  CHECK(streamsIn(rowsOf(engine, flow)) == 0);
  drain(engine, run(flow, 7, 33, 40));
  const StreamRows rows = closed(engine, flow);
  CHECK(rows.rows[kPacketsReceived] == 10 && rows.addresses[3] == 5);
  CHECK(std::isnan(rows.rows[kJitterLast]));
}

TEST("closing a flow twice, or one that never was, does nothing") {
  LiveEngine engine({}, {}, {});
  const std::uint32_t flow = namedFlow(engine);
  CHECK(streamsIn(closed(engine, flow)) == 0);
  CHECK(streamsIn(closed(engine, flow)) == 0);
  CHECK(streamsIn(closed(engine, 77)) == 0);
  CHECK(streamsIn(rowsOf(engine, LiveEngine::kNoFlow)) == 0);
  CHECK(engine.openFlow(path(1, 2)) == flow);
  CHECK(engine.openFlow(path(1, 2)) != flow);
}

TEST("flows beyond the limit are refused until one is closed") {
  LiveEngine engine({}, {.maxFlows = 2, .maxStreamsPerFlow = 4}, {});
  const std::uint32_t first = engine.openFlow(path(1, 2));
  CHECK(engine.openFlow(path(1, 3)) != LiveEngine::kNoFlow);
  CHECK(engine.openFlow(path(1, 4)) == LiveEngine::kNoFlow);
  CHECK(engine.counters().flowsRefused == 1);
  closed(engine, first);
  CHECK(engine.openFlow(path(1, 4)) == first);
}

TEST("made-up SSRCs, before a stream begins and while it goes on, cannot keep it out") {
  LiveEngine engine({}, {.maxFlows = 1, .maxStreamsPerFlow = 8}, {});
  const std::uint32_t flow = namedFlow(engine);
  Random random(1);
  for (std::uint32_t i = 0; i < 500; ++i) {
    std::vector<LivePacket> flood;
    for (int n = 0; n < 1000; ++n) {
      flood.push_back(packetOf(flow, random.below(0xFFFFFFFF), random.below(0x10000)));
    }
    drain(engine, flood);
    drain(engine, run(flow, 7, i, i + 1));
  }
  const StreamRows rows = closed(engine, flow);
  CHECK(streamsIn(rows) == 8);
  const double* last = &rows.rows[7 * kStreamColumns];
  CHECK(last[0] == 7 && last[kPacketsReceived] == 500);
  CHECK(engine.counters().streamsEvicted == 1);
  CHECK(engine.counters().packetsRefused == 0);
  CHECK(engine.table().counters().candidatesEvicted > 400'000);
}

TEST("a stream that has lasted is never pushed out, one of few packets only by one that has") {
  LiveEngine engine({}, {.maxFlows = 1, .maxStreamsPerFlow = 3}, {});
  const std::uint32_t flow = namedFlow(engine);
  drain(engine, run(flow, 1, 0, 4));
  drain(engine, run(flow, 2, 5, 8));
  drain(engine, run(flow, 3, 3, 6));
  drain(engine, run(flow, 4, 10, 13));
  CHECK(rowsOf(engine, flow).rows[2 * kStreamColumns] == 3);
  drain(engine, run(flow, 4, 13, 14));
  const StreamRows rows = rowsOf(engine, flow);
  CHECK(streamsIn(rows) == 3);
  CHECK(rows.rows[0] == 1 && rows.rows[kStreamColumns] == 2);
  CHECK(rows.rows[2 * kStreamColumns] == 4);
  CHECK(rows.rows[2 * kStreamColumns + kPacketsReceived] == 4);
  CHECK(engine.counters().streamsEvicted == 1);
}

TEST("where all streams of a flow have lasted, the packets of another are refused") {
  LiveEngine engine({}, {.maxFlows = 1, .maxStreamsPerFlow = 2}, {});
  const std::uint32_t flow = namedFlow(engine);
  for (std::uint32_t ssrc = 1; ssrc <= 3; ++ssrc) {
    drain(engine, run(flow, ssrc, 0, 10));
  }
  const StreamRows rows = rowsOf(engine, flow);
  CHECK(streamsIn(rows) == 2 && rows.rows[0] == 1 && rows.rows[kStreamColumns] == 2);
  CHECK(engine.counters().packetsRefused == 10);
}

TEST("streams beyond the engine's limit are refused until a flow gives up its own") {
  rtp::Settings settings;
  settings.maxStreams = 2;
  LiveEngine engine(settings, {}, {});
  const std::uint32_t one = namedFlow(engine);
  const std::uint32_t other = namedFlow(engine);
  drain(engine, run(one, 1, 0, 5));
  drain(engine, run(one, 2, 0, 5));
  drain(engine, run(other, 3, 0, 5));
  CHECK(streamsIn(rowsOf(engine, other)) == 0);
  CHECK(engine.table().counters().streamsRefused == 5);
  closed(engine, one);
  drain(engine, run(other, 3, 5, 10));
  CHECK(streamsIn(rowsOf(engine, other)) == 1);
}

TEST("packets that arrived at no sensible time are counted and left out") {
  LiveEngine engine({}, {}, {});
  const std::uint32_t flow = namedFlow(engine);
  for (const double atMs : {std::numeric_limits<double>::quiet_NaN(), -1.0, 1e300,
                            std::numeric_limits<double>::infinity()}) {
    LivePacket packet = packetOf(flow, 7, 0);
    packet.arrivalMs = atMs;
    drain(engine, {packet});
  }
  CHECK(engine.counters().untimed == 4);
  CHECK(streamsIn(rowsOf(engine, flow)) == 0);
  LivePacket early = packetOf(flow, 7, 0);
  early.arrivalMs = 0;
  LivePacket late = packetOf(flow, 7, 1);
  late.arrivalMs = 4'294'967'295'999;
  drain(engine, {early, late, early});
  CHECK(rowsOf(engine, flow).rows[kPacketsReceived] == 3);
}

TEST("a ring cut inside a row is read up to that row") {
  LiveEngine engine({}, {}, {});
  const std::uint32_t flow = namedFlow(engine);
  std::vector<std::uint8_t> ring(2 * sizeof(LivePacket));
  const auto packets = run(flow, 7, 0, 2);
  std::memcpy(ring.data(), packets.data(), ring.size());
  engine.drain(Bytes(ring).first(ring.size() - 1));
  CHECK(rowsOf(engine, flow).rows[kPacketsReceived] == 1);
}

TEST("rows of random bits on a few flows do no harm, and each is counted once") {
  LiveEngine engine({}, {.maxFlows = 4, .maxStreamsPerFlow = 8}, {});
  namedFlow(engine);
  engine.openFlow(path(1, 2));
  Random random(3);
  constexpr std::uint32_t kRows = 20'000;
  for (std::uint32_t i = 0; i < kRows; ++i) {
    LivePacket packet{
        .arrivalMs = std::bit_cast<double>(std::uint64_t{random.below(0x45000000)} << 32U),
        .flow = random.below(3),
        .ssrc = random.below(12),
        .timestamp = random.below(0xFFFFFFFF),
        .sequenceAndPayload = random.below(0xFFFFFFFF),
        .ipBytesAndType = random.below(0xFFFFFFFF),
        .unused = random.below(0xFFFFFFFF)};
    drain(engine, {packet});
    if (i % 500 == 0) {
      rowsOf(engine, 0);
    }
  }
  closed(engine, 0);
  closed(engine, 1);
  const auto& live = engine.counters();
  const auto& table = engine.table().counters();
  CHECK(live.untimed > 0 && live.unknownFlow > 0 && live.packetsRefused > 0);
  CHECK(table.packets + table.unconfirmed + table.streamsRefused + live.untimed + live.unknownFlow +
            live.packetsRefused ==
        kRows);
}

TEST("streams of many flows keep apart while others come and go") {
  LiveEngine engine({}, {}, {});
  const std::uint16_t map = engine.table().addMap(audioAt(96, 48000));
  Random random(9);
  struct Open {
    std::uint32_t flow;
    std::uint32_t sent;
  };
  std::vector<Open> open;
  for (int step = 0; step < 30'000; ++step) {
    const std::uint32_t what = random.below(20);
    if (what == 0 || open.empty()) {
      open.push_back({.flow = engine.openFlow(path(1, 2)), .sent = 0});
      engine.setPayloads(open.back().flow, kDestination, map);
    } else if (what == 1 && open.size() > 300) {
      const std::size_t which = random.below(static_cast<std::uint32_t>(open.size()));
      const StreamRows rows = closed(engine, open[which].flow);
      CHECK(streamsIn(rows) == (open[which].sent == 0 ? 0 : 3));
      for (std::size_t i = 0; i < streamsIn(rows); ++i) {
        CHECK(rows.rows[i * kStreamColumns] == static_cast<double>(100 + i));
        CHECK(rows.rows[i * kStreamColumns + kPacketsReceived] == open[which].sent);
      }
      open[which] = open.back();
      open.pop_back();
    } else {
      Open& sender = open[random.below(static_cast<std::uint32_t>(open.size()))];
      for (const std::uint32_t ssrc : {100U, 101U, 102U}) {
        drain(engine, run(sender.flow, ssrc, sender.sent, sender.sent + 1));
      }
      ++sender.sent;
    }
  }
  CHECK(open.size() > 200);
  for (const Open& one : open) {
    CHECK(streamsIn(closed(engine, one.flow)) == (one.sent == 0 ? 0 : 3));
  }
  CHECK(engine.table().counters().unconfirmed == 0);
}

TEST("ten thousand flows one after the other need the room of one") {
  LiveEngine engine({}, {}, {});
  const std::uint16_t map = engine.table().addMap(audioAt(96, 48000));
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    const std::uint32_t flow = engine.openFlow(path(1, 2));
    CHECK(flow == 0);
    engine.setPayloads(flow, kDestination, map);
    std::vector<LivePacket> packets = run(flow, i, 0, 6);
    packets.erase(packets.begin() + 2);  // a loss, so that a stream has something to free
    drain(engine, packets);
    drain(engine, run(flow, i + 1, 0, 2));
    CHECK(streamsIn(closed(engine, flow)) == 2);
  }
  CHECK(engine.table().size() == 2);
}
