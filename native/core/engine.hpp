#pragma once

#include <cstdint>
#include <vector>

#include "input.hpp"
#include "rtp/settings.hpp"
#include "rtp/stream_table.hpp"
#include "scanner.hpp"

namespace probe {

// Reads one capture, or several in order of time, and keeps the statistics of all media in it.
//
// Work goes in two steps, because what a payload type means stands in signalling that is parsed
// elsewhere: scan() fills a batch and stops; whoever called looks at its events, tells what they
// say about endpoints, and calls scan() again, which first accounts the media it had found before.
//
// Not thread-safe: one caller at a time, from any thread.
class Engine {
 public:
  // Why scan() came back.
  enum class Pause : std::uint8_t {
    kEvents,  // there is signalling to look at
    kHungry,  // input hungry() wants bytes
    kTurn,    // a good stretch is done; call again
    kEnded,   // all input is read; account() what is left
  };

  Engine(const rtp::Settings& settings, const rtp::HashSeed& seed)
      : scanner_(seed), table_(settings, seed) {}

  // Takes over the file descriptor; negative: bytes will be fed. All inputs come before scan().
  std::uint32_t addInput(int descriptor);
  void feed(std::uint32_t input, Bytes bytes) { inputs_[input].feed(bytes); }
  void endFeed(std::uint32_t input) { inputs_[input].endFeed(); }
  [[nodiscard]] std::uint32_t hungry() const noexcept { return hungry_; }

  Pause scan();
  // Accounts the media of the last scan, with the changes named since.
  void account();
  // No scan() follows: settles every stream.
  void finish();

  // Says what signalling told of an endpoint, true from `frame` on. In order of frames.
  void nameEndpoint(const rtp::EndpointKey& endpoint, std::uint64_t frame, std::uint16_t map);

  [[nodiscard]] Batch& batch() noexcept { return batch_; }
  [[nodiscard]] rtp::StreamTable& streams() noexcept { return table_; }
  [[nodiscard]] const rtp::StreamTable& streams() const noexcept { return table_; }
  [[nodiscard]] const Scanner& scanner() const noexcept { return scanner_; }
  [[nodiscard]] const std::vector<Input>& inputs() const noexcept { return inputs_; }

 private:
  struct Head {
    capture::Frame frame;
    Input::State state = Input::State::kHungry;
    bool wanted = true;  // the frame was used: fetch the next
  };

  Pause scanOne();
  Pause scanMerged();
  bool isBatchFull(Pause& pause);
  [[nodiscard]] std::size_t factsUntilFull() const noexcept;

  std::vector<Input> inputs_;
  std::vector<Head> heads_;
  std::uint32_t hungry_ = 0;
  bool ended_ = false;
  std::uint64_t turnStart_ = 0;
  Scanner scanner_;
  rtp::StreamTable table_;
  Batch batch_;
  std::vector<rtp::EndpointChange> changes_;
};

}  // namespace probe
