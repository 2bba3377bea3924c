#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include "rtp/hash.hpp"
#include "rtp/huge_pages.hpp"

namespace probe::rtp {

// A transport address that signalling has named as one where media will arrive.
struct EndpointKey {
  std::array<std::uint8_t, 16> address;
  std::uint16_t port;
  bool ipv6;

  [[nodiscard]] std::uint64_t addressWord(std::size_t index) const noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, address.data() + index * sizeof(word), sizeof(word));
    return word;
  }
  // By words: comparing the arrays would be a call.
  [[nodiscard]] bool operator==(const EndpointKey& other) const noexcept {
    return addressWord(0) == other.addressWord(0) && addressWord(1) == other.addressWord(1) &&
           port == other.port && ipv6 == other.ipv6;
  }
};

[[nodiscard]] inline std::uint64_t hashOf(const EndpointKey& key, const HashSeed& seed) noexcept {
  return hashOf(key.addressWord(0), key.addressWord(1) ^ key.port, seed);
}

// Which payload map each endpoint has. One table of open addressing: with very many endpoints each
// look-up waits for memory once. Not bounded: the owner looks at size(). `hash` is hashOf() of the
// key with the table's seed, which the owner has for other uses too.
class EndpointMap {
 public:
  explicit EndpointMap(const HashSeed& seed) : seed_(seed), slots_(kFirstSlots) {}

  // The endpoint's payload map, null where nothing was said of it.
  [[nodiscard]] const std::uint16_t* find(const EndpointKey& key,
                                          std::uint64_t hash) const noexcept {
    const Slot& slot = slots_[placeOf(key, hash)];
    return slot.isUsed ? &slot.map : nullptr;
  }
  void set(const EndpointKey& key, std::uint64_t hash, std::uint16_t map);
  void erase(const EndpointKey& key, std::uint64_t hash) noexcept;
  // Has what find() will read brought from memory.
  void fetch(std::uint64_t hash) const noexcept {
    __builtin_prefetch(&slots_[hash & (slots_.size() - 1)]);
  }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  static constexpr std::size_t kFirstSlots = 1024;

  struct Slot {
    EndpointKey key{};
    std::uint16_t map = 0;
    bool isUsed = false;
  };
  using Slots = std::vector<Slot, TableAllocator<Slot>>;

  // Where the key is, or would be put.
  [[nodiscard]] std::size_t placeOf(const EndpointKey& key, std::uint64_t hash) const noexcept {
    std::size_t at = hash & (slots_.size() - 1);
    while (slots_[at].isUsed && !(slots_[at].key == key)) {
      at = (at + 1) & (slots_.size() - 1);
    }
    return at;
  }

  HashSeed seed_;
  Slots slots_;  // at most half of them used
  std::size_t size_ = 0;
};

}  // namespace probe::rtp
