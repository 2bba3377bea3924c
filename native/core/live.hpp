#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "bytes.hpp"
#include "report_row.hpp"
#include "rtp/fact.hpp"
#include "rtp/hash.hpp"
#include "rtp/settings.hpp"
#include "rtp/stream_table.hpp"

namespace probe {

// One packet as a tap writes it into the ring: see `src/native/live-engine.ts`, which fills the
// words by the same order.
struct LivePacket {
  double arrivalMs;
  std::uint32_t flow;
  std::uint32_t ssrc;
  std::uint32_t timestamp;
  std::uint32_t sequenceAndPayload;  // sequence number | payload bytes << 16
  std::uint32_t ipBytesAndType;      // IP bytes | payload type << 16 | marker << 23
  std::uint32_t unused;
};
static_assert(sizeof(LivePacket) == 32);

struct LiveLimits {
  std::uint32_t maxFlows = 16'384;
  std::uint32_t maxStreamsPerFlow = 64;
};

struct LiveCounters {
  std::uint64_t flowsRefused;    // beyond LiveLimits::maxFlows
  std::uint64_t streamsEvicted;  // of few packets, which made room for another of their flow
  std::uint64_t packetsRefused;  // of streams beyond LiveLimits::maxStreamsPerFlow
  std::uint64_t unknownFlow;     // packets of a flow that is not open
  std::uint64_t untimed;         // packets that arrived at no time between 1970 and 2106
};

// Keeps the statistics of media that is tapped where it passes, by the same code as a capture's.
//
// A flow is one tap on one path from a source to a destination. Two taps on the same path, at each
// end of it, are two flows, and what is said of one says nothing of the other.
//
// Not thread-safe: one caller at a time.
class LiveEngine {
 public:
  static constexpr std::uint32_t kNoFlow = 0xFFFFFFFF;

  // Who described the payload types: see StreamTable.
  enum class Side : std::uint8_t { kSource, kDestination };

  LiveEngine(rtp::Settings settings, const LiveLimits& limits, const rtp::HashSeed& seed);

  // The flow's number, below LiveLimits::maxFlows, or kNoFlow. The key's SSRC means nothing.
  std::uint32_t openFlow(const rtp::StreamKey& path);
  // Appends the flow's streams as they ended, and forgets them.
  void closeFlow(std::uint32_t flow, StreamRows& out);

  // Says what the payload types of a flow mean from now on, as Engine::nameEndpoint does.
  void setPayloads(std::uint32_t flow, Side describedBy, std::uint16_t map);

  // Accounts packets in order of arrival: `packets` holds LivePacket rows.
  void drain(Bytes packets);

  // Appends a flow's streams as they would be if they ended now, in the order in which they began.
  void appendStreams(std::uint32_t flow, StreamRows& out);

  [[nodiscard]] bool isOpen(std::uint32_t flow) const noexcept {
    return flow < flows_.size() && flows_[flow].isOpen;
  }
  [[nodiscard]] rtp::StreamTable& table() noexcept { return table_; }
  [[nodiscard]] const LiveCounters& counters() const noexcept { return counters_; }

 private:
  static constexpr std::size_t kGroup = 16;  // as StreamTable::account() has it

  struct Flow {
    rtp::StreamKey path{};
    std::vector<std::uint64_t> streams;  // their hashes, in the order in which they began
    bool isOpen = false;
  };

  [[nodiscard]] rtp::Fact factOf(const LivePacket& packet) const noexcept;
  void accountGroup(std::span<const rtp::Fact> facts);
  [[nodiscard]] bool isSound(const LivePacket& packet) noexcept;
  void accountNew(Flow& flow, const rtp::Fact& fact);
  [[nodiscard]] std::size_t quietest(const Flow& flow) noexcept;
  static rtp::EndpointKey endpointOf(std::uint32_t flow, Side side) noexcept;

  LiveLimits limits_;
  rtp::HashSeed seed_;
  rtp::StreamTable table_;
  std::vector<Flow> flows_;
  std::vector<std::uint32_t> closed_;  // numbers to give out again
  LiveCounters counters_{};
};

}  // namespace probe
