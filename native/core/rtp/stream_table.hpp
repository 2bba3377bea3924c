#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "rtp/endpoint_map.hpp"
#include "rtp/fact.hpp"
#include "rtp/hash.hpp"
#include "rtp/huge_pages.hpp"
#include "rtp/payload_format.hpp"
#include "rtp/settings.hpp"
#include "rtp/stream.hpp"

namespace probe::rtp {

// What signalling says of an endpoint, and from which frame on.
struct EndpointChange {
  EndpointKey endpoint;
  std::uint32_t frame;  // counted from the batch's first frame
  std::uint16_t map;    // from addMap()
};

struct StreamTableCounters {
  std::uint64_t packets;            // accounted to a stream
  std::uint64_t unconfirmed;        // looked like RTP, but no stream came of them
  std::uint64_t candidatesEvicted;  // given up before they could be confirmed
  std::uint64_t streamsRefused;     // packets of streams beyond Settings::maxStreams
  std::uint64_t endpointsRefused;   // endpoints beyond Settings::maxEndpoints
};

// Finds the stream of each packet. A packet to or from an endpoint that signalling named is media
// at once; any other flow must show a few packets in sequence first, which keeps out what only
// looks like RTP.
class StreamTable {
 public:
  static constexpr std::uint16_t kDefaultMap = 0;

  StreamTable(const Settings& settings, const HashSeed& seed);
  StreamTable(const StreamTable&) = delete;
  StreamTable& operator=(const StreamTable&) = delete;
  ~StreamTable();

  // A format for each payload type. Map 0 serves packets of endpoints that nothing was said about,
  // and payload types that the endpoint's own map does not hold.
  std::uint16_t addMap(const PayloadMap& map);
  void setDefaultMap(const PayloadMap& map) { replaceMap(kDefaultMap, map); }
  // Gives a map's number to another: for one that no stream takes its formats from any more.
  void replaceMap(std::uint16_t id, const PayloadMap& map);

  // Accounts a batch in capture order; `changes` are in frame order too.
  void account(std::span<const Fact> facts, std::span<const Ipv6Addresses> ipv6,
               std::span<const EndpointChange> changes);
  // No packets follow.
  void finish();

  // For those who watch for longer than a stream lives. An index stands for its stream until that
  // is removed, and may then stand for a new one.
  //
  // The stream of packets with this Fact::hash, or Stream::kNoStream.
  [[nodiscard]] std::uint32_t find(std::uint64_t hash) const noexcept {
    std::uint64_t at = hash & mask_;
    while (slots_[at].hash != hash && slots_[at].index != kNone) {
      at = (at + 1) & mask_;
    }
    return slots_[at].index;
  }
  // What account() does for a group: first their slots on the way from memory, then their streams,
  // which `found` names.
  void fetchSlots(std::span<const Fact> facts) const noexcept;
  void fetchStreams(std::span<const Fact> facts, std::uint32_t* found) noexcept;
  // Accounts a packet of that stream.
  void accountTo(std::uint32_t index, const Fact& fact) noexcept;
  // Accounts a packet of no stream yet, over IPv4, as if nothing was said of its endpoints.
  void accountUnproven(const Fact& fact) { accountUnknown(fact, keyOf(fact, {}), false); }
  // Forgets a stream and frees what it kept. `hash` is that of its packets.
  void remove(std::uint64_t hash);
  // No packets follow to this endpoint: what was held of them makes streams, whose hashes are
  // appended to `made` until it holds `atMost`, or is given up.
  void endCandidates(const EndpointKey& destination, std::size_t atMost,
                     std::vector<std::uint64_t>& made);
  // What was said of the endpoint no longer holds for what comes.
  void forgetEndpoint(const EndpointKey& endpoint) noexcept {
    endpoints_.erase(endpoint, hashOf(endpoint, seed_));
  }

  // Indices of streams end here; without removals all of them are streams.
  [[nodiscard]] std::uint32_t size() const noexcept { return count_; }
  [[nodiscard]] Stream& at(std::uint32_t index) noexcept {
    return chunks_[index / kChunk].get()[index % kChunk];
  }
  [[nodiscard]] const StreamTableCounters& counters() const noexcept { return counters_; }
  [[nodiscard]] const Settings& settings() const noexcept { return settings_; }
  [[nodiscard]] std::size_t maps() const noexcept { return maps_.size(); }
  [[nodiscard]] const PayloadMap& map(std::uint16_t id) const noexcept { return maps_[id]; }

 private:
  static constexpr std::uint32_t kChunk =
      16'384;  // 10 MiB, whole huge pages; touched as streams come
  static constexpr std::uint32_t kNone = Stream::kNoStream;
  static constexpr std::size_t kFirstSlots = 4096;
  // At least so many: where few lie beside their own, the processor guesses right that none does.
  static constexpr std::size_t kSlotsAStream = 3;
  static constexpr std::size_t kSlotsAnEndpointChain = 4;
  // Steps forward that make a stream of a flow that nothing was said about.
  static constexpr std::uint32_t kConfirmingSteps = 3;
  // Held meanwhile: enough for a mirrored flow, which shows each packet twice.
  static constexpr std::size_t kHeld = 6;

  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t index = kNone;
  };
  using Slots = std::vector<Slot, TableAllocator<Slot>>;
  struct Candidate {
    std::uint64_t hash = 0;
    StreamKey key{};
    std::array<Fact, kHeld> facts;
    std::uint32_t count = 0;
    std::uint32_t steps = 0;
    std::uint32_t timestamp = 0;  // of the highest sequence number
    std::uint16_t highest = 0;

    void restart(const Fact& fact) noexcept;
    // Whether `fact` may belong to the same stream; counts it as evidence if so.
    bool takes(const Fact& fact) noexcept;
  };
  // Both ends of a stream, with their hashes.
  struct Ends {
    EndpointKey destination;
    EndpointKey source;
    std::uint64_t destinationHash;
    std::uint64_t sourceHash;
  };
  struct FreeChunk {
    void operator()(Stream* chunk) const noexcept;
  };

  [[nodiscard]] Stream* fetchStream(std::uint64_t hash) noexcept;
  void accountNew(const Fact& fact, std::span<const Ipv6Addresses> ipv6);
  void accountUnknown(const Fact& fact, const StreamKey& key, bool isMedia);
  std::uint32_t create(const Fact& fact, const StreamKey& key);
  void feed(Stream& stream, const Fact& fact) noexcept;
  void grow();
  bool addChunk();
  void closeGap(std::uint64_t slot) noexcept;
  void resolveFormat(Stream& stream, std::uint8_t payloadType) noexcept;
  void apply(const EndpointChange& change);
  void chain(std::uint32_t index);
  void unchain(std::uint32_t index) noexcept;
  static EndpointKey destinationOf(const StreamKey& key) noexcept;
  static EndpointKey sourceOf(const StreamKey& key) noexcept;
  [[nodiscard]] Ends endsOf(const StreamKey& key) const noexcept;
  [[nodiscard]] bool isNamed(const Ends& ends) const noexcept;
  [[nodiscard]] std::size_t bucket(std::uint64_t endpointHash) const noexcept {
    return endpointHash & (byDestination_.size() - 1);
  }
  static StreamKey keyOf(const Fact& fact, std::span<const Ipv6Addresses> ipv6) noexcept;
  std::uint32_t promote(Candidate& candidate);
  void giveUp(Candidate& candidate);

  Settings settings_;
  HashSeed seed_;
  std::vector<std::unique_ptr<Stream, FreeChunk>> chunks_;
  std::uint32_t count_ = 0;
  std::vector<std::uint32_t> free_;  // indices below it whose streams were removed
  Slots slots_;
  std::uint64_t mask_ = 0;
  std::vector<std::uint32_t> byDestination_;  // heads of the chains of streams by endpoint
  std::vector<std::uint32_t> bySource_;
  std::vector<PayloadMap> maps_;
  EndpointMap endpoints_;
  std::vector<Candidate> candidates_;  // a ring: the oldest makes room
  std::unordered_map<std::uint64_t, std::uint32_t> candidateOf_;
  std::size_t nextCandidate_ = 0;
  StreamTableCounters counters_{};
};

}  // namespace probe::rtp
