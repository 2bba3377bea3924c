#include "net/tcp_connection.hpp"

#include <algorithm>
#include <utility>

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
  const bool isRunning = !isClosed_ && content_ != Content::kForeign;
  const bool isLate = !side.hasSyn && side.isBegun && side.first - first <= kSequenceWindowBytes;
  if (isRunning && isLate) {
    side.hasSyn = true;
    side.first = first;
    return;
  }
  const bool isFirstOfSide = !side.isBegun && !side.hasData;
  if (!(isRunning && isAnswer && isFirstOfSide) && !isFresh()) {
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

void TcpConnection::settle(std::size_t which, const Receiver& receiver) {
  Side& side = sides_[which];
  side.next = side.stream->next();
  settleContent(which, receiver);
  if (side.stream && side.stream->isClosed()) {
    closeSide(which, receiver);
    isClosed_ = sides_[0].isClosed && sides_[1].isClosed;
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
