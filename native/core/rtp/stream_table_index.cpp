// Where the streams of a table lie, and how they are found: by the hash of their packets, and by
// either endpoint.
#include <new>

#include "rtp/stream_table.hpp"

namespace probe::rtp {

void StreamTable::FreeChunk::operator()(Stream* chunk) const noexcept {
  // NOLINTNEXTLINE(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory): as it was made
  std::free(chunk);
}

std::uint32_t StreamTable::create(const Fact& fact, const StreamKey& key) {
  const std::size_t living = count_ - free_.size();
  if (living >= settings_.maxStreams) {
    ++counters_.streamsRefused;
    return kNone;
  }
  if ((living + 1) * kSlotsAStream > slots_.size()) {
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
  void* const memory = allocateHugePages(kChunk * sizeof(Stream));
  if (memory == nullptr) {
    return false;
  }
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
  Slots before(slots_.size() * 2);
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
  byDestination_.assign(slots_.size() / kSlotsAnEndpointChain, kNone);
  bySource_.assign(slots_.size() / kSlotsAnEndpointChain, kNone);
  for (std::uint32_t i = 0; i < count_; ++i) {
    if (free_.empty() || at(i).packets != 0) {
      chain(i);
    }
  }
}

void StreamTable::chain(std::uint32_t index) {
  Stream& stream = at(index);
  const Ends ends = endsOf(stream.key);
  std::uint32_t& to = byDestination_[bucket(ends.destinationHash)];
  stream.nextByDestination = to;
  to = index;
  std::uint32_t& from = bySource_[bucket(ends.sourceHash)];
  stream.nextBySource = from;
  from = index;
}

void StreamTable::unchain(std::uint32_t index) noexcept {
  const Stream& stream = at(index);
  const Ends ends = endsOf(stream.key);
  std::uint32_t* to = &byDestination_[bucket(ends.destinationHash)];
  while (*to != index) {
    to = &at(*to).nextByDestination;
  }
  *to = stream.nextByDestination;
  std::uint32_t* from = &bySource_[bucket(ends.sourceHash)];
  while (*from != index) {
    from = &at(*from).nextBySource;
  }
  *from = stream.nextBySource;
}

}  // namespace probe::rtp
