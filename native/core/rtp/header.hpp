#pragma once

#include <algorithm>
#include <cstdint>

#include "bytes.hpp"

namespace probe::rtp {

constexpr std::size_t kFixedHeaderBytes = 12;

// The fields of one RTP header that statistics need (RFC 3550 section 5.1), where they lie in the
// packet: each is read when it is wanted, so that a loop need not hold them all. SRTP leaves all of
// them in the clear (RFC 3711 section 3.1).
struct Header {
  const std::uint8_t* at;
  std::uint32_t payloadBytes;  // without header, CSRCs, extension and padding

  [[nodiscard]] std::uint16_t sequenceNumber() const noexcept { return load16be(at + 2); }
  [[nodiscard]] std::uint32_t timestamp() const noexcept { return load32be(at + 4); }
  [[nodiscard]] std::uint32_t ssrc() const noexcept { return load32be(at + 8); }
  [[nodiscard]] std::uint8_t payloadType() const noexcept { return at[1] & 0x7FU; }
  [[nodiscard]] bool marker() const noexcept { return (at[1] & 0x80U) != 0; }
};

// How long the payload is behind CSRCs, an extension and padding; false when they do not fit.
[[nodiscard]] inline bool readOptional(Bytes bytes, std::uint32_t wireBytes,
                                       std::uint32_t& payloadBytes) noexcept {
  const std::uint8_t first = bytes[0];
  std::size_t headerBytes = kFixedHeaderBytes + 4U * (first & 0x0FU);
  if ((first & 0x10U) != 0) {
    if (headerBytes + 4 > std::min<std::size_t>(bytes.size(), wireBytes)) {
      return false;
    }
    headerBytes += 4U + 4U * load16be(&bytes[headerBytes + 2]);
  }
  if (headerBytes > wireBytes) {
    return false;
  }
  payloadBytes = wireBytes - static_cast<std::uint32_t>(headerBytes);
  // An SRTP packet hides its padding count: the last byte then belongs to the tag, and a count that
  // does not fit says nothing about the packet.
  if ((first & 0x20U) != 0 && bytes.size() >= wireBytes && bytes[wireBytes - 1] <= payloadBytes) {
    payloadBytes -= bytes[wireBytes - 1];
  }
  return true;
}

// Reads the header of a packet of `wireBytes`. `bytes` are what was captured: a snap length may
// have cut the payload but not the fixed header, and a link may have padded it. False when the
// header does not fit the packet.
[[gnu::always_inline]] [[nodiscard]] inline bool readHeader(Bytes bytes, std::uint32_t wireBytes,
                                                            Header& out) noexcept {
  constexpr std::uint8_t kOptional = 0x3F;  // padding, extension, CSRC count
  if (bytes.size() < kFixedHeaderBytes || wireBytes < kFixedHeaderBytes) {
    return false;
  }
  if ((bytes[0] & kOptional) == 0) {
    out.payloadBytes = wireBytes - static_cast<std::uint32_t>(kFixedHeaderBytes);
  } else if (!readOptional(bytes, wireBytes, out.payloadBytes)) {
    return false;
  }
  out.at = bytes.data();
  return true;
}

}  // namespace probe::rtp
