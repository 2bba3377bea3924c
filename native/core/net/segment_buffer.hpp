#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bytes.hpp"

namespace probe::net {

// When a segment was captured, and as which frame of the capture.
struct Arrival {
  std::int64_t atNs;
  std::uint64_t frameIndex;
};

// A run of the stream as a segment carried it: what was captured, and how much of its end was not.
struct Segment {
  std::uint32_t sequence;
  Bytes bytes;
  std::uint32_t cutBytes;
  Arrival arrival;

  [[nodiscard]] std::uint32_t wireBytes() const noexcept {
    return static_cast<std::uint32_t>(bytes.size()) + cutBytes;
  }
};

// A run that came too early, kept until the bytes before it come or are given up.
struct HeldSegment {
  std::uint32_t sequence;
  std::uint32_t cutBytes;
  Arrival arrival;
  std::vector<std::uint8_t> bytes;

  [[nodiscard]] std::uint32_t end() const noexcept {
    return sequence + static_cast<std::uint32_t>(bytes.size()) + cutBytes;
  }
};

// Where a segment lies, seen from the next byte of the stream.
enum class Place : std::uint8_t {
  kOld,    // all of it is there already: a retransmission, a mirrored copy, a keep-alive probe
  kNext,   // it begins with the next byte, or before it and reaches beyond it
  kAhead,  // bytes are missing before it
  kFar,    // further off than kSequenceWindowBytes, before or behind
};

// The receive side of one direction: the next sequence number (modulo 2^32) and what came out of
// order. Where segments overlap, the bytes that came first win.
class SegmentBuffer {
 public:
  explicit SegmentBuffer(std::uint32_t nextSequence) noexcept : next_(nextSequence) {}

  [[nodiscard]] std::uint32_t next() const noexcept { return next_; }
  [[nodiscard]] Place place(std::uint32_t sequence, std::uint32_t wireBytes) const noexcept;

  // Moves on in the stream.
  void advance(std::uint32_t bytes) noexcept { next_ += bytes; }
  // Copies what is new of a segment that is not kFar.
  void hold(const Segment& segment);
  // What is held and comes next now, or nullptr. pop() moves on behind it and forgets it.
  [[nodiscard]] const HeldSegment* ready() const noexcept;
  void pop();
  // The first of what is held. There must be one.
  [[nodiscard]] const HeldSegment& front() const noexcept { return held_[first_]; }
  // Moves on to it; returns how many bytes are missing before it.
  std::uint32_t skipHole() noexcept;
  void clear();

  [[nodiscard]] bool isEmpty() const noexcept { return first_ == held_.size(); }
  [[nodiscard]] std::size_t heldSegments() const noexcept { return held_.size() - first_; }
  [[nodiscard]] std::size_t heldBytes() const noexcept { return heldBytes_; }
  // Memory, what keeps the order included.
  [[nodiscard]] std::size_t bufferedBytes() const noexcept {
    return heldBytes_ + held_.capacity() * sizeof(HeldSegment);
  }

 private:
  [[nodiscard]] std::uint32_t offset(std::uint32_t sequence) const noexcept {
    return sequence - next_;
  }
  void insert(std::size_t at, const Segment& segment, std::uint32_t begin, std::uint32_t end);

  std::uint32_t next_;
  std::vector<HeldSegment> held_;  // in order, without overlaps, none at or before next_
  std::size_t first_ = 0;          // those before it are used up
  std::size_t heldBytes_ = 0;
};

}  // namespace probe::net
