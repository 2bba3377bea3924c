#pragma once

#include <cstdint>
#include <vector>

#include "bytes.hpp"
#include "capture/reader.hpp"

namespace probe {

// One capture that is being read: from a file descriptor by itself, or from bytes as they are fed.
class Input {
 public:
  enum class State : std::uint8_t { kFrame, kHungry, kEnded };
  static constexpr std::size_t kBlockBytes =
      256UL * 1024;  // measured: larger blocks leave the cache

  // Takes over the descriptor. Negative: bytes will be fed.
  explicit Input(int descriptor) noexcept : descriptor_(descriptor), endOfInput_(false) {}
  Input(Input&& other) noexcept;
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  Input& operator=(Input&&) = delete;
  ~Input();

  // kHungry: feed() bytes or endFeed(), then ask again.
  State next(capture::Frame& frame) {
    const capture::Step step = reader_.next(frame);
    return step == capture::Step::kFrame ? State::kFrame : nextSlowly(frame, step);
  }
  void feed(Bytes bytes);
  void endFeed() noexcept { endOfInput_ = true; }

  [[nodiscard]] const capture::Reader& reader() const noexcept { return reader_; }
  [[nodiscard]] capture::Reader& reader() noexcept { return reader_; }
  [[nodiscard]] std::uint64_t bytesRead() const noexcept { return bytesRead_; }
  [[nodiscard]] int readError() const noexcept { return readError_; }

 private:
  State nextSlowly(capture::Frame& frame, capture::Step step);
  bool refill();
  std::uint8_t* makeRoom(std::size_t bytes);

  capture::Reader reader_;
  std::vector<std::uint8_t> buffer_;
  std::size_t filled_ = 0;
  std::uint64_t bytesRead_ = 0;
  int descriptor_;
  int readError_ = 0;
  bool endOfInput_;
};

}  // namespace probe
