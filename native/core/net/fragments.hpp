#pragma once

#include <cstdint>
#include <vector>

#include "bytes.hpp"
#include "net/packet.hpp"
#include "net/partial_datagram.hpp"

namespace probe::net {

// What the fragments of one datagram have in common (RFC 791 section 3.2, RFC 8200 section 4.5).
struct FragmentKey {
  Address source;
  Address destination;
  std::uint32_t id;
  Family family;
  std::uint8_t protocol;  // IPv4 only, else 0
  bool operator==(const FragmentKey&) const = default;
};

// A datagram whose fragments are all there. `bytes` borrows from the table until the next add().
struct Datagram {
  Bytes bytes;  // what was captured, up to the first byte that a snap length took away
  std::uint32_t wireBytes;
  std::uint32_t headerBytes;  // of the first fragment
  std::uint8_t protocol;      // of the first fragment
};

enum class Joined : std::uint8_t { kHeld, kWhole, kRefused };

// Joins the fragments of IPv4 and IPv6 datagrams, in whatever order they come and however often.
//
// Where fragments overlap, the bytes of the earlier one count in IPv4; in IPv6 the whole datagram
// is refused (RFC 5722), unless the two are copies. A datagram of which fragments come again once
// it is whole, as in a mirrored capture, may become whole again, but copies that stay incomplete
// are soon given up, so that they never mix with a datagram that reuses their number.
//
// Takes memory when the first fragment comes, and up to kMaxBytes for what it holds. Does not read
// the clock. Not thread-safe: one owner at a time.
class FragmentTable {
 public:
  static constexpr std::size_t kMaxDatagrams = 1024;
  static constexpr std::size_t kMaxBytes =
      std::size_t{8} * 1024 * 1024;  // held payload and its book-keeping
  static constexpr std::uint64_t kMaxAgeNs = 30'000'000'000;
  static constexpr std::uint64_t kMaxCopyAgeNs = 1'000'000'000;

  // kWhole fills `whole`. kRefused: the fragment is impossible or contradicts the others.
  // `atNs` is the capture time; a step of more than kMaxAgeNs, forward or back, gives up all.
  Joined add(const FragmentKey& key, const Fragment& fragment, std::int64_t atNs, Datagram& whole);

  // Incomplete datagrams given up since the start, because the table was full or they too old.
  [[nodiscard]] std::uint64_t evicted() const noexcept { return evicted_; }
  // Incomplete datagrams of which fragments are held now, copies of whole ones apart.
  [[nodiscard]] std::size_t datagramsHeld() const noexcept;
  [[nodiscard]] std::size_t bytesHeld() const noexcept { return bytesHeld_; }

 private:
  static constexpr std::uint16_t kNone = 0xFFFF;
  static constexpr std::size_t kBuckets = 2 * kMaxDatagrams;

  enum class State : std::uint8_t { kFree, kOpen, kRefused, kDone };

  struct Slot {
    FragmentKey key{};
    std::int64_t startedNs = 0;
    PartialDatagram datagram;
    State state = State::kFree;
    bool isCopy = false;
    std::uint16_t nextInBucket = kNone;
    std::uint16_t older = kNone;
    std::uint16_t newer = kNone;
  };

  // Slots in the order in which they began to wait.
  struct Queue {
    std::uint16_t oldest = kNone;
    std::uint16_t newest = kNone;
  };

  [[nodiscard]] static bool isPossible(const FragmentKey& key, const Fragment& fragment) noexcept;
  [[nodiscard]] static std::size_t bucketOf(const FragmentKey& key) noexcept;
  [[nodiscard]] static bool isTooOld(const Slot& slot, std::int64_t atNs) noexcept;

  [[nodiscard]] std::uint16_t find(const FragmentKey& key) const noexcept;
  std::uint16_t open(const FragmentKey& key, std::int64_t atNs, bool isCopy);
  std::uint16_t freeSlot();
  void expire(std::int64_t atNs) noexcept;
  void giveUp(std::uint16_t index) noexcept;
  void leave(std::uint16_t index) noexcept;
  void append(Queue& queue, std::uint16_t index) noexcept;
  void unlink(Queue& queue, std::uint16_t index) noexcept;
  [[nodiscard]] Queue& queueOf(const Slot& slot) noexcept;
  void release(Slot& slot) noexcept;

  [[nodiscard]] std::uint16_t slotFor(const FragmentKey& key, std::int64_t atNs);
  bool store(std::uint16_t index, const Fragment& fragment);
  void makeRoom(std::size_t bytes, std::uint16_t keep) noexcept;
  void refuse(Slot& slot) noexcept;
  void finish(std::uint16_t index, std::int64_t atNs, Datagram& whole);

  std::vector<Slot> slots_;
  std::vector<std::uint16_t> buckets_;
  std::uint16_t firstFree_ = kNone;
  Queue waiting_;  // incomplete and refused datagrams
  Queue done_;     // whole ones, remembered to know copies by
  std::vector<std::uint8_t> joined_;
  std::size_t bytesHeld_ = 0;
  std::uint64_t evicted_ = 0;
};

}  // namespace probe::net
