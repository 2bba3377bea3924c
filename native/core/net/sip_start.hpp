#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "bytes.hpp"

namespace probe::net {

// How sure one can be of what a run of bytes begins. kMaybe: only more bytes can tell.
enum class Likeness : std::uint8_t { kNo, kMaybe, kYes };

constexpr std::size_t kMaxStartLineBytes = 4096;  // a longer first line is not taken for SIP

[[nodiscard]] constexpr bool isLineBreak(std::uint8_t byte) noexcept {
  return byte == '\r' || byte == '\n';
}

// `bytes` without the CRLF keep-alives (RFC 5626 section 3.5.1) before the first other byte.
[[nodiscard]] Bytes withoutKeepAlives(Bytes bytes) noexcept;

// Whether `bytes` equal `text`, ASCII case apart.
[[nodiscard]] bool equalsIgnoringCase(Bytes bytes, std::string_view text) noexcept;

// Whether `bytes` begin with a SIP start line (RFC 3261 sections 7.1 and 7.2): any method and any
// URI scheme, as long as the line ends in the SIP version.
[[nodiscard]] Likeness beginsLikeSip(Bytes bytes) noexcept;

// Whether `bytes` begin with "SIP/2.0 " or with a registered method and a space. Stricter than
// beginsLikeSip() about the method and blind to the rest: for streams joined in their middle.
[[nodiscard]] Likeness beginsWithKnownStart(Bytes bytes) noexcept;

struct SipStart {
  bool isFound;
  std::size_t position;  // of the start line, or of the first byte that may still belong to one
};

// The first place in `bytes`, at a line's beginning or not, that holds a SIP start line and a
// header field's name after it. A start line alone would not do: message/sipfrag bodies hold one.
[[nodiscard]] SipStart findSipStart(Bytes bytes) noexcept;

}  // namespace probe::net
