#pragma once

#include <cstdint>

#include "bytes.hpp"

namespace probe {

// What a UDP payload is, by its first bytes (RFC 7983 section 7, RFC 5761 section 4).
enum class PayloadClass : std::uint8_t { kOther, kStun, kDtls, kTurnChannel, kRtp, kRtcp, kText };

[[nodiscard]] inline PayloadClass classify(Bytes payload) noexcept {
  if (payload.size() < 2) {
    return PayloadClass::kOther;
  }
  const std::uint8_t first = payload[0];
  if ((first & 0xC0U) == 0x80U) {
    return payload[1] >= 192 && payload[1] <= 223 ? PayloadClass::kRtcp : PayloadClass::kRtp;
  }
  // Letters lie in the range of TURN channels, but a channel number begins with 0x40 to 0x4F and
  // SIP methods are long enough to tell apart by what follows: the caller checks the length field.
  if (first <= 3) {
    return PayloadClass::kStun;
  }
  if (first >= 20 && first <= 63) {
    return PayloadClass::kDtls;
  }
  return first >= 64 && first <= 79 ? PayloadClass::kTurnChannel : PayloadClass::kText;
}

constexpr std::size_t kStunHeaderBytes = 20;
constexpr std::uint32_t kStunMagicCookie = 0x2112A442;
constexpr std::size_t kTurnChannelHeaderBytes = 4;

// RFC 8489 section 5; without the cookie it is the classic STUN of RFC 3489, which is accepted only
// when its length field is exact.
[[nodiscard]] inline bool isStun(Bytes payload, std::uint32_t wireBytes) noexcept {
  if (payload.size() < kStunHeaderBytes || (payload[0] & 0xC0U) != 0) {
    return false;
  }
  const std::uint32_t length = load16be(&payload[2]);
  if (length % 4 != 0 || length + kStunHeaderBytes > wireBytes) {
    return false;
  }
  if (load32be(&payload[4]) == kStunMagicCookie) {
    return true;
  }
  const std::uint16_t type = load16be(&payload[0]) & 0x0EEFU;
  return type >= 1 && type <= 2 && length + kStunHeaderBytes == wireBytes;
}

// A DTLS record of version 1.0 to 1.2, or a plaintext one of 1.3 (RFC 6347 section 4.1).
[[nodiscard]] inline bool isDtlsRecord(Bytes payload) noexcept {
  return payload.size() >= 13 && payload[0] >= 20 && payload[0] <= 26 && payload[1] == 0xFE &&
         payload[2] >= 0xFC;
}

constexpr std::uint8_t kDtlsHandshake = 22;
constexpr std::uint8_t kDtlsApplicationData = 23;
constexpr std::uint8_t kDtlsWithConnectionId =
    25;  // the true type is encrypted, RFC 9146 section 4

// What may be a record of DTLS 1.3 with the unified header (RFC 9147 section 4): three bits are all
// that tells, so the caller must know that the ends speak DTLS.
[[nodiscard]] inline bool mayBeUnifiedDtls(Bytes payload, std::uint32_t wireBytes) noexcept {
  constexpr std::uint8_t kConnectionId = 0x10;
  constexpr std::uint8_t kLongSequence = 0x08;
  constexpr std::uint8_t kLength = 0x04;
  constexpr std::uint32_t kLeastCiphertextBytes = 16;  // section 4.2.3
  if (payload.size() < 5 || (payload[0] & 0xE0U) != 0x20U) {
    return false;
  }
  const std::uint32_t sequenceBytes = (payload[0] & kLongSequence) != 0 ? 2 : 1;
  const std::uint32_t lengthBytes = (payload[0] & kLength) != 0 ? 2 : 0;
  const std::uint32_t headerBytes = 1 + sequenceBytes + lengthBytes;
  if (headerBytes + kLeastCiphertextBytes > wireBytes) {
    return false;
  }
  // How long a connection identifier is says only the handshake.
  if (lengthBytes == 0 || (payload[0] & kConnectionId) != 0) {
    return true;
  }
  const std::uint32_t length = load16be(&payload[1 + sequenceBytes]);
  return length >= kLeastCiphertextBytes && headerBytes + length <= wireBytes;
}

// Epoch 2 protects the handshake itself (RFC 9147 section 6.1); only the low two bits are there.
[[nodiscard]] inline bool isUnifiedHandshakeEpoch(std::uint8_t first) noexcept {
  return (first & 3U) == 2;
}

constexpr std::uint16_t kSipsPort = 5061;  // RFC 3261 section 19.1.2

// The beginning of a TLS connection (RFC 8446 section 5.1 and 4): a handshake record of a
// ClientHello.
[[nodiscard]] inline bool isTlsClientHello(Bytes payload) noexcept {
  return payload.size() >= 6 && payload[0] == 22 && payload[1] == 3 && payload[5] == 1;
}

// RFC 8656 section 12.4: over UDP the payload may be padded, so there may be more than is said.
[[nodiscard]] inline bool isTurnChannelData(Bytes payload, std::uint32_t wireBytes) noexcept {
  if (payload.size() < kTurnChannelHeaderBytes) {
    return false;
  }
  const std::uint32_t length = load16be(&payload[2]);
  const std::uint32_t rest = wireBytes - static_cast<std::uint32_t>(kTurnChannelHeaderBytes);
  return length != 0 && length <= rest && rest - length < 4;
}

}  // namespace probe
