#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "capture/reader.hpp"

namespace {

using probe::Bytes;
using probe::capture::Frame;
using probe::capture::Problem;
using probe::capture::Reader;
using probe::capture::Step;

void require(bool holds) {
  if (!holds) {
    __builtin_trap();
  }
}

// What must not depend on where the windows ended.
struct Outcome {
  std::vector<std::uint64_t> frames;  // one hash each
  Problem problem = Problem::kNone;
  std::uint64_t offset = 0;
  std::uint64_t value = 0;
  bool operator==(const Outcome&) const = default;
};

std::uint64_t hash(const Frame& frame) {
  std::uint64_t sum = static_cast<std::uint64_t>(frame.atNs);
  const auto mix = [&sum](std::uint64_t word) { sum = (sum ^ word) * 0x100000001B3; };
  mix(frame.linkType);
  mix(frame.wireLength);
  mix(frame.bytes.size());
  for (const std::uint8_t byte : frame.bytes) {
    mix(byte);
  }
  return sum;
}

// A window of its own size, so that a read beyond it is seen.
class Window {
 public:
  explicit Window(Bytes bytes) : bytes_(new std::uint8_t[bytes.size()]), size_(bytes.size()) {
    std::copy(bytes.begin(), bytes.end(), bytes_.get());
  }
  [[nodiscard]] Bytes bytes() const { return {bytes_.get(), size_}; }
  [[nodiscard]] bool holds(Bytes part) const {
    return part.data() >= bytes_.get() && part.data() + part.size() <= bytes_.get() + size_;
  }

 private:
  std::unique_ptr<std::uint8_t[]> bytes_;
  std::size_t size_;
};

// `seed` draws the window ends; 0 feeds all at once.
Outcome read(Bytes capture, std::uint32_t seed) {
  Outcome outcome;
  Reader reader;
  Frame frame{};
  std::size_t from = 0;
  std::size_t to = 0;
  do {
    seed = seed * 1'664'525 + (seed == 0 ? 0 : 1'013'904'223);
    const std::size_t step = seed == 0 ? capture.size() : 1 + (seed >> 16U) % (1U << (seed >> 28U));
    to = std::min(capture.size(), to + step);
    const Window window(capture.subspan(from, to - from));
    reader.feed(window.bytes());
    Step last = Step::kNeedMore;
    while ((last = reader.next(frame)) == Step::kFrame) {
      require(window.holds(frame.bytes) && frame.wireLength >= frame.bytes.size());
      require(frame.bytes.size() <= Reader::kMaxRecordBytes);
      outcome.frames.push_back(hash(frame));
    }
    require(reader.consumed() <= window.bytes().size());
    require(last == Step::kStopped ||
            window.bytes().size() - reader.consumed() < Reader::kMaxWindowBytes);
    require((last == Step::kStopped) == (reader.problem() != Problem::kNone));
    from += reader.consumed();
  } while (to < capture.size());
  reader.finish();
  require(reader.next(frame) == Step::kStopped);
  require(reader.frames() == outcome.frames.size());
  require(reader.problemOffset() <= capture.size());
  outcome.problem = reader.problem();
  outcome.offset = reader.problemOffset();
  outcome.value = reader.problemValue();
  return outcome;
}

}  // namespace

// The first two bytes draw where the windows end, the rest is the capture.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  const std::uint32_t seed = 1U + data[0] + (static_cast<std::uint32_t>(data[1]) << 8U);
  const Bytes capture(data + 2, size - 2);
  require(read(capture, 0) == read(capture, seed));
  return 0;
}
