#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "bytes.hpp"

namespace probe::net {

// Longest message that is put together, and longest frame that is believed.
constexpr std::size_t kMaxWebSocketMessageBytes = 128 * 1024;

struct WebSocketMessage {
  Bytes payload;     // unmasked; valid until the reader is called again
  bool isTruncated;  // bytes are missing inside it or at its end
};

// The head of one frame (RFC 6455 section 5.2).
struct WebSocketFrame {
  bool isFinal;
  std::uint8_t reservedBits;  // RSV1 is 4, RSV2 2, RSV3 1
  std::uint8_t opcode;
  bool isMasked;
  std::array<std::uint8_t, 4> maskingKey;
  std::uint64_t payloadBytes;
  std::size_t headerBytes;

  [[nodiscard]] bool isControl() const noexcept { return opcode >= 8; }
};

enum class FrameHead : std::uint8_t { kIncomplete, kNonsense, kComplete };

// Reads the head that `bytes` begin with. kNonsense: the head cannot be followed, so that the next
// frame's place is unknown (a control frame of more than 125 bytes or in fragments, a length over
// kMaxWebSocketMessageBytes).
[[nodiscard]] FrameHead readFrameHead(Bytes bytes, WebSocketFrame& frame) noexcept;

// Whether `bytes` begin with a data frame whose unmasked payload begins like SIP.
[[nodiscard]] bool beginsWithSipFrame(Bytes bytes) noexcept;

// Takes text and binary messages out of a stream of WebSocket frames, masked or not, in fragments
// or whole. Control frames are passed over. A message with a reserved bit set (an extension such
// as permessage-deflate) is counted and passed over, and so is what breaks the rules of
// RFC 6455 section 5.4. Where frames cannot be followed any more, reading goes on at the next
// frame that holds the beginning of a SIP message.
//
// Feed a chunk, call next() until it has no more, feed on. Copies a message that is masked or comes
// in pieces, and holds kMaxWebSocketMessageBytes at most.
class WebSocketReader {
 public:
  enum class Begin : std::uint8_t { kWithAFrame, kAnywhere };
  explicit WebSocketReader(Begin begin) noexcept : isLost_(begin == Begin::kAnywhere) {}

  // `chunk` is borrowed until next() has returned false.
  void feed(Bytes chunk) noexcept { rest_ = chunk; }
  [[nodiscard]] bool next(WebSocketMessage& message);
  // Says that so many bytes of the stream are missing here. Call next() until it returns false
  // before and after.
  void skip(std::uint64_t missingBytes);
  // Says that nothing follows. next() then gives out what is left of a message.
  void finish() { skip(UINT64_MAX); }

  // Whether no part of a frame or message is held.
  [[nodiscard]] bool isBetweenMessages() const noexcept {
    return isLost_ || (!inFrame_ && headBytes_ == 0 && !inMessage_);
  }
  [[nodiscard]] std::size_t bufferedBytes() const noexcept { return message_.capacity(); }
  // How often the framing made no sense since the last call.
  [[nodiscard]] std::uint64_t takeMalformed() noexcept { return std::exchange(malformed_, 0); }

 private:
  static constexpr std::size_t kMaxHeadBytes = 14;

  [[nodiscard]] bool findFrame();
  [[nodiscard]] bool passHead();
  void beginFrame();
  void beginMessage();
  [[nodiscard]] bool passPayload(WebSocketMessage& message);
  [[nodiscard]] bool endFrame(WebSocketMessage& message);
  [[nodiscard]] bool canLend() const noexcept;
  void keep(Bytes masked);
  void dropMessage();
  void loseTrack();

  Bytes rest_;
  bool isLost_;
  bool isCut_ = false;  // message_ is all there will be of its message
  bool inFrame_ = false;
  bool isKept_ = false;  // the payload of this frame belongs to a message that is wanted
  bool inMessage_ = false;
  bool isRefused_ = false;  // the message under way is passed over
  bool isTruncated_ = false;
  bool isGivenOut_ = false;  // the caller may still look at message_
  std::uint8_t headBytes_ = 0;
  std::array<std::uint8_t, kMaxHeadBytes> head_{};
  WebSocketFrame frame_{};
  std::uint64_t payloadDone_ = 0;
  std::vector<std::uint8_t> message_;
  std::uint64_t malformed_ = 0;
};

}  // namespace probe::net
