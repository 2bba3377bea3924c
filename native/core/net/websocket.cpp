#include "net/websocket.hpp"

#include <algorithm>

#include "net/sip_start.hpp"

namespace probe::net {
namespace {

constexpr std::uint8_t kContinuation = 0;
constexpr std::uint8_t kText = 1;
constexpr std::uint8_t kBinary = 2;
constexpr std::uint8_t kPong = 10;               // the last opcode that is defined
constexpr std::uint64_t kMaxControlBytes = 125;  // RFC 6455 section 5.5
constexpr std::uint8_t kLength16 = 126;
constexpr std::uint8_t kLength64 = 127;

bool isDefined(std::uint8_t opcode) {
  return opcode <= kBinary || (opcode >= 8 && opcode <= kPong);
}

}  // namespace

FrameHead readFrameHead(Bytes bytes, WebSocketFrame& frame) noexcept {
  constexpr std::size_t kShortest = 2;
  if (bytes.size() < kShortest) {
    return FrameHead::kIncomplete;
  }
  frame.isFinal = (bytes[0] & 0x80U) != 0;
  frame.reservedBits = static_cast<std::uint8_t>(bytes[0] >> 4U & 7U);
  frame.opcode = bytes[0] & 0x0FU;
  frame.isMasked = (bytes[1] & 0x80U) != 0;
  const auto shortLength = static_cast<std::uint8_t>(bytes[1] & 0x7FU);
  if (frame.isControl() && (shortLength > kMaxControlBytes || !frame.isFinal)) {
    return FrameHead::kNonsense;
  }
  const std::size_t lengthBytes = shortLength == kLength16   ? 2U
                                  : shortLength == kLength64 ? 8U
                                                             : 0U;
  const std::size_t keyAt = kShortest + lengthBytes;
  frame.headerBytes = keyAt + (frame.isMasked ? frame.maskingKey.size() : 0);
  if (bytes.size() < frame.headerBytes) {
    return FrameHead::kIncomplete;
  }
  frame.payloadBytes = shortLength == kLength16   ? load16be(&bytes[kShortest])
                       : shortLength == kLength64 ? load64be(&bytes[kShortest])
                                                  : shortLength;
  frame.maskingKey = {};
  if (frame.isMasked) {
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(keyAt), frame.maskingKey.size(),
                frame.maskingKey.begin());
  }
  return frame.payloadBytes > kMaxWebSocketMessageBytes ? FrameHead::kNonsense
                                                        : FrameHead::kComplete;
}

bool beginsWithSipFrame(Bytes bytes) noexcept {
  constexpr std::uint8_t kReservedBitsAndOpcode = 0x7F;
  const int kind = bytes.empty() ? 0 : bytes[0] & kReservedBitsAndOpcode;
  WebSocketFrame frame{};
  if ((kind != kText && kind != kBinary) || readFrameHead(bytes, frame) != FrameHead::kComplete) {
    return false;
  }
  constexpr std::size_t kLongestStart = 16;  // line breaks before it, and the longest method
  std::array<std::uint8_t, kLongestStart> start{};
  const std::size_t available =
      std::min<std::uint64_t>(bytes.size() - frame.headerBytes, frame.payloadBytes);
  const std::size_t length = std::min(start.size(), available);
  for (std::size_t i = 0; i < length; ++i) {
    start[i] = bytes[frame.headerBytes + i] ^ frame.maskingKey[i % frame.maskingKey.size()];
  }
  return beginsWithKnownStart(withoutKeepAlives(Bytes(start).first(length))) == Likeness::kYes;
}

bool WebSocketReader::next(WebSocketMessage& message) {
  if (isGivenOut_) {
    dropMessage();
  }
  if (isCut_) {
    isCut_ = false;
    isGivenOut_ = true;
    message = {.payload = message_, .isTruncated = true};
    return true;
  }
  while (true) {
    if (inFrame_) {
      if (rest_.empty() && payloadDone_ < frame_.payloadBytes) {
        return false;
      }
      if (passPayload(message)) {
        return true;
      }
    } else if (rest_.empty() || (isLost_ && !findFrame()) || !passHead()) {
      return false;
    }
  }
}

void WebSocketReader::skip(std::uint64_t missingBytes) {
  if (missingBytes == 0 || isLost_) {
    return;
  }
  if (inFrame_ && missingBytes <= frame_.payloadBytes - payloadDone_) {
    payloadDone_ += missingBytes;
    isTruncated_ = isTruncated_ || isKept_;
    return;
  }
  isCut_ = inMessage_ && !isRefused_ && !message_.empty();
  inMessage_ = false;
  if (!isCut_) {
    dropMessage();
  }
  inFrame_ = false;
  headBytes_ = 0;
  isLost_ = true;
}

// Drops what cannot be placed, up to a frame that begins a SIP message.
bool WebSocketReader::findFrame() {
  while (!rest_.empty() && !beginsWithSipFrame(rest_)) {
    rest_ = rest_.subspan(1);
  }
  isLost_ = rest_.empty();
  return !isLost_;
}

// Returns false when the chunk ends inside the head.
bool WebSocketReader::passHead() {
  const std::size_t before = headBytes_;
  const std::size_t taken = std::min(rest_.size(), kMaxHeadBytes - before);
  std::copy_n(rest_.begin(), taken, head_.begin() + headBytes_);
  switch (readFrameHead(Bytes(head_).first(before + taken), frame_)) {
    case FrameHead::kIncomplete:
      headBytes_ = static_cast<std::uint8_t>(before + taken);
      rest_ = {};
      return false;
    case FrameHead::kNonsense:
      rest_ = rest_.subspan(1);  // not to be found again
      loseTrack();
      return true;
    case FrameHead::kComplete:
      rest_ = rest_.subspan(frame_.headerBytes - before);
      headBytes_ = 0;
      beginFrame();
      return true;
  }
  return false;
}

// RFC 6455 sections 5.2 and 5.4: what this frame belongs to.
void WebSocketReader::beginFrame() {
  inFrame_ = true;
  payloadDone_ = 0;
  isKept_ = false;
  if (frame_.isControl() || !isDefined(frame_.opcode)) {
    malformed_ += isDefined(frame_.opcode) && frame_.reservedBits == 0 ? 0 : 1;
    return;
  }
  if (frame_.opcode != kContinuation) {
    beginMessage();
  } else if (!inMessage_) {
    ++malformed_;
    return;
  }
  const bool isTooLong = message_.size() + frame_.payloadBytes > kMaxWebSocketMessageBytes;
  if (!isRefused_ && (frame_.reservedBits != 0 || isTooLong)) {
    ++malformed_;
    dropMessage();
    isRefused_ = true;
  }
  isKept_ = !isRefused_;
}

void WebSocketReader::beginMessage() {
  malformed_ += inMessage_ && !isRefused_ ? 1 : 0;  // the last fragment of another never came
  dropMessage();
  inMessage_ = true;
  isRefused_ = false;
}

// Takes payload out of the chunk; returns whether it completed a message.
bool WebSocketReader::passPayload(WebSocketMessage& message) {
  const std::uint64_t wanted = frame_.payloadBytes - payloadDone_;
  const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(wanted, rest_.size()));
  const Bytes payload = rest_.first(length);
  rest_ = rest_.subspan(length);
  if (length == wanted && canLend()) {
    inFrame_ = false;
    inMessage_ = false;
    message = {.payload = payload, .isTruncated = false};
    return true;
  }
  if (isKept_) {
    keep(payload);
  }
  payloadDone_ += length;
  return payloadDone_ == frame_.payloadBytes && endFrame(message);
}

// Whether the chunk holds all of an unmasked message.
bool WebSocketReader::canLend() const noexcept {
  return isKept_ && frame_.isFinal && !frame_.isMasked && payloadDone_ == 0 && message_.empty() &&
         frame_.opcode != kContinuation;
}

bool WebSocketReader::endFrame(WebSocketMessage& message) {
  inFrame_ = false;
  if (frame_.isControl() || !frame_.isFinal || !inMessage_ || !isDefined(frame_.opcode)) {
    return false;
  }
  inMessage_ = false;
  if (isRefused_) {
    return false;
  }
  isGivenOut_ = true;
  message = {.payload = message_, .isTruncated = isTruncated_};
  return true;
}

void WebSocketReader::keep(Bytes masked) {
  const std::size_t before = message_.size();
  message_.insert(message_.end(), masked.begin(), masked.end());
  if (!frame_.isMasked) {
    return;
  }
  for (std::size_t i = 0; i < masked.size(); ++i) {
    message_[before + i] ^= frame_.maskingKey[(payloadDone_ + i) % frame_.maskingKey.size()];
  }
}

void WebSocketReader::dropMessage() {
  std::vector<std::uint8_t>().swap(message_);
  isTruncated_ = false;
  isGivenOut_ = false;
}

void WebSocketReader::loseTrack() {
  ++malformed_;
  dropMessage();
  inMessage_ = false;
  inFrame_ = false;
  headBytes_ = 0;
  isLost_ = true;
}

}  // namespace probe::net
