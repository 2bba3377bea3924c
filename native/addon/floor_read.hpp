#pragma once

#include <napi.h>
#include <unistd.h>

#include <cstdint>
#include <vector>

#include "input.hpp"
#include "values.hpp"

namespace probe::addon {

// Reads a file in the engine's blocks and does nothing with it: the floor of every measurement.
class FloorRead final : public Napi::AsyncWorker {
 public:
  FloorRead(Napi::Env env, int descriptor)
      : Napi::AsyncWorker(env, "mediaprobe.floor"), deferred_(env), descriptor_(descriptor) {}
  [[nodiscard]] Napi::Promise promise() const { return deferred_.Promise(); }
  void Execute() override {
    std::vector<std::uint8_t> block(Input::kBlockBytes);
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

// readOnly(descriptor): how many bytes there were.
inline Napi::Value readOnly(const Napi::CallbackInfo& info) {
  if (!info[0].IsNumber()) {
    return misuse(info.Env(), "readOnly(descriptor)");
  }
  auto* const worker = new FloorRead(info.Env(), info[0].As<Napi::Number>().Int32Value());
  worker->Queue();
  return worker->promise();
}

}  // namespace probe::addon
