#include "rtcp/framing.hpp"

#include <algorithm>
#include <array>

namespace probe::rtcp {
namespace {

constexpr std::size_t kIndexBytes = 4;

// Whether E = 1 and a believable index stand before the last `behind` bytes, but not before
// `after`. The word is aligned, since RTCP comes in words. An index above 24 bits takes a session
// 16 million packets; the bound leaves chance 1 in 256.
bool hasIndexWord(Bytes payload, std::size_t behind, std::size_t after) noexcept {
  const std::size_t fromEnd = behind + kIndexBytes;
  return payload.size() >= after + fromEnd && (payload.size() - fromEnd) % 4 == 0 &&
         payload[payload.size() - fromEnd] == 0x80;
}

// The layouts in use put behind the index: nothing (RFC 7714); a tag of 80 or 32 bits (RFC 3711); a
// key identifier of one byte, as Microsoft's clients have it, or of four, with or without the tag.
// A longer identifier, whose length only signalling tells, is not found.
bool hasSrtcpTrailer(Bytes payload, std::size_t after) noexcept {
  constexpr std::array<std::size_t, 6> kBehindIndex{0, 1, 4, 10, 11, 14};
  return std::any_of(kBehindIndex.begin(), kBehindIndex.end(),
                     [&](std::size_t behind) { return hasIndexWord(payload, behind, after); });
}

}  // namespace

std::size_t minimumLength(std::uint8_t type, std::size_t count) noexcept {
  switch (type) {
    case kSr:
      return kSenderReportBytes + count * kReportBlockBytes;
    case kRr:
      return kClearBytes + count * kReportBlockBytes;
    case kSdes:
    case kByePacket:
      return kHeaderBytes + count * 4;
    case kApp:
      return kApplicationBytes;
    case kRtpFeedback:
    case kPayloadFeedback:
      return kFeedbackBytes;
    case kXr:
      return kClearBytes;
    default:
      return kHeaderBytes;
  }
}

std::optional<Header> headerAt(Bytes payload, std::size_t at, std::size_t wireBytes) noexcept {
  if (at + kHeaderBytes > payload.size()) {
    return std::nullopt;
  }
  const std::uint8_t* bytes = payload.data() + at;
  const Header header{
      .count = static_cast<std::uint8_t>(bytes[0] & 0x1FU),
      .type = bytes[1],
      .padded = (bytes[0] & 0x20U) != 0,
      .length = (load16be(bytes + 2) + std::size_t{1}) * 4,
  };
  if (bytes[0] >> 6U != 2 || header.type < kFirstPacketType || header.type > kLastPacketType ||
      at + header.length > wireBytes || header.length < minimumLength(header.type, header.count)) {
    return std::nullopt;
  }
  return header;
}

Survey survey(Bytes payload, std::size_t wireBytes) noexcept {
  Survey found;
  if (payload.size() < kClearBytes) {
    return found;
  }
  while (const auto header = headerAt(payload, found.end, wireBytes)) {
    const bool hasSsrc = header->length >= kClearBytes && found.end + kClearBytes <= payload.size();
    const std::uint32_t ssrc = hasSsrc ? load32be(payload.data() + found.end + 4) : 0;
    if (found.packets == 0) {
      if (!hasSsrc) {
        return found;  // no compound begins with a packet of nobody
      }
      found.firstType = header->type;
      found.firstSsrc = ssrc;
    } else if (hasSsrc && ssrc == found.firstSsrc) {
      found.linked = true;
    }
    ++found.packets;
    found.end += header->length;
  }
  found.cut = found.packets > 0 && found.end < wireBytes && payload.size() < wireBytes &&
              found.end + kHeaderBytes > payload.size();
  return found;
}

Reading readingOf(const Survey& found, Bytes payload, std::size_t wireBytes,
                  Protection protection) noexcept {
  if (found.linked || (found.packets == 1 && found.end == wireBytes)) {
    return Reading::kPlain;
  }
  if (protection == Protection::kSrtp) {
    return Reading::kEncrypted;
  }
  const bool whole = payload.size() == wireBytes;
  if (found.end == wireBytes) {
    return whole && hasIndexWord(payload, 0, 0) ? Reading::kEncrypted : Reading::kPlain;
  }
  const bool isPlain = protection == Protection::kPlain;
  if (whole) {
    if (hasSrtcpTrailer(payload, found.end)) {
      return Reading::kEncrypted;
    }
    return isPlain ? Reading::kPlain : Reading::kBroken;
  }
  // RTCP comes in words; what most SRTCP has behind it does not.
  if (wireBytes % 4 != 0) {
    return Reading::kEncrypted;
  }
  if (!found.cut) {
    return Reading::kBroken;
  }
  return isPlain ? Reading::kPlain : Reading::kUndecided;
}

}  // namespace probe::rtcp
