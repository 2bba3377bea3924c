#include "rtp/stream_table.hpp"

#include <algorithm>
#include <cstring>

namespace probe::rtp {
namespace {

constexpr std::size_t kMaxMaps = 4096;
constexpr std::size_t kAhead = 16;

[[gnu::always_inline]] inline void prefetchStream(const Stream& stream) noexcept {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): a cache line has no type
  const auto* line = reinterpret_cast<const std::uint8_t*>(&stream);
  __builtin_prefetch(line, 1);
  __builtin_prefetch(line + 64, 1);
  __builtin_prefetch(line + 192, 1);  // where the histogram of a calm stream counts
}

}  // namespace

StreamTable::StreamTable(const Settings& settings, const HashSeed& seed)
    : settings_(settings),
      seed_(seed),
      slots_(kFirstSlots),
      mask_(kFirstSlots - 1),
      byDestination_(kFirstSlots / kSlotsAnEndpointChain, kNone),
      bySource_(kFirstSlots / kSlotsAnEndpointChain, kNone),
      maps_(1),
      endpoints_(seed) {}

StreamTable::~StreamTable() {
  for (std::uint32_t i = 0; i < count_; ++i) {
    at(i).~Stream();
  }
}

std::uint16_t StreamTable::addMap(const PayloadMap& map) {
  if (maps_.size() >= kMaxMaps) {
    return kDefaultMap;
  }
  maps_.push_back(map);
  return static_cast<std::uint16_t>(maps_.size() - 1);
}

void StreamTable::replaceMap(std::uint16_t id, const PayloadMap& map) {
  maps_[id] = map;
}

// -- accounting -----------------------------------------------------------------------------------

// Called for each packet: inlined, so that little of its state leaves the registers.
[[gnu::always_inline]] inline void StreamTable::feed(Stream& stream, const Fact& fact) noexcept {
  if (stream.payloadType != fact.payloadType) [[unlikely]] {
    resolveFormat(stream, fact.payloadType);
  }
  stream.update(fact, settings_);
  ++counters_.packets;
}

[[gnu::always_inline]] inline Stream* StreamTable::fetchStream(std::uint64_t hash) noexcept {
  const std::uint32_t index = find(hash);
  if (index == kNone) [[unlikely]] {
    return nullptr;
  }
  Stream& stream = at(index);
  prefetchStream(stream);
  return &stream;
}

// While one fact is accounted, the stream of one some way behind it is on its way from memory, and
// the slot of one as far behind that.
void StreamTable::account(std::span<const Fact> facts, std::span<const Ipv6Addresses> ipv6,
                          std::span<const EndpointChange> changes) {
  std::array<Stream*, kAhead> found;  // a ring: the stream of each fact ahead
  std::size_t change = 0;
  fetchSlots(facts.first(std::min(facts.size(), 2 * kAhead)));
  for (std::size_t i = 0; i < std::min(facts.size(), kAhead); ++i) {
    found[i] = fetchStream(facts[i].hash);
  }
  for (std::size_t i = 0; i < facts.size(); ++i) {
    const Fact& fact = facts[i];
    Stream* const stream = found[i % kAhead];
    if (i + 2 * kAhead < facts.size()) {
      __builtin_prefetch(&slots_[facts[i + 2 * kAhead].hash & mask_]);
    }
    if (i + kAhead < facts.size()) {
      found[i % kAhead] = fetchStream(facts[i + kAhead].hash);
    }
    while (change < changes.size() && changes[change].frame <= fact.frame) [[unlikely]] {
        apply(changes[change++]);
      }
    if (stream != nullptr) [[likely]] {
      feed(*stream, fact);
    } else {
      accountNew(fact, ipv6);
    }
  }
  while (change < changes.size()) {
    apply(changes[change++]);
  }
}

void StreamTable::fetchSlots(std::span<const Fact> facts) const noexcept {
  for (const Fact& fact : facts) {
    __builtin_prefetch(&slots_[fact.hash & mask_]);
  }
}

void StreamTable::fetchStreams(std::span<const Fact> facts, std::uint32_t* found) noexcept {
  for (const Fact& fact : facts) {
    const std::uint32_t index = find(fact.hash);
    *found++ = index;
    if (index != kNone) [[likely]] {
      prefetchStream(at(index));
    }
  }
}

// A packet whose stream was not known when it was looked for.
void StreamTable::accountNew(const Fact& fact, std::span<const Ipv6Addresses> ipv6) {
  const std::uint32_t index = find(fact.hash);  // made by a packet that came after the look-up
  if (index != kNone) {
    accountTo(index, fact);
    return;
  }
  const StreamKey key = keyOf(fact, ipv6);
  const Ends ends = endsOf(key);
  // All that a new stream is put into comes from memory at once, not one after the other.
  endpoints_.fetch(ends.destinationHash);
  endpoints_.fetch(ends.sourceHash);
  __builtin_prefetch(&byDestination_[bucket(ends.destinationHash)], 1);
  __builtin_prefetch(&bySource_[bucket(ends.sourceHash)], 1);
  accountUnknown(fact, key, isNamed(ends));
}

void StreamTable::accountTo(std::uint32_t index, const Fact& fact) noexcept {
  feed(at(index), fact);
}

// -- what signalling said -------------------------------------------------------------------------

void StreamTable::apply(const EndpointChange& change) {
  const EndpointKey& endpoint = change.endpoint;
  const std::uint64_t hash = hashOf(endpoint, seed_);
  const std::uint16_t* const known = endpoints_.find(endpoint, hash);
  if (known != nullptr && *known == change.map) {
    return;
  }
  if (known == nullptr && endpoints_.size() >= settings_.maxEndpoints) {
    ++counters_.endpointsRefused;
    return;
  }
  endpoints_.set(endpoint, hash, change.map);
  const std::size_t head = bucket(hash);
  for (std::uint32_t i = byDestination_[head]; i != kNone; i = at(i).nextByDestination) {
    if (destinationOf(at(i).key) == endpoint) {
      at(i).forgetFormat();
    }
  }
  for (std::uint32_t i = bySource_[head]; i != kNone; i = at(i).nextBySource) {
    if (sourceOf(at(i).key) == endpoint) {
      at(i).forgetFormat();
    }
  }
}

// The receiver's own word first (RFC 3264 section 5.1: payload types are those that the describing
// side wants to receive), then the sender's, then the static and configured ones.
void StreamTable::resolveFormat(Stream& stream, std::uint8_t payloadType) noexcept {
  const Ends ends = endsOf(stream.key);
  for (const std::uint16_t* map : {endpoints_.find(ends.destination, ends.destinationHash),
                                   endpoints_.find(ends.source, ends.sourceHash)}) {
    if (map != nullptr && maps_[*map][payloadType].clockRateHz != 0) {
      stream.setFormat(payloadType, maps_[*map][payloadType], *map);
      return;
    }
  }
  stream.setFormat(payloadType, maps_[kDefaultMap][payloadType], kDefaultMap);
}

bool StreamTable::isNamed(const Ends& ends) const noexcept {
  return endpoints_.find(ends.destination, ends.destinationHash) != nullptr ||
         endpoints_.find(ends.source, ends.sourceHash) != nullptr;
}

// -- keys -----------------------------------------------------------------------------------------

StreamKey StreamTable::keyOf(const Fact& fact, std::span<const Ipv6Addresses> ipv6) noexcept {
  StreamKey key{};
  key.ports = fact.ports;
  key.ssrc = fact.ssrc;
  key.ipv6 = (fact.flags & kFactIpv6) != 0;
  if (key.ipv6) {
    std::memcpy(key.source.data(), ipv6[fact.addresses].data(), 16);
    std::memcpy(key.destination.data(), ipv6[fact.addresses].data() + 16, 16);
  } else {
    // The low half is the source as it lies, the high half the destination.
    const auto destination = static_cast<std::uint32_t>(fact.addresses >> 32U);
    const auto source = static_cast<std::uint32_t>(fact.addresses);
    std::memcpy(key.source.data(), &source, sizeof(source));
    std::memcpy(key.destination.data(), &destination, sizeof(destination));
  }
  return key;
}

EndpointKey StreamTable::destinationOf(const StreamKey& key) noexcept {
  return {.address = key.destination,
          .port = static_cast<std::uint16_t>(key.ports & 0xFFFFU),
          .ipv6 = key.ipv6};
}

EndpointKey StreamTable::sourceOf(const StreamKey& key) noexcept {
  return {.address = key.source,
          .port = static_cast<std::uint16_t>(key.ports >> 16U),
          .ipv6 = key.ipv6};
}

StreamTable::Ends StreamTable::endsOf(const StreamKey& key) const noexcept {
  const EndpointKey destination = destinationOf(key);
  const EndpointKey source = sourceOf(key);
  return {.destination = destination,
          .source = source,
          .destinationHash = hashOf(destination, seed_),
          .sourceHash = hashOf(source, seed_)};
}

}  // namespace probe::rtp
