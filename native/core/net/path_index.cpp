#include "net/path_index.hpp"

#include <algorithm>
#include <tuple>

#include "bytes.hpp"

namespace probe::net {
namespace {

constexpr std::size_t kFirstBuckets = 64;

struct End {
  const Address& address;
  std::uint16_t port;

  friend bool operator<(const End& a, const End& b) {
    return std::tie(a.address, a.port) < std::tie(b.address, b.port);
  }
};

std::uint64_t mix(std::uint64_t hash, std::uint64_t word) noexcept {
  constexpr std::uint64_t kOddFraction = 0x9E3779B97F4A7C15U;  // 2^64 / golden ratio
  constexpr std::uint64_t kOddPrime = 0xC2B2AE3D27D4EB4FU;
  hash = (hash ^ word) * kOddFraction;
  hash = (hash ^ hash >> 29U) * kOddPrime;
  return hash ^ hash >> 32U;
}

std::uint64_t mixEnd(std::uint64_t hash, const End& end) noexcept {
  hash = mix(hash, load64be(end.address.data()));
  hash = mix(hash, load64be(&end.address[8]));
  return mix(hash, end.port);
}

bool isSame(const Path& a, const Path& b) noexcept {
  const bool isAlong = a.sourcePort == b.sourcePort && a.destinationPort == b.destinationPort &&
                       a.source == b.source && a.destination == b.destination;
  const bool isAgainst = a.sourcePort == b.destinationPort && a.destinationPort == b.sourcePort &&
                         a.source == b.destination && a.destination == b.source;
  return a.family == b.family && (isAlong || isAgainst);
}

}  // namespace

PathIndex::PathIndex(std::uint64_t seed) : seed_(seed), buckets_(kFirstBuckets, kNone) {}

std::uint32_t PathIndex::find(const Path& path) const noexcept {
  const std::uint32_t hash = hashOf(path);
  std::uint32_t row = buckets_[bucketOf(hash)];
  while (row != kNone && (entries_[row].bucketHash != hash || !isSame(entries_[row].path, path))) {
    row = entries_[row].nextInBucket;
  }
  return row;
}

void PathIndex::insert(const Path& path, std::uint32_t row) {
  if (size_ == buckets_.size()) {
    grow();
  }
  if (row >= entries_.size()) {
    entries_.resize(std::size_t{row} + 1);
  }
  const std::uint32_t hash = hashOf(path);
  std::uint32_t& bucket = buckets_[bucketOf(hash)];
  entries_[row] = {.path = path, .bucketHash = hash, .nextInBucket = bucket};
  bucket = row;
  ++size_;
}

void PathIndex::erase(std::uint32_t row) noexcept {
  std::uint32_t* link = &buckets_[bucketOf(entries_[row].bucketHash)];
  while (*link != row) {
    link = &entries_[*link].nextInBucket;
  }
  *link = entries_[row].nextInBucket;
  --size_;
}

// Both directions give the same number.
std::uint32_t PathIndex::hashOf(const Path& path) const noexcept {
  const End source{.address = path.source, .port = path.sourcePort};
  const End destination{.address = path.destination, .port = path.destinationPort};
  const bool isOrdered = source < destination;
  const std::uint64_t hash = mixEnd(seed_, isOrdered ? source : destination);
  return static_cast<std::uint32_t>(mixEnd(hash, isOrdered ? destination : source));
}

void PathIndex::grow() {
  std::vector<std::uint32_t> old(buckets_.size() * 2, kNone);
  old.swap(buckets_);
  for (std::uint32_t row : old) {
    while (row != kNone) {
      Entry& entry = entries_[row];
      std::uint32_t& bucket = buckets_[bucketOf(entry.bucketHash)];
      const std::uint32_t next = entry.nextInBucket;
      entry.nextInBucket = bucket;
      bucket = row;
      row = next;
    }
  }
}

}  // namespace probe::net
