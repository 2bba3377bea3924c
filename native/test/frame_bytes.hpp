#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "bytes.hpp"

// Frames and captures put together field by field, for the tests of capture/ and net/.
namespace probe::test::frame_bytes {

using Buffer = std::vector<std::uint8_t>;

inline Buffer join(std::initializer_list<Buffer> parts) {
  Buffer all;
  for (const Buffer& part : parts) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

inline Buffer be16(std::uint32_t value) {
  return {static_cast<std::uint8_t>(value >> 8U), static_cast<std::uint8_t>(value)};
}
inline Buffer be32(std::uint32_t value) {
  return join({be16(value >> 16U), be16(value)});
}
inline Buffer le16(std::uint32_t value) {
  return {static_cast<std::uint8_t>(value), static_cast<std::uint8_t>(value >> 8U)};
}
inline Buffer le32(std::uint32_t value) {
  return join({le16(value), le16(value >> 16U)});
}

// A run of bytes that tells where it was cut: 0, 1, 2, ... from `first`.
inline Buffer ramp(std::size_t size, std::uint8_t first = 0) {
  Buffer bytes(size);
  for (std::size_t at = 0; at < size; ++at) {
    bytes[at] = static_cast<std::uint8_t>(first + at);
  }
  return bytes;
}

inline bool isSame(Bytes bytes, const Buffer& expected) {
  return Buffer(bytes.begin(), bytes.end()) == expected;
}

// From 10.0.0.1 to 10.0.0.2, and from 2001:db8::1 to 2001:db8::2.
inline const Buffer kSource4{10, 0, 0, 1};
inline const Buffer kDestination4{10, 0, 0, 2};
inline const Buffer kSource6{0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
inline const Buffer kDestination6{0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2};

inline Buffer ethernet(std::uint32_t type, const Buffer& payload) {
  return join({{0x02, 0, 0, 0, 0, 2}, {0x02, 0, 0, 0, 0, 1}, be16(type), payload});
}

// An IPv4 packet; `fragment` is the word of flags and offset, `total` the total length or -1 for
// the true one.
struct Ipv4 {
  std::uint8_t protocol = 17;
  std::uint32_t id = 1;
  std::uint32_t fragment = 0;
  std::int32_t total = -1;
  Buffer options = {};
};

inline Buffer ipv4(const Ipv4& header, const Buffer& payload) {
  const std::size_t headerBytes = 20 + header.options.size();
  const std::size_t total =
      header.total < 0 ? headerBytes + payload.size() : static_cast<std::size_t>(header.total);
  return join({{static_cast<std::uint8_t>(0x40U | headerBytes / 4), 0},
               be16(static_cast<std::uint32_t>(total)),
               be16(header.id),
               be16(header.fragment),
               {64, header.protocol, 0, 0},  // time to live, protocol, checksum
               kSource4,
               kDestination4,
               header.options,
               payload});
}

// An IPv6 packet; `length` is the payload length or -1 for the true one.
inline Buffer ipv6(std::uint8_t next, const Buffer& payload, std::int32_t length = -1) {
  const auto bytes = static_cast<std::uint32_t>(payload.size());
  return join({be32(0x60000000),  // version, traffic class, flow label
               be16(length < 0 ? bytes : static_cast<std::uint32_t>(length)),
               {next, 64},  // next header, hop limit
               kSource6,
               kDestination6,
               payload});
}

inline Buffer udp(std::uint32_t source, std::uint32_t destination, const Buffer& payload,
                  std::int32_t length = -1) {
  const auto bytes = static_cast<std::uint32_t>(payload.size() + 8);
  return join({be16(source), be16(destination),
               be16(length < 0 ? bytes : static_cast<std::uint32_t>(length)), be16(0), payload});
}

inline Buffer tcp(std::uint32_t sequence, std::uint8_t flags, const Buffer& options,
                  const Buffer& payload) {
  const auto words = static_cast<std::uint8_t>((20 + options.size()) / 4);
  return join({be16(5060),  // source port
               be16(5062),  // destination port
               be32(sequence),
               be32(0),  // acknowledgment
               {static_cast<std::uint8_t>(words << 4U), flags, 0xFF, 0xFF, 0, 0, 0, 0},
               options,
               payload});
}

}  // namespace probe::test::frame_bytes
