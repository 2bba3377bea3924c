#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "capture/reader.hpp"
#include "frame_bytes.hpp"

// Everything a reader makes of a capture, for the tests of capture/.
namespace probe::test::reading {

using frame_bytes::be16;
using frame_bytes::be32;
using frame_bytes::Buffer;
using frame_bytes::join;
using frame_bytes::le16;
using frame_bytes::le32;
using frame_bytes::ramp;

struct Seen {
  Buffer bytes;
  std::int64_t atNs;
  std::uint32_t linkType;
  std::uint32_t wireLength;
  bool operator==(const Seen&) const = default;
};

struct Reading {
  std::vector<Seen> frames;
  capture::Problem problem = capture::Problem::kNone;
  std::uint64_t offset = 0;
  std::uint64_t value = 0;
  bool operator==(const Reading&) const = default;
};

// Feeds the pieces one after the other, each with what the reader left of the one before. Every
// window is a copy of its own size, so that a sanitizer sees a read beyond it.
inline Reading readSplit(const Buffer& capture, const std::vector<std::size_t>& pieces) {
  Reading reading;
  capture::Reader reader;
  capture::Frame frame{};
  Buffer window;
  std::size_t from = 0;
  std::size_t to = 0;
  for (const std::size_t piece : pieces) {
    to += piece;
    window = Buffer(capture.begin() + static_cast<std::ptrdiff_t>(from),
                    capture.begin() + static_cast<std::ptrdiff_t>(to));
    reader.feed(window);
    while (reader.next(frame) == capture::Step::kFrame) {
      reading.frames.push_back({.bytes = Buffer(frame.bytes.begin(), frame.bytes.end()),
                                .atNs = frame.atNs,
                                .linkType = frame.linkType,
                                .wireLength = frame.wireLength});
    }
    from += reader.consumed();
  }
  Buffer().swap(window);  // the end of the input is told when its last bytes may be gone
  reader.finish();
  reading.problem = reader.problem();
  reading.offset = reader.problemOffset();
  reading.value = reader.problemValue();
  return reading;
}

inline Reading read(const Buffer& capture) {
  return readSplit(capture, {capture.size()});
}

inline bool stopsWith(const Reading& reading, capture::Problem problem, std::uint64_t offset,
                      std::uint64_t value) {
  return reading.problem == problem && reading.offset == offset && reading.value == value;
}

}  // namespace probe::test::reading
