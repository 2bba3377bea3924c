#include "rtp/stream_table.hpp"

#include <array>
#include <cstdint>
#include <vector>

#include "check.hpp"

using namespace probe::rtp;

namespace {

constexpr std::int64_t kMs = 1'000'000;

Fact factOf(std::uint32_t flow, std::uint16_t sequence, std::uint32_t frame,
            std::uint8_t payloadType = 96) {
  Fact fact{};
  fact.addresses = 0x0200000A0100000A;  // 10.0.0.1 to 10.0.0.2
  fact.ports = (4000 + flow) << 16U | 5000;
  fact.ssrc = 77;
  fact.hash = hashOf(fact.addresses, std::uint64_t{fact.ports} << 32U | fact.ssrc, {});
  fact.atNs = std::int64_t{sequence} * 20 * kMs + (sequence % 2) * kMs;
  fact.timestamp = sequence * 960U;
  fact.sequenceNumber = sequence;
  fact.payloadType = payloadType;
  fact.frame = frame;
  return fact;
}

EndpointKey endpoint(std::uint8_t lastByte, std::uint16_t port) {
  EndpointKey key{};
  key.address = {10, 0, 0, lastByte};
  key.port = port;
  return key;
}

PayloadMap opusAt(std::size_t payloadType) {
  PayloadMap map{};
  map[payloadType] = {.clockRateHz = 48000, .kind = PayloadKind::kAudio};
  return map;
}

std::vector<Fact> run(std::uint32_t flow, std::uint16_t from, std::uint16_t to) {
  std::vector<Fact> facts;
  for (std::uint16_t i = from; i < to; ++i) {
    facts.push_back(factOf(flow, i, i));
  }
  return facts;
}

}  // namespace

TEST("a flow that shows four packets in sequence is a stream with all of them") {
  StreamTable table({}, {});
  table.account(run(0, 0, 3), {}, {});
  CHECK(table.size() == 0);
  table.account(run(0, 3, 6), {}, {});
  table.finish();
  CHECK(table.size() == 1);
  CHECK(table.at(0).packets == 6);
  CHECK(table.counters().unconfirmed == 0);
}

TEST("a mirrored flow is a stream too, with none of its copies missing") {
  StreamTable table({}, {});
  std::vector<Fact> facts;
  for (std::uint16_t i = 0; i < 20; ++i) {
    facts.push_back(factOf(0, i, i));
    facts.push_back(factOf(0, i, i));
  }
  table.account(facts, {}, {});
  table.finish();
  CHECK(table.size() == 1);
  CHECK(table.at(0).packets == 40);
  CHECK(table.at(0).duplicates == 20);
}

TEST("what only looks like RTP makes no stream and is counted") {
  StreamTable table({}, {});
  std::vector<Fact> facts;
  for (std::uint32_t i = 0; i < 100; ++i) {
    facts.push_back(factOf(0, static_cast<std::uint16_t>(i * 7919), i));
  }
  table.account(facts, {}, {});
  table.finish();
  CHECK(table.size() == 0);
  CHECK(table.counters().unconfirmed == 100);
}

TEST("an endpoint that signalling named makes a stream of its first packet") {
  StreamTable table({}, {});
  const std::uint16_t map = table.addMap(opusAt(96));
  const std::array<EndpointChange, 1> changes{{{endpoint(2, 5000), 0, map}}};
  table.account(run(0, 0, 2), {}, changes);
  table.finish();
  CHECK(table.size() == 1);
  CHECK(table.at(0).packets == 2);
  CHECK(table.at(0).jitterUpdates() == 1);
}

TEST("packets held before their endpoint was named are not lost") {
  StreamTable table({}, {});
  table.account(run(0, 0, 2), {}, {});
  const std::uint16_t map = table.addMap(opusAt(96));
  const std::array<EndpointChange, 1> changes{{{endpoint(2, 5000), 0, map}}};
  table.account({}, {}, changes);
  table.finish();
  CHECK(table.size() == 1);
  CHECK(table.at(0).packets == 2);
}

TEST("a payload type takes the clock that its endpoint has at that time") {
  StreamTable table({}, {});
  const std::uint16_t opus = table.addMap(opusAt(96));
  PayloadMap wide{};
  wide[96] = {.clockRateHz = 16000, .kind = PayloadKind::kAudio};
  const std::uint16_t speex = table.addMap(wide);
  const std::array<EndpointChange, 2> changes{
      {{endpoint(2, 5000), 0, opus}, {endpoint(2, 5000), 50, speex}}};
  table.account(run(0, 0, 100), {}, changes);
  table.finish();
  const Stream& stream = table.at(0);
  CHECK(stream.payloadCounts[0].map == opus && stream.payloadCounts[0].packets == 50);
  CHECK(stream.payloadCounts[1].map == speex && stream.payloadCounts[1].packets == 50);
}

TEST("the sender's own description serves where the receiver gave none") {
  StreamTable table({}, {});
  const std::uint16_t map = table.addMap(opusAt(96));
  const std::array<EndpointChange, 1> changes{{{endpoint(1, 4000), 0, map}}};
  table.account(run(0, 0, 3), {}, changes);
  table.finish();
  CHECK(table.size() == 1);
  CHECK(table.at(0).jitterUpdates() == 2);
}

TEST("a flood of random SSRCs stays within the candidates' limit") {
  Settings settings;
  settings.maxCandidates = 64;
  StreamTable table(settings, {});
  std::vector<Fact> facts;
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    Fact fact = factOf(0, static_cast<std::uint16_t>(i), i);
    fact.ssrc = i * 2654435761U;
    fact.hash = hashOf(fact.addresses, std::uint64_t{fact.ports} << 32U | fact.ssrc, {});
    facts.push_back(fact);
  }
  table.account(facts, {}, {});
  table.finish();
  CHECK(table.size() == 0);
  CHECK(table.counters().candidatesEvicted == 10'000 - 64);
  CHECK(table.counters().unconfirmed == 10'000);
}

TEST("streams beyond the limit are refused and counted, the others go on") {
  Settings settings;
  settings.maxStreams = 10;
  StreamTable table(settings, {});
  for (std::uint16_t i = 0; i < 8; ++i) {
    std::vector<Fact> facts;
    for (std::uint32_t flow = 0; flow < 20; ++flow) {
      facts.push_back(factOf(flow, i, i));
    }
    table.account(facts, {}, {});
  }
  table.finish();
  CHECK(table.size() == 10);
  CHECK(table.counters().streamsRefused > 0);
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    CHECK(table.at(i).packets == 8);
  }
}

TEST("the table grows past many thousand streams and finds each of them") {
  StreamTable table({}, {});
  constexpr std::uint32_t kFlows = 20'000;
  for (std::uint16_t i = 0; i < 5; ++i) {
    std::vector<Fact> facts;
    for (std::uint32_t flow = 0; flow < kFlows; ++flow) {
      facts.push_back(factOf(flow, i, i));
    }
    table.account(facts, {}, {});
  }
  // A description that comes after the table grew still reaches its stream.
  const std::uint16_t map = table.addMap(opusAt(96));
  const std::array<EndpointChange, 1> changes{{{endpoint(1, 4000 + 17), 0, map}}};
  table.account(run(17, 5, 8), {}, changes);
  table.finish();
  CHECK(table.size() == kFlows);
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    const bool named = table.at(i).key.ports >> 16U == 4000 + 17;
    CHECK(table.at(i).packets == (named ? 8 : 5));
    CHECK((table.at(i).jitterUpdates() != 0) == named);
  }
}
