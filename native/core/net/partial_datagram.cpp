#include "net/partial_datagram.hpp"

#include <algorithm>

namespace probe::net {
namespace {

constexpr std::size_t kLeastBytes = 2048;
constexpr std::size_t kLeastPieces = 8;

// Doubles, so that many small fragments are not copied over and over.
std::size_t grown(std::size_t capacity, std::size_t needed, std::size_t least) noexcept {
  return needed <= capacity ? capacity : std::max({needed, capacity * 2, least});
}

}  // namespace

Fit PartialDatagram::fit(const Fragment& fragment) const noexcept {
  const std::uint32_t begin = fragment.offset;
  const std::uint32_t end = begin + fragment.wireBytes;
  std::uint32_t overlap = 0;
  for (const Piece& piece : pieces_) {
    if (piece.begin == begin && piece.end == end && fragment.more == (end != wireBytes_)) {
      return Fit::kCopy;
    }
    const std::uint32_t from = std::max(piece.begin, begin);
    const std::uint32_t to = std::min(piece.end, end);
    overlap += to > from ? to - from : 0;
  }
  const std::uint32_t reached = pieces_.empty() ? 0 : pieces_.back().end;
  const bool isEndKnown = wireBytes_ != 0;
  const bool contradicts = fragment.more ? isEndKnown && end >= wireBytes_
                                         : reached > end || (isEndKnown && end != wireBytes_);
  if (contradicts) {
    return Fit::kContradiction;
  }
  return overlap == 0 ? Fit::kNew : Fit::kOverlap;
}

std::size_t PartialDatagram::growth(const Fragment& fragment) const noexcept {
  return bytesCapacityFor(fragment) + piecesCapacityFor(fragment) * sizeof(Piece) - bytesHeld();
}

bool PartialDatagram::store(const Fragment& fragment) {
  const std::uint32_t end = fragment.offset + fragment.wireBytes;
  if (!fragment.more) {
    wireBytes_ = end;
  }
  if (fragment.offset == 0 && (pieces_.empty() || pieces_.front().begin != 0)) {
    headerBytes_ = fragment.headerBytes;
    protocol_ = fragment.protocol;
  }
  bytes_.reserve(bytesCapacityFor(fragment));
  pieces_.reserve(piecesCapacityFor(fragment));
  std::uint32_t begin = fragment.offset;
  for (std::size_t place = 0; begin < end; ++place) {
    const bool isLast = place == pieces_.size();
    if (!isLast && pieces_[place].begin <= begin) {
      begin = std::max(begin, pieces_[place].end);
      continue;
    }
    if (pieces_.size() == kMaxPieces) {
      return false;
    }
    const std::uint32_t gapEnd = isLast ? end : std::min(pieces_[place].begin, end);
    insert(place, begin, gapEnd, fragment);
    begin = gapEnd;
  }
  return true;
}

std::size_t PartialDatagram::bytesCapacityFor(const Fragment& fragment) const noexcept {
  return grown(bytes_.capacity(), bytes_.size() + fragment.bytes.size(), kLeastBytes);
}

// A fragment behind all others is one piece; any other fills at most the gap before each piece and
// that behind the last.
std::size_t PartialDatagram::piecesCapacityFor(const Fragment& fragment) const noexcept {
  const bool isBehind = pieces_.empty() || pieces_.back().end <= fragment.offset;
  const std::size_t more = isBehind ? 1 : pieces_.size() + 1;
  return grown(pieces_.capacity(), std::min(pieces_.size() + more, kMaxPieces), kLeastPieces);
}

void PartialDatagram::insert(std::size_t place, std::uint32_t begin, std::uint32_t end,
                             const Fragment& fragment) {
  const std::size_t size = fragment.bytes.size();
  const std::size_t from = std::min<std::size_t>(begin - fragment.offset, size);
  const std::size_t captured = std::min<std::size_t>(size - from, end - begin);
  const Bytes bytes = fragment.bytes.subspan(from, captured);
  const Piece piece{.begin = begin,
                    .end = end,
                    .captured = static_cast<std::uint32_t>(captured),
                    .at = static_cast<std::uint32_t>(bytes_.size())};
  pieces_.insert(pieces_.begin() + static_cast<std::ptrdiff_t>(place), piece);
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  covered_ += end - begin;
}

void PartialDatagram::join(std::vector<std::uint8_t>& joined) const {
  joined.clear();
  for (const Piece& piece : pieces_) {
    if (piece.begin != joined.size()) {
      return;
    }
    const auto from = bytes_.begin() + static_cast<std::ptrdiff_t>(piece.at);
    joined.insert(joined.end(), from, from + static_cast<std::ptrdiff_t>(piece.captured));
  }
}

void PartialDatagram::clear() noexcept {
  std::vector<Piece>().swap(pieces_);
  std::vector<std::uint8_t>().swap(bytes_);
  wireBytes_ = 0;
  covered_ = 0;
}

}  // namespace probe::net
