#include "net/fragments.hpp"

#include <algorithm>

namespace probe::net {
namespace {

constexpr std::uint32_t kUnitBytes = 8;  // of all fragments but the last
constexpr std::uint32_t kLargestPacketBytes = 65535;
constexpr std::uint32_t kIpv6FixedBytes = 40;  // not part of an IPv6 payload length

std::uint64_t distance(std::int64_t a, std::int64_t b) noexcept {
  const auto unsignedA = static_cast<std::uint64_t>(a);
  const auto unsignedB = static_cast<std::uint64_t>(b);
  return a > b ? unsignedA - unsignedB : unsignedB - unsignedA;
}

std::uint64_t half(const Address& address, std::size_t at) noexcept {
  std::uint64_t value = 0;
  std::memcpy(&value, address.data() + at, sizeof value);
  return value;
}

}  // namespace

Joined FragmentTable::add(const FragmentKey& key, const Fragment& fragment, std::int64_t atNs,
                          Datagram& whole) {
  expire(atNs);
  if (!isPossible(key, fragment)) {
    return Joined::kRefused;
  }
  const std::uint16_t index = slotFor(key, atNs);
  Slot& slot = slots_[index];
  if (slot.state == State::kRefused) {
    return Joined::kRefused;
  }
  const bool isIpv4 = key.family == Family::kIpv4;
  const Fit fit = slot.datagram.fit(fragment);
  if (fit == Fit::kCopy) {
    return Joined::kHeld;
  }
  if (isIpv4 && fit == Fit::kContradiction) {
    return Joined::kRefused;
  }
  if ((!isIpv4 && fit != Fit::kNew) || !store(index, fragment)) {
    refuse(slot);
    return Joined::kRefused;
  }
  if (!slot.datagram.isWhole()) {
    return Joined::kHeld;
  }
  finish(index, atNs, whole);
  return Joined::kWhole;
}

std::size_t FragmentTable::datagramsHeld() const noexcept {
  std::size_t count = 0;
  for (std::uint16_t at = waiting_.oldest; at != kNone; at = slots_[at].newer) {
    count += slots_[at].state == State::kOpen && !slots_[at].isCopy ? 1 : 0;
  }
  return count;
}

bool FragmentTable::isPossible(const FragmentKey& key, const Fragment& fragment) noexcept {
  if (fragment.wireBytes == 0 || (fragment.more && fragment.wireBytes % kUnitBytes != 0)) {
    return false;
  }
  const std::uint32_t fixedBytes = key.family == Family::kIpv6 ? kIpv6FixedBytes : 0;
  const std::uint64_t packetBytes = static_cast<std::uint64_t>(fragment.headerBytes) - fixedBytes +
                                    fragment.offset + fragment.wireBytes;
  return packetBytes <= kLargestPacketBytes;
}

// Where the fragments of the datagram are held: those of an earlier one that reuses its number are
// given up.
std::uint16_t FragmentTable::slotFor(const FragmentKey& key, std::int64_t atNs) {
  const std::uint16_t index = find(key);
  if (index == kNone) {
    return open(key, atNs, false);
  }
  const bool isStale = isTooOld(slots_[index], atNs);
  const bool isDone = slots_[index].state == State::kDone;
  if (!isStale && !isDone) {
    return index;
  }
  giveUp(index);
  return open(key, atNs, !isStale);
}

bool FragmentTable::store(std::uint16_t index, const Fragment& fragment) {
  PartialDatagram& datagram = slots_[index].datagram;
  makeRoom(datagram.growth(fragment), index);
  bytesHeld_ -= datagram.bytesHeld();
  const bool isStored = datagram.store(fragment);
  bytesHeld_ += datagram.bytesHeld();
  return isStored;
}

// Gives up the oldest datagrams until so many bytes more may be held. `keep` stays: one datagram
// alone never fills the table.
void FragmentTable::makeRoom(std::size_t bytes, std::uint16_t keep) noexcept {
  std::uint16_t at = waiting_.oldest;
  while (bytesHeld_ + bytes > kMaxBytes && at != kNone) {
    const std::uint16_t newer = slots_[at].newer;
    if (at != keep && slots_[at].datagram.bytesHeld() > 0) {
      giveUp(at);
    }
    at = newer;
  }
}

void FragmentTable::refuse(Slot& slot) noexcept {
  release(slot);
  slot.state = State::kRefused;
}

void FragmentTable::finish(std::uint16_t index, std::int64_t atNs, Datagram& whole) {
  Slot& slot = slots_[index];
  joined_.reserve(kLargestPacketBytes);
  slot.datagram.join(joined_);
  whole = {.bytes = joined_,
           .wireBytes = slot.datagram.wireBytes(),
           .headerBytes = slot.datagram.headerBytes(),
           .protocol = slot.datagram.protocol()};
  unlink(waiting_, index);
  release(slot);
  slot.state = State::kDone;
  slot.startedNs = atNs;
  append(done_, index);
}

std::size_t FragmentTable::bucketOf(const FragmentKey& key) noexcept {
  constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15;
  constexpr unsigned kShift = 32;
  std::uint64_t hash = key.id | static_cast<std::uint64_t>(key.protocol) << kShift;
  for (const std::uint64_t word : {half(key.source, 0), half(key.source, 8),
                                   half(key.destination, 0), half(key.destination, 8)}) {
    hash = (hash ^ word) * kMultiplier;
    hash ^= hash >> kShift;
  }
  return static_cast<std::size_t>(hash % kBuckets);
}

bool FragmentTable::isTooOld(const Slot& slot, std::int64_t atNs) noexcept {
  const bool isShortLived = slot.isCopy || slot.state == State::kDone;
  return distance(slot.startedNs, atNs) > (isShortLived ? kMaxCopyAgeNs : kMaxAgeNs);
}

std::uint16_t FragmentTable::find(const FragmentKey& key) const noexcept {
  if (buckets_.empty()) {
    return kNone;
  }
  std::uint16_t at = buckets_[bucketOf(key)];
  while (at != kNone && slots_[at].key != key) {
    at = slots_[at].nextInBucket;
  }
  return at;
}

std::uint16_t FragmentTable::open(const FragmentKey& key, std::int64_t atNs, bool isCopy) {
  if (buckets_.empty()) {
    buckets_.assign(kBuckets, kNone);
    slots_.reserve(kMaxDatagrams);
  }
  const std::uint16_t index = freeSlot();
  Slot& slot = slots_[index];
  slot.key = key;
  slot.startedNs = atNs;
  slot.state = State::kOpen;
  slot.isCopy = isCopy;
  std::uint16_t& bucket = buckets_[bucketOf(key)];
  slot.nextInBucket = bucket;
  bucket = index;
  append(waiting_, index);
  return index;
}

std::uint16_t FragmentTable::freeSlot() {
  if (firstFree_ == kNone && slots_.size() < kMaxDatagrams) {
    slots_.emplace_back();
    return static_cast<std::uint16_t>(slots_.size() - 1);
  }
  if (firstFree_ == kNone) {
    giveUp(done_.oldest != kNone ? done_.oldest : waiting_.oldest);
  }
  const std::uint16_t index = firstFree_;
  firstFree_ = slots_[index].newer;
  return index;
}

void FragmentTable::expire(std::int64_t atNs) noexcept {
  for (const Queue* queue : {&done_, &waiting_}) {
    while (queue->oldest != kNone && isTooOld(slots_[queue->oldest], atNs)) {
      giveUp(queue->oldest);
    }
  }
}

void FragmentTable::giveUp(std::uint16_t index) noexcept {
  const Slot& slot = slots_[index];
  evicted_ += slot.state == State::kOpen && !slot.isCopy ? 1 : 0;
  leave(index);
}

// Frees a slot: out of its bucket and its queue, onto the free list.
void FragmentTable::leave(std::uint16_t index) noexcept {
  Slot& slot = slots_[index];
  std::uint16_t* link = &buckets_[bucketOf(slot.key)];
  while (*link != index) {
    link = &slots_[*link].nextInBucket;
  }
  *link = slot.nextInBucket;
  unlink(queueOf(slot), index);
  release(slot);
  slot.state = State::kFree;
  slot.newer = firstFree_;
  firstFree_ = index;
}

FragmentTable::Queue& FragmentTable::queueOf(const Slot& slot) noexcept {
  return slot.state == State::kDone ? done_ : waiting_;
}

void FragmentTable::append(Queue& queue, std::uint16_t index) noexcept {
  Slot& slot = slots_[index];
  slot.older = queue.newest;
  slot.newer = kNone;
  (queue.newest == kNone ? queue.oldest : slots_[queue.newest].newer) = index;
  queue.newest = index;
}

void FragmentTable::unlink(Queue& queue, std::uint16_t index) noexcept {
  const Slot& slot = slots_[index];
  (slot.older == kNone ? queue.oldest : slots_[slot.older].newer) = slot.newer;
  (slot.newer == kNone ? queue.newest : slots_[slot.newer].older) = slot.older;
}

void FragmentTable::release(Slot& slot) noexcept {
  bytesHeld_ -= slot.datagram.bytesHeld();
  slot.datagram.clear();
}

}  // namespace probe::net
