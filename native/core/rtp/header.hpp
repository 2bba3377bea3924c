#pragma once

#include <cstdint>

#include "bytes.hpp"

namespace probe::rtp {

// The fields of one RTP header that statistics need (RFC 3550 section 5.1). SRTP leaves all of them
// in the clear (RFC 3711 section 3.1).
struct Header {
  std::uint32_t timestamp;
  std::uint32_t ssrc;
  std::uint32_t payloadBytes;  // without header, CSRCs, extension and padding
  std::uint16_t sequenceNumber;
  std::uint8_t payloadType;
  bool marker;
};

constexpr std::size_t kFixedHeaderBytes = 12;

// Reads the header of a packet of `wireBytes` of which `bytes` were captured; a snap length may
// have cut the payload but not the fixed header. False when the header does not fit the packet.
[[nodiscard]] inline bool readHeader(Bytes bytes, std::uint32_t wireBytes, Header& out) noexcept {
  if (bytes.size() < kFixedHeaderBytes) {
    return false;
  }
  const std::uint8_t first = bytes[0];
  std::size_t headerBytes = kFixedHeaderBytes + 4U * (first & 0x0FU);
  if ((first & 0x10U) != 0) {
    if (headerBytes + 4 > bytes.size()) {
      return false;
    }
    headerBytes += 4U + 4U * load16be(&bytes[headerBytes + 2]);
  }
  if (headerBytes > wireBytes) {
    return false;
  }
  std::uint32_t payload = wireBytes - static_cast<std::uint32_t>(headerBytes);
  // An SRTP packet hides its padding count: the last byte then belongs to the tag, and a count that
  // does not fit says nothing about the packet.
  if ((first & 0x20U) != 0 && bytes.size() == wireBytes && bytes.back() <= payload) {
    payload -= bytes.back();
  }
  out.sequenceNumber = load16be(&bytes[2]);
  out.timestamp = load32be(&bytes[4]);
  out.ssrc = load32be(&bytes[8]);
  out.payloadType = bytes[1] & 0x7FU;
  out.marker = (bytes[1] & 0x80U) != 0;
  out.payloadBytes = payload;
  return true;
}

}  // namespace probe::rtp
