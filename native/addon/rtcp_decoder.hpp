#pragma once

#include <napi.h>

#include <cstdint>
#include <vector>

#include "rtcp/decode.hpp"
#include "values.hpp"

namespace probe::addon {

// decodeRtcp(Uint8Array payload, protection): the verdict's number, then the records row by row.
inline Napi::Value decodeRtcp(const Napi::CallbackInfo& info) {
  const auto payload = elements<std::uint8_t>(info[0], napi_uint8_array);
  if (!payload || !info[1].IsNumber() ||
      info[1].As<Napi::Number>().Uint32Value() >
          static_cast<std::uint32_t>(rtcp::Protection::kSrtp)) {
    return misuse(info.Env(), "decodeRtcp(payload, protection)");
  }
  const auto protection = static_cast<rtcp::Protection>(info[1].As<Napi::Number>().Uint32Value());
  std::vector<rtcp::Record> records;
  const auto outcome = rtcp::decode(*payload, payload->size(), protection, records);
  std::vector<double> rows{static_cast<double>(outcome.verdict)};
  rows.reserve(1 + records.size() * kRecordColumns);
  for (const auto& record : records) {
    const auto row = recordRow(record);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  return doubles(info.Env(), rows);
}

}  // namespace probe::addon
