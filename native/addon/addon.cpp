// What the addon exports.
#include <napi.h>

#include "engine_object.hpp"
#include "floor_read.hpp"
#include "live_engine.hpp"
#include "rtcp_decoder.hpp"

namespace {

using namespace probe::addon;

Napi::Object exportAll(Napi::Env env, Napi::Object exports) {
  exports.Set("Engine", EngineObject::define(env));
  exports.Set("LiveEngine", LiveEngineObject::define(env));
  exports.Set("decodeRtcp", Napi::Function::New<decodeRtcp>(env, "decodeRtcp"));
  exports.Set("readOnly", Napi::Function::New<readOnly>(env, "readOnly"));
  return exports;
}

}  // namespace

NODE_API_MODULE(mediaprobe, exportAll)
