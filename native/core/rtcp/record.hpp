#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace probe::rtcp {

// What a Record holds. The numbers are public: rows of records cross the language boundary, and
// src/rtcp/report.ts lists the kinds in the same order.
enum class RecordKind : std::uint8_t {
  kSenderInfo,       // the sender information of an SR; see SenderInfo
  kReceiverReport,   // an RR as such, so that one without blocks is seen too; see ReceiverReport
  kReportBlock,      // one block of an SR or RR, about `subjectSsrc`; see ReportBlock
  kCname,            // an SDES CNAME of `subjectSsrc`; see Text
  kBye,              // `subjectSsrc` leaves; see Text for the reason it gives
  kXrReferenceTime,  // XR block 4; see XrReferenceTime
  kXrDlrr,           // one sub-block of an XR block 5, to `subjectSsrc`; see XrDlrr
  kXrStatistics,     // XR block 6, about `subjectSsrc`; see XrStatistics
  kXrVoipMetrics,    // XR block 7, about `subjectSsrc`; see XrVoipMetrics
  kFeedback,         // an RTPFB or PSFB, to the media source `subjectSsrc`; see Feedback
  kApplication,      // an APP; see Application
  kEncrypted,        // SRTCP: packet type and sender of its first packet, which are in the clear
  kCount
};

constexpr std::size_t kValuesPerRecord = 20;

// Where each kind keeps what in Record::values. Numbers are as on the wire unless said otherwise.
struct SenderInfo {
  enum : std::size_t { kNtpSeconds, kNtpFraction, kRtpTimestamp, kPackets, kOctets };
};
struct ReceiverReport {
  enum : std::size_t { kBlocks };
};
struct ReportBlock {
  enum : std::size_t {
    kFractionLost,             // 0 to 255/256: the field divided by 256
    kPacketsLost,              // cumulative and signed, 24 bits
    kExtendedHighestSequence,  // cycles in the upper 16 bits
    kJitterTicks,              // in units of the RTP clock
    kLsr,                      // middle 32 bits of an SR's NTP time; 0: no SR was received yet
    kDlsr,                     // in 1/65536 s
  };
};
struct Text {
  enum : std::size_t { kOffset, kLength };  // of the UTF-8 text in the payload; NaN without a text
};
struct XrReferenceTime {
  enum : std::size_t { kNtpSeconds, kNtpFraction };
};
struct XrDlrr {
  enum : std::size_t { kLrr, kDlrr };  // as LSR and DLSR, for reference times; 0: none received
};
// A part whose flag is not set is NaN.
struct XrStatistics {
  enum : std::size_t {
    kBeginSequence,
    kEndSequence,  // one past the last
    kLost,
    kDuplicated,
    kMinJitterTicks,
    kMaxJitterTicks,
    kMeanJitterTicks,
    kDeviationJitterTicks,
    kTtlKind,  // 1: IPv4 TTL, 2: IPv6 hop limit
    kMinTtl,
    kMaxTtl,
    kMeanTtl,
    kDeviationTtl,
  };
};
// What the reporter does not know is NaN: 127 in a level, rating or score, 0 in a delay (section
// 4.7.3), and ratings and scores outside of what section 4.7.5 allows.
struct XrVoipMetrics {
  enum : std::size_t {
    kLossRatio,  // 0 to 255/256, as the next three
    kDiscardRatio,
    kBurstDensity,
    kGapDensity,
    kBurstMs,
    kGapMs,
    kRoundTripMs,
    kEndSystemMs,
    kSignalDbm,
    kNoiseDbm,
    kResidualEchoReturnLossDb,
    kGmin,
    kRFactor,                // 0 to 100
    kExternalRFactor,        // 0 to 100
    kMosLq,                  // 1 to 5
    kMosCq,                  // 1 to 5
    kReceiverConfiguration,  // PLC 2 bits, jitter buffer adaptive 2 bits, its rate 4 bits
    kJitterBufferNominalMs,
    kJitterBufferMaximumMs,
    kJitterBufferAbsoluteMaximumMs,
  };
};
struct Feedback {
  enum : std::size_t { kFormat, kControlBytes };  // FMT; length of the control information
};
struct Application {
  enum : std::size_t { kSubtype, kName, kDataBytes };  // kName: the four ASCII characters
};

// One statement of an RTCP datagram. As a row of the language boundary: kind, packetType,
// senderSsrc, subjectSsrc, then the values.
struct Record {
  RecordKind kind;
  std::uint8_t packetType;  // 192 to 223
  std::uint32_t senderSsrc;
  std::uint32_t subjectSsrc;  // whom it is about; the sender where the kind has no other
  std::array<double, kValuesPerRecord> values = unset();  // what the kind does not use is NaN

  static constexpr std::array<double, kValuesPerRecord> unset() noexcept {
    std::array<double, kValuesPerRecord> nothing{};
    nothing.fill(std::numeric_limits<double>::quiet_NaN());
    return nothing;
  }
};

}  // namespace probe::rtcp
