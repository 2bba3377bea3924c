#include "live.hpp"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "check.hpp"
#include "live_flows.hpp"

using namespace probe;
using namespace probe::test::live;

namespace {

bool same(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0);
}

bool same(const StreamRows& a, const StreamRows& b) {
  return same(a.rows, b.rows) && same(a.intervals, b.intervals) && same(a.lossRuns, b.lossRuns) &&
         same(a.worstBursts, b.worstBursts) && a.addresses == b.addresses;
}

}  // namespace

TEST("a described flow makes a stream of the first packet, under the addresses of its path") {
  LiveEngine engine({}, {}, {});
  const std::uint32_t flow = namedFlow(engine);
  drain(engine, run(flow, 7, 0, 1));
  const StreamRows rows = rowsOf(engine, flow);
  CHECK(streamsIn(rows) == 1);
  CHECK(rows.rows[0] == 7 && rows.rows[1] == 4000 && rows.rows[2] == 5000 && rows.rows[3] == 0);
  CHECK(rows.addresses[3] == 1 && rows.addresses[16 + 3] == 2);
  CHECK(rows.rows[kPacketsReceived] == 1);
}

TEST("the path of an IPv6 flow comes back whole") {
  LiveEngine engine({}, {}, {});
  const std::uint32_t flow = engine.openFlow(path(3, 4, true));
  drain(engine, run(flow, 7, 0, 10));
  const StreamRows rows = closed(engine, flow);
  CHECK(streamsIn(rows) == 1);
  CHECK(rows.rows[3] == 1);
  CHECK(rows.addresses[0] == 0x20 && rows.addresses[15] == 3 && rows.addresses[31] == 4);
}

TEST("a flow without a description waits for four packets that fit together") {
  LiveEngine engine({}, {}, {});
  const std::uint32_t flow = engine.openFlow(path(1, 2));
  drain(engine, run(flow, 7, 0, 3));
  CHECK(streamsIn(rowsOf(engine, flow)) == 0);
  drain(engine, run(flow, 7, 3, 4));
  CHECK(rowsOf(engine, flow).rows[kPacketsReceived] == 4);
}

TEST("packets held when a described flow closes are a stream, those of another are counted") {
  LiveEngine engine({}, {}, {});
  const std::uint32_t one = engine.openFlow(path(1, 2));
  const std::uint32_t other = engine.openFlow(path(1, 2));
  drain(engine, run(one, 7, 0, 2));
  drain(engine, run(other, 7, 0, 3));
  engine.setPayloads(one, kDestination, engine.table().addMap(audioAt(96, 48000)));
  const StreamRows rows = closed(engine, one);
  CHECK(streamsIn(rows) == 1 && rows.rows[kPacketsReceived] == 2);
  CHECK(streamsIn(closed(engine, other)) == 0);
  CHECK(engine.table().counters().unconfirmed == 3);
}

TEST("two taps on one path are two flows: neither counts the other's packets nor its description") {
  LiveEngine engine({}, {}, {});
  const std::uint32_t one = namedFlow(engine);
  const std::uint32_t other = engine.openFlow(path(1, 2));
  drain(engine, run(one, 7, 0, 50));
  drain(engine, run(other, 7, 0, 50));
  const StreamRows described = rowsOf(engine, one);
  const StreamRows plain = rowsOf(engine, other);
  CHECK(described.rows[kPacketsReceived] == 50 && plain.rows[kPacketsReceived] == 50);
  CHECK(!std::isnan(described.rows[kJitterLast]) && std::isnan(plain.rows[kJitterLast]));
}

TEST("a map named mid-stream serves from the next packet on") {
  LiveEngine engine({}, {}, {});
  const std::uint32_t flow = engine.openFlow(path(1, 2));
  const std::uint16_t opus = engine.table().addMap(audioAt(96, 48000));
  const std::uint16_t speex = engine.table().addMap(audioAt(96, 16000));
  engine.setPayloads(flow, kDestination, opus);
  drain(engine, run(flow, 7, 0, 30));
  engine.setPayloads(flow, kDestination, speex);
  drain(engine, run(flow, 7, 30, 50));
  const StreamRows rows = rowsOf(engine, flow);
  const double* counts = &rows.rows[kFirstPayloadType];
  CHECK(counts[0] == 96 && counts[1] == 30 && counts[2] == opus);
  CHECK(counts[3] == 96 && counts[4] == 20 && counts[5] == speex);
}

TEST("the destination's description goes before the source's, and that before the default") {
  LiveEngine engine({}, {}, {});
  engine.table().setDefaultMap(audioAt(96, 8000));
  const std::uint32_t flow = engine.openFlow(path(1, 2));
  const std::uint16_t bySource = engine.table().addMap(audioAt(96, 16000));
  const std::uint16_t byDestination = engine.table().addMap(audioAt(96, 48000));
  drain(engine, run(flow, 7, 0, 10));
  engine.setPayloads(flow, kSource, bySource);
  drain(engine, run(flow, 7, 10, 30));
  engine.setPayloads(flow, kDestination, byDestination);
  drain(engine, run(flow, 7, 30, 60));
  const StreamRows rows = closed(engine, flow);
  const double* counts = &rows.rows[kFirstPayloadType];
  CHECK(counts[1] == 10 && counts[2] == 0);
  CHECK(counts[4] == 20 && counts[5] == bySource);
  CHECK(counts[7] == 30 && counts[8] == byDestination);
}

TEST("reading mid-life says what an end would, and disturbs nothing that follows") {
  LiveEngine watched({}, {}, {});
  LiveEngine left({}, {}, {});
  const std::uint32_t flow = namedFlow(watched);
  CHECK(namedFlow(left) == flow);
  Random random(5);
  std::uint32_t sequence = 65'000;
  std::vector<LivePacket> sofar;
  for (std::uint32_t i = 0; i < 6000; ++i) {
    sequence += random.below(10) == 0 ? random.below(6) : 1;              // losses and duplicates
    sequence = random.below(900) == 0 ? random.below(65'536) : sequence;  // restarts and strays
    LivePacket packet = packetOf(flow, 7, sequence);
    packet.arrivalMs =
        1.7e12 + i * 20.0 + (random.below(40) == 0 ? random.below(150) : random.below(5));
    packet.ipBytesAndType = 120U | (random.below(50) == 0 ? 13U : 96U) << 16U;
    sofar.push_back(packet);
    drain(watched, {packet});
    if (random.below(100) == 0) {
      LiveEngine fresh({}, {}, {});
      namedFlow(fresh);
      drain(fresh, sofar);
      const StreamRows ended = closed(fresh, flow);
      CHECK(same(rowsOf(watched, flow), ended));
      CHECK(same(rowsOf(watched, flow), ended));
    }
  }
  drain(left, sofar);
  const StreamRows end = closed(left, flow);
  CHECK(end.rows[kImpairedPackets] > 100);
  CHECK(same(closed(watched, flow), end));
}
