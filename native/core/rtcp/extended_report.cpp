#include <array>

#include "rtcp/packet.hpp"

namespace probe::rtcp {
namespace {

constexpr std::size_t kBlockHeaderBytes = 4;
constexpr std::size_t kSubBlockBytes = 12;

void takeReferenceTime(Packet& packet, std::size_t block) {
  if (Record* record = packet.append(RecordKind::kXrReferenceTime, packet.senderSsrc())) {
    record->values[XrReferenceTime::kNtpSeconds] = packet.word(block + 4);
    record->values[XrReferenceTime::kNtpFraction] = packet.word(block + 8);
  }
}

void takeDlrr(Packet& packet, std::size_t block, std::size_t length) {
  if ((length - kBlockHeaderBytes) % kSubBlockBytes != 0) {
    packet.setMalformed();
  }
  const std::size_t end = block + length;
  for (std::size_t at = block + kBlockHeaderBytes; at + kSubBlockBytes <= end;
       at += kSubBlockBytes) {
    if (!packet.reaches(at + kSubBlockBytes)) {
      return;
    }
    if (Record* record = packet.append(RecordKind::kXrDlrr, packet.word(at))) {
      record->values[XrDlrr::kLrr] = packet.word(at + 4);
      record->values[XrDlrr::kDlrr] = packet.word(at + 8);
    }
  }
}

void takeStatistics(Packet& packet, std::size_t block) {
  Record* record = packet.append(RecordKind::kXrStatistics, packet.word(block + 4));
  if (record == nullptr) {
    return;
  }
  const std::uint8_t flags = packet.byte(block + 1);
  const bool hasLost = (flags & 0x80U) != 0;
  const bool hasDuplicated = (flags & 0x40U) != 0;
  const bool hasJitter = (flags & 0x20U) != 0;
  const std::uint8_t ttlKind = (flags >> 3U) & 3U;
  const bool hasTtl = ttlKind == 1 || ttlKind == 2;  // 3 must not be sent
  auto& values = record->values;
  values[XrStatistics::kBeginSequence] = packet.half(block + 8);
  values[XrStatistics::kEndSequence] = packet.half(block + 10);
  values[XrStatistics::kLost] = knownOr(hasLost, packet.word(block + 12));
  values[XrStatistics::kDuplicated] = knownOr(hasDuplicated, packet.word(block + 16));
  values[XrStatistics::kTtlKind] = knownOr(hasTtl, ttlKind);
  for (std::size_t i = 0; i < 4; ++i) {
    values[XrStatistics::kMinJitterTicks + i] = knownOr(hasJitter, packet.word(block + 20 + 4 * i));
    values[XrStatistics::kMinTtl + i] = knownOr(hasTtl, packet.byte(block + 36 + i));
  }
}

void takeVoipMetrics(Packet& packet, std::size_t block) {
  constexpr std::uint8_t kUnavailable = 127;
  Record* record = packet.append(RecordKind::kXrVoipMetrics, packet.word(block + 4));
  if (record == nullptr) {
    return;
  }
  auto& values = record->values;
  for (std::size_t i = 0; i < 4; ++i) {
    values[XrVoipMetrics::kLossRatio + i] = shareOf256(packet.byte(block + 8 + i));
  }
  for (std::size_t i = 0; i < 2; ++i) {
    values[XrVoipMetrics::kBurstMs + i] = packet.half(block + 12 + 2 * i);
    const std::uint16_t delayMs = packet.half(block + 16 + 2 * i);
    values[XrVoipMetrics::kRoundTripMs + i] = knownOr(delayMs != 0, delayMs);
    const std::uint8_t level = packet.byte(block + 20 + i);
    values[XrVoipMetrics::kSignalDbm + i] =
        knownOr(level != kUnavailable, static_cast<std::int8_t>(level));
    const std::uint8_t rating = packet.byte(block + 24 + i);
    values[XrVoipMetrics::kRFactor + i] = knownOr(rating <= 100, rating);
    const std::uint8_t score = packet.byte(block + 26 + i);
    values[XrVoipMetrics::kMosLq + i] = knownOr(score >= 10 && score <= 50, score / 10.0);
  }
  const std::uint8_t echoReturnLoss = packet.byte(block + 22);
  values[XrVoipMetrics::kResidualEchoReturnLossDb] =
      knownOr(echoReturnLoss != kUnavailable, echoReturnLoss);
  values[XrVoipMetrics::kGmin] = packet.byte(block + 23);
  values[XrVoipMetrics::kReceiverConfiguration] = packet.byte(block + 28);
  for (std::size_t i = 0; i < 3; ++i) {
    values[XrVoipMetrics::kJitterBufferNominalMs + i] = packet.half(block + 30 + 2 * i);
  }
}

// Blocks of one length. A longer one is taken for what is known of it.
struct Shape {
  std::uint8_t type;
  std::size_t length;
  void (*take)(Packet&, std::size_t block);
};
constexpr std::array<Shape, 3> kShapes{{
    {4, 12, takeReferenceTime},
    {6, 40, takeStatistics},
    {7, 36, takeVoipMetrics},
}};
constexpr std::uint8_t kDlrrType = 5;

void takeBlock(Packet& packet, std::size_t block, std::size_t length) {
  const std::uint8_t type = packet.byte(block);
  if (type == kDlrrType) {
    return takeDlrr(packet, block, length);
  }
  for (const Shape& shape : kShapes) {
    if (shape.type != type) {
      continue;
    }
    if (length < shape.length) {
      packet.setMalformed();
    } else if (packet.reaches(block + shape.length)) {
      shape.take(packet, block);
    }
    return;
  }
  packet.countSkippedBlock();
}

}  // namespace

void takeExtendedReport(Packet& packet) {
  std::size_t block = kClearBytes;
  while (block < packet.size() && packet.reaches(block + kBlockHeaderBytes)) {
    const std::size_t length = (packet.half(block + 2) + std::size_t{1}) * 4;
    if (!packet.reaches(block + length) && !packet.isCut()) {
      return;
    }
    takeBlock(packet, block, length);
    block += length;
  }
}

}  // namespace probe::rtcp
