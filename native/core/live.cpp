#include "live.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace probe {
namespace {

constexpr double kMaxArrivalMs = 4'294'967'295'999;  // what a capture can hold: 32 bits of seconds
constexpr std::uint32_t kMaxCandidates = 4096;
// A stream of fewer packets would not have been taken for one on a flow without a description.
constexpr std::uint32_t kFewPackets = 4;
// The streams table knows a flow as two endpoints of its own: the addresses may be those of another
// tap too.
constexpr std::uint16_t kSourcePort = 1;
constexpr std::uint16_t kDestinationPort = 2;

// A double of today's milliseconds is that exact, so microseconds survive and no more.
[[nodiscard]] std::int64_t nanoseconds(double milliseconds) noexcept {
  // NOLINTNEXTLINE(bugprone-incorrect-roundings): right for what is neither negative nor above 2^52
  return static_cast<std::int64_t>(milliseconds * 1e3 + 0.5) * 1000;
}

[[nodiscard]] rtp::Settings bounded(rtp::Settings settings, const LiveLimits& limits) noexcept {
  settings.maxCandidates = kMaxCandidates;
  settings.maxEndpoints = 2 * limits.maxFlows;
  return settings;
}

}  // namespace

LiveEngine::LiveEngine(rtp::Settings settings, const LiveLimits& limits, const rtp::HashSeed& seed)
    : limits_(limits), seed_(seed), table_(bounded(settings, limits), seed) {}

// -- flows ----------------------------------------------------------------------------------------

std::uint32_t LiveEngine::openFlow(const rtp::StreamKey& path) {
  std::uint32_t flow = 0;
  if (!closed_.empty()) {
    flow = closed_.back();
    closed_.pop_back();
  } else if (flows_.size() < limits_.maxFlows) {
    flow = static_cast<std::uint32_t>(flows_.size());
    flows_.emplace_back();
  } else {
    ++counters_.flowsRefused;
    return kNoFlow;
  }
  flows_[flow] = {.path = path, .streams = {}, .isOpen = true};
  return flow;
}

void LiveEngine::closeFlow(std::uint32_t flow, StreamRows& out) {
  if (!isOpen(flow)) {
    return;
  }
  Flow& closing = flows_[flow];
  table_.endCandidates(endpointOf(flow, Side::kDestination), limits_.maxStreamsPerFlow,
                       closing.streams);
  appendStreams(flow, out);
  for (const std::uint64_t hash : closing.streams) {
    table_.remove(hash);
  }
  table_.forgetEndpoint(endpointOf(flow, Side::kSource));
  table_.forgetEndpoint(endpointOf(flow, Side::kDestination));
  closing = {};
  closed_.push_back(flow);
}

void LiveEngine::setPayloads(std::uint32_t flow, Side describedBy, std::uint16_t map) {
  if (isOpen(flow)) {
    const std::array<rtp::EndpointChange, 1> change{
        {{.endpoint = endpointOf(flow, describedBy), .frame = 0, .map = map}}};
    table_.account({}, {}, change);
  }
}

void LiveEngine::appendStreams(std::uint32_t flow, StreamRows& out) {
  if (!isOpen(flow)) {
    return;
  }
  for (const std::uint64_t hash : flows_[flow].streams) {
    const rtp::Stream& stream = table_.at(table_.find(hash));
    rtp::StreamKey whose = flows_[flow].path;
    whose.ssrc = stream.key.ssrc;
    appendStream(stream, whose, table_.settings(), out);
  }
}

rtp::EndpointKey LiveEngine::endpointOf(std::uint32_t flow, Side side) noexcept {
  rtp::EndpointKey key{};
  std::memcpy(key.address.data(), &flow, sizeof(flow));
  key.port = side == Side::kSource ? kSourcePort : kDestinationPort;
  return key;
}

// -- packets --------------------------------------------------------------------------------------

void LiveEngine::drain(Bytes packets) {
  std::array<rtp::Fact, kGroup> facts{};
  LivePacket packet{};
  std::size_t count = 0;
  for (; packets.size() >= sizeof(packet); packets = packets.subspan(sizeof(packet))) {
    std::memcpy(&packet, packets.data(), sizeof(packet));
    if (!isSound(packet)) [[unlikely]] {
      continue;
    }
    facts[count++] = factOf(packet);
    if (count == kGroup) {
      accountGroup(facts);
      count = 0;
    }
  }
  accountGroup(std::span(facts).first(count));
}

bool LiveEngine::isSound(const LivePacket& packet) noexcept {
  if (!isOpen(packet.flow)) [[unlikely]] {
    ++counters_.unknownFlow;
    return false;
  }
  if (!(packet.arrivalMs >= 0 && packet.arrivalMs <= kMaxArrivalMs)) [[unlikely]] {
    ++counters_.untimed;
    return false;
  }
  return true;
}

void LiveEngine::accountGroup(std::span<const rtp::Fact> facts) {
  std::array<std::uint32_t, kGroup> found{};
  bool isStale = false;  // a new stream may have taken the place of another
  table_.fetchSlots(facts);
  table_.fetchStreams(facts, found.data());
  for (std::size_t i = 0; i < facts.size(); ++i) {
    const std::uint32_t index = isStale ? table_.find(facts[i].hash) : found[i];
    if (index != rtp::Stream::kNoStream) [[likely]] {
      table_.accountTo(index, facts[i]);
    } else {
      accountNew(flows_[static_cast<std::uint32_t>(facts[i].addresses)], facts[i]);
      isStale = true;
    }
  }
}

rtp::Fact LiveEngine::factOf(const LivePacket& packet) const noexcept {
  const std::uint64_t both = std::uint64_t{packet.flow} << 32U | packet.flow;
  const bool marker = (packet.ipBytesAndType >> 23U & 1U) != 0;
  return {.atNs = nanoseconds(packet.arrivalMs),
          .hash = rtp::hashOf(packet.flow, packet.ssrc, seed_),
          .addresses = both,
          .ports = std::uint32_t{kSourcePort} << 16U | kDestinationPort,
          .ssrc = packet.ssrc,
          .timestamp = packet.timestamp,
          .frame = 0,
          .sequenceNumber = static_cast<std::uint16_t>(packet.sequenceAndPayload),
          .payloadBytes = static_cast<std::uint16_t>(packet.sequenceAndPayload >> 16U),
          .ipBytes = static_cast<std::uint16_t>(packet.ipBytesAndType),
          .payloadType = static_cast<std::uint8_t>(packet.ipBytesAndType >> 16U & 0x7FU),
          .flags = marker ? rtp::kFactMarker : std::uint8_t{0}};
}

// A packet of no stream yet.
//
// Whoever can send to a socket can make up SSRCs. Where they are too many, one must prove itself as
// on a flow without a description, and then takes the place of one that did not. Streams that
// lasted are kept.
void LiveEngine::accountNew(Flow& flow, const rtp::Fact& fact) {
  const bool isFull = flow.streams.size() >= limits_.maxStreamsPerFlow;
  const std::size_t victim = isFull ? quietest(flow) : 0;
  if (isFull && victim == flow.streams.size()) {
    ++counters_.packetsRefused;
    return;
  }
  if (isFull) {
    table_.accountUnproven(fact);
  } else {
    table_.account({&fact, 1}, {}, {});
  }
  if (table_.find(fact.hash) == rtp::Stream::kNoStream) {
    return;
  }
  if (isFull) {
    table_.remove(flow.streams[victim]);
    flow.streams.erase(flow.streams.begin() + static_cast<std::ptrdiff_t>(victim));
    ++counters_.streamsEvicted;
  }
  flow.streams.push_back(fact.hash);
}

// Of the flow's streams of few packets the longest silent, or the end.
std::size_t LiveEngine::quietest(const Flow& flow) noexcept {
  std::size_t found = flow.streams.size();
  std::int64_t lastNs = 0;
  for (std::size_t i = 0; i < flow.streams.size(); ++i) {
    const rtp::Stream& stream = table_.at(table_.find(flow.streams[i]));
    if (stream.packets < kFewPackets &&
        (found == flow.streams.size() || stream.lastArrivalNs() < lastNs)) {
      found = i;
      lastNs = stream.lastArrivalNs();
    }
  }
  return found;
}

}  // namespace probe
