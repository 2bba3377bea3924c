#pragma once

#include <napi.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

#include "report_row.hpp"
#include "rtcp/record.hpp"
#include "rtp/payload_format.hpp"
#include "rtp/settings.hpp"

// Between JavaScript's values and the core's.
namespace probe::addon {

// The exact array type is asked for: a byte array read as a wider one would be read past its end.
template <typename T>
std::optional<std::span<const T>> elements(const Napi::Value& value, napi_typedarray_type type) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != type) {
    return std::nullopt;
  }
  const auto array = value.As<Napi::TypedArrayOf<T>>();
  return std::span<const T>(array.Data(), array.ElementLength());
}

template <typename T>
Napi::ArrayBuffer copied(Napi::Env env, const T* data, std::size_t count) {
  auto buffer = Napi::ArrayBuffer::New(env, count * sizeof(T));
  if (count != 0) {
    std::memcpy(buffer.Data(), data, count * sizeof(T));
  }
  return buffer;
}

inline Napi::Float64Array doubles(Napi::Env env, const std::vector<double>& values) {
  return Napi::Float64Array::New(env, values.size(), copied(env, values.data(), values.size()), 0);
}

inline Napi::Uint8Array byteArray(Napi::Env env, const std::vector<std::uint8_t>& values) {
  return Napi::Uint8Array::New(env, values.size(), copied(env, values.data(), values.size()), 0);
}

inline Napi::Value misuse(Napi::Env env, const char* usage) {
  Napi::TypeError::New(env, usage).ThrowAsJavaScriptException();
  return env.Undefined();
}

// Float64Array[fixedBufferMs, adaptiveMinMs, adaptiveMaxMs, intervalMs, intervalsKept, maxStreams]
constexpr std::size_t kSettings = 6;

inline rtp::Settings settingsOf(std::span<const double> options) {
  rtp::Settings settings;
  settings.fixedBufferNs = options[0] * 1e6;
  settings.adaptiveMinNs = options[1] * 1e6;
  settings.adaptiveMaxNs = options[2] * 1e6;
  settings.intervalNs = static_cast<std::int64_t>(options[3] * 1e6);
  settings.intervalsKept = static_cast<std::uint32_t>(options[4]);
  settings.maxStreams = static_cast<std::uint32_t>(options[5]);
  return settings;
}

// (Uint32Array[128] clock rates, Uint8Array[128] kinds)
inline bool readMap(const Napi::CallbackInfo& info, rtp::PayloadMap& map) {
  const auto clocks = elements<std::uint32_t>(info[0], napi_uint32_array);
  const auto kinds = elements<std::uint8_t>(info[1], napi_uint8_array);
  if (!clocks || !kinds || clocks->size() != map.size() || kinds->size() != map.size()) {
    return false;
  }
  for (std::size_t type = 0; type < map.size(); ++type) {
    map[type] = rtp::PayloadFormat{.clockRateHz = (*clocks)[type],
                                   .kind = static_cast<rtp::PayloadKind>((*kinds)[type])};
  }
  return true;
}

constexpr std::size_t kRecordColumns = 4 + rtcp::kValuesPerRecord;

// A record as a row of numbers: see `src/rtcp/row.ts`, which reads the columns by the same order.
inline std::array<double, kRecordColumns> recordRow(const rtcp::Record& record) {
  std::array<double, kRecordColumns> row{
      static_cast<double>(record.kind), static_cast<double>(record.packetType),
      static_cast<double>(record.senderSsrc), static_cast<double>(record.subjectSsrc)};
  std::ranges::copy(record.values, row.begin() + 4);
  return row;
}

// { rows, intervals, lossRuns, worstBursts, addresses }
inline Napi::Object streamRows(Napi::Env env, const StreamRows& out) {
  auto result = Napi::Object::New(env);
  result.Set("rows", doubles(env, out.rows));
  result.Set("intervals", doubles(env, out.intervals));
  result.Set("lossRuns", doubles(env, out.lossRuns));
  result.Set("worstBursts", doubles(env, out.worstBursts));
  result.Set("addresses", byteArray(env, out.addresses));
  return result;
}

}  // namespace probe::addon
