#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace probe::rtp {

// A stretch of arrival times. Without any it holds nothing, and takes in whatever is added.
struct TimeSpan {
  std::int64_t fromNs = std::numeric_limits<std::int64_t>::max();
  std::int64_t toNs = std::numeric_limits<std::int64_t>::min();

  void add(const TimeSpan& other) noexcept {
    fromNs = std::min(fromNs, other.fromNs);
    toNs = std::max(toNs, other.toNs);
  }
};

// When packets went missing whose fate is not sealed yet: a packet counts as lost or discarded only
// once it has left the window, and by then the time at which it was missed has long gone by.
class LossTimes {
 public:
  // Packets from `first` to `last` were missed at `when`; those up to `settled` are asked no more.
  void note(std::uint32_t first, std::uint32_t last, const TimeSpan& when, std::uint32_t settled) {
    std::erase_if(notes_, [settled](const Note& one) { return one.last <= settled; });
    notes_.push_back({.first = first, .last = last, .when = when});
  }

  // What was noted last of a packet: one that filled a gap too late was missed twice.
  [[nodiscard]] TimeSpan of(std::uint32_t sequence) const noexcept {
    const auto found =
        std::find_if(notes_.rbegin(), notes_.rend(), [sequence](const Note& one) noexcept {
          return one.first <= sequence && sequence <= one.last;
        });
    return found == notes_.rend() ? TimeSpan{} : found->when;
  }

  void clear() noexcept { notes_.clear(); }

 private:
  struct Note {
    std::uint32_t first;
    std::uint32_t last;
    TimeSpan when;
  };
  // Of the packets of one window, each noted twice at most.
  std::vector<Note> notes_;
};

}  // namespace probe::rtp
