#include "net/stream_opening.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "net/header_fields.hpp"
#include "net/sip_start.hpp"
#include "net/websocket.hpp"

namespace probe::net {
namespace {

Likeness beginsWith(Bytes bytes, std::string_view text) {
  const std::size_t length = std::min(bytes.size(), text.size());
  if (!std::equal(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(length),
                  bytes.begin())) {
    return Likeness::kNo;
  }
  return length == text.size() ? Likeness::kYes : Likeness::kMaybe;
}

bool isRequestOfVersion11(Bytes header) {
  constexpr std::string_view kVersion = " HTTP/1.1";
  const auto lineFeed = std::find(header.begin(), header.end(), std::uint8_t{'\n'});
  Bytes line = header.first(static_cast<std::size_t>(lineFeed - header.begin()));
  while (!line.empty() && isLineBreak(line.back())) {
    line = line.first(line.size() - 1);
  }
  return line.size() > kVersion.size() && equalsIgnoringCase(line.last(kVersion.size()), kVersion);
}

// The two fields of a handshake that tell what will follow it (RFC 6455 sections 4.1 and 4.2.2).
struct Upgrade {
  bool isToWebSocket = false;
  bool isForSip = false;
};

Upgrade upgradeOf(Bytes header) {
  Upgrade upgrade;
  HeaderFields fields(header);
  while (const std::optional<HeaderField> field = fields.next()) {
    if (equalsIgnoringCase(field->name, "upgrade")) {
      upgrade.isToWebSocket |= listHolds(field->value, "websocket");
    } else if (equalsIgnoringCase(field->name, "sec-websocket-protocol")) {
      upgrade.isForSip |= listHolds(field->value, "sip");
    }
  }
  return upgrade;
}

Opening identifyHandshake(Bytes bytes, bool awaitsSwitch) {
  const Likeness request = beginsWith(bytes, "GET ");
  const Likeness response = beginsWith(bytes, "HTTP/1.1 101");
  if (request == Likeness::kNo && response == Likeness::kNo) {
    return {.content = Content::kForeign, .headerBytes = 0};
  }
  const auto end = findHeaderEnd(bytes.first(std::min(bytes.size(), kMaxOpeningBytes)), 0);
  if (!end) {
    const bool mayEnd = bytes.size() < kMaxOpeningBytes;
    return {.content = mayEnd ? Content::kUndecided : Content::kForeign, .headerBytes = 0};
  }
  const Bytes header = bytes.first(*end);
  const Upgrade upgrade = upgradeOf(header);
  const bool isForSip = upgrade.isForSip || (awaitsSwitch && response == Likeness::kYes);
  const bool isSound = response == Likeness::kYes || isRequestOfVersion11(header);
  const bool isHandshake = upgrade.isToWebSocket && isForSip && isSound;
  return {.content = isHandshake ? Content::kWebSocket : Content::kForeign, .headerBytes = *end};
}

}  // namespace

Opening identifyOpening(Bytes bytes, OpeningHints hints) noexcept {
  const Bytes opening = withoutKeepAlives(bytes);
  const std::size_t passed = bytes.size() - opening.size();
  if (opening.empty()) {
    return {.content = Content::kUndecided, .headerBytes = 0};
  }
  const Likeness sip = beginsLikeSip(opening);
  if (sip == Likeness::kYes) {
    return {.content = Content::kSip, .headerBytes = 0};
  }
  Opening handshake = identifyHandshake(opening, hints.awaitsSwitch);
  handshake.headerBytes += passed;
  if (handshake.content != Content::kForeign) {
    return handshake;
  }
  if (!hints.isFirstByte && beginsWithSipFrame(bytes)) {
    return {.content = Content::kWebSocket, .headerBytes = 0};
  }
  const bool maySip = sip == Likeness::kMaybe &&
                      (hints.isFirstByte || beginsWithKnownStart(opening) != Likeness::kNo);
  return {.content = maySip ? Content::kUndecided : Content::kForeign, .headerBytes = 0};
}

std::size_t findSipLine(Bytes bytes) noexcept {
  std::size_t from = 0;
  while (true) {
    const SipStart start = findSipStart(bytes.subspan(from));
    const std::size_t at = from + start.position;
    if (!start.isFound) {
      return bytes.size();
    }
    if (at >= 2 && bytes[at - 2] == '\r' && bytes[at - 1] == '\n') {
      return at;
    }
    from = at + 1;
  }
}

}  // namespace probe::net
