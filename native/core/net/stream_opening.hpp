#pragma once

#include <cstddef>
#include <cstdint>

#include "bytes.hpp"

namespace probe::net {

// Longest header of a WebSocket handshake, and so the most that is kept of a stream whose first
// bytes do not tell yet what it carries.
constexpr std::size_t kMaxOpeningBytes = 16 * 1024;

// What a TCP stream carries.
enum class Content : std::uint8_t {
  kUndecided,
  kSip,
  kWebSocket,  // SIP in WebSocket frames (RFC 7118)
  kForeign,    // anything else
};

// What is known of a stream before its first byte is looked at.
struct OpeningHints {
  bool isFirstByte;   // its SYN was seen, so that it begins where its sender began
  bool awaitsSwitch;  // the other direction asked for a WebSocket with SIP
};

struct Opening {
  Content content;          // kUndecided: more bytes are needed
  std::size_t headerBytes;  // of a handshake, to be passed over
};

// Tells from the first bytes of a stream, keep-alives before them left out, what it carries: a SIP
// start line, an HTTP/1.1 GET that asks for WebSocket with the subprotocol "sip" (RFC 7118
// section 4), or the 101 that answers it. A stream joined in its middle may also begin with a
// WebSocket frame that holds SIP; there a beginning that is cut off counts only when it is the one
// of a registered method, since any word might be a method.
[[nodiscard]] Opening identifyOpening(Bytes bytes, OpeningHints hints) noexcept;

// Where SIP begins inside the first segment seen of a stream joined in its middle: at a start line
// behind CRLF with a header field after it. `bytes.size()` if nowhere.
[[nodiscard]] std::size_t findSipLine(Bytes bytes) noexcept;

}  // namespace probe::net
