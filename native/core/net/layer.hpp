#pragma once

#include <algorithm>
#include <cstdint>

#include "bytes.hpp"
#include "net/malformed.hpp"

namespace probe::net {

// What of a frame is still to be decoded: the bytes that were captured of it, and how many there
// were on the wire by the word of the headers before. Borrows the frame. `wireBytes()` is never
// below `size()`.
class Cursor {
 public:
  Cursor(Bytes bytes, std::uint32_t wireBytes) noexcept
      : bytes_(bytes), wireBytes_(std::max(wireBytes, static_cast<std::uint32_t>(bytes.size()))) {}

  [[nodiscard]] Bytes bytes() const noexcept { return bytes_; }
  [[nodiscard]] const std::uint8_t* data() const noexcept { return bytes_.data(); }
  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }
  [[nodiscard]] std::uint32_t wireBytes() const noexcept { return wireBytes_; }

  // Steps over a header. `count` must not exceed size().
  void skip(std::size_t count) noexcept {
    bytes_ = bytes_.subspan(count);
    wireBytes_ -= static_cast<std::uint32_t>(count);
  }
  // Takes a header's word for what is left: padding behind it is cut off, and what the snap length
  // took away counts as sent.
  void limit(std::uint32_t wireBytes) noexcept {
    wireBytes_ = wireBytes;
    bytes_ = bytes_.first(std::min<std::size_t>(bytes_.size(), wireBytes));
  }

 private:
  Bytes bytes_;
  std::uint32_t wireBytes_;
};

// What a cursor stands before.
enum class Layer : std::uint8_t {
  kEthernet,
  kEtherType,  // `type` is an EtherType, or below 1536 a length that LLC follows
  kLlc,
  kPpp,
  kIp,  // version by the first four bits
  kIpv4,
  kIpv6,
  kFragment,   // of an IP packet whose payload is of protocol `type`
  kIpPayload,  // `type` is an IP protocol number
  kOther,      // nothing that leads to UDP or TCP
  kMalformed,
};

// The outcome of reading one header: one word, so that it travels in a register.
class Next {
 public:
  // What follows. `type` is its EtherType or IP protocol, where it has one.
  constexpr Next(Layer layer,
                 std::uint16_t type = 0) noexcept  // NOLINT(*-explicit-*): reads as one
      : word_(static_cast<std::uint32_t>(layer) | static_cast<std::uint32_t>(type) << kTypeShift) {}
  constexpr Next(Malformed reason) noexcept  // NOLINT(*-explicit-*): reads as one
      : Next(Layer::kMalformed, static_cast<std::uint16_t>(reason)) {}

  [[nodiscard]] constexpr Layer layer() const noexcept {
    return static_cast<Layer>(static_cast<std::uint8_t>(word_));
  }
  [[nodiscard]] constexpr std::uint16_t type() const noexcept {
    return static_cast<std::uint16_t>(word_ >> kTypeShift);
  }
  // Of Layer::kMalformed only.
  [[nodiscard]] constexpr Malformed reason() const noexcept {
    return static_cast<Malformed>(type());
  }

 private:
  static constexpr unsigned kTypeShift = 16;
  std::uint32_t word_;
};

}  // namespace probe::net
