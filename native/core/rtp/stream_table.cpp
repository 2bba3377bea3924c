#include "rtp/stream_table.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <new>

namespace probe::rtp {
namespace {

constexpr std::size_t kFirstSlots = 4096;
constexpr std::size_t kMaxMaps = 4096;
// How far a candidate's next packet may be ahead or behind, losses included.
constexpr std::uint16_t kPlausibleStep = 32;
constexpr std::size_t kGroup = 16;

constexpr std::size_t kHugePage = 2UL * 1024 * 1024;

// With many streams the translation of their addresses costs more than their data.
void adviseHugePages([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t bytes) noexcept {
#ifdef MADV_HUGEPAGE
  ::madvise(memory, bytes, MADV_HUGEPAGE);
#endif
}

void prefetchStream(const Stream& stream) noexcept {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): a cache line has no type
  const auto* line = reinterpret_cast<const std::uint8_t*>(&stream);
  __builtin_prefetch(line, 1);
  __builtin_prefetch(line + 64, 1);
  __builtin_prefetch(line + 192, 1);  // where the histogram of a calm stream counts
}

}  // namespace

void StreamTable::FreeChunk::operator()(Stream* chunk) const noexcept {
  // NOLINTNEXTLINE(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory): as it was made
  std::free(chunk);
}

StreamTable::StreamTable(const Settings& settings, const HashSeed& seed)
    : settings_(settings),
      seed_(seed),
      slots_(kFirstSlots),
      mask_(kFirstSlots - 1),
      byDestination_(kFirstSlots, kNone),
      bySource_(kFirstSlots, kNone),
      maps_(1) {}

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

// Facts go through in groups: while one is accounted, the streams of the next are on their way from
// memory, and the slots of the one after that.
void StreamTable::account(std::span<const Fact> facts,
                          std::span<const std::array<std::uint8_t, 32>> ipv6,
                          std::span<const EndpointChange> changes) {
  std::array<std::uint32_t, 2 * kGroup> found{};  // streams of the group at hand and of the next
  std::size_t change = 0;
  fetchSlots(facts.first(std::min(facts.size(), 2 * kGroup)));
  fetchStreams(facts.first(std::min(facts.size(), kGroup)), found.data());
  for (std::size_t from = 0; from < facts.size(); from += kGroup) {
    const auto rest = facts.subspan(from);
    const std::size_t count = std::min(rest.size(), kGroup);
    if (rest.size() > 2 * kGroup) {
      fetchSlots(rest.subspan(2 * kGroup, std::min(rest.size() - 2 * kGroup, kGroup)));
    }
    const std::size_t half = from / kGroup % 2 * kGroup;
    if (rest.size() > kGroup) {
      fetchStreams(rest.subspan(kGroup, std::min(rest.size() - kGroup, kGroup)),
                   found.data() + (kGroup - half));
    }
    for (std::size_t i = 0; i < count; ++i) {
      while (change < changes.size() && changes[change].frame <= rest[i].frame) [[unlikely]] {
          apply(changes[change++]);
        }
      accountOne(rest[i], found[half + i], ipv6);
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

void StreamTable::accountOne(const Fact& fact, std::uint32_t index,
                             std::span<const std::array<std::uint8_t, 32>> ipv6) {
  if (index == kNone) [[unlikely]] {
    index = find(fact.hash);  // made by a packet that came after the look-up
    if (index == kNone) {
      const StreamKey key = keyOf(fact, ipv6);
      accountUnknown(fact, key, isNamed(key));
      return;
    }
  }
  feed(at(index), fact);
}

void StreamTable::feed(Stream& stream, const Fact& fact) noexcept {
  if (stream.payloadType != fact.payloadType) [[unlikely]] {
    resolveFormat(stream, fact.payloadType);
  }
  stream.update(fact, settings_);
  ++counters_.packets;
}

void StreamTable::accountUnknown(const Fact& fact, const StreamKey& key, bool isMedia) {
  const auto known = candidateOf_.find(fact.hash);
  if (known != candidateOf_.end()) {
    Candidate& candidate = candidates_[known->second];
    if (!isMedia && (!candidate.takes(fact) ||
                     (candidate.count == kHeld && candidate.steps < kConfirmingSteps))) {
      counters_.unconfirmed += candidate.count;
      candidate.restart(fact);
    } else if (isMedia || candidate.steps == kConfirmingSteps) {
      const std::uint32_t index = promote(candidate);
      if (index != kNone) {
        feed(at(index), fact);
      }
    } else {
      candidate.facts[candidate.count++] = fact;
    }
    return;
  }
  if (isMedia) {
    const std::uint32_t index = create(fact, key);
    if (index != kNone) {
      feed(at(index), fact);
    }
    return;
  }
  if (candidates_.size() < settings_.maxCandidates) {
    candidates_.emplace_back();
    nextCandidate_ = candidates_.size() - 1;
  } else {
    nextCandidate_ = (nextCandidate_ + 1) % candidates_.size();
    const Candidate& oldest = candidates_[nextCandidate_];
    if (oldest.count != 0) {
      ++counters_.candidatesEvicted;
      counters_.unconfirmed += oldest.count;
      candidateOf_.erase(oldest.hash);
    }
  }
  Candidate& candidate = candidates_[nextCandidate_];
  candidate.hash = fact.hash;
  candidate.key = key;
  candidate.restart(fact);
  candidateOf_[fact.hash] = static_cast<std::uint32_t>(nextCandidate_);
}

void StreamTable::Candidate::restart(const Fact& fact) noexcept {
  facts[0] = fact;
  count = 1;
  steps = 0;
  highest = fact.sequenceNumber;
  timestamp = fact.timestamp;
}

bool StreamTable::Candidate::takes(const Fact& fact) noexcept {
  const auto step = static_cast<std::uint16_t>(fact.sequenceNumber - highest);
  if (step == 0) {
    return fact.timestamp == timestamp;  // a copy, as mirrors make it
  }
  if (step > kPlausibleStep) {
    return static_cast<std::uint16_t>(-step) <= kPlausibleStep;
  }
  ++steps;
  highest = fact.sequenceNumber;
  timestamp = fact.timestamp;
  return true;
}

std::uint32_t StreamTable::promote(Candidate& candidate) {
  const std::uint32_t index = create(candidate.facts[0], candidate.key);
  if (index != kNone) {
    for (std::uint32_t i = 0; i < candidate.count; ++i) {
      feed(at(index), candidate.facts[i]);
    }
  }
  candidateOf_.erase(candidate.hash);
  candidate.count = 0;
  return index;
}

void StreamTable::giveUp(Candidate& candidate) {
  counters_.unconfirmed += candidate.count;
  candidateOf_.erase(candidate.hash);
  candidate.count = 0;
}

void StreamTable::endCandidates(const EndpointKey& destination, std::size_t atMost,
                                std::vector<std::uint64_t>& made) {
  if (candidateOf_.empty()) {
    return;
  }
  for (Candidate& candidate : candidates_) {
    if (candidate.count == 0 || destinationOf(candidate.key) != destination) {
      continue;
    }
    if (!isNamed(candidate.key) || made.size() >= atMost) {
      giveUp(candidate);
    } else if (promote(candidate) != kNone) {
      made.push_back(candidate.hash);
    }
  }
}

void StreamTable::finish() {
  for (Candidate& candidate : candidates_) {
    if (candidate.count == 0) {
      continue;
    }
    if (isNamed(candidate.key)) {
      promote(candidate);
    } else {
      giveUp(candidate);
    }
  }
  candidates_.clear();
  candidateOf_.clear();
  for (std::uint32_t i = 0; i < count_; ++i) {
    at(i).finish();
  }
}

// -- the table ------------------------------------------------------------------------------------

std::uint32_t StreamTable::find(std::uint64_t hash) const noexcept {
  for (std::uint64_t at = hash & mask_;; at = (at + 1) & mask_) {
    const Slot& slot = slots_[at];
    if (slot.hash == hash || slot.index == kNone) {
      return slot.index;
    }
  }
}

std::uint32_t StreamTable::create(const Fact& fact, const StreamKey& key) {
  const std::size_t living = count_ - free_.size();
  if (living >= settings_.maxStreams) {
    ++counters_.streamsRefused;
    return kNone;
  }
  if ((living + 1) * 3 > slots_.size() * 2) {
    grow();
  }
  std::uint32_t index = count_;
  if (!free_.empty()) {
    index = free_.back();
    free_.pop_back();
    at(index).~Stream();
  } else if (count_ % kChunk != 0 || addChunk()) {
    ++count_;
  } else {
    ++counters_.streamsRefused;
    return kNone;
  }
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): in place, in memory of the chunk
  new (&at(index)) Stream(key, fact, settings_);
  std::uint64_t slot = fact.hash & mask_;
  while (slots_[slot].index != kNone) {
    slot = (slot + 1) & mask_;
  }
  slots_[slot] = {.hash = fact.hash, .index = index};
  chain(index);
  return index;
}

bool StreamTable::addChunk() {
  // NOLINTNEXTLINE(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory): for huge pages
  void* memory = std::aligned_alloc(kHugePage, kChunk * sizeof(Stream));
  if (memory == nullptr) {
    return false;
  }
  adviseHugePages(memory, kChunk * sizeof(Stream));
  chunks_.emplace_back(static_cast<Stream*>(memory));
  return true;
}

void StreamTable::remove(std::uint64_t hash) {
  std::uint64_t slot = hash & mask_;
  while (slots_[slot].hash != hash || slots_[slot].index == kNone) {
    if (slots_[slot].index == kNone) {
      return;
    }
    slot = (slot + 1) & mask_;
  }
  const std::uint32_t index = slots_[slot].index;
  closeGap(slot);
  unchain(index);
  at(index).~Stream();
  // An empty one takes its place, so that all below `count_` are streams.
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): in place, in memory of the chunk
  new (&at(index)) Stream({}, {}, settings_);
  free_.push_back(index);
}

// Empties a slot and moves those after it that it kept from their own place.
void StreamTable::closeGap(std::uint64_t slot) noexcept {
  for (std::uint64_t next = (slot + 1) & mask_; slots_[next].index != kNone;
       next = (next + 1) & mask_) {
    if (((next - slots_[next].hash) & mask_) >= ((next - slot) & mask_)) {
      slots_[slot] = slots_[next];
      slot = next;
    }
  }
  slots_[slot] = {};
}

void StreamTable::grow() {
  std::vector<Slot> before(slots_.size() * 2);
  before.swap(slots_);
  mask_ = slots_.size() - 1;
  for (const Slot& slot : before) {
    if (slot.index != kNone) {
      std::uint64_t target = slot.hash & mask_;
      while (slots_[target].index != kNone) {
        target = (target + 1) & mask_;
      }
      slots_[target] = slot;
    }
  }
  byDestination_.assign(slots_.size() / 2, kNone);
  bySource_.assign(slots_.size() / 2, kNone);
  for (std::uint32_t i = 0; i < count_; ++i) {
    if (free_.empty() || at(i).packets != 0) {
      chain(i);
    }
  }
}

void StreamTable::chain(std::uint32_t index) {
  Stream& stream = at(index);
  std::uint32_t& to = byDestination_[bucket(destinationOf(stream.key))];
  stream.nextByDestination = to;
  to = index;
  std::uint32_t& from = bySource_[bucket(sourceOf(stream.key))];
  stream.nextBySource = from;
  from = index;
}

void StreamTable::unchain(std::uint32_t index) noexcept {
  const Stream& stream = at(index);
  std::uint32_t* to = &byDestination_[bucket(destinationOf(stream.key))];
  while (*to != index) {
    to = &at(*to).nextByDestination;
  }
  *to = stream.nextByDestination;
  std::uint32_t* from = &bySource_[bucket(sourceOf(stream.key))];
  while (*from != index) {
    from = &at(*from).nextBySource;
  }
  *from = stream.nextBySource;
}

// -- what signalling said -------------------------------------------------------------------------

void StreamTable::apply(const EndpointChange& change) {
  const auto known = endpoints_.find(change.endpoint);
  if (known != endpoints_.end()) {
    if (known->second == change.map) {
      return;
    }
    known->second = change.map;
  } else if (endpoints_.size() >= settings_.maxEndpoints) {
    ++counters_.endpointsRefused;
    return;
  } else {
    endpoints_.emplace(change.endpoint, change.map);
  }
  const std::uint32_t head = bucket(change.endpoint);
  for (std::uint32_t i = byDestination_[head]; i != kNone; i = at(i).nextByDestination) {
    if (destinationOf(at(i).key) == change.endpoint) {
      at(i).forgetFormat();
    }
  }
  for (std::uint32_t i = bySource_[head]; i != kNone; i = at(i).nextBySource) {
    if (sourceOf(at(i).key) == change.endpoint) {
      at(i).forgetFormat();
    }
  }
}

// The receiver's own word first (RFC 3264 section 5.1: payload types are those that the describing
// side wants to receive), then the sender's, then the static and configured ones.
void StreamTable::resolveFormat(Stream& stream, std::uint8_t payloadType) noexcept {
  for (const EndpointKey& endpoint : {destinationOf(stream.key), sourceOf(stream.key)}) {
    const auto known = endpoints_.find(endpoint);
    if (known != endpoints_.end()) {
      const PayloadFormat& format = maps_[known->second][payloadType];
      if (format.clockRateHz != 0) {
        stream.setFormat(payloadType, format, known->second);
        return;
      }
    }
  }
  stream.setFormat(payloadType, maps_[kDefaultMap][payloadType], kDefaultMap);
}

bool StreamTable::isNamed(const StreamKey& key) const noexcept {
  return endpoints_.contains(destinationOf(key)) || endpoints_.contains(sourceOf(key));
}

// -- keys -----------------------------------------------------------------------------------------

StreamKey StreamTable::keyOf(const Fact& fact,
                             std::span<const std::array<std::uint8_t, 32>> ipv6) noexcept {
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

std::size_t StreamTable::EndpointHash::operator()(const EndpointKey& key) const noexcept {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  std::memcpy(&low, key.address.data(), 8);
  std::memcpy(&high, key.address.data() + 8, 8);
  return hashOf(low ^ key.port, high, {});
}

std::uint32_t StreamTable::bucket(const EndpointKey& key) const noexcept {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  std::memcpy(&low, key.address.data(), 8);
  std::memcpy(&high, key.address.data() + 8, 8);
  return static_cast<std::uint32_t>(hashOf(low, high ^ key.port, seed_) &
                                    (byDestination_.size() - 1));
}

}  // namespace probe::rtp
