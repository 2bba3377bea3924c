#pragma once

#include <napi.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

#include "live.hpp"
#include "values.hpp"

namespace probe::addon {

// The live engine as JavaScript sees it. Arguments are checked for type here and for sense in
// `src/native/live-engine.ts`.
class LiveEngineObject final : public Napi::ObjectWrap<LiveEngineObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "LiveEngine",
                       {InstanceMethod<&LiveEngineObject::openFlow>("openFlow"),
                        InstanceMethod<&LiveEngineObject::closeFlow>("closeFlow"),
                        InstanceMethod<&LiveEngineObject::setPayloads>("setPayloads"),
                        InstanceMethod<&LiveEngineObject::addMap>("addMap"),
                        InstanceMethod<&LiveEngineObject::replaceMap>("replaceMap"),
                        InstanceMethod<&LiveEngineObject::drain>("drain"),
                        InstanceMethod<&LiveEngineObject::streams>("streams"),
                        InstanceMethod<&LiveEngineObject::counters>("counters")});
  }

  // new LiveEngine(Float64Array settings, Float64Array[maxFlows, maxStreamsPerFlow],
  // BigUint64Array[2] seed)
  explicit LiveEngineObject(const Napi::CallbackInfo& info)
      : Napi::ObjectWrap<LiveEngineObject>(info) {
    const auto options = elements<double>(info[0], napi_float64_array);
    const auto limits = elements<double>(info[1], napi_float64_array);
    const auto seed = elements<std::uint64_t>(info[2], napi_biguint64_array);
    if (!options || options->size() != kSettings || !limits || limits->size() != 2 || !seed ||
        seed->size() != 2) {
      misuse(info.Env(), "new LiveEngine(options, limits, seed)");
      return;
    }
    engine_ = std::make_unique<LiveEngine>(
        settingsOf(*options),
        LiveLimits{.maxFlows = static_cast<std::uint32_t>((*limits)[0]),
                   .maxStreamsPerFlow = static_cast<std::uint32_t>((*limits)[1])},
        rtp::HashSeed{(*seed)[0], (*seed)[1]});
  }

 private:
  // openFlow(Uint8Array[32] source and destination address, ipv6, sourcePort, destinationPort): its
  // number, or -1.
  Napi::Value openFlow(const Napi::CallbackInfo& info) {
    const auto addresses = elements<std::uint8_t>(info[0], napi_uint8_array);
    if (!addresses || addresses->size() != 32 || !info[1].IsBoolean() || !info[2].IsNumber() ||
        !info[3].IsNumber()) {
      return misuse(info.Env(), "openFlow(addresses, ipv6, sourcePort, destinationPort)");
    }
    rtp::StreamKey path{};
    std::memcpy(path.source.data(), addresses->data(), 16);
    std::memcpy(path.destination.data(), addresses->data() + 16, 16);
    path.ipv6 = info[1].As<Napi::Boolean>();
    path.ports = info[2].As<Napi::Number>().Uint32Value() << 16U |
                 (info[3].As<Napi::Number>().Uint32Value() & 0xFFFFU);
    const std::uint32_t flow = engine_->openFlow(path);
    return Napi::Number::New(info.Env(), flow == LiveEngine::kNoFlow ? -1.0 : flow);
  }

  // closeFlow(flow): its streams, as streams() gives them.
  Napi::Value closeFlow(const Napi::CallbackInfo& info) {
    if (!info[0].IsNumber()) {
      return misuse(info.Env(), "closeFlow(flow)");
    }
    StreamRows out;
    engine_->closeFlow(info[0].As<Napi::Number>().Uint32Value(), out);
    return streamRows(info.Env(), out);
  }

  // setPayloads(flow, describedBySource, map)
  Napi::Value setPayloads(const Napi::CallbackInfo& info) {
    if (!info[0].IsNumber() || !info[1].IsBoolean() || !isMap(info[2])) {
      return misuse(info.Env(), "setPayloads(flow, describedBySource, map)");
    }
    const bool bySource = info[1].As<Napi::Boolean>();
    engine_->setPayloads(info[0].As<Napi::Number>().Uint32Value(),
                         bySource ? LiveEngine::Side::kSource : LiveEngine::Side::kDestination,
                         static_cast<std::uint16_t>(info[2].As<Napi::Number>().Uint32Value()));
    return info.Env().Undefined();
  }

  // addMap(clockRates, kinds): its number.
  Napi::Value addMap(const Napi::CallbackInfo& info) {
    rtp::PayloadMap map;
    if (!readMap(info, map)) {
      return misuse(info.Env(), "addMap(clockRates, kinds)");
    }
    return Napi::Number::New(info.Env(), engine_->table().addMap(map));
  }

  // replaceMap(clockRates, kinds, map)
  Napi::Value replaceMap(const Napi::CallbackInfo& info) {
    rtp::PayloadMap map;
    if (!readMap(info, map) || !isMap(info[2])) {
      return misuse(info.Env(), "replaceMap(clockRates, kinds, map)");
    }
    engine_->table().replaceMap(
        static_cast<std::uint16_t>(info[2].As<Napi::Number>().Uint32Value()), map);
    return info.Env().Undefined();
  }

  bool isMap(const Napi::Value& value) {
    return value.IsNumber() && value.As<Napi::Number>().Uint32Value() < engine_->table().maps();
  }

  // drain(Uint8Array ring, packets): accounts the first so many rows of the ring.
  Napi::Value drain(const Napi::CallbackInfo& info) {
    const auto ring = elements<std::uint8_t>(info[0], napi_uint8_array);
    if (!ring || !info[1].IsNumber() ||
        info[1].As<Napi::Number>().Uint32Value() > ring->size() / sizeof(LivePacket)) {
      return misuse(info.Env(), "drain(ring, packets)");
    }
    engine_->drain(ring->first(info[1].As<Napi::Number>().Uint32Value() * sizeof(LivePacket)));
    return info.Env().Undefined();
  }

  // streams(flow): { rows, intervals, lossRuns, worstBursts, addresses }
  Napi::Value streams(const Napi::CallbackInfo& info) {
    if (!info[0].IsNumber()) {
      return misuse(info.Env(), "streams(flow)");
    }
    StreamRows out;
    engine_->appendStreams(info[0].As<Napi::Number>().Uint32Value(), out);
    return streamRows(info.Env(), out);
  }

  // All counters in the order that `src/native/live-engine.ts` reads them.
  Napi::Value counters(const Napi::CallbackInfo& info) {
    const auto& live = engine_->counters();
    const auto& table = engine_->table().counters();
    std::vector<double> all;
    for (const std::uint64_t count :
         {table.packets, table.unconfirmed, live.untimed, live.unknownFlow, live.flowsRefused,
          live.packetsRefused + table.streamsRefused, live.streamsEvicted,
          table.candidatesEvicted}) {
      all.push_back(static_cast<double>(count));
    }
    return doubles(info.Env(), all);
  }

  std::unique_ptr<LiveEngine> engine_;
};

}  // namespace probe::addon
