#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "net/message_sink.hpp"
#include "net/packet.hpp"
#include "net/tcp_counters.hpp"
#include "net/tcp_limits.hpp"
#include "net/tcp_stream.hpp"

namespace probe::net {

// Who takes what a connection says, whichever direction says it. Borrows both.
struct Receiver {
  MessageSink& sink;
  TcpCounters& counters;
};

// One row of the table: what is known of a connection. Only what carries SIP, or has begun in a
// way that still may, has streams and so buffers.
class TcpConnection {
 public:
  // `path` is that of the first segment seen. `limits` must outlive the connection.
  TcpConnection(const Path& path, const TcpLimits& limits) noexcept
      : path_(path), limits_(&limits) {}

  void push(const Packet& packet, const Arrival& arrival, const Receiver& receiver);
  void giveUpOldHoles(std::int64_t nowNs, const Receiver& receiver);
  // Nothing follows: hands out what is left in both directions and frees it.
  void finish(const Receiver& receiver);

  [[nodiscard]] const Path& path() const noexcept { return path_; }
  [[nodiscard]] bool isSip() const noexcept;
  [[nodiscard]] bool isClosed() const noexcept { return isClosed_; }
  [[nodiscard]] bool isWaiting() const noexcept;
  // When the oldest hole was found that nothing has filled since.
  [[nodiscard]] std::int64_t waitingSinceNs() const noexcept;
  [[nodiscard]] bool hasOldHole(std::int64_t nowNs) const noexcept;
  [[nodiscard]] std::size_t bufferedBytes() const noexcept;

 private:
  struct Side {
    std::unique_ptr<TcpStream> stream;
    std::uint32_t first = 0;  // sequence number after the SYN, or where the stream was joined
    std::uint32_t next = 0;   // as the stream has it; remains when the stream is gone
    bool isBegun = false;     // the two above are known
    bool hasSyn = false;
    bool hasData = false;
    bool isClosed = false;

    [[nodiscard]] bool awaitsFirstByte() const noexcept { return hasSyn && !hasData; }
  };

  void onSyn(std::size_t which, std::uint32_t sequence, bool isAnswer, const Receiver& receiver);
  void onPayload(std::size_t which, const Segment& segment, const Receiver& receiver);
  void onFin(std::size_t which, std::uint32_t sequence, const Arrival& arrival,
             const Receiver& receiver);
  void onReset(std::size_t which, std::uint32_t sequence, const Receiver& receiver);

  [[nodiscard]] static bool beginsAnew(const Side& side, const Segment& segment) noexcept;
  [[nodiscard]] bool isFresh() const noexcept;
  void restart(std::size_t which, const Receiver& receiver);
  [[nodiscard]] bool openStream(std::size_t which, const Segment& segment,
                                const Receiver& receiver);
  [[nodiscard]] bool openUndecided(Side& side, const Segment& segment) const;
  void openDecided(std::size_t which, const Segment& segment, const Receiver& receiver);
  void begin(Side& side, std::uint32_t sequence, OpeningHints hints) const;
  void settle(std::size_t which, const Receiver& receiver);
  void settleContent(std::size_t which, const Receiver& receiver);
  void closeSide(std::size_t which, const Receiver& receiver);
  void countExamined() noexcept;
  void dropStreams() noexcept;
  [[nodiscard]] Path pathOf(std::size_t which) const noexcept;

  Path path_;
  const TcpLimits* limits_;
  std::array<Side, 2> sides_;  // 0 sends along path_
  Content content_ = Content::kUndecided;
  std::uint32_t examined_ = 0;  // segments that began like nothing that is wanted
  bool isClosed_ = false;
};

}  // namespace probe::net
