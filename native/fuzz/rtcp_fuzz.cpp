#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "rtcp/decode.hpp"

namespace {

using namespace probe::rtcp;

void require(bool holds) {
  if (!holds) {
    __builtin_trap();
  }
}

void checkText(const Record& record, std::size_t size) {
  if (record.kind != RecordKind::kCname && record.kind != RecordKind::kBye) {
    return;
  }
  const double offset = record.values[Text::kOffset];
  const double length = record.values[Text::kLength];
  require(std::isnan(offset) == std::isnan(length));
  require(std::isnan(offset) ||
          (offset >= 8 && length >= 0 && offset + length <= static_cast<double>(size)));
}

}  // namespace

// The first byte is what is known of the path, the second how many bytes the capture cut off.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  const auto protection = static_cast<Protection>(data[0] % 3U);
  const std::size_t cut = data[1];
  const std::size_t captured = size - 2;
  const auto exact = std::make_unique<std::uint8_t[]>(captured);
  std::copy_n(data + 2, captured, exact.get());
  const probe::Bytes payload{exact.get(), captured};

  std::vector<Record> records;
  const Outcome outcome = decode(payload, captured + cut, protection, records);
  require(records.size() <= kMaxRecordsPerDatagram);
  require(records.empty() || looksLikeRtcp(payload));
  require(outcome.verdict != Verdict::kNotRtcp || (records.empty() && outcome.packets == 0));
  require(outcome.verdict != Verdict::kTruncated || cut > 0);
  for (const Record& record : records) {
    require(record.kind < RecordKind::kCount);
    require((record.kind == RecordKind::kEncrypted) == (outcome.verdict == Verdict::kEncrypted));
    require(record.packetType >= 192 && record.packetType <= 223);
    checkText(record, captured);
    for (const double value : record.values) {
      require(std::isnan(value) || std::isfinite(value));
    }
  }
  return 0;
}
