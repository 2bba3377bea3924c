#pragma once

#include <napi.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace probe::addon {

// Memory that JavaScript sees and that is written over: what each scan hands out would else be new
// memory that waits for a collection. Grows to the next power of two.
class SharedMemory {
 public:
  void put(Napi::Env env, std::span<const std::byte> from) {
    std::uint8_t* const at = prepare(env, from.size());
    if (!from.empty()) {
      std::memcpy(at, from.data(), from.size());
    }
  }
  // Room for `bytes`; what was in it may be gone.
  std::uint8_t* prepare(Napi::Env env, std::size_t bytes) {
    if (bytes > capacity_ || buffer_.IsEmpty()) {
      capacity_ = std::bit_ceil(std::max(bytes, kLeastBytes));
      buffer_ = Napi::Persistent(Napi::ArrayBuffer::New(env, capacity_));
    }
    return static_cast<std::uint8_t*>(buffer_.Value().Data());
  }
  [[nodiscard]] Napi::ArrayBuffer value() const { return buffer_.Value(); }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }

 private:
  static constexpr std::size_t kLeastBytes = 64UL * 1024;

  Napi::Reference<Napi::ArrayBuffer> buffer_;
  std::size_t capacity_ = 0;
};

}  // namespace probe::addon
