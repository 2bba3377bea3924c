#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "bytes.hpp"
#include "rtcp/decode.hpp"

// Where the packets of a datagram begin and end, and whether that makes it plain RTCP.
namespace probe::rtcp {

constexpr std::size_t kHeaderBytes = 4;
constexpr std::size_t kClearBytes = 8;  // RFC 3711 section 3.4: header and sender SSRC
constexpr std::size_t kSenderReportBytes = 28;
constexpr std::size_t kReportBlockBytes = 24;
constexpr std::size_t kApplicationBytes = 12;
constexpr std::size_t kFeedbackBytes = 12;

constexpr std::uint8_t kFirstPacketType = 192;  // RFC 5761 section 4
constexpr std::uint8_t kLastPacketType = 223;

enum PacketType : std::uint8_t {
  kSr = 200,
  kRr = 201,
  kSdes = 202,
  kByePacket = 203,
  kApp = 204,
  kRtpFeedback = 205,
  kPayloadFeedback = 206,
  kXr = 207,
};

struct Header {
  std::uint8_t count;  // RC, SC, subtype or FMT
  std::uint8_t type;
  bool padded;
  std::size_t length;  // in bytes, header and padding included
};

// The shortest packet of a type that has room for what its count announces.
[[nodiscard]] std::size_t minimumLength(std::uint8_t type, std::size_t count) noexcept;

// The header at `at` if it is one and its packet ends within the datagram. Lengths are checked
// against what was sent, reads against what was captured.
[[nodiscard]] std::optional<Header> headerAt(Bytes payload, std::size_t at,
                                             std::size_t wireBytes) noexcept;

// How far the chain of headers goes.
struct Survey {
  std::uint32_t packets = 0;  // 0: not RTCP
  std::size_t end = 0;        // where the chain ends
  bool cut = false;           // it ends only because no more was captured
  bool linked = false;        // a later packet names the first one's SSRC
  std::uint8_t firstType = 0;
  std::uint32_t firstSsrc = 0;
};

[[nodiscard]] Survey survey(Bytes payload, std::size_t wireBytes) noexcept;

enum class Reading : std::uint8_t { kPlain, kEncrypted, kUndecided, kBroken };

// What a datagram with at least one header is; the rules are at decode().
[[nodiscard]] Reading readingOf(const Survey& found, Bytes payload, std::size_t wireBytes,
                                Protection protection) noexcept;

}  // namespace probe::rtcp
