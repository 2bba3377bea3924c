#include "rtp/endpoint_map.hpp"

namespace probe::rtp {

void EndpointMap::set(const EndpointKey& key, std::uint64_t hash, std::uint16_t map) {
  Slot& known = slots_[placeOf(key, hash)];
  if (known.isUsed) {
    known.map = map;
    return;
  }
  if ((size_ + 1) * 2 > slots_.size()) {
    Slots before(slots_.size() * 2);
    before.swap(slots_);
    for (const Slot& slot : before) {
      if (slot.isUsed) {
        slots_[placeOf(slot.key, hashOf(slot.key, seed_))] = slot;
      }
    }
  }
  slots_[placeOf(key, hash)] = {.key = key, .map = map, .isUsed = true};
  ++size_;
}

// Moves those behind it that the endpoint kept from their own place.
void EndpointMap::erase(const EndpointKey& key, std::uint64_t hash) noexcept {
  std::size_t gap = placeOf(key, hash);
  if (!slots_[gap].isUsed) {
    return;
  }
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t next = (gap + 1) & mask; slots_[next].isUsed; next = (next + 1) & mask) {
    if (((next - hashOf(slots_[next].key, seed_)) & mask) >= ((next - gap) & mask)) {
      slots_[gap] = slots_[next];
      gap = next;
    }
  }
  slots_[gap] = {};
  --size_;
}

}  // namespace probe::rtp
