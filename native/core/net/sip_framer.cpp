#include "net/sip_framer.hpp"

#include <algorithm>

#include "net/header_fields.hpp"

namespace probe::net {
namespace {

// With its LF; all of `bytes` where there is none.
std::size_t firstLineBytes(Bytes bytes) {
  const auto lineFeed = std::find(bytes.begin(), bytes.end(), std::uint8_t{'\n'});
  return static_cast<std::size_t>(lineFeed - bytes.begin()) + (lineFeed == bytes.end() ? 0U : 1U);
}

}  // namespace

void SipFramer::feed(Bytes chunk) {
  if (buffer_.empty()) {
    rest_ = chunk;
    return;
  }
  buffer_.insert(buffer_.end(), chunk.begin(), chunk.end());
  rest_ = buffer_;
}

bool SipFramer::next(FramedSip& message) {
  while (true) {
    switch (state_) {
      case State::kBetween:
        if (!passBetween()) {
          return park();
        }
        break;
      case State::kHeader:
        if (!passHeader()) {
          return park();
        }
        break;
      case State::kBody:
        if (rest_.size() < messageBytes_) {
          return park();
        }
        message = take(messageBytes_, isTruncated_);
        state_ = afterMessage_;
        return true;
      case State::kCut:
        message = take(rest_.size(), true);
        state_ = State::kSearching;
        return true;
      case State::kSearching:
        if (!search()) {
          return park();
        }
        break;
    }
  }
}

void SipFramer::skip(std::uint64_t missingBytes) {
  if (missingBytes == 0) {
    return;
  }
  if (state_ == State::kBody && missingBytes <= messageBytes_ - rest_.size()) {
    messageBytes_ -= static_cast<std::size_t>(missingBytes);
    isTruncated_ = true;
    return;
  }
  const bool hasStartLine = state_ == State::kHeader && firstLineBytes(rest_) < rest_.size();
  if (hasStartLine || state_ == State::kBody) {
    state_ = State::kCut;
    return;
  }
  rest_ = {};
  state_ = State::kSearching;
  park();
}

bool SipFramer::passBetween() {
  rest_ = withoutKeepAlives(rest_);
  if (rest_.empty()) {
    return false;
  }
  switch (beginsLikeSip(rest_)) {
    case Likeness::kMaybe:
      return false;
    case Likeness::kNo:
      loseTrack();
      return true;
    case Likeness::kYes:
      state_ = State::kHeader;
      scanned_ = 0;
      return true;
  }
  return false;
}

bool SipFramer::passHeader() {
  const auto end = findHeaderEnd(rest_.first(std::min(rest_.size(), kMaxSipHeaderBytes)), scanned_);
  if (end) {
    measureBody(*end);
    return true;
  }
  scanned_ = rest_.size();
  if (rest_.size() < kMaxSipHeaderBytes) {
    return false;
  }
  rest_ = rest_.subspan(firstLineBytes(rest_));  // not to be found again
  loseTrack();
  return true;
}

// Over a stream a message without a usable length has no body (RFC 3261 section 20.14); as it may
// have been sent with one all the same, the next message is then searched for.
void SipFramer::measureBody(std::size_t headerBytes) {
  const ContentLength length = contentLength(rest_.first(headerBytes));
  const bool isTooLong = length.bytes > kMaxSipBodyBytes;
  const bool isSound = length.claim == LengthClaim::kStated && !isTooLong;
  malformed_ += isSound ? 0 : 1;
  messageBytes_ = headerBytes + (isTooLong ? 0 : static_cast<std::size_t>(length.bytes));
  isTruncated_ = isTooLong;
  afterMessage_ = isSound ? State::kBetween : State::kSearching;
  state_ = State::kBody;
}

bool SipFramer::search() {
  const SipStart start = findSipStart(rest_);
  rest_ = rest_.subspan(start.position);
  if (start.isFound) {
    state_ = State::kHeader;
    scanned_ = 0;
  }
  return start.isFound;
}

void SipFramer::loseTrack() {
  ++malformed_;
  state_ = State::kSearching;
}

FramedSip SipFramer::take(std::size_t length, bool isTruncated) {
  const FramedSip message{.bytes = rest_.first(length), .isTruncated = isTruncated};
  rest_ = rest_.subspan(length);
  return message;
}

// Keeps what is left for the next chunk, and no memory when nothing is. Always false.
bool SipFramer::park() {
  if (rest_.empty()) {
    std::vector<std::uint8_t>().swap(buffer_);
  } else if (buffer_.empty()) {
    buffer_.assign(rest_.begin(), rest_.end());
  } else {
    buffer_.erase(buffer_.begin(),
                  buffer_.begin() + static_cast<std::ptrdiff_t>(buffer_.size() - rest_.size()));
  }
  rest_ = buffer_;
  return false;
}

}  // namespace probe::net
