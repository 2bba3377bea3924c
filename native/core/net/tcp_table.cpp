#include "net/tcp_table.hpp"

#include <algorithm>

namespace probe::net {
namespace {

constexpr unsigned kSyn = 2;
constexpr unsigned kRst = 4;

// Whether `nowNs` is more than `limitNs` after `thenNs`; they may be any two instants.
bool isLater(std::int64_t nowNs, std::int64_t thenNs, std::int64_t limitNs) noexcept {
  return nowNs > thenNs && static_cast<std::uint64_t>(nowNs) - static_cast<std::uint64_t>(thenNs) >
                               static_cast<std::uint64_t>(limitNs);
}

}  // namespace

TcpTable::TcpTable(std::uint64_t seed, const TcpLimits& limits) : limits_(limits), index_(seed) {
  limits_.connections = std::max<std::uint32_t>(limits_.connections, 1);
}

void TcpTable::push(const Packet& segment, std::int64_t atNs, std::uint64_t frameIndex,
                    MessageSink& sink) {
  giveUpOldHoles(atNs, sink);
  evictIdle(atNs, sink);
  const std::uint32_t row = rowFor(segment, sink);
  if (row == PathIndex::kNone) {
    return;
  }
  rows_[row].lastSeenNs = atNs;
  TcpConnection& connection = rows_[row].connection;
  const std::int64_t waitingSinceNs = connection.waitingSinceNs();
  connection.push(segment, {.atNs = atNs, .frameIndex = frameIndex}, {sink, counters_});
  const bool isSip = connection.isSip();
  (isSip ? expendable_ : sip_).remove(row);
  (isSip ? sip_ : expendable_).moveToEnd(row);
  settle(row, connection.waitingSinceNs() != waitingSinceNs);
  while (bufferedBytes_ > limits_.bufferedBytes) {
    evict(buffering_.first(), sink);
  }
}

void TcpTable::finish(MessageSink& sink) {
  for (const IndexList* list : {&expendable_, &sip_}) {
    while (list->first() != IndexList::kNone) {
      const std::uint32_t row = list->first();
      rows_[row].connection.finish({sink, counters_});
      remove(row);
    }
  }
}

// A row is opened by what may begin or carry something: a SYN or payload.
std::uint32_t TcpTable::rowFor(const Packet& segment, MessageSink& sink) {
  const std::uint32_t known = index_.find(segment.path);
  const bool opens = (segment.tcpFlags & kRst) == 0 &&
                     ((segment.tcpFlags & kSyn) != 0 || segment.payloadWireBytes != 0);
  if (known != PathIndex::kNone || !opens) {
    return known;
  }
  if (index_.size() >= limits_.connections) {
    const std::uint32_t expendable = expendable_.first();
    evict(expendable != IndexList::kNone ? expendable : sip_.first(), sink);
  }
  if (freeRows_.empty()) {
    freeRows_.push_back(static_cast<std::uint32_t>(rows_.size()));
    rows_.push_back({TcpConnection(segment.path, limits_), 0, 0});
  }
  const std::uint32_t row = freeRows_.back();
  freeRows_.pop_back();
  rows_[row].connection = TcpConnection(segment.path, limits_);
  index_.insert(segment.path, row);
  return row;
}

// Brings the lists and the sum up to date with what a row holds now.
void TcpTable::settle(std::uint32_t row, bool hasMoved) {
  const TcpConnection& connection = rows_[row].connection;
  const std::uint64_t bytes = connection.bufferedBytes();
  bufferedBytes_ = bufferedBytes_ - rows_[row].bufferedBytes + bytes;
  rows_[row].bufferedBytes = bytes;
  if (bytes == 0) {
    buffering_.remove(row);
  } else {
    buffering_.moveToEnd(row);
  }
  if (!connection.isWaiting()) {
    waiting_.remove(row);
  } else if (hasMoved || !waiting_.contains(row)) {
    waiting_.moveToEnd(row);
  }
}

void TcpTable::giveUpOldHoles(std::int64_t nowNs, MessageSink& sink) {
  for (std::uint32_t row = waiting_.first();
       row != IndexList::kNone && rows_[row].connection.hasOldHole(nowNs); row = waiting_.first()) {
    rows_[row].connection.giveUpOldHoles(nowNs, {sink, counters_});
    settle(row, true);
  }
}

void TcpTable::evictIdle(std::int64_t nowNs, MessageSink& sink) {
  for (const IndexList* list : {&expendable_, &sip_}) {
    while (list->first() != IndexList::kNone &&
           isLater(nowNs, rows_[list->first()].lastSeenNs, limits_.idleNs)) {
      evict(list->first(), sink);
    }
  }
}

// A closed connection loses nothing by it, and is not counted.
void TcpTable::evict(std::uint32_t row, MessageSink& sink) {
  counters_.connectionsEvicted += rows_[row].connection.isClosed() ? 0 : 1;
  rows_[row].connection.finish({sink, counters_});
  remove(row);
}

void TcpTable::remove(std::uint32_t row) {
  settle(row, false);
  expendable_.remove(row);
  sip_.remove(row);
  index_.erase(row);
  freeRows_.push_back(row);
}

}  // namespace probe::net
