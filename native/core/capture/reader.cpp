#include "capture/reader.hpp"

#include <algorithm>

namespace probe::capture {
namespace {

constexpr std::size_t kMagicBytes = 4;
constexpr std::size_t kFileHeaderBytes = 24;
constexpr std::uint32_t kRecordHeaderBytes = 16;
constexpr std::uint32_t kLongRecordHeaderBytes = 24;  // interface, protocol and kind follow

constexpr std::uint32_t kMagicMicroseconds = 0xA1B2C3D4;
constexpr std::uint32_t kMagicNanoseconds = 0xA1B23C4D;
constexpr std::uint32_t kMagicLongHeaders = 0xA1B2CD34;  // microseconds
constexpr std::uint32_t kMagicSection = 0x0A0D0D0A;      // the same in either byte order

constexpr std::uint16_t kMajorVersion = 2;
// The bits above tell the length of the frame check sequence, if there is one.
constexpr std::uint32_t kLinkTypeMask = 0x03FFFFFF;
constexpr std::uint32_t kNsPerMicrosecond = 1000;
constexpr double kNsPerSecond = 1e9;

bool isZeros(Bytes bytes) noexcept {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

bool isRecordMagic(std::uint32_t magic) noexcept {
  return magic == kMagicMicroseconds || magic == kMagicNanoseconds || magic == kMagicLongHeaders;
}

}  // namespace

void Reader::feed(Bytes window) noexcept {
  windowOffset_ += consumed();
  begin_ = window.data();
  at_ = begin_;
  end_ = begin_ + window.size();
}

Step Reader::nextOther(Frame& frame) noexcept {
  if (format_ == Format::kUnknown) {
    recognize();
  }
  switch (format_) {
    case Format::kUnknown:
      return Step::kNeedMore;
    case Format::kRecords:
      return nextRecord(frame);
    case Format::kBlocks:
      return nextBlock(frame);
    case Format::kStopped:
      break;
  }
  return Step::kStopped;
}

// Settles the format, or leaves it unknown as long as too few bytes are there.
void Reader::recognize() noexcept {
  if (left() < kMagicBytes) {
    return;
  }
  const std::uint32_t big = load32be(at_);
  const std::uint32_t little = __builtin_bswap32(big);
  if (big == kMagicSection) {
    format_ = Format::kBlocks;
  } else if (isRecordMagic(big)) {
    startRecords(true, big);
  } else if (isRecordMagic(little)) {
    startRecords(false, little);
  } else {
    stop(Problem::kNotACapture, offset(), big);
  }
}

void Reader::startRecords(bool isBigEndian, std::uint32_t magic) noexcept {
  if (left() < kFileHeaderBytes) {
    return;
  }
  order_ = ByteOrder(isBigEndian);
  if (order_.load16(at_ + 4) != kMajorVersion) {
    stop(Problem::kNotACapture, offset(), load32be(at_));
    return;
  }
  linkType_ = order_.load32(at_ + 20) & kLinkTypeMask;
  nsPerTick_ = magic == kMagicNanoseconds ? 1 : kNsPerMicrosecond;
  recordHeaderBytes_ = magic == kMagicLongHeaders ? kLongRecordHeaderBytes : kRecordHeaderBytes;
  addOrigin(linkType_, order_.load32(at_ + 16), kNsPerSecond / nsPerTick_);
  at_ += kFileHeaderBytes;
  format_ = Format::kRecords;
}

void Reader::addOrigin(std::uint32_t linkType, std::uint32_t snapLength,
                       double ticksPerSecond) noexcept {
  const bool isFirst = origin_.interfaces++ == 0;
  if (isFirst) {
    origin_.linkType = linkType;
  }
  if (snapLength != 0 && (origin_.snapLength == 0 || snapLength < origin_.snapLength)) {
    origin_.snapLength = snapLength;
  }
  if (isFirst || ticksPerSecond < origin_.ticksPerSecond) {
    origin_.ticksPerSecond = ticksPerSecond;
  }
}

Origin Reader::origin() const noexcept {
  Origin origin = origin_;
  addDropped(origin);
  return origin;
}

// After zeros, if there are any: a record that is empty, that the window cuts, or that claims more
// than any can hold.
Step Reader::nextUnusualRecord(Frame& frame) noexcept {
  passZeros();
  isRestZeros_ = false;
  if (left() < recordHeaderBytes_) {
    // Looked at now: when the input is said to have ended, its bytes may be gone.
    isRestZeros_ = zeroBytes_ > 0 && zerosEnd_ == offset() && isZeros({at_, left()});
    return Step::kNeedMore;
  }
  const std::uint32_t captured = order_.load32(at_ + 8);
  if (captured > kMaxRecordBytes) {
    return stop(Problem::kRecordTooLong, offset(), captured);
  }
  if (left() - recordHeaderBytes_ < captured) {
    return Step::kNeedMore;
  }
  RecordWalk records = walk();
  records.take(frame, captured);
  rejoin(records, 1);
  return Step::kFrame;
}

void Reader::passZeros() noexcept {
  while (left() >= recordHeaderBytes_ && isZeros({at_, recordHeaderBytes_})) {
    if (zeroBytes_ == 0) {
      zeroOffset_ = offset();
    }
    zeroBytes_ += recordHeaderBytes_;
    at_ += recordHeaderBytes_;
    zerosEnd_ = offset();
  }
}

void Reader::finish() noexcept {
  if (format_ == Format::kStopped) {
    return;
  }
  if (format_ == Format::kUnknown) {
    const bool hasMagic = left() >= kMagicBytes;
    stop(hasMagic ? Problem::kTruncated : Problem::kNotACapture, offset(), hasMagic ? left() : 0);
  } else if (passLeft_ > 0) {
    stop(Problem::kTruncated, passOffset_, passLength_ - passLeft_ + left());
  } else if (left() > 0 && !isRestZeros_) {
    stop(Problem::kTruncated, offset(), left());
  } else if (zeroBytes_ > 0) {
    stop(Problem::kZeros, zeroOffset_, zeroBytes_ + left());
  }
  format_ = Format::kStopped;
}

Step Reader::stop(Problem problem, std::uint64_t offset, std::uint64_t value) noexcept {
  format_ = Format::kStopped;
  problem_ = problem;
  problemOffset_ = offset;
  problemValue_ = value;
  return Step::kStopped;
}

}  // namespace probe::capture
