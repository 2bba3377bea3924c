#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "net/packet.hpp"

namespace probe::net {

// Finds the row of a connection by its path, taken in either direction. Constant time on average;
// `seed` keeps whoever writes the packets from choosing the buckets, and changes nothing else.
class PathIndex {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  explicit PathIndex(std::uint64_t seed);

  [[nodiscard]] std::uint32_t find(const Path& path) const noexcept;
  // `path` must not be in the index, nor `row` be in use.
  void insert(const Path& path, std::uint32_t row);
  void erase(std::uint32_t row) noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  struct Entry {
    Path path;
    std::uint32_t bucketHash;
    std::uint32_t nextInBucket;
  };

  [[nodiscard]] std::uint32_t hashOf(const Path& path) const noexcept;
  [[nodiscard]] std::size_t bucketOf(std::uint32_t hash) const noexcept {
    return hash & (buckets_.size() - 1);
  }
  void grow();

  std::uint64_t seed_;
  std::vector<std::uint32_t> buckets_;  // a power of two; the row each chain begins with
  std::vector<Entry> entries_;          // by row
  std::size_t size_ = 0;
};

}  // namespace probe::net
