#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "net/segment_buffer.hpp"
#include "net/stream_reader.hpp"
#include "net/tcp_limits.hpp"

namespace probe::net {

// One direction of a connection that carries SIP, or may do: its segments in order, and what they
// say. A message carries the arrival of the last segment it needed, of whatever order they came in.
class TcpStream {
 public:
  // `limits` must outlive the stream.
  TcpStream(std::uint32_t firstSequence, OpeningHints hints, const TcpLimits& limits) noexcept
      : limits_(limits), segments_(firstSequence), reader_(hints) {}

  void push(const Segment& segment, const Outlet& outlet);
  // The sender closes at `sequence`.
  void close(std::uint32_t sequence, const Arrival& arrival);
  // Gives up the holes that `nowNs` finds older than the limits allow, or all of them.
  void giveUpOldHoles(std::int64_t nowNs, const Outlet& outlet);
  void giveUpHoles(const Outlet& outlet);
  // Nothing follows: gives up every hole and hands out what is left of a message.
  void finish(const Outlet& outlet);

  [[nodiscard]] StreamReader& reader() noexcept { return reader_; }
  // Tells the reader what the other direction found out.
  void expect(Content content, const Outlet& outlet) {
    reader_.expect(content, available_, outlet);
  }

  [[nodiscard]] std::uint32_t next() const noexcept { return segments_.next(); }
  // Whether the sender closed and all it sent was read or given up.
  [[nodiscard]] bool isClosed() const noexcept;
  // Whether something came that cannot be read before a hole is filled.
  [[nodiscard]] bool isWaiting() const noexcept {
    return !segments_.isEmpty() || stray_ || (end_ && !isClosed());
  }
  // Since when the hole has been there and nothing came that fills it.
  [[nodiscard]] std::int64_t waitingSinceNs() const noexcept;
  // Whether that is longer than the limits allow.
  [[nodiscard]] bool hasOldHole(std::int64_t nowNs) const noexcept;
  [[nodiscard]] std::size_t bufferedBytes() const noexcept;

 private:
  void read(Bytes bytes, std::uint32_t cutBytes, const Arrival& arrival, const Outlet& outlet);
  void readHeld(const Outlet& outlet);
  void giveUpFirstHole(const Outlet& outlet);
  void skip(std::uint32_t missing, const Outlet& outlet);
  [[nodiscard]] bool followFar(const Segment& segment, const Outlet& outlet);
  void jump(std::uint32_t sequence, const Outlet& outlet);
  void jumpToStray(const Outlet& outlet);
  void dropStray(const Outlet& outlet);
  void resolveStray(const Outlet& outlet);

  const TcpLimits& limits_;
  SegmentBuffer segments_;
  StreamReader reader_;
  std::optional<HeldSegment> stray_;  // the last segment that lay too far off to be believed
  std::optional<std::uint32_t> end_;  // the sequence number of the FIN
  std::int64_t endSeenNs_ = 0;
  Arrival available_{};  // of the last byte that was read, and of all before it
};

}  // namespace probe::net
