#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bytes.hpp"
#include "rtcp/record.hpp"

// RTCP as it lies in one UDP payload: RFC 3550 section 6, reduced-size RFC 5506, extended reports
// RFC 3611, feedback headers RFC 4585, and what SRTCP (RFC 3711 section 3.4) leaves in the clear.
namespace probe::rtcp {

// What is known of the path from elsewhere: signalling, or a handshake seen.
enum class Protection : std::uint8_t {
  kUnknown,
  kPlain,  // described as RTP/AVP or RTP/AVPF, or seen to be plain before
  kSrtp,   // described as SAVP, or keyed; single datagrams may still be plain
};

enum class Verdict : std::uint8_t {
  kDecoded,
  kTruncated,  // the snap length cut it; what is complete and certain to be plain is recorded
  kEncrypted,  // one kEncrypted record
  kMalformed,  // breaks the rules somewhere; what came whole before or beside that is recorded
  kNotRtcp,    // no record
};

struct Outcome {
  Verdict verdict;
  std::uint32_t packets;         // RTCP packets found, of any type
  std::uint32_t skippedPackets;  // of a type that is not taken apart
  std::uint32_t skippedBlocks;   // XR blocks of a type that is not taken apart
  std::uint32_t droppedRecords;  // beyond kMaxRecordsPerDatagram
};

// Bounds what one hostile datagram can make of itself: 64 KB of sub-blocks would be 5461 records.
constexpr std::size_t kMaxRecordsPerDatagram = 1024;

// Whether the datagram is for RTCP rather than RTP where both share a port (RFC 5761 section 4).
[[nodiscard]] bool looksLikeRtcp(Bytes payload) noexcept;

// Appends the records of one UDP payload to `records`, in wire order, and says what it was.
// `payload` is what was captured of `wireBytes` that were sent.
//
// Never reads a record out of encrypted bytes. A plain compound is known by its lengths, which add
// up to the datagram's exactly: SRTCP is longer than its first packet by at least the index word,
// and what follows that packet is no header. Where chance could imitate one, a second packet counts
// only if it names the first one's SSRC. A compound that does not add up is plain up to there if a
// second packet is linked so; encrypted if the index word stands where RFC 3711 or RFC 7714 puts
// it, or if `protection` says so; otherwise malformed, and nothing is recorded unless `protection`
// says kPlain. SRTCP that is authenticated but not encrypted (E = 0) reads as plain with bytes left
// over, hence as malformed. A cut datagram that could be either gives no record, unless
// `protection` decides.
//
// Borrows `payload`; allocates only through `records`; does not read the clock.
Outcome decode(Bytes payload, std::size_t wireBytes, Protection protection,
               std::vector<Record>& records);

}  // namespace probe::rtcp
