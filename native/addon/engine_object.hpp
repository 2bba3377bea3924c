#pragma once

#include <napi.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "engine.hpp"
#include "engine_rows.hpp"
#include "report_row.hpp"
#include "shared_memory.hpp"
#include "values.hpp"

namespace probe::addon {

class EngineObject;

// Runs one step of an engine off the main thread and settles a promise with its result.
class Step final : public Napi::AsyncWorker {
 public:
  Step(Napi::Env env, EngineObject& owner, bool finishing);
  [[nodiscard]] Napi::Promise promise() const { return deferred_.Promise(); }

  void Execute() override;
  void OnOK() override;
  void OnError(const Napi::Error& error) override;

 private:
  EngineObject& owner_;
  Napi::ObjectReference alive_;
  Napi::Promise::Deferred deferred_;
  bool finishing_;
  Engine::Pause pause_ = Engine::Pause::kEnded;
};

// The engine as JavaScript sees it. Arguments are checked for type here and for sense in
// `src/native/engine.ts`. While a step runs nothing else may be called.
class EngineObject final : public Napi::ObjectWrap<EngineObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Engine",
                       {InstanceMethod<&EngineObject::addInput>("addInput"),
                        InstanceMethod<&EngineObject::feed>("feed"),
                        InstanceMethod<&EngineObject::endFeed>("endFeed"),
                        InstanceMethod<&EngineObject::scan>("scan"),
                        InstanceMethod<&EngineObject::finish>("finish"),
                        InstanceMethod<&EngineObject::hungry>("hungry"),
                        InstanceMethod<&EngineObject::takeEvents>("takeEvents"),
                        InstanceMethod<&EngineObject::addMap>("addMap"),
                        InstanceMethod<&EngineObject::setDefaultMap>("setDefaultMap"),
                        InstanceMethod<&EngineObject::nameEndpoint>("nameEndpoint"),
                        InstanceMethod<&EngineObject::streamCount>("streamCount"),
                        InstanceMethod<&EngineObject::streams>("streams"),
                        InstanceMethod<&EngineObject::streamIdentities>("streamIdentities"),
                        InstanceMethod<&EngineObject::counters>("counters"),
                        InstanceMethod<&EngineObject::inputs>("inputs")});
  }

  // new Engine(Float64Array settings, BigUint64Array[2] seed)
  explicit EngineObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<EngineObject>(info) {
    const auto options = elements<double>(info[0], napi_float64_array);
    const auto seed = elements<std::uint64_t>(info[1], napi_biguint64_array);
    if (!options || options->size() != kSettings || !seed || seed->size() != 2) {
      misuse(info.Env(), "new Engine(options, seed)");
      return;
    }
    engine_ = std::make_unique<Engine>(settingsOf(*options), rtp::HashSeed{(*seed)[0], (*seed)[1]});
  }

  Engine& engine() { return *engine_; }
  void setBusy(bool busy) { busy_ = busy; }

 private:
  bool isBusy(Napi::Env env) {
    if (!busy_) {
      return false;
    }
    Napi::Error::New(env, "the engine is at work: await the step before")
        .ThrowAsJavaScriptException();
    return true;
  }

  // addInput(descriptor): the descriptor is duplicated, the caller keeps its own. -1: feed.
  Napi::Value addInput(const Napi::CallbackInfo& info) {
    if (isBusy(info.Env())) {
      return info.Env().Undefined();
    }
    if (!info[0].IsNumber()) {
      return misuse(info.Env(), "addInput(descriptor)");
    }
    const int descriptor = info[0].As<Napi::Number>().Int32Value();
    const int own = descriptor < 0 ? -1 : ::dup(descriptor);
    if (descriptor >= 0 && own < 0) {
      return misuse(info.Env(), "addInput(descriptor): not an open file descriptor");
    }
    return Napi::Number::New(info.Env(), engine_->addInput(own));
  }

  Napi::Value feed(const Napi::CallbackInfo& info) {
    const auto bytes = elements<std::uint8_t>(info[1], napi_uint8_array);
    if (isBusy(info.Env())) {
      return info.Env().Undefined();
    }
    if (!isInput(info[0]) || !bytes) {
      return misuse(info.Env(), "feed(input, bytes)");
    }
    engine_->feed(info[0].As<Napi::Number>().Uint32Value(), *bytes);
    return info.Env().Undefined();
  }

  Napi::Value endFeed(const Napi::CallbackInfo& info) {
    if (isBusy(info.Env())) {
      return info.Env().Undefined();
    }
    if (!isInput(info[0])) {
      return misuse(info.Env(), "endFeed(input)");
    }
    engine_->endFeed(info[0].As<Napi::Number>().Uint32Value());
    return info.Env().Undefined();
  }

  bool isInput(const Napi::Value& value) {
    return value.IsNumber() && value.As<Napi::Number>().Uint32Value() < engine_->inputs().size();
  }

  Napi::Value scan(const Napi::CallbackInfo& info) { return step(info.Env(), false); }
  Napi::Value finish(const Napi::CallbackInfo& info) { return step(info.Env(), true); }

  Napi::Value step(Napi::Env env, bool finishing) {
    if (isBusy(env)) {
      return env.Undefined();
    }
    busy_ = true;
    auto* const worker = new Step(env, *this, finishing);
    worker->Queue();
    return worker->promise();
  }

  Napi::Value hungry(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), engine_->hungry());
  }

  // { count, rows, bytes, records } of the last scan; rows are core/scanner.hpp's Event as they
  // lie. All of it is valid until the next call.
  Napi::Value takeEvents(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    if (isBusy(env)) {
      return env.Undefined();
    }
    auto& batch = engine_->batch();
    rows_.put(env, std::as_bytes(std::span(batch.events)));
    bytes_.put(env, std::as_bytes(std::span(batch.bytes)));
    putRecords(env, batch.records);
    auto result = Napi::Object::New(env);
    result.Set("count", static_cast<double>(batch.events.size()));
    result.Set("rows", rows_.value());
    result.Set("bytes", Napi::Uint8Array::New(env, bytes_.capacity(), bytes_.value(), 0));
    result.Set("records", Napi::Float64Array::New(env, records_.capacity() / sizeof(double),
                                                  records_.value(), 0));
    batch.clearEvents();
    return result;
  }

  void putRecords(Napi::Env env, const std::vector<rtcp::Record>& records) {
    std::uint8_t* at = records_.prepare(env, records.size() * kRecordColumns * sizeof(double));
    for (const auto& record : records) {
      const auto row = recordRow(record);
      std::memcpy(at, row.data(), sizeof(row));
      at += sizeof(row);
    }
  }

  // addMap(Uint32Array[128] clock rates, Uint8Array[128] kinds): its number.
  Napi::Value addMap(const Napi::CallbackInfo& info) {
    rtp::PayloadMap map;
    if (isBusy(info.Env())) {
      return info.Env().Undefined();
    }
    if (!readMap(info, map)) {
      return misuse(info.Env(), "addMap(clockRates, kinds)");
    }
    return Napi::Number::New(info.Env(), engine_->streams().addMap(map));
  }

  Napi::Value setDefaultMap(const Napi::CallbackInfo& info) {
    rtp::PayloadMap map;
    if (isBusy(info.Env())) {
      return info.Env().Undefined();
    }
    if (!readMap(info, map)) {
      return misuse(info.Env(), "setDefaultMap(clockRates, kinds)");
    }
    engine_->streams().setDefaultMap(map);
    return info.Env().Undefined();
  }

  // nameEndpoint(Uint8Array[16] address, ipv6, port, frame, map)
  Napi::Value nameEndpoint(const Napi::CallbackInfo& info) {
    const auto address = elements<std::uint8_t>(info[0], napi_uint8_array);
    if (isBusy(info.Env())) {
      return info.Env().Undefined();
    }
    if (!address || address->size() != 16 || !info[1].IsBoolean() || !info[2].IsNumber() ||
        !info[3].IsNumber() || !info[4].IsNumber()) {
      return misuse(info.Env(), "nameEndpoint(address, ipv6, port, frame, map)");
    }
    rtp::EndpointKey key{};
    std::memcpy(key.address.data(), address->data(), key.address.size());
    key.ipv6 = info[1].As<Napi::Boolean>();
    key.port = static_cast<std::uint16_t>(info[2].As<Napi::Number>().Uint32Value());
    engine_->nameEndpoint(key, static_cast<std::uint64_t>(info[3].As<Napi::Number>().Int64Value()),
                          static_cast<std::uint16_t>(info[4].As<Napi::Number>().Uint32Value()));
    return info.Env().Undefined();
  }

  Napi::Value streamCount(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), engine_->streams().size());
  }

  // streams(from, count): { rows, intervals, lossRuns, worstBursts, addresses } after finish().
  Napi::Value streams(const Napi::CallbackInfo& info) {
    StreamRows out;
    const rtp::Settings& settings = engine_->streams().settings();
    const bool isDone = forStreams(info, "streams(from, count)", [&](const rtp::Stream& stream) {
      appendStream(stream, stream.key, settings, out);
    });
    return isDone ? streamRows(info.Env(), out) : info.Env().Undefined();
  }

  // streamIdentities(from, count): { rows, addresses }, at any time.
  Napi::Value streamIdentities(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    std::vector<double> rows;
    std::vector<std::uint8_t> addresses;
    if (!forStreams(info, "streamIdentities(from, count)", [&](const rtp::Stream& stream) {
          appendIdentity(stream, stream.key, rows, addresses);
        })) {
      return env.Undefined();
    }
    auto result = Napi::Object::New(env);
    result.Set("rows", doubles(env, rows));
    result.Set("addresses", byteArray(env, addresses));
    return result;
  }

  // Gives `use` the streams that (from, count) asks for. False when it threw instead.
  template <typename Use>
  bool forStreams(const Napi::CallbackInfo& info, const char* usage, const Use& use) {
    if (isBusy(info.Env())) {
      return false;
    }
    if (!info[0].IsNumber() || !info[1].IsNumber()) {
      misuse(info.Env(), usage);
      return false;
    }
    auto& table = engine_->streams();
    const std::uint32_t from = info[0].As<Napi::Number>().Uint32Value();
    const std::uint32_t count = info[1].As<Napi::Number>().Uint32Value();
    for (std::uint32_t i = from; i < table.size() && i - from < count; ++i) {
      use(table.at(i));
    }
    return true;
  }

  Napi::Value counters(const Napi::CallbackInfo& info) {
    return doubles(info.Env(), counterRow(*engine_));
  }

  Napi::Value inputs(const Napi::CallbackInfo& info) {
    return doubles(info.Env(), inputRows(*engine_));
  }

  std::unique_ptr<Engine> engine_;
  // What takeEvents() last handed out.
  SharedMemory rows_;
  SharedMemory bytes_;
  SharedMemory records_;
  bool busy_ = false;
};

inline Step::Step(Napi::Env env, EngineObject& owner, bool finishing)
    : Napi::AsyncWorker(env, "mediaprobe.engine"),
      owner_(owner),
      alive_(Napi::Persistent(owner.Value())),
      deferred_(env),
      finishing_(finishing) {}

inline void Step::Execute() {
  if (finishing_) {
    owner_.engine().finish();
  } else {
    pause_ = owner_.engine().scan();
  }
}

inline void Step::OnOK() {
  owner_.setBusy(false);
  deferred_.Resolve(Napi::Number::New(Env(), static_cast<double>(pause_)));
}

inline void Step::OnError(const Napi::Error& error) {
  owner_.setBusy(false);
  deferred_.Reject(error.Value());
}

}  // namespace probe::addon
