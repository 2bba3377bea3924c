#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace probe::net {

// A list of row numbers, each in it at most once, that is added to at its end and taken from
// anywhere in constant time. Its memory grows with the highest number it has seen.
class IndexList {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  // The one that was moved to the end longest ago, or kNone.
  [[nodiscard]] std::uint32_t first() const noexcept { return first_; }
  [[nodiscard]] bool contains(std::uint32_t row) const noexcept {
    return row < links_.size() && (row == first_ || links_[row].previous != kNone);
  }

  void moveToEnd(std::uint32_t row) {
    if (row == last_) {
      return;
    }
    remove(row);
    if (row >= links_.size()) {
      links_.resize(std::size_t{row} + 1);
    }
    links_[row] = {.previous = last_, .next = kNone};
    (last_ == kNone ? first_ : links_[last_].next) = row;
    last_ = row;
  }

  void remove(std::uint32_t row) noexcept {
    if (!contains(row)) {
      return;
    }
    const Link link = links_[row];
    (link.previous == kNone ? first_ : links_[link.previous].next) = link.next;
    (link.next == kNone ? last_ : links_[link.next].previous) = link.previous;
    links_[row] = Link{};
  }

 private:
  struct Link {
    std::uint32_t previous = kNone;
    std::uint32_t next = kNone;
  };

  std::vector<Link> links_;
  std::uint32_t first_ = kNone;
  std::uint32_t last_ = kNone;
};

}  // namespace probe::net
