#pragma once

#include <algorithm>
#include <cstdint>

#include "bytes.hpp"
#include "capture/byte_order.hpp"

namespace probe::capture {

// One captured frame. `bytes` borrows from the window last given to Reader::feed().
struct Frame {
  Bytes bytes;
  std::int64_t atNs;         // since the Unix epoch
  std::uint32_t linkType;    // LINKTYPE_* of tcpdump.org
  std::uint32_t wireLength;  // length before the snap length cut it; never below bytes.size()
};

// Records lie one behind the other and only each one's length leads to the next, so the processor
// cannot look ahead by itself. Where the headers are some records on, if those are as long as this
// one, is a guess that costs nothing when it is wrong, not even behind the end of the window;
// asking ahead makes the walk through memory up to ten times as fast.
//
// Inlined always: else GCC finds that a function of prefetches has no effect, and drops its calls.
[[gnu::always_inline]] inline void prefetchAhead(const std::uint8_t* at,
                                                 std::size_t recordBytes) noexcept {
  constexpr std::size_t kAheadRecords = 8;
  constexpr std::size_t kCacheLineBytes = 64;
  // NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast,performance-no-int-to-ptr): an address
  // that nothing need be at
  const std::uintptr_t ahead = reinterpret_cast<std::uintptr_t>(at) + kAheadRecords * recordBytes;
  __builtin_prefetch(reinterpret_cast<const void*>(ahead));
  __builtin_prefetch(reinterpret_cast<const void*>(ahead + kCacheLineBytes));
  // NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast,performance-no-int-to-ptr)
}

// Twice the largest snap length that libpcap accepts: more is damage, not a packet.
constexpr std::uint32_t kMaxRecordBytes = 512 * 1024;

// The walk through the records of a pcap's window, by value: a loop that keeps one in registers
// need not look at the reader for each record.
struct RecordWalk {
  const std::uint8_t* at;
  const std::uint8_t* end;
  std::uint32_t headerBytes;
  std::uint32_t nsPerTick;  // of a record's second time field: 1000 or 1
  std::uint32_t linkType;
  ByteOrder order;

  // False, and nothing happens, when the record is empty, damaged or not wholly in the window.
  [[nodiscard]] bool next(Frame& frame) noexcept;
  // The record that begins here, which is wholly in the window.
  void take(Frame& frame, std::uint32_t captured) noexcept;
};

[[gnu::always_inline]] inline void RecordWalk::take(Frame& frame, std::uint32_t captured) noexcept {
  constexpr std::int64_t kNsPerSecond = 1'000'000'000;
  frame.atNs =
      order.load32(at) * kNsPerSecond + static_cast<std::int64_t>(order.load32(at + 4)) * nsPerTick;
  frame.bytes = {at + headerBytes, captured};
  frame.linkType = linkType;
  frame.wireLength = std::max(captured, order.load32(at + 12));
  at += std::size_t{headerBytes} + captured;
}

[[gnu::always_inline]] inline bool RecordWalk::next(Frame& frame) noexcept {
  const auto left = static_cast<std::size_t>(end - at);
  if (left < headerBytes) [[unlikely]] {
    return false;
  }
  const std::uint32_t captured = order.load32(at + 8);
  const std::size_t recordBytes = std::size_t{headerBytes} + captured;
  // Of no bytes, one less is more than any record has: one comparison for both.
  if (captured - 1 >= kMaxRecordBytes || recordBytes > left) [[unlikely]] {
    return false;
  }
  prefetchAhead(at, recordBytes);
  take(frame, captured);
  return true;
}

}  // namespace probe::capture
