#pragma once

#include <cstdint>
#include <vector>

#include "bytes.hpp"

namespace probe::net {

struct Fragment {
  std::uint32_t offset;  // of its first byte in the datagram's payload
  bool more;             // not the last one
  std::uint8_t protocol;
  std::uint32_t headerBytes;  // of the IP headers before the fragment's payload
  std::uint32_t wireBytes;    // of the payload, of which `bytes` may be only the start
  Bytes bytes;
};

// What a fragment is to those of its datagram that came before it.
enum class Fit : std::uint8_t {
  kNew,            // none of them has any of its bytes
  kCopy,           // of one of them
  kOverlap,        // some or all of its bytes are theirs
  kContradiction,  // it ends the datagram elsewhere, or lies beyond its end
};

// The fragments of one datagram that are there so far. Bytes that are there stay: of fragments that
// overlap, the earlier one counts.
class PartialDatagram {
 public:
  static constexpr std::size_t kMaxPieces = 256;  // more than a sane sender makes

  [[nodiscard]] Fit fit(const Fragment& fragment) const noexcept;
  // How much bytesHeld() would grow by the fragment, at most; for one that fits.
  [[nodiscard]] std::size_t growth(const Fragment& fragment) const noexcept;
  // Copies what is new. False: there would be more than kMaxPieces runs of bytes.
  [[nodiscard]] bool store(const Fragment& fragment);

  [[nodiscard]] bool isWhole() const noexcept { return wireBytes_ != 0 && covered_ == wireBytes_; }
  [[nodiscard]] std::uint32_t wireBytes() const noexcept { return wireBytes_; }
  [[nodiscard]] std::uint32_t headerBytes() const noexcept { return headerBytes_; }
  [[nodiscard]] std::uint8_t protocol() const noexcept { return protocol_; }
  [[nodiscard]] std::size_t bytesHeld() const noexcept {
    return bytes_.capacity() + pieces_.capacity() * sizeof(Piece);
  }
  // Puts into `joined` the payload up to the first byte that is missing.
  void join(std::vector<std::uint8_t>& joined) const;
  // Forgets everything and gives back the memory.
  void clear() noexcept;

 private:
  // A run of payload bytes that no other piece covers.
  struct Piece {
    std::uint32_t begin;
    std::uint32_t end;
    std::uint32_t captured;  // of its bytes, from the first
    std::uint32_t at;        // where they lie in bytes_
  };

  [[nodiscard]] std::size_t bytesCapacityFor(const Fragment& fragment) const noexcept;
  [[nodiscard]] std::size_t piecesCapacityFor(const Fragment& fragment) const noexcept;
  void insert(std::size_t place, std::uint32_t begin, std::uint32_t end, const Fragment& fragment);

  std::vector<Piece> pieces_;  // in the order of the payload
  std::vector<std::uint8_t> bytes_;
  std::uint32_t wireBytes_ = 0;  // of the payload; 0 until the last fragment is there
  std::uint32_t covered_ = 0;
  std::uint32_t headerBytes_ = 0;  // of the first fragment, as is `protocol_`
  std::uint8_t protocol_ = 0;
};

}  // namespace probe::net
