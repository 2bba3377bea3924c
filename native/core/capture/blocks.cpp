// The pcapng half of the reader (draft-ietf-opsawg-pcapng).
#include "capture/reader.hpp"

namespace probe::capture {

namespace {

constexpr std::uint32_t kSectionHeader = 0x0A0D0D0A;
constexpr std::uint32_t kInterfaceDescription = 1;
constexpr std::uint32_t kObsoletePacket = 2;
constexpr std::uint32_t kSimplePacket = 3;
constexpr std::uint32_t kInterfaceStatistics = 5;
constexpr std::uint32_t kEnhancedPacket = 6;

constexpr std::uint32_t kByteOrderMagic = 0x1A2B3C4D;
constexpr std::uint16_t kMajorVersion = 1;

constexpr std::uint32_t kLengthBytes = 4;
constexpr std::uint32_t kHeadBytes = 8;  // type and length
constexpr std::uint32_t kFrameBytes = kHeadBytes + kLengthBytes;
constexpr std::uint32_t kAlignment = 4;
constexpr std::uint32_t kSectionBytes = kFrameBytes + 16;
constexpr std::uint32_t kPacketFixedBytes = 20;      // interface, time, captured and wire length
constexpr std::uint32_t kSimpleFixedBytes = 4;       // wire length
constexpr std::uint32_t kStatisticsFixedBytes = 12;  // interface, time

// A length beyond this is damage: nothing that capture tools write comes near it.
constexpr std::uint32_t kMaxPassedOverBytes = 256 * 1024 * 1024;

bool isKept(std::uint32_t type) noexcept {
  return type == kInterfaceDescription || type == kObsoletePacket || type == kSimplePacket ||
         type == kInterfaceStatistics || type == kEnhancedPacket;
}

std::uint32_t leastLength(std::uint32_t type) noexcept {
  switch (type) {
    case kInterfaceDescription:
      return kFrameBytes + static_cast<std::uint32_t>(Interface::kFixedBytes);
    case kObsoletePacket:
    case kEnhancedPacket:
      return kFrameBytes + kPacketFixedBytes;
    case kSimplePacket:
      return kFrameBytes + kSimpleFixedBytes;
    case kInterfaceStatistics:
      return kFrameBytes + kStatisticsFixedBytes;
    default:
      return kFrameBytes;
  }
}

bool isPossible(std::uint32_t type, std::uint32_t length) noexcept {
  const std::uint32_t most =
      isKept(type) ? static_cast<std::uint32_t>(Reader::kMaxWindowBytes) : kMaxPassedOverBytes;
  return length >= leastLength(type) && length <= most && length % kAlignment == 0;
}

}  // namespace

Step Reader::nextBlock(Frame& frame) noexcept {
  for (;;) {
    if ((passLeft_ > 0 && !passOn()) || left() < kFrameBytes) {
      break;
    }
    const std::uint32_t type = order_.load32(at_);  // a section's reads the same in either order
    if (type == kSectionHeader) {
      if (!readSectionHeader()) {
        break;
      }
      continue;
    }
    const std::uint32_t length = order_.load32(at_ + kLengthBytes);
    if (!isPossible(type, length)) {
      return stop(Problem::kBlockLength, offset(), length);
    }
    if (!isKept(type)) {
      passOver(length);
      continue;
    }
    if (left() < length) {
      break;
    }
    if (order_.load32(at_ + length - kLengthBytes) != length) {
      return stop(Problem::kBlockLength, offset(), length);
    }
    const Bytes body(at_ + kHeadBytes, length - kFrameBytes);
    if (type == kInterfaceDescription) {
      readInterface(body);
      at_ += length;
      continue;
    }
    if (type == kInterfaceStatistics) {
      readStatistics(body);
      at_ += length;
      continue;
    }
    prefetchAhead(at_, length);
    const Step step = readPacketOf(type, body, frame);
    at_ += step == Step::kFrame ? length : 0;
    return step;
  }
  return format_ == Format::kStopped ? Step::kStopped : Step::kNeedMore;
}

// Only its start is read: a section's comments may be as long as they like.
bool Reader::readSectionHeader() noexcept {
  const std::uint32_t magic = load32be(at_ + kHeadBytes);
  const bool isBigEndian = magic == kByteOrderMagic;
  if (!isBigEndian && __builtin_bswap32(magic) != kByteOrderMagic) {
    const bool isFirst = offset() == 0;
    stop(isFirst ? Problem::kNotACapture : Problem::kBadSection, offset(),
         isFirst ? load32be(at_) : magic);
    return false;
  }
  if (left() < kSectionBytes) {
    return false;
  }
  const ByteOrder order(isBigEndian);
  const std::uint32_t length = order.load32(at_ + kLengthBytes);
  if (length < kSectionBytes || length > kMaxPassedOverBytes || length % kAlignment != 0) {
    stop(Problem::kBlockLength, offset(), length);
    return false;
  }
  const std::uint16_t major = order.load16(at_ + kFrameBytes);
  if (major != kMajorVersion) {
    stop(Problem::kBadSection, offset(), major);
    return false;
  }
  addDropped(origin_);
  origin_.isBlocks = true;
  order_ = order;
  interfaces_.clear();
  passOver(length);
  return true;
}

void Reader::readInterface(Bytes body) noexcept {
  if (interfaces_.size() < kMaxInterfaces) {
    const Interface& added = interfaces_.emplace_back(body, order_);
    addOrigin(added.linkType(), added.snapLength(), added.ticksPerSecond());
  }
}

// Of an interface that was not described they say nothing that could be of use.
void Reader::readStatistics(Bytes body) noexcept {
  const std::uint32_t index = order_.load32(body.data());
  if (index < interfaces_.size()) {
    interfaces_[index].readStatistics(body.subspan(kStatisticsFixedBytes), order_);
  }
}

void Reader::addDropped(Origin& origin) const noexcept {
  for (const Interface& interface : interfaces_) {
    if (const auto dropped = interface.dropped()) {
      origin.dropped = origin.dropped.value_or(0) + *dropped;
    }
  }
}

Step Reader::readPacketOf(std::uint32_t type, Bytes body, Frame& frame) noexcept {
  if (type == kSimplePacket) {
    return readSimplePacket(body, frame);
  }
  const bool isEnhanced = type == kEnhancedPacket;
  const std::uint32_t index = isEnhanced ? order_.load32(body.data()) : order_.load16(body.data());
  if (index >= interfaces_.size()) {
    return stop(Problem::kNoInterface, offset(), index);
  }
  const std::uint32_t captured = order_.load32(body.data() + 12);
  if (captured > std::min<std::size_t>(body.size() - kPacketFixedBytes, kMaxRecordBytes)) {
    return misfit(body, captured);
  }
  const Interface& interface = interfaces_[index];
  const std::uint64_t upper = order_.load32(body.data() + 4);
  lastNs_ = interface.toNs(upper << 32U | order_.load32(body.data() + 8));
  frame.bytes = body.subspan(kPacketFixedBytes, captured);
  frame.atNs = lastNs_;
  frame.linkType = interface.linkType();
  frame.wireLength = std::max(captured, order_.load32(body.data() + 16));
  ++frames_;
  return Step::kFrame;
}

// What was captured is not stated: it is the wire length, cut by the snap length of interface 0.
Step Reader::readSimplePacket(Bytes body, Frame& frame) noexcept {
  if (interfaces_.empty()) {
    return stop(Problem::kNoInterface, offset(), 0);
  }
  const Interface& interface = interfaces_.front();
  const std::uint32_t wire = order_.load32(body.data());
  const std::uint32_t snap = interface.snapLength();
  const std::uint32_t captured = snap == 0 ? wire : std::min(wire, snap);
  if (captured > std::min<std::size_t>(body.size() - kSimpleFixedBytes, kMaxRecordBytes)) {
    return misfit(body, captured);
  }
  frame.bytes = body.subspan(kSimpleFixedBytes, captured);
  frame.atNs = lastNs_;
  frame.linkType = interface.linkType();
  frame.wireLength = wire;
  ++frames_;
  return Step::kFrame;
}

// Stops at a packet that claims more bytes than its block, or than any capture, can hold.
Step Reader::misfit(Bytes body, std::uint32_t captured) noexcept {
  if (captured > kMaxRecordBytes) {
    return stop(Problem::kRecordTooLong, offset(), captured);
  }
  return stop(Problem::kBlockLength, offset(), body.size() + kFrameBytes);
}

void Reader::passOver(std::uint32_t blockLength) noexcept {
  passOffset_ = offset();
  passLength_ = blockLength;
  passLeft_ = blockLength;
}

// Goes on with a block that is passed over, as far as the window reaches. False when it reaches
// not far enough, or when the block's two lengths differ.
bool Reader::passOn() noexcept {
  const std::uint64_t step = std::min<std::uint64_t>(left(), passLeft_ - kLengthBytes);
  at_ += step;
  passLeft_ -= step;
  if (passLeft_ > kLengthBytes || left() < kLengthBytes) {
    return false;
  }
  if (order_.load32(at_) != passLength_) {
    stop(Problem::kBlockLength, passOffset_, passLength_);
    return false;
  }
  at_ += kLengthBytes;
  passLeft_ = 0;
  return true;
}

}  // namespace probe::capture
