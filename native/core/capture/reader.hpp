#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "bytes.hpp"
#include "capture/byte_order.hpp"
#include "capture/interface.hpp"
#include "capture/record_walk.hpp"

namespace probe::capture {

// Why a capture cannot be read further (or at all). The order is the public order of the names.
enum class Problem : std::uint8_t {
  kNone,
  kNotACapture,    // the first bytes are of no format this reader knows
  kTruncated,      // the input ends inside a header, record or block
  kRecordTooLong,  // a record claims more bytes than any capture can hold
  kBlockLength,    // pcapng: a block's length is impossible, or its two lengths differ
  kNoInterface,    // pcapng: a packet names an interface that was not described
  kBadSection,     // pcapng: a section header that cannot be understood
  kZeros,          // pcap: zeros where records should be; they are passed over, and nothing else
};

// What a capture's headers say of how it was taken. Of several interfaces, those of all sections.
struct Origin {
  std::uint32_t linkType = 0;  // of the first interface
  std::uint32_t interfaces = 0;
  std::uint32_t snapLength = 0;  // of the interface that keeps least of a packet; 0 is no limit
  double ticksPerSecond = 0;     // of the coarsest clock
  bool isBlocks = false;         // pcapng
  // Packets lost by whoever captured; absent where nothing is said of it.
  std::optional<std::uint64_t> dropped;
};

enum class Step : std::uint8_t { kFrame, kNeedMore, kStopped };

// Takes a capture apart: pcap (micro- and nanosecond, both byte orders, also with the longer record
// headers that Kuznetzov's libpcap wrote) and pcapng (sections of either byte order, several
// interfaces with their own if_tsresol and if_tsoffset, enhanced, simple and obsolete packet
// blocks; every other block is passed over, up to 256 MiB of it). A simple packet block has no
// time: it gets that of the packet before it, 0 when it is the first. In a pcap, headers of nothing
// but zeros are no packets of 1970: they are what a file system leaves of a file that was being
// written when the power went.
//
// Borrows the bytes it is fed; does not allocate per frame, read the clock or throw. Not
// thread-safe: one owner at a time.
class Reader {
 public:
  static constexpr std::uint32_t kMaxRecordBytes = capture::kMaxRecordBytes;
  // A window of this size always takes the reader forward: kNeedMore never asks for more at once.
  static constexpr std::size_t kMaxWindowBytes = std::size_t{1024} * 1024;
  // Interfaces of one section that are kept; packets of further ones stop with kNoInterface.
  static constexpr std::size_t kMaxInterfaces = 65536;

  // Gives the reader the next bytes. They must begin where the last window's consumed() ended.
  void feed(Bytes window) noexcept;
  // The next frame of the window. kNeedMore: feed the rest of this window and more. kStopped:
  // problem() says why; nothing after it is read.
  Step next(Frame& frame) noexcept;
  // Whether the records ahead may be walked: with walk(), then rejoin() says how far that went and
  // how many frames it gave.
  [[nodiscard]] bool isWalkable() const noexcept { return format_ == Format::kRecords; }
  [[nodiscard]] RecordWalk walk() const noexcept {
    return {.at = at_,
            .end = end_,
            .headerBytes = recordHeaderBytes_,
            .nsPerTick = nsPerTick_,
            .linkType = linkType_,
            .order = order_};
  }
  void rejoin(const RecordWalk& walk, std::uint64_t frames) noexcept {
    at_ = walk.at;
    frames_ += frames;
  }
  // Says that no bytes follow, once next() has said kNeedMore: what is left over is a truncated
  // record. Afterwards next() is kStopped; problem() is kNone when the capture ended cleanly.
  void finish() noexcept;

  // Bytes of the window that are done with; a record that the window cuts is not.
  [[nodiscard]] std::size_t consumed() const noexcept {
    return static_cast<std::size_t>(at_ - begin_);
  }
  [[nodiscard]] Problem problem() const noexcept { return problem_; }
  // Where the header, record or block at fault begins in the input, from the input's start.
  [[nodiscard]] std::uint64_t problemOffset() const noexcept { return problemOffset_; }
  // kNotACapture: the first four bytes, big-endian, or 0 when there are fewer. kTruncated: how many
  // bytes there are of what is cut. kRecordTooLong, kBlockLength: the length claimed. kNoInterface:
  // the interface named. kBadSection: the byte-order magic, or the major version where that is
  // known. kZeros: how many bytes of them there are in all.
  [[nodiscard]] std::uint64_t problemValue() const noexcept { return problemValue_; }
  [[nodiscard]] std::uint64_t frames() const noexcept { return frames_; }
  [[nodiscard]] Origin origin() const noexcept;

 private:
  enum class Format : std::uint8_t { kUnknown, kRecords, kBlocks, kStopped };

  Step nextOther(Frame& frame) noexcept;
  void recognize() noexcept;
  void startRecords(bool isBigEndian, std::uint32_t magic) noexcept;
  Step nextRecord(Frame& frame) noexcept;
  Step nextUnusualRecord(Frame& frame) noexcept;
  void passZeros() noexcept;

  Step nextBlock(Frame& frame) noexcept;
  [[nodiscard]] bool readSectionHeader() noexcept;
  void readInterface(Bytes body) noexcept;
  void readStatistics(Bytes body) noexcept;
  void addOrigin(std::uint32_t linkType, std::uint32_t snapLength, double ticksPerSecond) noexcept;
  void addDropped(Origin& origin) const noexcept;
  Step readPacketOf(std::uint32_t type, Bytes body, Frame& frame) noexcept;
  Step readSimplePacket(Bytes body, Frame& frame) noexcept;
  Step misfit(Bytes body, std::uint32_t captured) noexcept;
  void passOver(std::uint32_t blockLength) noexcept;
  [[nodiscard]] bool passOn() noexcept;

  [[nodiscard]] std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }
  [[nodiscard]] std::uint64_t offset() const noexcept { return windowOffset_ + consumed(); }
  Step stop(Problem problem, std::uint64_t offset, std::uint64_t value) noexcept;

  const std::uint8_t* at_ = nullptr;
  const std::uint8_t* end_ = nullptr;
  std::uint64_t frames_ = 0;
  std::uint32_t nsPerTick_ = 0;  // of a pcap's second time field: 1000 or 1
  std::uint32_t linkType_ = 0;
  std::uint32_t recordHeaderBytes_ = 0;
  Format format_ = Format::kUnknown;
  ByteOrder order_{false};

  const std::uint8_t* begin_ = nullptr;
  std::uint64_t windowOffset_ = 0;  // of begin_ in the input

  Origin origin_;                      // `dropped` is of the sections before
  std::vector<Interface> interfaces_;  // of this section
  std::int64_t lastNs_ = 0;            // of the packet before; pcapng only
  std::uint64_t passLeft_ = 0;         // bytes of a passed-over block that are still to come
  std::uint32_t passLength_ = 0;       // that block's length, as its head states it
  std::uint64_t passOffset_ = 0;       // where that block begins in the input

  std::uint64_t zeroBytes_ = 0;   // in the place of a pcap's records
  std::uint64_t zeroOffset_ = 0;  // where the first of them begin in the input
  std::uint64_t zerosEnd_ = 0;    // and the last of them end
  bool isRestZeros_ = false;      // what the window holds behind them is less than a header

  Problem problem_ = Problem::kNone;
  std::uint64_t problemOffset_ = 0;
  std::uint64_t problemValue_ = 0;
};

inline Step Reader::next(Frame& frame) noexcept {
  return format_ == Format::kRecords ? nextRecord(frame) : nextOther(frame);
}

inline Step Reader::nextRecord(Frame& frame) noexcept {
  RecordWalk records = walk();
  if (!records.next(frame)) [[unlikely]] {
    return nextUnusualRecord(frame);
  }
  rejoin(records, 1);
  return Step::kFrame;
}

}  // namespace probe::capture
