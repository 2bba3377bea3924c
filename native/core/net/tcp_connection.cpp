#include "net/tcp_connection.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "net/stream_opening.hpp"

namespace probe::net {
namespace {

constexpr unsigned kFin = 1;
constexpr unsigned kSyn = 2;
constexpr unsigned kRst = 4;
constexpr unsigned kAck = 16;

Segment segmentOf(const Packet& packet, std::uint32_t sequence, const Arrival& arrival) {
  constexpr std::size_t kMost = kSequenceWindowBytes;  // what no segment reaches
  const Bytes bytes = packet.payload.first(std::min(packet.payload.size(), kMost));
  const std::size_t wire = std::min<std::size_t>(packet.payloadWireBytes, kMost);
  const std::size_t cut = wire > bytes.size() ? wire - bytes.size() : 0;
  return {.sequence = sequence,
          .bytes = bytes,
          .cutBytes = static_cast<std::uint32_t>(cut),
          .arrival = arrival};
}

bool beginsHandshake(Bytes bytes) {
  const auto begins = [bytes](std::string_view text) {
    return bytes.size() >= text.size() && std::equal(text.begin(), text.end(), bytes.begin());
  };
  return begins("HTTP/") || begins("GET ");
}

}  // namespace

void TcpConnection::push(const Packet& packet, const Arrival& arrival, const Receiver& receiver) {
  const bool isForward =
      packet.path.source == path_.source && packet.path.sourcePort == path_.sourcePort;
  const std::size_t which = isForward ? 0 : 1;
  if ((packet.tcpFlags & kRst) != 0) {
    onReset(which, packet.sequence, receiver);
    return;
  }
  std::uint32_t sequence = packet.sequence;
  if ((packet.tcpFlags & kSyn) != 0) {
    onSyn(which, sequence, (packet.tcpFlags & kAck) != 0, receiver);
    ++sequence;
  }
  const Segment segment = segmentOf(packet, sequence, arrival);
  if (segment.wireBytes() != 0) {
    onPayload(which, segment, receiver);
  }
  if ((packet.tcpFlags & kFin) != 0) {
    onFin(which, sequence + segment.wireBytes(), arrival, receiver);
  }
}

void TcpConnection::giveUpOldHoles(std::int64_t nowNs, const Receiver& receiver) {
  for (std::size_t which = 0; which < sides_.size(); ++which) {
    if (sides_[which].stream) {
      const Path path = pathOf(which);
      sides_[which].stream->giveUpOldHoles(nowNs, {path, receiver.sink, receiver.counters});
      settle(which, receiver);
    }
  }
}

void TcpConnection::finish(const Receiver& receiver) {
  closeSide(0, receiver);
  closeSide(1, receiver);
}

bool TcpConnection::isSip() const noexcept {
  return !isClosed_ && (content_ == Content::kSip || content_ == Content::kWebSocket);
}

bool TcpConnection::isWaiting() const noexcept {
  return std::any_of(sides_.begin(), sides_.end(),
                     [](const Side& side) { return side.stream && side.stream->isWaiting(); });
}

std::int64_t TcpConnection::waitingSinceNs() const noexcept {
  std::int64_t since = INT64_MAX;
  for (const Side& side : sides_) {
    if (side.stream && side.stream->isWaiting()) {
      since = std::min(since, side.stream->waitingSinceNs());
    }
  }
  return since;
}

bool TcpConnection::hasOldHole(std::int64_t nowNs) const noexcept {
  return std::any_of(sides_.begin(), sides_.end(), [nowNs](const Side& side) {
    return side.stream && side.stream->hasOldHole(nowNs);
  });
}

std::size_t TcpConnection::bufferedBytes() const noexcept {
  std::size_t bytes = 0;
  for (const Side& side : sides_) {
    bytes += side.stream ? side.stream->bufferedBytes() : 0;
  }
  return bytes;
}

// A SYN with the number already known is a retransmission or a copy; one that fits right before a
// stream joined without it came late, and so does the answer to one whose sender has sent data
// already; any other begins a new connection on the same ports.
void TcpConnection::onSyn(std::size_t which, std::uint32_t sequence, bool isAnswer,
                          const Receiver& receiver) {
  Side& side = sides_[which];
  const std::uint32_t first = sequence + 1;
  if (side.hasSyn && side.first == first) {
    return;
  }
  const bool isLate =
      !side.hasSyn && side.isBegun && !isClosed_ && side.first - first <= kSequenceWindowBytes;
  if (isLate) {
    side.hasSyn = true;
    side.first = first;
    return;
  }
  const bool isFirstOfSide = !side.isBegun && !side.hasData;
  const bool isExpected = isAnswer && isFirstOfSide && !isClosed_ && content_ != Content::kForeign;
  if (!isExpected && !isFresh()) {
    restart(which, receiver);
  }
  side.hasSyn = true;
  side.isBegun = true;
  side.first = first;
  side.next = first;
}

void TcpConnection::onPayload(std::size_t which, const Segment& segment, const Receiver& receiver) {
  Side& side = sides_[which];
  if (content_ == Content::kForeign) {
    return;
  }
  if (side.isClosed) {
    if (!isClosed_ || !beginsAnew(side, segment)) {
      return;
    }
    restart(which, receiver);
  }
  if (!side.stream && !openStream(which, segment, receiver)) {
    side.hasData = true;
    return;
  }
  side.hasData = true;
  const Path path = pathOf(which);
  side.stream->push(segment, {path, receiver.sink, receiver.counters});
  settle(which, receiver);
}

// What is missing before a FIN may still be sent again, or captured out of order: it is waited for
// like any other hole.
void TcpConnection::onFin(std::size_t which, std::uint32_t sequence, const Arrival& arrival,
                          const Receiver& receiver) {
  Side& side = sides_[which];
  if (!side.stream && side.awaitsFirstByte() && sequence != side.next &&
      content_ != Content::kForeign) {
    begin(side, side.next, {.isFirstByte = true, .awaitsSwitch = content_ == Content::kWebSocket});
  }
  if (side.stream) {
    side.stream->close(sequence, arrival);
    settle(which, receiver);
  } else if (!side.isClosed) {
    side.isClosed = true;
    side.isBegun = true;
    side.next = sequence;
  }
  isClosed_ = sides_[0].isClosed && sides_[1].isClosed;
}

// A reset counts when its number is near the one expected (RFC 5961 section 3).
void TcpConnection::onReset(std::size_t which, std::uint32_t sequence, const Receiver& receiver) {
  const Side& side = sides_[which];
  const std::uint32_t next = side.stream ? side.stream->next() : side.next;
  const bool isKnown = side.isBegun && content_ != Content::kForeign;
  if (isKnown && SegmentBuffer(next).place(sequence, 0) == Place::kFar) {
    return;
  }
  finish(receiver);
  isClosed_ = true;
}

// Whether data on closed ports is of a new connection whose SYN was not captured.
bool TcpConnection::beginsAnew(const Side& side, const Segment& segment) noexcept {
  const Place place = SegmentBuffer(side.next).place(segment.sequence, segment.wireBytes());
  const bool isOld = side.isBegun && place == Place::kOld;
  return !isOld &&
         identifyOpening(segment.bytes, {.isFirstByte = false, .awaitsSwitch = false}).content !=
             Content::kForeign;
}

bool TcpConnection::isFresh() const noexcept {
  return content_ == Content::kUndecided && examined_ == 0 && !isClosed_ && !sides_[0].hasData &&
         !sides_[1].hasData;
}

// Begins anew, without forgetting what the other direction's SYN has told already.
void TcpConnection::restart(std::size_t which, const Receiver& receiver) {
  finish(receiver);
  sides_[which] = Side{};
  Side& other = sides_[1 - which];
  const bool isNew = other.awaitsFirstByte() && !isClosed_;
  const std::uint32_t first = other.first;
  other = Side{};
  if (isNew) {
    other.isBegun = true;
    other.hasSyn = true;
    other.first = first;
    other.next = first;
  }
  content_ = Content::kUndecided;
  examined_ = 0;
  isClosed_ = false;
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

void TcpConnection::settle(std::size_t which, const Receiver& receiver) {
  Side& side = sides_[which];
  side.next = side.stream->next();
  settleContent(which, receiver);
  if (side.stream && side.stream->isClosed()) {
    closeSide(which, receiver);
    isClosed_ = sides_[0].isClosed && sides_[1].isClosed;
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

void TcpConnection::closeSide(std::size_t which, const Receiver& receiver) {
  Side& side = sides_[which];
  if (side.stream) {
    const Path path = pathOf(which);
    side.stream->finish({path, receiver.sink, receiver.counters});
    side.next = side.stream->next();
    side.stream.reset();
  }
  side.isClosed = true;
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

Path TcpConnection::pathOf(std::size_t which) const noexcept {
  if (which == 0) {
    return path_;
  }
  Path reversed = path_;
  std::swap(reversed.source, reversed.destination);
  std::swap(reversed.sourcePort, reversed.destinationPort);
  return reversed;
}

}  // namespace probe::net
