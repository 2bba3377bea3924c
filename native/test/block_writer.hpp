#pragma once

#include <cstdint>

#include "frame_bytes.hpp"

// Blocks of a pcapng, laid out as draft-ietf-opsawg-pcapng section 4 has them.
namespace probe::test::block_writer {

using frame_bytes::be16;
using frame_bytes::be32;
using frame_bytes::Buffer;
using frame_bytes::join;
using frame_bytes::le16;
using frame_bytes::le32;

// Writes blocks in one byte order.
class Writer {
 public:
  explicit Writer(bool isBigEndian) : isBigEndian_(isBigEndian) {}

  [[nodiscard]] Buffer n16(std::uint32_t value) const {
    return isBigEndian_ ? be16(value) : le16(value);
  }
  [[nodiscard]] Buffer n32(std::uint32_t value) const {
    return isBigEndian_ ? be32(value) : le32(value);
  }
  [[nodiscard]] Buffer n64(std::uint64_t value) const {
    const auto upper = static_cast<std::uint32_t>(value >> 32U);
    const auto lower = static_cast<std::uint32_t>(value);
    return isBigEndian_ ? join({be32(upper), be32(lower)}) : join({le32(lower), le32(upper)});
  }
  [[nodiscard]] Buffer block(std::uint32_t type, const Buffer& body) const {
    const Buffer padding((4 - body.size() % 4) % 4);
    const auto length = static_cast<std::uint32_t>(12 + body.size() + padding.size());
    return join({n32(type), n32(length), body, padding, n32(length)});
  }
  [[nodiscard]] Buffer section(std::uint32_t major = 1, const Buffer& options = {}) const {
    return block(0x0A0D0D0A, join({n32(0x1A2B3C4D), n16(major), n16(0),
                                   n64(~std::uint64_t{0}),  // section length: not stated
                                   options}));
  }
  [[nodiscard]] Buffer interface(std::uint32_t linkType, const Buffer& options = {},
                                 std::uint32_t snapLength = 0) const {
    return block(1, join({n16(linkType), n16(0), n32(snapLength), options}));
  }
  [[nodiscard]] Buffer option(std::uint32_t code, const Buffer& value) const {
    const Buffer padding((4 - value.size() % 4) % 4);
    return join({n16(code), n16(static_cast<std::uint32_t>(value.size())), value, padding});
  }
  [[nodiscard]] Buffer enhanced(std::uint32_t interface, std::uint64_t ticks, const Buffer& bytes,
                                std::uint32_t wireLength, const Buffer& options = {}) const {
    const Buffer padding((4 - bytes.size() % 4) % 4);
    return block(6, join({n32(interface), n32(static_cast<std::uint32_t>(ticks >> 32U)),
                          n32(static_cast<std::uint32_t>(ticks)),
                          n32(static_cast<std::uint32_t>(bytes.size())), n32(wireLength), bytes,
                          padding, options}));
  }
  [[nodiscard]] Buffer simple(const Buffer& bytes, std::uint32_t wireLength) const {
    return block(3, join({n32(wireLength), bytes}));
  }
  [[nodiscard]] Buffer obsolete(std::uint32_t interface, std::uint64_t ticks, const Buffer& bytes,
                                std::uint32_t wireLength) const {
    return block(2, join({n16(interface), n16(5),  // interface, drops
                          n32(static_cast<std::uint32_t>(ticks >> 32U)),
                          n32(static_cast<std::uint32_t>(ticks)),
                          n32(static_cast<std::uint32_t>(bytes.size())), n32(wireLength), bytes}));
  }

  // Statistics of an interface, without a time.
  [[nodiscard]] Buffer statistics(std::uint32_t interface, const Buffer& options = {}) const {
    return block(5, join({n32(interface), n64(0), options}));
  }

 private:
  bool isBigEndian_;
};

}  // namespace probe::test::block_writer
