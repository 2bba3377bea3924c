#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

#include "live.hpp"

// Flows of a live engine, packets on them, and what the engine says of them.
namespace probe::test::live {

// Columns of a row, as `src/native/stream-rows.ts` says.
constexpr std::size_t kPacketsReceived = 6;
constexpr std::size_t kImpairedPackets = 26;
constexpr std::size_t kJitterLast = 14;
constexpr std::size_t kFirstPayloadType = 36;

inline rtp::StreamKey path(std::uint8_t from, std::uint8_t to, bool ipv6 = false) {
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

inline LivePacket packetOf(std::uint32_t flow, std::uint32_t ssrc, std::uint32_t index,
                           std::uint8_t payloadType = 96) {
  return {.arrivalMs = 1.7e12 + index * 20.0 + index % 3,
          .flow = flow,
          .ssrc = ssrc,
          .timestamp = index * 960,
          .sequenceAndPayload = (index & 0xFFFFU) | 80U << 16U,
          .ipBytesAndType = 120U | std::uint32_t{payloadType} << 16U,
          .unused = 0};
}

inline void drain(LiveEngine& engine, const std::vector<LivePacket>& packets) {
  std::vector<std::uint8_t> ring(packets.size() * sizeof(LivePacket));
  if (!packets.empty()) {
    std::memcpy(ring.data(), packets.data(), ring.size());
  }
  engine.drain(ring);
}

inline std::vector<LivePacket> run(std::uint32_t flow, std::uint32_t ssrc, std::uint32_t from,
                                   std::uint32_t to) {
  std::vector<LivePacket> packets;
  for (std::uint32_t i = from; i < to; ++i) {
    packets.push_back(packetOf(flow, ssrc, i));
  }
  return packets;
}

inline rtp::PayloadMap audioAt(std::size_t payloadType, std::uint32_t clockRateHz) {
  rtp::PayloadMap map{};
  map[payloadType] = {.clockRateHz = clockRateHz, .kind = rtp::PayloadKind::kAudio};
  return map;
}

constexpr auto kDestination = LiveEngine::Side::kDestination;
constexpr auto kSource = LiveEngine::Side::kSource;

inline std::uint32_t namedFlow(LiveEngine& engine, std::uint8_t from = 1, std::uint8_t to = 2) {
  const std::uint32_t flow = engine.openFlow(path(from, to));
  engine.setPayloads(flow, kDestination, engine.table().addMap(audioAt(96, 48000)));
  return flow;
}

inline StreamRows rowsOf(LiveEngine& engine, std::uint32_t flow) {
  StreamRows out;
  engine.appendStreams(flow, out);
  return out;
}

inline StreamRows closed(LiveEngine& engine, std::uint32_t flow) {
  StreamRows out;
  engine.closeFlow(flow, out);
  return out;
}

inline std::size_t streamsIn(const StreamRows& rows) {
  return rows.rows.size() / kStreamColumns;
}

class Random {
 public:
  explicit Random(std::uint32_t seed) : engine_(seed) {}
  std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(engine_() % end); }

 private:
  std::mt19937 engine_;
};

}  // namespace probe::test::live
