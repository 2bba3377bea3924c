#include "net/segment_buffer.hpp"

#include <algorithm>

#include "net/tcp_limits.hpp"

namespace probe::net {

Place SegmentBuffer::place(std::uint32_t sequence, std::uint32_t wireBytes) const noexcept {
  const std::int64_t begin = static_cast<std::int32_t>(sequence - next_);
  constexpr std::int64_t kWindow = kSequenceWindowBytes;
  if (begin > kWindow || begin < -kWindow) {
    return Place::kFar;
  }
  if (begin + wireBytes <= 0) {
    return Place::kOld;
  }
  return begin <= 0 ? Place::kNext : Place::kAhead;
}

void SegmentBuffer::hold(const Segment& segment) {
  held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(first_));
  first_ = 0;
  const std::int64_t offsetNow = static_cast<std::int32_t>(segment.sequence - next_);
  auto begin = static_cast<std::uint32_t>(std::max<std::int64_t>(offsetNow, 0));
  const auto end = static_cast<std::uint32_t>(offsetNow + segment.wireBytes());
  std::size_t at = held_.size();
  while (at > 0 && offset(held_[at - 1].end()) > begin) {
    --at;
  }
  while (begin < end) {
    const bool hasNext = at < held_.size();
    if (hasNext && offset(held_[at].sequence) <= begin) {
      begin = offset(held_[at].end());
    } else {
      const std::uint32_t runEnd = hasNext ? std::min(end, offset(held_[at].sequence)) : end;
      insert(at, segment, next_ + begin, next_ + runEnd);
      begin = runEnd;
    }
    ++at;
  }
}

void SegmentBuffer::insert(std::size_t at, const Segment& segment, std::uint32_t begin,
                           std::uint32_t end) {
  const std::size_t from = std::min<std::size_t>(begin - segment.sequence, segment.bytes.size());
  const std::size_t to = std::min<std::size_t>(end - segment.sequence, segment.bytes.size());
  const Bytes bytes = segment.bytes.subspan(from, to - from);
  held_.insert(held_.begin() + static_cast<std::ptrdiff_t>(at),
               HeldSegment{.sequence = begin,
                           .cutBytes = end - begin - static_cast<std::uint32_t>(bytes.size()),
                           .arrival = segment.arrival,
                           .bytes = std::vector<std::uint8_t>(bytes.begin(), bytes.end())});
  heldBytes_ += bytes.size();
}

const HeldSegment* SegmentBuffer::ready() const noexcept {
  return !isEmpty() && front().sequence == next_ ? &front() : nullptr;
}

void SegmentBuffer::pop() {
  heldBytes_ -= held_[first_].bytes.size();
  next_ = held_[first_].end();
  std::vector<std::uint8_t>().swap(held_[first_].bytes);
  ++first_;
  if (isEmpty()) {
    clear();
  }
}

std::uint32_t SegmentBuffer::skipHole() noexcept {
  const std::uint32_t missing = offset(front().sequence);
  next_ = front().sequence;
  return missing;
}

void SegmentBuffer::clear() {
  std::vector<HeldSegment>().swap(held_);
  first_ = 0;
  heldBytes_ = 0;
}

}  // namespace probe::net
