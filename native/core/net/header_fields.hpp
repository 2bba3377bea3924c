#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "bytes.hpp"

namespace probe::net {

// Where the empty line ends that closes the header of a text message (CRLF or bare LF), or nothing
// while it has not come. The first `from` bytes were looked at before, without success.
[[nodiscard]] std::optional<std::size_t> findHeaderEnd(Bytes bytes, std::size_t from) noexcept;

struct HeaderField {
  Bytes name;
  Bytes value;  // folded lines included, white space around it not
};

// Walks the fields of a header in their order, the start line left out. Borrows the bytes. Lines
// without a colon are passed over.
class HeaderFields {
 public:
  explicit HeaderFields(Bytes header) noexcept;
  [[nodiscard]] std::optional<HeaderField> next() noexcept;

 private:
  [[nodiscard]] Bytes takeLine() noexcept;

  Bytes rest_;
};

// What a header says of the length of its body (RFC 3261 section 20.14).
enum class LengthClaim : std::uint8_t {
  kStated,
  kMissing,
  kInvalid,      // no decimal number
  kConflicting,  // stated more than once, differently; the first one is given
};

struct ContentLength {
  LengthClaim claim;
  std::uint64_t bytes;  // 0 unless stated; never above 2^32
};

[[nodiscard]] ContentLength contentLength(Bytes header) noexcept;

// Whether the comma-separated list `value` holds `token`, ASCII case apart.
[[nodiscard]] bool listHolds(Bytes value, std::string_view token) noexcept;

}  // namespace probe::net
