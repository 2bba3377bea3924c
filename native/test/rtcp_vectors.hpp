#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "rtcp/decode.hpp"

// RTCP packets, byte by byte, and what the tests of rtcp/ do with them.
namespace probe::test::rtcp_vectors {

using namespace probe::rtcp;
using Octets = std::vector<std::uint8_t>;

struct Decoded {
  Outcome outcome;
  std::vector<Record> records;

  // The record of this kind that comes `nth`, or an empty one, which no check holds for.
  [[nodiscard]] Record of(RecordKind kind, std::size_t nth = 0) const {
    for (const Record& record : records) {
      if (record.kind == kind && nth-- == 0) {
        return record;
      }
    }
    return {RecordKind::kCount, 0, 0, 0};
  }
  [[nodiscard]] std::size_t count(RecordKind kind) const {
    return static_cast<std::size_t>(std::count_if(
        records.begin(), records.end(), [kind](const Record& it) { return it.kind == kind; }));
  }
};

// Decodes out of a buffer of exactly this size, so that a read beyond it is an error of ASan.
inline Decoded read(const Octets& bytes, Protection protection = Protection::kUnknown,
                    std::size_t wireBytes = 0) {
  const auto exact = std::make_unique<std::uint8_t[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), exact.get());
  Decoded decoded{};
  decoded.outcome = decode({exact.get(), bytes.size()}, std::max(wireBytes, bytes.size()),
                           protection, decoded.records);
  return decoded;
}

inline Octets join(std::initializer_list<Octets> parts) {
  Octets all;
  for (const Octets& part : parts) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

inline Octets firstOf(const Octets& bytes, std::size_t length) {
  return {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length)};
}

inline std::string textOf(const Octets& payload, const Record& record) {
  const auto offset = static_cast<std::ptrdiff_t>(record.values[Text::kOffset]);
  const auto length = static_cast<std::ptrdiff_t>(record.values[Text::kLength]);
  return {payload.begin() + offset, payload.begin() + offset + length};
}

// One report block about 0x5e6f7081.
inline const Octets kBlock = {
    0x5e, 0x6f, 0x70, 0x81,  // SSRC the block is about
    0x40, 0xff, 0xff, 0xfe,  // fraction 64/256, cumulative lost -2
    0x00, 0x01, 0x86, 0xa0,  // extended highest sequence number: 1 cycle, 34464
    0x00, 0x00, 0x01, 0x40,  // jitter 320
    0xb7, 0x05, 0x20, 0x00,  // LSR b705:2000
    0x00, 0x05, 0x40, 0x00,  // DLSR 5:4000, 5.25 s
};
inline const Octets kSenderReportHead = {
    0x81, 0xc8, 0x00, 0x0c,  // V=2, RC=1, SR, 13 words
    0x1a, 0x2b, 0x3c, 0x4d,  // sender
    0xb4, 0x4d, 0xb7, 0x05,  // NTP seconds
    0x20, 0x00, 0x00, 0x00,  // NTP fraction, 1/8 s
    0xff, 0xff, 0xff, 0xf0,  // RTP timestamp
    0x00, 0x00, 0x00, 0xfa,  // 250 packets
    0x80, 0x00, 0x9c, 0x40,  // 2147523648 octets
};
inline const Octets kSenderReport = join({kSenderReportHead, kBlock});
inline const Octets kReceiverReportHead = {
    0x82, 0xc9, 0x00, 0x0d,  // V=2, RC=2, RR, 14 words
    0x1a, 0x2b, 0x3c, 0x4d,  // sender
};
inline const Octets kWorstBlock = {
    0x00, 0x00, 0x00, 0x07,  // SSRC the block is about
    0xff, 0x7f, 0xff, 0xff,  // all lost, the count at its end
    0xff, 0xff, 0x00, 0x01,  // 65535 cycles
    0xff, 0xff, 0xff, 0xff,  // jitter
    0x00, 0x00, 0x00, 0x00,  // no SR received
    0x00, 0x00, 0x00, 0x00,  //
};
inline const Octets kReceiverReport = join({kReceiverReportHead, kBlock, kWorstBlock});
inline const Octets kDescription = {
    0x82, 0xca, 0x00, 0x09,                                     // V=2, SC=2, SDES, 10 words
    0x1a, 0x2b, 0x3c, 0x4d,                                     // first chunk
    0x06, 0x03, 'm',  'p',  '1',                                // TOOL
    0x01, 0x09, 'a',  '@',  'b', '.', 't', 'e', 's', 't', '1',  // CNAME, 9 bytes
    0x00, 0x00, 0x00, 0x00,                                     // end of chunk, to the word
    0x00, 0x00, 0x00, 0x07,                                     // second chunk
    0x01, 0x05, 'c',  '@',  'd', '.', 'e',                      // CNAME, 5 bytes
    0x00,                                                       // end of chunk
};
inline const Octets kByeTwo = {
    0x82, 0xcb, 0x00, 0x04,       // V=2, SC=2, BYE, 5 words
    0x1a, 0x2b, 0x3c, 0x4d,       // first SSRC
    0x00, 0x00, 0x00, 0x07,       // second SSRC
    0x04, 'd',  'o',  'n',  'e',  // reason
    0x00, 0x00, 0x00,             //
};
inline const Octets kApplicationPacket = {
    0x83, 0xcc, 0x00, 0x03,  // V=2, subtype 3, APP, 4 words
    0x1a, 0x2b, 0x3c, 0x4d,  // sender
    'P',  'I',  'N',  'G',   // name
    0x01, 0x02, 0x03, 0x04,  // data
};
inline const Octets kNack = {
    0x81, 0xcd, 0x00, 0x03,  // V=2, FMT=1 generic NACK, RTPFB, 4 words
    0x1a, 0x2b, 0x3c, 0x4d,  // sender
    0x5e, 0x6f, 0x70, 0x81,  // media source
    0x00, 0x10, 0x00, 0x01,  // PID and BLP
};
inline const Octets kPictureLoss = {
    0x81, 0xce, 0x00, 0x02,  // V=2, FMT=1 PLI, PSFB, 3 words
    0x1a, 0x2b, 0x3c, 0x4d,  // sender
    0x5e, 0x6f, 0x70, 0x81,  // media source
};
inline const Octets kExtended = {
    0x80, 0xcf, 0x00, 0x24,  // V=2, XR, 37 words
    0x1a, 0x2b, 0x3c, 0x4d,  // sender
    0x04, 0x00, 0x00, 0x02,  // receiver reference time, 3 words
    0xb4, 0x4d, 0xb7, 0x05,  // NTP seconds
    0x20, 0x00, 0x00, 0x00,  // NTP fraction
    0x05, 0x00, 0x00, 0x06,  // DLRR, 7 words
    0x5e, 0x6f, 0x70, 0x81,  // to
    0xb7, 0x05, 0x20, 0x00,  // LRR
    0x00, 0x05, 0x40, 0x00,  // DLRR
    0x00, 0x00, 0x00, 0x07,  // to
    0x00, 0x00, 0x00, 0x00,  // no reference time received
    0x00, 0x00, 0x00, 0x00,  //
    0x01, 0x00, 0x00, 0x02,  // loss RLE, which is not taken apart
    0x5e, 0x6f, 0x70, 0x81,  //
    0x00, 0x01, 0x00, 0x02,  //
    0x06, 0xa8, 0x00, 0x09,  // statistics: lost, jitter and IPv4 TTL, but not duplicates
    0x5e, 0x6f, 0x70, 0x81,  // about
    0xff, 0xf0, 0x00, 0x10,  // begin 65520, end 16
    0x00, 0x00, 0x00, 0x05,  // lost
    0x00, 0x00, 0x00, 0x09,  // duplicates: to be ignored
    0x00, 0x00, 0x00, 0x01,  // jitter: min
    0x00, 0x00, 0x00, 0xff,  // max
    0x00, 0x00, 0x00, 0x20,  // mean
    0x00, 0x00, 0x00, 0x10,  // deviation
    0x38, 0x40, 0x3c, 0x02,  // TTL: min, max, mean, deviation
    0x07, 0x00, 0x00, 0x08,  // VoIP metrics, 9 words
    0x5e, 0x6f, 0x70, 0x81,  // about
    0x0c, 0x40, 0x55, 0x09,  // loss 12, discard 64, burst density 85, gap density 9 (of 256)
    0x00, 0x78, 0x02, 0x08,  // burst 120 ms, gap 520 ms
    0x00, 0x54, 0x00, 0x3c,  // round trip 84 ms, end system 60 ms
    0xeb, 0xce, 0x37, 0x10,  // signal -21 dBm, noise -50 dBm, RERL 55 dB, Gmin 16
    0x58, 0x7f, 0x2b, 0x2a,  // R 88, external R unavailable, MOS-LQ 4.3, MOS-CQ 4.2
    0xfc, 0x00, 0x00, 0x28,  // PLC standard, adaptive, rate 12; nominal 40 ms
    0x00, 0x50, 0x00, 0x78,  // maximum 80 ms, absolute maximum 120 ms
    0x04, 0x00, 0x00, 0x02,  // another reference time
    0x00, 0x00, 0x00, 0x01,  //
    0x00, 0x00, 0x00, 0x02,  //
};

// What stands behind the encrypted part, with an 80-bit tag: E = 1, index 5, tag.
inline const Octets kTrailer = {0x80, 0x00, 0x00, 0x05, 0x11, 0x22, 0x33,
                                0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa};

// As SRTCP would look: everything behind the first 8 bytes made unreadable.
inline Octets scrambled(Octets compound, std::uint32_t seed) {
  std::mt19937 random(seed);
  for (std::size_t i = 8; i < compound.size(); ++i) {
    compound[i] = static_cast<std::uint8_t>(random());
  }
  return compound;
}

}  // namespace probe::test::rtcp_vectors
