#pragma once

#include <cstdint>
#include <vector>

#include "rtp/stream.hpp"

// Packets of one stream, and what is measured of them.
namespace probe::test::stream {

using namespace probe::rtp;

constexpr std::int64_t kMs = 1'000'000;
constexpr std::uint8_t kPcmu = 0;

struct Sent {
  std::uint16_t sequence;
  std::int64_t atMs;
  std::uint32_t timestamp;
  bool marker = false;
  std::uint8_t payloadType = kPcmu;
};

inline Fact factOf(const Sent& sent) {
  Fact fact{};
  fact.atNs = sent.atMs * kMs;
  fact.sequenceNumber = sent.sequence;
  fact.timestamp = sent.timestamp;
  fact.payloadType = sent.payloadType;
  fact.payloadBytes = 160;
  fact.ipBytes = 200;
  fact.flags = sent.marker ? kFactMarker : 0;
  return fact;
}

constexpr PayloadFormat kSpeech{.clockRateHz = 8000, .kind = PayloadKind::kAudio};

inline Stream measured(const std::vector<Sent>& packets, const Settings& settings = {}) {
  Stream stream({}, factOf(packets.front()), settings);
  for (const Sent& sent : packets) {
    if (stream.payloadType != sent.payloadType) {
      const bool event = sent.payloadType == 101;
      stream.setFormat(sent.payloadType,
                       event ? PayloadFormat{8000, PayloadKind::kTelephoneEvent} : kSpeech, 0);
    }
    stream.update(factOf(sent), settings);
  }
  stream.finish();
  return stream;
}

// Packets 20 ms apart, on time, with these sequence numbers.
inline std::vector<Sent> punctual(const std::vector<std::uint32_t>& sequences) {
  std::vector<Sent> packets;
  for (const std::uint32_t sequence : sequences) {
    packets.push_back({.sequence = static_cast<std::uint16_t>(sequence),
                       .atMs = static_cast<std::int64_t>(packets.size()) * 20,
                       .timestamp = sequence * 160});
  }
  return packets;
}

inline std::vector<std::uint32_t> range(std::uint32_t from, std::uint32_t to) {
  std::vector<std::uint32_t> all;
  for (std::uint32_t i = from; i < to; ++i) {
    all.push_back(i);
  }
  return all;
}

inline std::int64_t lost(const Stream& stream) {
  return static_cast<std::int64_t>(stream.expected()) - stream.packets;
}

}  // namespace probe::test::stream
