#pragma once

#include <array>
#include <cstdint>

namespace probe::rtp {

// How the packets of a payload type take part in the statistics. Order is the addon's.
enum class PayloadKind : std::uint8_t {
  kUnknown,
  kAudio,
  kVideo,
  kComfortNoise,
  kTelephoneEvent,
  kRedundancy,
  kRetransmission,
  kFec,
};

struct PayloadFormat {
  std::uint32_t clockRateHz = 0;  // 0: unknown
  PayloadKind kind = PayloadKind::kUnknown;
};

using PayloadMap = std::array<PayloadFormat, 128>;

// Whether timestamps of this kind tell when the sender took a sample. A telephone-event repeats the
// event's start (RFC 4733 section 2.2.1), a retransmission the original's (RFC 4588 section 4).
[[nodiscard]] inline bool isTimed(const PayloadFormat& format) noexcept {
  return format.clockRateHz != 0 && format.kind != PayloadKind::kTelephoneEvent &&
         format.kind != PayloadKind::kRetransmission && format.kind != PayloadKind::kFec;
}

// Whether a jitter buffer for speech is simulated. Video has redundancy too, with a clock of its
// own.
[[nodiscard]] inline bool isSpeech(const PayloadFormat& format) noexcept {
  constexpr std::uint32_t kVideoClockHz = 90'000;
  return format.kind == PayloadKind::kAudio || format.kind == PayloadKind::kComfortNoise ||
         (format.kind == PayloadKind::kRedundancy && format.clockRateHz != kVideoClockHz);
}

}  // namespace probe::rtp
