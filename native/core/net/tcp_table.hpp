#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "net/index_list.hpp"
#include "net/message_sink.hpp"
#include "net/packet.hpp"
#include "net/path_index.hpp"
#include "net/tcp_connection.hpp"
#include "net/tcp_counters.hpp"
#include "net/tcp_limits.hpp"

namespace probe::net {

// Puts TCP segments back in order and takes SIP messages out of the stream, also when WebSocket
// frames carry it. Connections that are not SIP cost one small table row each and no buffer.
//
// When the table is full, the row goes that was silent longest: first of those that are not SIP,
// not SIP yet, or closed, so that a flood of SYNs takes no SIP connection away. Constant time per
// segment, amortised. Reads no clock.
class TcpTable {
 public:
  explicit TcpTable(std::uint64_t seed = 0, const TcpLimits& limits = {});
  TcpTable(const TcpTable&) = delete;
  TcpTable& operator=(const TcpTable&) = delete;

  void push(const Packet& segment, std::int64_t atNs, std::uint64_t frameIndex, MessageSink& sink);
  // Hands out what is left at the end of the capture.
  void finish(MessageSink& sink);
  [[nodiscard]] const TcpCounters& counters() const noexcept { return counters_; }

  [[nodiscard]] std::size_t connections() const noexcept { return index_.size(); }
  // Payload bytes held for later; never above TcpLimits::bufferedBytes after a call.
  [[nodiscard]] std::uint64_t bufferedBytes() const noexcept { return bufferedBytes_; }

 private:
  struct Row {
    TcpConnection connection;
    std::int64_t lastSeenNs;
    std::uint64_t bufferedBytes;
  };

  [[nodiscard]] std::uint32_t rowFor(const Packet& segment, MessageSink& sink);
  void settle(std::uint32_t row, bool hasMoved);
  void giveUpOldHoles(std::int64_t nowNs, MessageSink& sink);
  void evictIdle(std::int64_t nowNs, MessageSink& sink);
  void evict(std::uint32_t row, MessageSink& sink);
  void remove(std::uint32_t row);

  TcpLimits limits_;
  PathIndex index_;
  std::vector<Row> rows_;
  std::vector<std::uint32_t> freeRows_;
  IndexList expendable_;  // rows that are not SIP or not any more, silent longest first
  IndexList sip_;         // the other rows
  IndexList buffering_;   // rows that hold bytes, silent longest first
  IndexList waiting_;     // rows with a hole, in the order in which it was found
  std::uint64_t bufferedBytes_ = 0;
  TcpCounters counters_{};
};

}  // namespace probe::net
