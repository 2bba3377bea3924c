#include "net/sip_start.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace probe::net {
namespace {

constexpr std::string_view kVersion = "SIP/2.0";
constexpr std::size_t kMaxMethodBytes = 64;
constexpr std::size_t kMaxSchemeBytes = 32;
constexpr std::size_t kMaxFieldNameBytes = 64;

// The IANA registry of SIP methods, and the status line.
constexpr std::array<std::string_view, 15> kKnownStarts = {
    "SIP/2.0 ", "INVITE ", "ACK ",       "BYE ",    "CANCEL ",  "OPTIONS ", "REGISTER ", "PRACK ",
    "NOTIFY ",  "INFO ",   "SUBSCRIBE ", "UPDATE ", "MESSAGE ", "REFER ",   "PUBLISH "};

constexpr bool isUpper(std::uint8_t byte) {
  return byte >= 'A' && byte <= 'Z';
}
constexpr bool isDigit(std::uint8_t byte) {
  return byte >= '0' && byte <= '9';
}
constexpr std::uint8_t toLower(std::uint8_t byte) {
  return isUpper(byte) ? static_cast<std::uint8_t>(byte + ('a' - 'A')) : byte;
}
constexpr bool isAlpha(std::uint8_t byte) {
  return toLower(byte) >= 'a' && toLower(byte) <= 'z';
}

// RFC 3261 section 25.1, "token".
constexpr std::array<bool, 256> tokenBytes() {
  std::array<bool, 256> is{};
  for (std::size_t byte = 0; byte < is.size(); ++byte) {
    is[byte] = isAlpha(static_cast<std::uint8_t>(byte)) || isDigit(static_cast<std::uint8_t>(byte));
  }
  for (const char byte : std::string_view("-.!%*_+`'~")) {
    is[static_cast<std::uint8_t>(byte)] = true;
  }
  return is;
}
constexpr std::array<bool, 256> kIsToken = tokenBytes();

constexpr bool isScheme(std::uint8_t byte) {
  return isAlpha(byte) || isDigit(byte) || byte == '+' || byte == '-' || byte == '.';
}

bool startsWith(Bytes bytes, std::string_view text) {
  return bytes.size() >= text.size() && std::equal(text.begin(), text.end(), bytes.begin());
}

// The position of the first LF among the first `limit` bytes, or `bytes.size()`.
std::size_t findLineFeed(Bytes bytes, std::size_t limit) {
  const std::size_t length = std::min(bytes.size(), limit);
  const void* found = length == 0 ? nullptr : std::memchr(bytes.data(), '\n', length);
  return found == nullptr
             ? bytes.size()
             : static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - bytes.data());
}

Likeness beginsLikeStatusLine(Bytes bytes) {
  constexpr std::string_view kPrefix = "SIP/2.0 ";
  const std::size_t length = std::min(bytes.size(), kPrefix.size());
  if (!equalsIgnoringCase(bytes.first(length), kPrefix.substr(0, length))) {
    return Likeness::kNo;
  }
  if (bytes.size() <= kPrefix.size()) {
    return Likeness::kMaybe;
  }
  return isDigit(bytes[kPrefix.size()]) ? Likeness::kYes : Likeness::kNo;
}

// Whether the line that `bytes` begin with ends in a space and the SIP version.
Likeness firstLineEndsInVersion(Bytes bytes) {
  const std::size_t lineFeed = findLineFeed(bytes, kMaxStartLineBytes);
  if (lineFeed == bytes.size()) {
    return bytes.size() < kMaxStartLineBytes ? Likeness::kMaybe : Likeness::kNo;
  }
  std::size_t end = lineFeed;
  while (end > 0 && (bytes[end - 1] == '\r' || bytes[end - 1] == ' ')) {
    --end;
  }
  const bool fits = end > kVersion.size() && bytes[end - kVersion.size() - 1] == ' ' &&
                    equalsIgnoringCase(bytes.first(end).last(kVersion.size()), kVersion);
  return fits ? Likeness::kYes : Likeness::kNo;
}

// The first position from `from` on whose byte `belongs` refuses, `limit` bytes on at most.
template <typename Predicate>
std::size_t endOf(Bytes bytes, std::size_t from, std::size_t limit, Predicate belongs) {
  std::size_t end = from;
  while (end < bytes.size() && end - from <= limit && belongs(bytes[end])) {
    ++end;
  }
  return end;
}

bool isTokenByte(std::uint8_t byte) {
  return kIsToken[byte];
}

Likeness beginsLikeRequestLine(Bytes bytes) {
  const std::size_t methodEnd = endOf(bytes, 0, kMaxMethodBytes, isTokenByte);
  if (methodEnd > kMaxMethodBytes) {
    return Likeness::kNo;
  }
  if (methodEnd == bytes.size()) {
    return Likeness::kMaybe;
  }
  if (methodEnd == 0 || bytes[methodEnd] != ' ') {
    return Likeness::kNo;
  }
  const std::size_t uri =
      endOf(bytes, methodEnd, kMaxSchemeBytes, [](std::uint8_t byte) { return byte == ' '; });
  if (uri == bytes.size()) {
    return Likeness::kMaybe;
  }
  const std::size_t schemeEnd = endOf(bytes, uri, kMaxSchemeBytes, isScheme);
  if (!isAlpha(bytes[uri]) || schemeEnd - uri > kMaxSchemeBytes) {
    return Likeness::kNo;
  }
  if (schemeEnd == bytes.size()) {
    return Likeness::kMaybe;
  }
  return bytes[schemeEnd] == ':' ? firstLineEndsInVersion(bytes) : Likeness::kNo;
}

// Whether `bytes` begin with a header field's name and its colon (RFC 3261 section 7.3.1).
Likeness beginsLikeHeaderField(Bytes bytes) {
  const std::size_t nameEnd = endOf(bytes, 0, kMaxFieldNameBytes, isTokenByte);
  const std::size_t colon = endOf(bytes, nameEnd, kMaxFieldNameBytes,
                                  [](std::uint8_t byte) { return byte == ' ' || byte == '\t'; });
  if (nameEnd > kMaxFieldNameBytes || (nameEnd == 0 && !bytes.empty())) {
    return Likeness::kNo;
  }
  if (colon == bytes.size()) {
    return Likeness::kMaybe;
  }
  return bytes[colon] == ':' ? Likeness::kYes : Likeness::kNo;
}

// Where a line without its end begins, as far back as a start line can reach.
std::size_t unfinishedLine(Bytes bytes) {
  const std::size_t floor =
      bytes.size() > kMaxStartLineBytes ? bytes.size() - kMaxStartLineBytes : 0;
  std::size_t begin = bytes.size();
  while (begin > floor && bytes[begin - 1] != '\n') {
    --begin;
  }
  return begin;
}

// Where the method of the request line begins whose version stands at `version`, or `version`
// itself. Registered methods are upper case, so that text glued before one is not taken for it.
std::size_t methodBefore(Bytes bytes, std::size_t version) {
  if (version < 2 || bytes[version - 1] != ' ') {
    return version;
  }
  const std::size_t floor = version > kMaxStartLineBytes ? version - kMaxStartLineBytes : 0;
  std::size_t uri = version - 1;
  while (uri > floor && bytes[uri - 1] != ' ' && bytes[uri - 1] != '\n') {
    --uri;
  }
  if (uri == 0 || bytes[uri - 1] != ' ') {
    return version;
  }
  std::size_t method = uri - 1;
  while (method > floor && isUpper(bytes[method - 1])) {
    --method;
  }
  return method == uri - 1 ? version : method;
}

// Where "SIP/2.0" stands next, from `from` on, or `bytes.size()`.
std::size_t findVersion(Bytes bytes, std::size_t from) {
  while (from + kVersion.size() <= bytes.size()) {
    const void* found = std::memchr(&bytes[from], kVersion.front(), bytes.size() - from);
    if (found == nullptr) {
      break;
    }
    from = static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - bytes.data());
    if (startsWith(bytes.subspan(from), kVersion)) {
      return from;
    }
    ++from;
  }
  return bytes.size();
}

struct Candidate {
  Likeness likeness;
  std::size_t position;
};

// What the SIP version at `version` belongs to: a start line, or something else such as a Via.
Candidate candidateAt(Bytes bytes, std::size_t version) {
  if (version + kVersion.size() == bytes.size()) {
    return {.likeness = Likeness::kMaybe, .position = unfinishedLine(bytes)};
  }
  std::size_t start = version;
  Likeness likeness = beginsLikeStatusLine(bytes.subspan(version));
  if (likeness != Likeness::kYes) {
    start = methodBefore(bytes, version);
    likeness = start == version ? likeness : beginsLikeRequestLine(bytes.subspan(start));
  }
  if (likeness != Likeness::kYes) {
    return {.likeness = likeness, .position = start};
  }
  const Bytes line = bytes.subspan(start);
  const std::size_t lineFeed = findLineFeed(line, kMaxStartLineBytes);
  if (lineFeed == line.size()) {
    const bool canEnd = line.size() < kMaxStartLineBytes;
    return {.likeness = canEnd ? Likeness::kMaybe : Likeness::kNo, .position = start};
  }
  return {.likeness = beginsLikeHeaderField(line.subspan(lineFeed + 1)), .position = start};
}

}  // namespace

Bytes withoutKeepAlives(Bytes bytes) noexcept {
  std::size_t begin = 0;
  while (begin < bytes.size() && isLineBreak(bytes[begin])) {
    ++begin;
  }
  return bytes.subspan(begin);
}

bool equalsIgnoringCase(Bytes bytes, std::string_view text) noexcept {
  return std::equal(text.begin(), text.end(), bytes.begin(), bytes.end(),
                    [](char expected, std::uint8_t byte) {
                      return toLower(static_cast<std::uint8_t>(expected)) == toLower(byte);
                    });
}

Likeness beginsLikeSip(Bytes bytes) noexcept {
  const Likeness status = beginsLikeStatusLine(bytes);
  return status == Likeness::kNo ? beginsLikeRequestLine(bytes) : status;
}

Likeness beginsWithKnownStart(Bytes bytes) noexcept {
  Likeness best = Likeness::kNo;
  for (const std::string_view start : kKnownStarts) {
    if (startsWith(bytes, start)) {
      return Likeness::kYes;
    }
    if (bytes.size() < start.size() && startsWith(bytes, start.substr(0, bytes.size()))) {
      best = Likeness::kMaybe;
    }
  }
  return best;
}

SipStart findSipStart(Bytes bytes) noexcept {
  std::size_t version = findVersion(bytes, 0);
  while (version < bytes.size()) {
    const Candidate candidate = candidateAt(bytes, version);
    if (candidate.likeness != Likeness::kNo) {
      return {.isFound = candidate.likeness == Likeness::kYes, .position = candidate.position};
    }
    version = findVersion(bytes, version + kVersion.size());
  }
  return {.isFound = false, .position = unfinishedLine(bytes)};
}

}  // namespace probe::net
