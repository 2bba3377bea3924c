#include "live.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <set>
#include <vector>

#include "check.hpp"

using namespace probe;

namespace {

constexpr std::size_t kPacketsReceived =
    6;  // columns of a row, as `src/native/stream-rows.ts` says
constexpr std::size_t kImpairedPackets = 26;
constexpr std::size_t kJitterLast = 14;
constexpr std::size_t kFirstPayloadType = 35;

rtp::StreamKey path(std::uint8_t from, std::uint8_t to, bool ipv6 = false) {
  rtp::StreamKey key{};
  key.source = {10, 0, 0, from};
  key.destination = {10, 0, 0, to};
  if (ipv6) {
    key.source = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, from};
    key.destination = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, to};
  }
  key.ports = 4000U << 16U | 5000U;
  key.ipv6 = ipv6;
  return key;
}

LivePacket packetOf(std::uint32_t flow, std::uint32_t ssrc, std::uint32_t index,
                    std::uint8_t payloadType = 96) {
  return {.arrivalMs = 1.7e12 + index * 20.0 + index % 3,
          .flow = flow,
          .ssrc = ssrc,
          .timestamp = index * 960,
          .sequenceAndPayload = (index & 0xFFFFU) | 80U << 16U,
          .ipBytesAndType = 120U | std::uint32_t{payloadType} << 16U,
          .unused = 0};
}

void drain(LiveEngine& engine, const std::vector<LivePacket>& packets) {
  std::vector<std::uint8_t> ring(packets.size() * sizeof(LivePacket));
  if (!packets.empty()) {
    std::memcpy(ring.data(), packets.data(), ring.size());
  }
  engine.drain(ring);
}

std::vector<LivePacket> run(std::uint32_t flow, std::uint32_t ssrc, std::uint32_t from,
                            std::uint32_t to) {
  std::vector<LivePacket> packets;
  for (std::uint32_t i = from; i < to; ++i) {
    packets.push_back(packetOf(flow, ssrc, i));
  }
  return packets;
}

rtp::PayloadMap audioAt(std::size_t payloadType, std::uint32_t clockRateHz) {
  rtp::PayloadMap map{};
  map[payloadType] = {.clockRateHz = clockRateHz, .kind = rtp::PayloadKind::kAudio};
  return map;
}

constexpr auto kDestination = LiveEngine::Side::kDestination;
constexpr auto kSource = LiveEngine::Side::kSource;

std::uint32_t namedFlow(LiveEngine& engine, std::uint8_t from = 1, std::uint8_t to = 2) {
  const std::uint32_t flow = engine.openFlow(path(from, to));
  engine.setPayloads(flow, kDestination, engine.table().addMap(audioAt(96, 48000)));
  return flow;
}

StreamRows rowsOf(LiveEngine& engine, std::uint32_t flow) {
  StreamRows out;
  engine.appendStreams(flow, out);
  return out;
}

StreamRows closed(LiveEngine& engine, std::uint32_t flow) {
  StreamRows out;
  engine.closeFlow(flow, out);
  return out;
}

std::size_t streamsIn(const StreamRows& rows) {
  return rows.rows.size() / kStreamColumns;
}

bool same(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0);
}

bool same(const StreamRows& a, const StreamRows& b) {
  return same(a.rows, b.rows) && same(a.intervals, b.intervals) && same(a.lossRuns, b.lossRuns) &&
         a.addresses == b.addresses;
}

class Random {
 public:
  explicit Random(std::uint32_t seed) : engine_(seed) {}
  std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(engine_() % end); }

 private:
  std::mt19937 engine_;
};

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
