#include "net/header_fields.hpp"

#include <algorithm>
#include <cstring>

#include "net/sip_start.hpp"

namespace probe::net {
namespace {

constexpr std::uint64_t kLengthCeiling = std::uint64_t{1} << 32U;

bool isBlank(std::uint8_t byte) {
  return byte == ' ' || byte == '\t' || isLineBreak(byte);
}

Bytes trimmed(Bytes bytes) {
  while (!bytes.empty() && isBlank(bytes.front())) {
    bytes = bytes.subspan(1);
  }
  while (!bytes.empty() && isBlank(bytes.back())) {
    bytes = bytes.first(bytes.size() - 1);
  }
  return bytes;
}

std::optional<std::uint64_t> decimal(Bytes text) {
  if (text.empty()) {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  for (const std::uint8_t byte : text) {
    if (byte < '0' || byte > '9') {
      return std::nullopt;
    }
    value = std::min<std::uint64_t>(value * 10 + (byte - '0'), kLengthCeiling);
  }
  return value;
}

}  // namespace

std::optional<std::size_t> findHeaderEnd(Bytes bytes, std::size_t from) noexcept {
  constexpr std::size_t kUnfinished = 2;  // LF CR, before another LF
  std::size_t at = from > kUnfinished ? from - kUnfinished : 0;
  while (at < bytes.size()) {
    const void* found = std::memchr(bytes.data() + at, '\n', bytes.size() - at);
    if (found == nullptr) {
      return std::nullopt;
    }
    at = static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - bytes.data()) + 1;
    if (at < bytes.size() && bytes[at] == '\n') {
      return at + 1;
    }
    if (at + 1 < bytes.size() && bytes[at] == '\r' && bytes[at + 1] == '\n') {
      return at + 2;
    }
  }
  return std::nullopt;
}

HeaderFields::HeaderFields(Bytes header) noexcept : rest_(header) {
  (void)takeLine();
}

// The next line without its end, and what folds onto it (RFC 3261 section 7.3.1).
Bytes HeaderFields::takeLine() noexcept {
  if (rest_.empty()) {
    return {};
  }
  std::size_t end = 0;
  do {
    const void* found = std::memchr(rest_.data() + end, '\n', rest_.size() - end);
    end =
        found == nullptr
            ? rest_.size()
            : static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - rest_.data()) + 1;
  } while (end < rest_.size() && (rest_[end] == ' ' || rest_[end] == '\t'));
  const Bytes line = rest_.first(end);
  rest_ = rest_.subspan(end);
  return line;
}

std::optional<HeaderField> HeaderFields::next() noexcept {
  while (!rest_.empty()) {
    const Bytes line = takeLine();
    const auto colon = std::find(line.begin(), line.end(), std::uint8_t{':'});
    if (colon != line.end()) {
      const auto nameBytes = static_cast<std::size_t>(colon - line.begin());
      return HeaderField{.name = trimmed(line.first(nameBytes)),
                         .value = trimmed(line.subspan(nameBytes + 1))};
    }
  }
  return std::nullopt;
}

ContentLength contentLength(Bytes header) noexcept {
  ContentLength length{.claim = LengthClaim::kMissing, .bytes = 0};
  HeaderFields fields(header);
  while (const std::optional<HeaderField> field = fields.next()) {
    if (!equalsIgnoringCase(field->name, "content-length") &&
        !equalsIgnoringCase(field->name, "l")) {
      continue;
    }
    const std::optional<std::uint64_t> value = decimal(field->value);
    if (!value) {
      return {.claim = LengthClaim::kInvalid, .bytes = 0};
    }
    if (length.claim == LengthClaim::kMissing) {
      length = {.claim = LengthClaim::kStated, .bytes = *value};
    } else if (length.bytes != *value) {
      length.claim = LengthClaim::kConflicting;
    }
  }
  return length;
}

bool listHolds(Bytes value, std::string_view token) noexcept {
  while (!value.empty()) {
    const auto comma = std::find(value.begin(), value.end(), std::uint8_t{','});
    const auto itemBytes = static_cast<std::size_t>(comma - value.begin());
    if (equalsIgnoringCase(trimmed(value.first(itemBytes)), token)) {
      return true;
    }
    value = value.subspan(std::min(itemBytes + 1, value.size()));
  }
  return false;
}

}  // namespace probe::net
