#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "bytes.hpp"
#include "net/sip_start.hpp"

namespace probe::net {

constexpr std::size_t kMaxSipHeaderBytes = 64 * 1024;
constexpr std::size_t kMaxSipBodyBytes = 64 * 1024;

struct FramedSip {
  Bytes bytes;       // start line, header, body; valid until the framer is called again
  bool isTruncated;  // bytes are missing inside it or at its end
};

// Takes SIP messages out of a stream of bytes by their Content-Length (RFC 3261 section 18.3).
// Feed a chunk, call next() until it has no more, feed on. What makes no sense is counted once and
// passed over up to the next place that looks like the beginning of a message.
//
// Copies a message only when it comes in pieces; holds kMaxSipHeaderBytes + kMaxSipBodyBytes and
// one chunk at most.
class SipFramer {
 public:
  enum class Begin : std::uint8_t { kWithAMessage, kAnywhere };
  explicit SipFramer(Begin begin) noexcept
      : state_(begin == Begin::kWithAMessage ? State::kBetween : State::kSearching) {}

  // `chunk` is borrowed until next() has returned false.
  void feed(Bytes chunk);
  [[nodiscard]] bool next(FramedSip& message);
  // Says that so many bytes of the stream are missing here. Call next() until it returns false
  // before and after. A message whose body has the gap goes on behind it; one that lost the end of
  // its header or its own end is given out as it is.
  void skip(std::uint64_t missingBytes);
  // Says that nothing follows. next() then gives out what is left of a message.
  void finish() { skip(UINT64_MAX); }

  // Whether no part of a message is held.
  [[nodiscard]] bool isBetweenMessages() const noexcept {
    return buffer_.empty() && (state_ == State::kBetween || state_ == State::kSearching);
  }
  [[nodiscard]] std::size_t bufferedBytes() const noexcept { return buffer_.capacity(); }
  // How often the framing made no sense since the last call.
  [[nodiscard]] std::uint64_t takeMalformed() noexcept { return std::exchange(malformed_, 0); }

 private:
  enum class State : std::uint8_t { kBetween, kHeader, kBody, kCut, kSearching };

  [[nodiscard]] bool passBetween();
  [[nodiscard]] bool passHeader();
  [[nodiscard]] bool search();
  void measureBody(std::size_t headerBytes);
  void loseTrack();
  [[nodiscard]] FramedSip take(std::size_t length, bool isTruncated);
  bool park();

  std::vector<std::uint8_t> buffer_;
  Bytes rest_;  // what is not given out yet: a part of the chunk or of buffer_
  State state_;
  State afterMessage_ = State::kBetween;
  bool isTruncated_ = false;
  std::size_t scanned_ = 0;       // bytes of rest_ in which the header's end was not found
  std::size_t messageBytes_ = 0;  // in kBody: header and body, without what is missing
  std::uint64_t malformed_ = 0;
};

}  // namespace probe::net
