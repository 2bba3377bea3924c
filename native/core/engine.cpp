#include "engine.hpp"

#include <algorithm>

namespace probe {
namespace {

constexpr std::size_t kReadyFacts = 1024;  // worth accounting, and still in the nearest cache
// More would take longer to find memory for than to be handed out in two parts.
constexpr std::size_t kBatchEventBytes = 1U << 17U;
constexpr std::uint64_t kTurnFrames = 1U << 18U;  // progress is told this often at least

}  // namespace

std::uint32_t Engine::addInput(int descriptor) {
  inputs_.emplace_back(descriptor);
  heads_.emplace_back();
  return static_cast<std::uint32_t>(inputs_.size() - 1);
}

Engine::Pause Engine::scan() {
  account();
  batch_.clearEvents();
  turnStart_ = scanner_.counters().frames;
  if (ended_) {
    return Pause::kEnded;
  }
  const Pause pause = inputs_.size() == 1 ? scanOne() : scanMerged();
  if (pause == Pause::kEnded) {
    scanner_.finish(batch_);
    ended_ = true;
  }
  return pause;
}

Engine::Pause Engine::scanOne() {
  Input& input = inputs_.front();
  capture::Frame frame;
  Pause pause = Pause::kTurn;
  for (;;) {
    scanner_.scanMedia(input.reader(), factsUntilFull(), batch_);
    if (isBatchFull(pause)) {
      return pause;
    }
    switch (input.next(frame)) {
      case Input::State::kFrame:
        scanner_.scan(frame, batch_);
        if (isBatchFull(pause)) {
          return pause;
        }
        break;
      case Input::State::kHungry:
        hungry_ = 0;
        return Pause::kHungry;
      case Input::State::kEnded:
        return Pause::kEnded;
    }
  }
}

// Frames of equal time come in the order of the inputs.
Engine::Pause Engine::scanMerged() {
  Pause pause = Pause::kTurn;
  for (;;) {
    Head* earliest = nullptr;
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      Head& head = heads_[i];
      if (head.wanted && head.state != Input::State::kEnded) {
        head.state = inputs_[i].next(head.frame);
        if (head.state == Input::State::kHungry) {
          hungry_ = static_cast<std::uint32_t>(i);
          return Pause::kHungry;
        }
        head.wanted = false;
      }
      if (head.state == Input::State::kFrame &&
          (earliest == nullptr || head.frame.atNs < earliest->frame.atNs)) {
        earliest = &head;
      }
    }
    if (earliest == nullptr) {
      return Pause::kEnded;
    }
    scanner_.scan(earliest->frame, batch_);
    earliest->wanted = true;
    if (isBatchFull(pause)) {
      return pause;
    }
  }
}

// Media that no session description came with can be accounted at once: whoever waits for events
// need not be woken for it.
bool Engine::isBatchFull(Pause& pause) {
  if (batch_.factCount < kReadyFacts && batch_.eventBytes < kBatchEventBytes) [[likely]] {
    return false;
  }
  if (batch_.eventBytes >= kBatchEventBytes) {
    pause = Pause::kEvents;
    return true;
  }
  if (batch_.descriptions != 0) {
    pause = Pause::kEvents;
    return batch_.factCount == Batch::kMaxFacts;
  }
  account();
  pause = batch_.events.empty() ? Pause::kTurn : Pause::kEvents;
  return scanner_.counters().frames - turnStart_ >= kTurnFrames;
}

// How many facts the batch may hold before isBatchFull() has to be asked.
std::size_t Engine::factsUntilFull() const noexcept {
  return batch_.factCount < kReadyFacts ? kReadyFacts : Batch::kMaxFacts;
}

void Engine::account() {
  table_.account({batch_.facts.get(), batch_.factCount}, {batch_.ipv6.get(), batch_.ipv6Count},
                 changes_);
  changes_.clear();
  batch_.clearFacts(scanner_.counters().frames);
}

void Engine::finish() {
  account();
  table_.finish();
}

void Engine::nameEndpoint(const rtp::EndpointKey& endpoint, std::uint64_t frame,
                          std::uint16_t map) {
  const std::uint64_t inBatch = frame > batch_.firstFrame ? frame - batch_.firstFrame : 0;
  const auto at = static_cast<std::uint32_t>(std::min<std::uint64_t>(inBatch, 0xFFFFFFFF));
  const std::uint32_t ordered = changes_.empty() ? at : std::max(at, changes_.back().frame);
  changes_.push_back({.endpoint = endpoint, .frame = ordered, .map = map});
}

}  // namespace probe
