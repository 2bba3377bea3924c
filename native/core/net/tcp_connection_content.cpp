// What a connection carries: looking at its first segments, and drawing the conclusion.
#include <algorithm>
#include <string_view>

#include "net/stream_opening.hpp"
#include "net/tcp_connection.hpp"

namespace probe::net {
namespace {

bool beginsHandshake(Bytes bytes) {
  const auto begins = [bytes](std::string_view text) {
    return bytes.size() >= text.size() && std::equal(text.begin(), text.end(), bytes.begin());
  };
  return begins("HTTP/") || begins("GET ");
}

}  // namespace

// Whether data on closed ports is of a new connection whose SYN was not captured.
bool TcpConnection::beginsAnew(const Side& side, const Segment& segment) noexcept {
  const Place place = SegmentBuffer(side.next).place(segment.sequence, segment.wireBytes());
  const bool isOld = side.isBegun && place == Place::kOld;
  return !isOld &&
         identifyOpening(segment.bytes, {.isFirstByte = false, .awaitsSwitch = false}).content !=
             Content::kForeign;
}

bool TcpConnection::openStream(std::size_t which, const Segment& segment,
                               const Receiver& receiver) {
  if (content_ != Content::kUndecided) {
    openDecided(which, segment, receiver);
    return true;
  }
  if (!openUndecided(sides_[which], segment)) {
    countExamined();
    return false;
  }
  return true;
}

bool TcpConnection::openUndecided(Side& side, const Segment& segment) const {
  const bool isFirstByte = side.awaitsFirstByte();
  OpeningHints hints{.isFirstByte = isFirstByte, .awaitsSwitch = false};
  std::uint32_t first = segment.sequence;
  if (isFirstByte && segment.sequence != side.next) {
    first = side.next;
  } else if (segment.bytes.empty()) {
    return false;
  } else if (identifyOpening(segment.bytes, hints).content == Content::kForeign) {
    const std::size_t line = isFirstByte ? segment.bytes.size() : findSipLine(segment.bytes);
    if (line == segment.bytes.size()) {
      return false;
    }
    first += static_cast<std::uint32_t>(line);
  }
  begin(side, first, hints);
  return true;
}

// What the other direction carries, this one does; but for the handshake of a WebSocket.
void TcpConnection::openDecided(std::size_t which, const Segment& segment,
                                const Receiver& receiver) {
  Side& side = sides_[which];
  const OpeningHints hints{.isFirstByte = side.awaitsFirstByte(),
                           .awaitsSwitch = content_ == Content::kWebSocket};
  begin(side, hints.isFirstByte ? side.next : segment.sequence, hints);
  const bool mayShakeHands =
      hints.awaitsSwitch && (hints.isFirstByte || beginsHandshake(segment.bytes));
  if (!mayShakeHands) {
    const Path path = pathOf(which);
    side.stream->expect(content_, {path, receiver.sink, receiver.counters});
  }
}

void TcpConnection::begin(Side& side, std::uint32_t sequence, OpeningHints hints) const {
  side.stream = std::make_unique<TcpStream>(sequence, hints, *limits_);
  if (!side.hasSyn) {
    side.first = sequence;
    side.isBegun = true;
  }
}

// Draws the conclusion from what one direction's reader has found out.
void TcpConnection::settleContent(std::size_t which, const Receiver& receiver) {
  const Content found = sides_[which].stream->reader().content();
  if (found == Content::kForeign) {
    sides_[which].stream.reset();
    if (content_ == Content::kWebSocket) {
      content_ = Content::kUndecided;  // the server refused to switch, or to something else
      dropStreams();
    }
    countExamined();
    return;
  }
  if (found == Content::kUndecided || content_ != Content::kUndecided) {
    return;
  }
  content_ = found;
  const std::size_t whichOther = 1 - which;
  Side& other = sides_[whichOther];
  if (!other.stream) {
    return;
  }
  if (found == Content::kWebSocket) {
    other.stream->reader().expectSwitch();
  } else {
    const Path path = pathOf(whichOther);
    other.stream->expect(found, {path, receiver.sink, receiver.counters});
  }
}

void TcpConnection::countExamined() noexcept {
  if (++examined_ >= limits_->examinedSegments) {
    content_ = Content::kForeign;
    dropStreams();
  }
}

void TcpConnection::dropStreams() noexcept {
  sides_[0].stream.reset();
  sides_[1].stream.reset();
}

}  // namespace probe::net
