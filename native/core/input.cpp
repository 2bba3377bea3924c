#include "input.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace probe {

Input::Input(Input&& other) noexcept
    : reader_(std::move(other.reader_)),
      buffer_(std::move(other.buffer_)),
      filled_(other.filled_),
      bytesRead_(other.bytesRead_),
      descriptor_(std::exchange(other.descriptor_, -1)),
      readError_(other.readError_),
      endOfInput_(other.endOfInput_) {}

Input::~Input() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

Input::State Input::nextSlowly(capture::Frame& frame, capture::Step step) {
  while (step == capture::Step::kNeedMore) {
    if (endOfInput_) {
      reader_.finish();
      return State::kEnded;
    }
    if (descriptor_ < 0) {
      return State::kHungry;
    }
    if (!refill()) {
      endOfInput_ = true;
    }
    step = reader_.next(frame);
  }
  return step == capture::Step::kFrame ? State::kFrame : State::kEnded;
}

// Moves what the reader has not taken to the front and gives the place for `bytes` more behind it.
std::uint8_t* Input::makeRoom(std::size_t bytes) {
  const std::size_t taken = reader_.consumed();
  const std::size_t left = filled_ - taken;
  if (left != 0 && taken != 0) {
    std::memmove(buffer_.data(), buffer_.data() + taken, left);
  }
  filled_ = left;
  if (buffer_.size() < left + bytes) {
    buffer_.resize(left + bytes);
  }
  return buffer_.data() + left;
}

bool Input::refill() {
  std::uint8_t* const at = makeRoom(kBlockBytes);
  ssize_t got = 0;
  do {
    got = ::read(descriptor_, at, kBlockBytes);
  } while (got < 0 && errno == EINTR);
  if (got < 0) {
    readError_ = errno;
  }
  const std::size_t count = got > 0 ? static_cast<std::size_t>(got) : 0;
  filled_ += count;
  bytesRead_ += count;
  reader_.feed({buffer_.data(), filled_});
  return count != 0;
}

void Input::feed(Bytes bytes) {
  std::memcpy(makeRoom(bytes.size()), bytes.data(), bytes.size());
  filled_ += bytes.size();
  bytesRead_ += bytes.size();
  reader_.feed({buffer_.data(), filled_});
}

}  // namespace probe
