#include "rtcp/decode.hpp"

#include <algorithm>

#include "rtcp/framing.hpp"
#include "rtcp/packet.hpp"

namespace probe::rtcp {
namespace {

std::int32_t signed24(std::uint32_t field) noexcept {
  constexpr std::int32_t kModulus = 0x1000000;
  const auto value = static_cast<std::int32_t>(field);
  return value < kModulus / 2 ? value : value - kModulus;
}

// What follows the announced blocks is a profile's extension (section 6.4.3) and left alone.
void takeReportBlocks(Packet& packet, std::size_t block) {
  for (std::size_t i = 0; i < packet.count(); ++i, block += kReportBlockBytes) {
    if (!packet.reaches(block + kReportBlockBytes)) {
      return;
    }
    if (Record* record = packet.append(RecordKind::kReportBlock, packet.word(block))) {
      auto& values = record->values;
      values[ReportBlock::kFractionLost] = shareOf256(packet.byte(block + 4));
      values[ReportBlock::kPacketsLost] = signed24(packet.threeBytes(block + 5));
      values[ReportBlock::kExtendedHighestSequence] = packet.word(block + 8);
      values[ReportBlock::kJitterTicks] = packet.word(block + 12);
      values[ReportBlock::kLsr] = packet.word(block + 16);
      values[ReportBlock::kDlsr] = packet.word(block + 20);
    }
  }
}

void takeSenderReport(Packet& packet) {
  if (!packet.reaches(kSenderReportBytes)) {
    return;
  }
  if (Record* record = packet.append(RecordKind::kSenderInfo, packet.senderSsrc())) {
    auto& values = record->values;
    values[SenderInfo::kNtpSeconds] = packet.word(8);
    values[SenderInfo::kNtpFraction] = packet.word(12);
    values[SenderInfo::kRtpTimestamp] = packet.word(16);
    values[SenderInfo::kPackets] = packet.word(20);
    values[SenderInfo::kOctets] = packet.word(24);
  }
  takeReportBlocks(packet, kSenderReportBytes);
}

void takeReceiverReport(Packet& packet) {
  if (!packet.reaches(kClearBytes)) {
    return;
  }
  if (Record* record = packet.append(RecordKind::kReceiverReport, packet.senderSsrc())) {
    record->values[ReceiverReport::kBlocks] = static_cast<double>(packet.count());
  }
  takeReportBlocks(packet, kClearBytes);
}

// Takes the items of one chunk. Returns where the next chunk begins, or 0 if an item does not fit.
std::size_t takeItems(Packet& packet, std::size_t item, std::uint32_t ssrc) {
  constexpr std::uint8_t kEndOfChunk = 0;
  constexpr std::uint8_t kCname = 1;
  constexpr std::size_t kItemHeaderBytes = 2;
  // A last chunk without the octet that ends it is tolerated: nothing is lost by that.
  while (item < packet.size() && packet.byte(item) != kEndOfChunk) {
    if (!packet.reaches(item + kItemHeaderBytes)) {
      return 0;
    }
    const std::size_t text = item + kItemHeaderBytes;
    const std::size_t length = packet.byte(item + 1);
    if (!packet.reaches(text + length)) {
      return 0;
    }
    if (packet.byte(item) == kCname) {
      if (Record* record = packet.append(RecordKind::kCname, ssrc)) {
        record->values[Text::kOffset] = packet.inPayload(text);
        record->values[Text::kLength] = static_cast<double>(length);
      }
    }
    item = text + length;
  }
  return (item | 3U) + 1;  // chunks end on a word, after at least one null octet
}

void takeDescription(Packet& packet) {
  std::size_t chunk = kHeaderBytes;
  for (std::size_t i = 0; i < packet.count() && chunk != 0; ++i) {
    if (!packet.reaches(chunk + 4)) {
      return;
    }
    chunk = takeItems(packet, chunk + 4, packet.word(chunk));
  }
}

void takeBye(Packet& packet) {
  const std::size_t reason = kHeaderBytes + packet.count() * 4;
  const bool hasReason = reason < packet.size() && packet.reaches(reason + 1 + packet.byte(reason));
  for (std::size_t at = kHeaderBytes; at < reason && packet.reaches(at + 4); at += 4) {
    Record* record = packet.append(RecordKind::kBye, packet.word(at));
    if (record != nullptr && hasReason && packet.byte(reason) > 0) {
      record->values[Text::kOffset] = packet.inPayload(reason + 1);
      record->values[Text::kLength] = packet.byte(reason);
    }
  }
}

void takeApplication(Packet& packet) {
  if (!packet.reaches(kApplicationBytes)) {
    return;
  }
  if (Record* record = packet.append(RecordKind::kApplication, packet.senderSsrc())) {
    record->values[Application::kSubtype] = static_cast<double>(packet.count());
    record->values[Application::kName] = packet.word(8);
    record->values[Application::kDataBytes] =
        static_cast<double>(packet.length() - kApplicationBytes);
  }
}

void takeFeedback(Packet& packet) {
  if (!packet.reaches(kFeedbackBytes)) {
    return;
  }
  if (Record* record = packet.append(RecordKind::kFeedback, packet.word(8))) {
    record->values[Feedback::kFormat] = static_cast<double>(packet.count());
    record->values[Feedback::kControlBytes] = static_cast<double>(packet.length() - kFeedbackBytes);
  }
}

// How many bytes at the end of a whole packet are padding. A count that cannot be true is ignored:
// there are stacks that set the flag over a count of 0, and their packets are sound without it.
std::size_t paddingOf(const Header& header, Bytes packet) noexcept {
  const std::size_t count = packet.back();
  const bool fits = minimumLength(header.type, header.count) + count <= packet.size();
  return count % 4 == 0 && fits ? count : 0;
}

void takePacket(Header header, Bytes bytes, std::size_t begin, bool isLast, Gathering& gathering) {
  const bool isCut = bytes.size() < header.length;
  if (header.padded && !isLast) {
    gathering.malformed = true;
  } else if (header.padded && !isCut) {
    header.length -= paddingOf(header, bytes);
    bytes = bytes.first(header.length);
  }
  Packet packet(header, bytes, begin, gathering);
  switch (header.type) {
    case kSr:
      return takeSenderReport(packet);
    case kRr:
      return takeReceiverReport(packet);
    case kSdes:
      return takeDescription(packet);
    case kByePacket:
      return takeBye(packet);
    case kApp:
      return takeApplication(packet);
    case kRtpFeedback:
    case kPayloadFeedback:
      return takeFeedback(packet);
    case kXr:
      return takeExtendedReport(packet);
    default:
      ++gathering.outcome.skippedPackets;
  }
}

Outcome decodePlain(const Survey& found, Bytes payload, std::size_t wireBytes,
                    std::vector<Record>& records) {
  Gathering gathering(records);
  std::size_t begin = 0;
  while (const auto header = headerAt(payload, begin, wireBytes)) {
    const std::size_t captured = std::min(header->length, payload.size() - begin);
    const bool isLast = begin + header->length == wireBytes;
    takePacket(*header, payload.subspan(begin, captured), begin, isLast, gathering);
    begin += header->length;
  }
  Outcome& outcome = gathering.outcome;
  outcome.packets = found.packets;
  if (gathering.malformed || (found.end < wireBytes && !found.cut)) {
    outcome.verdict = Verdict::kMalformed;
  } else {
    outcome.verdict = payload.size() < wireBytes ? Verdict::kTruncated : Verdict::kDecoded;
  }
  return outcome;
}

Outcome undecoded(Verdict verdict, std::uint32_t packets) noexcept {
  Outcome outcome{};
  outcome.verdict = verdict;
  outcome.packets = packets;
  return outcome;
}

}  // namespace

bool looksLikeRtcp(Bytes payload) noexcept {
  return payload.size() >= kHeaderBytes && payload[0] >> 6U == 2 &&
         payload[1] >= kFirstPacketType && payload[1] <= kLastPacketType;
}

Outcome decode(Bytes payload, std::size_t wireBytes, Protection protection,
               std::vector<Record>& records) {
  wireBytes = std::max(wireBytes, payload.size());
  const Survey found = survey(payload, wireBytes);
  if (found.packets == 0) {
    return undecoded(Verdict::kNotRtcp, 0);
  }
  switch (readingOf(found, payload, wireBytes, protection)) {
    case Reading::kPlain:
      return decodePlain(found, payload, wireBytes, records);
    case Reading::kEncrypted:
      records.push_back(
          {RecordKind::kEncrypted, found.firstType, found.firstSsrc, found.firstSsrc});
      return undecoded(Verdict::kEncrypted, 1);
    case Reading::kUndecided:
      return undecoded(Verdict::kTruncated, 1);
    case Reading::kBroken:
      break;
  }
  return undecoded(Verdict::kMalformed, 1);
}

}  // namespace probe::rtcp
