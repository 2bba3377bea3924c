#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "rtp/fact.hpp"
#include "rtp/hash.hpp"
#include "rtp/payload_format.hpp"
#include "rtp/settings.hpp"
#include "rtp/stream.hpp"

namespace probe::rtp {

// A transport address that signalling has named as one where media will arrive.
struct EndpointKey {
  std::array<std::uint8_t, 16> address;
  std::uint16_t port;
  bool ipv6;
  bool operator==(const EndpointKey&) const noexcept = default;
};

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
  void account(std::span<const Fact> facts, std::span<const std::array<std::uint8_t, 32>> ipv6,
               std::span<const EndpointChange> changes);
  // No packets follow.
  void finish();

  // For those who watch for longer than a stream lives. An index stands for its stream until that
  // is removed, and may then stand for a new one.
  //
  // The stream of packets with this Fact::hash, or Stream::kNoStream.
  [[nodiscard]] std::uint32_t find(std::uint64_t hash) const noexcept;
  // What account() does for a group: first their slots on the way from memory, then their streams,
  // which `found` names.
  void fetchSlots(std::span<const Fact> facts) const noexcept;
  void fetchStreams(std::span<const Fact> facts, std::uint32_t* found) noexcept;
  // Accounts a packet of that stream.
  void accountTo(std::uint32_t index, const Fact& fact) noexcept { feed(at(index), fact); }
  // Accounts a packet of no stream yet, over IPv4, as if nothing was said of its endpoints.
  void accountUnproven(const Fact& fact) { accountUnknown(fact, keyOf(fact, {}), false); }
  // Forgets a stream and frees what it kept. `hash` is that of its packets.
  void remove(std::uint64_t hash);
  // No packets follow to this endpoint: what was held of them makes streams, whose hashes are
  // appended to `made` until it holds `atMost`, or is given up.
  void endCandidates(const EndpointKey& destination, std::size_t atMost,
                     std::vector<std::uint64_t>& made);
  // What was said of the endpoint no longer holds for what comes.
  void forgetEndpoint(const EndpointKey& endpoint) { endpoints_.erase(endpoint); }

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
  // Steps forward that make a stream of a flow that nothing was said about.
  static constexpr std::uint32_t kConfirmingSteps = 3;
  // Held meanwhile: enough for a mirrored flow, which shows each packet twice.
  static constexpr std::size_t kHeld = 6;

  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t index = kNone;
  };
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
  struct EndpointHash {
    std::size_t operator()(const EndpointKey& key) const noexcept;
  };
  struct FreeChunk {
    void operator()(Stream* chunk) const noexcept;
  };

  void accountOne(const Fact& fact, std::uint32_t index,
                  std::span<const std::array<std::uint8_t, 32>> ipv6);
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
  [[nodiscard]] bool isNamed(const StreamKey& key) const noexcept;
  [[nodiscard]] std::uint32_t bucket(const EndpointKey& key) const noexcept;
  static StreamKey keyOf(const Fact& fact,
                         std::span<const std::array<std::uint8_t, 32>> ipv6) noexcept;
  static EndpointKey destinationOf(const StreamKey& key) noexcept;
  static EndpointKey sourceOf(const StreamKey& key) noexcept;
  std::uint32_t promote(Candidate& candidate);
  void giveUp(Candidate& candidate);

  Settings settings_;
  HashSeed seed_;
  std::vector<std::unique_ptr<Stream, FreeChunk>> chunks_;
  std::uint32_t count_ = 0;
  std::vector<std::uint32_t> free_;  // indices below it whose streams were removed
  std::vector<Slot> slots_;
  std::uint64_t mask_ = 0;
  std::vector<std::uint32_t> byDestination_;  // heads of the chains of streams by endpoint
  std::vector<std::uint32_t> bySource_;
  std::vector<PayloadMap> maps_;
  std::unordered_map<EndpointKey, std::uint16_t, EndpointHash> endpoints_;
  std::vector<Candidate> candidates_;  // a ring: the oldest makes room
  std::unordered_map<std::uint64_t, std::uint32_t> candidateOf_;
  std::size_t nextCandidate_ = 0;
  StreamTableCounters counters_{};
};

}  // namespace probe::rtp
