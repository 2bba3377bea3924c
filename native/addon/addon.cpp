#include <napi.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine.hpp"
#include "live_engine.hpp"
#include "report_row.hpp"
#include "rtcp/decode.hpp"
#include "values.hpp"

namespace {

using probe::Engine;
using probe::addon::byteArray;
using probe::addon::doubles;
using probe::addon::elements;
using probe::addon::kRecordColumns;
using probe::addon::kSettings;
using probe::addon::misuse;
using probe::addon::readMap;
using probe::addon::recordRow;
using probe::addon::settingsOf;
using probe::addon::streamRows;
using probe::rtp::PayloadMap;

// Memory that JavaScript sees and that is written over: what each scan hands out would else be new
// memory that waits for a collection. Grows to the next power of two.
class SharedMemory {
 public:
  // Room for `bytes`; what was in it may be gone.
  std::uint8_t* prepare(Napi::Env env, std::size_t bytes) {
    if (bytes > capacity_ || buffer_.IsEmpty()) {
      capacity_ = std::bit_ceil(std::max(bytes, kLeastBytes));
      buffer_ = Napi::Persistent(Napi::ArrayBuffer::New(env, capacity_));
    }
    return static_cast<std::uint8_t*>(buffer_.Value().Data());
  }
  [[nodiscard]] Napi::ArrayBuffer value() const { return buffer_.Value(); }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }

 private:
  static constexpr std::size_t kLeastBytes = 64UL * 1024;

  Napi::Reference<Napi::ArrayBuffer> buffer_;
  std::size_t capacity_ = 0;
};

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
    engine_ = std::make_unique<Engine>(settingsOf(*options),
                                       probe::rtp::HashSeed{(*seed)[0], (*seed)[1]});
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
    put(env, rows_, std::as_bytes(std::span(batch.events)));
    put(env, bytes_, std::as_bytes(std::span(batch.bytes)));
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

  static void put(Napi::Env env, SharedMemory& into, std::span<const std::byte> from) {
    std::uint8_t* const at = into.prepare(env, from.size());
    if (!from.empty()) {
      std::memcpy(at, from.data(), from.size());
    }
  }

  void putRecords(Napi::Env env, const std::vector<probe::rtcp::Record>& records) {
    std::uint8_t* at = records_.prepare(env, records.size() * kRecordColumns * sizeof(double));
    for (const auto& record : records) {
      const auto row = recordRow(record);
      std::memcpy(at, row.data(), sizeof(row));
      at += sizeof(row);
    }
  }

  // addMap(Uint32Array[128] clock rates, Uint8Array[128] kinds): its number.
  Napi::Value addMap(const Napi::CallbackInfo& info) {
    PayloadMap map;
    if (isBusy(info.Env())) {
      return info.Env().Undefined();
    }
    if (!readMap(info, map)) {
      return misuse(info.Env(), "addMap(clockRates, kinds)");
    }
    return Napi::Number::New(info.Env(), engine_->streams().addMap(map));
  }

  Napi::Value setDefaultMap(const Napi::CallbackInfo& info) {
    PayloadMap map;
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
    probe::rtp::EndpointKey key{};
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

  // streams(from, count): { rows, intervals, lossRuns, addresses } after finish().
  Napi::Value streams(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    if (isBusy(env)) {
      return env.Undefined();
    }
    if (!info[0].IsNumber() || !info[1].IsNumber()) {
      return misuse(env, "streams(from, count)");
    }
    auto& table = engine_->streams();
    const std::uint32_t from = info[0].As<Napi::Number>().Uint32Value();
    const std::uint32_t count = info[1].As<Napi::Number>().Uint32Value();
    probe::StreamRows out;
    for (std::uint32_t i = from; i < table.size() && i - from < count; ++i) {
      probe::appendStream(table.at(i), table.at(i).key, table.settings(), out);
    }
    return streamRows(env, out);
  }

  // streamIdentities(from, count): { rows, addresses }, at any time.
  Napi::Value streamIdentities(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    if (isBusy(env)) {
      return env.Undefined();
    }
    if (!info[0].IsNumber() || !info[1].IsNumber()) {
      return misuse(env, "streamIdentities(from, count)");
    }
    auto& table = engine_->streams();
    const std::uint32_t from = info[0].As<Napi::Number>().Uint32Value();
    const std::uint32_t count = info[1].As<Napi::Number>().Uint32Value();
    std::vector<double> rows;
    std::vector<std::uint8_t> addresses;
    for (std::uint32_t i = from; i < table.size() && i - from < count; ++i) {
      probe::appendIdentity(table.at(i).key, rows, addresses);
    }
    auto result = Napi::Object::New(env);
    result.Set("rows", doubles(env, rows));
    result.Set("addresses", byteArray(env, addresses));
    return result;
  }

  // All counters in the order that `src/native/engine.ts` reads them.
  Napi::Value counters(const Napi::CallbackInfo& info) {
    const auto& scan = engine_->scanner().counters();
    const auto& decoder = engine_->scanner().decoderCounters();
    const auto& tcp = engine_->scanner().tcpCounters();
    const auto& table = engine_->streams().counters();
    std::vector<double> all;
    for (const std::uint64_t count : {scan.frames,
                                      scan.wireBytes,
                                      table.packets,
                                      scan.rtcp,
                                      scan.rtcpEncrypted,
                                      scan.sip,
                                      scan.dtls,
                                      scan.stun,
                                      scan.turnChannelData,
                                      scan.fragments,
                                      scan.ignored,
                                      table.unconfirmed,
                                      scan.malformedRtp,
                                      scan.malformedRtcp,
                                      tcp.malformedMessages,
                                      tcp.bytesSkipped,
                                      decoder.fragmentsEvicted,
                                      tcp.connectionsEvicted,
                                      table.candidatesEvicted,
                                      table.streamsRefused,
                                      table.endpointsRefused,
                                      scan.sipsHandshakes,
                                      scan.cutFrames}) {
      all.push_back(static_cast<double>(count));
    }
    for (const std::uint64_t count : decoder.malformed) {
      all.push_back(static_cast<double>(count));
    }
    all.push_back(static_cast<double>(scan.firstFrameNs) / 1e6);
    all.push_back(static_cast<double>(scan.lastFrameNs) / 1e6);
    return doubles(info.Env(), all);
  }

  // [problem, offset, value, frames, bytesRead, errno, isBlocks, interfaces, linkType, snapLength,
  // ticksPerSecond, dropped or -1] for each input.
  Napi::Value inputs(const Napi::CallbackInfo& info) {
    std::vector<double> all;
    for (const auto& input : engine_->inputs()) {
      const auto& reader = input.reader();
      const auto origin = reader.origin();
      all.insert(
          all.end(),
          {static_cast<double>(reader.problem()), static_cast<double>(reader.problemOffset()),
           static_cast<double>(reader.problemValue()), static_cast<double>(reader.frames()),
           static_cast<double>(input.bytesRead()), static_cast<double>(input.readError()),
           origin.isBlocks ? 1.0 : 0.0, static_cast<double>(origin.interfaces),
           static_cast<double>(origin.linkType), static_cast<double>(origin.snapLength),
           origin.ticksPerSecond, origin.dropped ? static_cast<double>(*origin.dropped) : -1.0});
    }
    return doubles(info.Env(), all);
  }

  std::unique_ptr<Engine> engine_;
  // What takeEvents() last handed out.
  SharedMemory rows_;
  SharedMemory bytes_;
  SharedMemory records_;
  bool busy_ = false;
};

Step::Step(Napi::Env env, EngineObject& owner, bool finishing)
    : Napi::AsyncWorker(env, "mediaprobe.engine"),
      owner_(owner),
      alive_(Napi::Persistent(owner.Value())),
      deferred_(env),
      finishing_(finishing) {}

void Step::Execute() {
  if (finishing_) {
    owner_.engine().finish();
  } else {
    pause_ = owner_.engine().scan();
  }
}

void Step::OnOK() {
  owner_.setBusy(false);
  deferred_.Resolve(Napi::Number::New(Env(), static_cast<double>(pause_)));
}

void Step::OnError(const Napi::Error& error) {
  owner_.setBusy(false);
  deferred_.Reject(error.Value());
}

// Reads a file in the engine's blocks and does nothing with it: the floor of every measurement.
class FloorRead final : public Napi::AsyncWorker {
 public:
  FloorRead(Napi::Env env, int descriptor)
      : Napi::AsyncWorker(env, "mediaprobe.floor"), deferred_(env), descriptor_(descriptor) {}
  [[nodiscard]] Napi::Promise promise() const { return deferred_.Promise(); }
  void Execute() override {
    std::vector<std::uint8_t> block(probe::Input::kBlockBytes);
    ssize_t got = 0;
    while ((got = ::read(descriptor_, block.data(), block.size())) > 0) {
      total_ += static_cast<double>(got);
    }
  }
  void OnOK() override { deferred_.Resolve(Napi::Number::New(Env(), total_)); }

 private:
  Napi::Promise::Deferred deferred_;
  int descriptor_;
  double total_ = 0;
};

Napi::Value readOnly(const Napi::CallbackInfo& info) {
  if (!info[0].IsNumber()) {
    return misuse(info.Env(), "readOnly(descriptor)");
  }
  auto* const worker = new FloorRead(info.Env(), info[0].As<Napi::Number>().Int32Value());
  worker->Queue();
  return worker->promise();
}

// decodeRtcp(Uint8Array payload, protection): the verdict's number, then the records row by row.
Napi::Value decodeRtcp(const Napi::CallbackInfo& info) {
  const auto payload = elements<std::uint8_t>(info[0], napi_uint8_array);
  if (!payload || !info[1].IsNumber() ||
      info[1].As<Napi::Number>().Uint32Value() >
          static_cast<std::uint32_t>(probe::rtcp::Protection::kSrtp)) {
    return misuse(info.Env(), "decodeRtcp(payload, protection)");
  }
  const auto protection =
      static_cast<probe::rtcp::Protection>(info[1].As<Napi::Number>().Uint32Value());
  std::vector<probe::rtcp::Record> records;
  const auto outcome = probe::rtcp::decode(*payload, payload->size(), protection, records);
  std::vector<double> rows{static_cast<double>(outcome.verdict)};
  rows.reserve(1 + records.size() * kRecordColumns);
  for (const auto& record : records) {
    const auto row = recordRow(record);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  return doubles(info.Env(), rows);
}

Napi::Object exportAll(Napi::Env env, Napi::Object exports) {
  exports.Set("Engine", EngineObject::define(env));
  exports.Set("LiveEngine", probe::addon::LiveEngineObject::define(env));
  exports.Set("decodeRtcp", Napi::Function::New<decodeRtcp>(env, "decodeRtcp"));
  exports.Set("readOnly", Napi::Function::New<readOnly>(env, "readOnly"));
  return exports;
}

}  // namespace

NODE_API_MODULE(mediaprobe, exportAll)
