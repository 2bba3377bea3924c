#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "rtp/settings.hpp"
#include "rtp/stream.hpp"

namespace probe {

// One stream as numbers, as the addon hands it out: see `src/native/stream-rows.ts`, which reads
// the columns by the same order. What is not known is NaN.
constexpr std::size_t kStreamColumns = 36 + 3 * rtp::Stream::kPayloadTypes + 1;
constexpr std::size_t kIntervalColumns = 13;
constexpr std::size_t kBurstColumns = 4;

struct StreamRows {
  std::vector<double> rows;             // kStreamColumns for each stream
  std::vector<double> intervals;        // kIntervalColumns for each interval, stream after stream
  std::vector<double> lossRuns;         // length and count, stream after stream
  std::vector<double> worstBursts;      // kBurstColumns for each burst, stream after stream
  std::vector<std::uint8_t> addresses;  // source and destination, 32 bytes for each stream
};

constexpr std::size_t kIdentityColumns = 6;

// Appends who sends what to whom, and when: the first kIdentityColumns of a stream's row, and both
// addresses.
void appendIdentity(const rtp::Stream& stream, const rtp::StreamKey& whose,
                    std::vector<double>& rows, std::vector<std::uint8_t>& addresses);

// Appends `stream` as it would be if it ended now, under the name of `whose`.
void appendStream(const rtp::Stream& stream, const rtp::StreamKey& whose,
                  const rtp::Settings& settings, StreamRows& out);

}  // namespace probe
