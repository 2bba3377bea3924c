#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "net/packet.hpp"
#include "net/path_index.hpp"

namespace probe::net {

// Knows between which ends a DTLS handshake was seen, and how much of what they protect with it has
// been handed out. Both are needed for the same reason: behind the handshake DTLS looks like
// anything (RFC 9147 section 4 leaves three bits of a record in the clear), and data channels send
// it by the thousand.
class DtlsFlows {
 public:
  // More pairs of ends than this: the one whose first handshake is oldest is forgotten.
  static constexpr std::size_t kMaxFlows = 16'384;
  // Datagrams of one pair of ends that are handed out after each handshake record, by what they
  // begin with. Enough for the encrypted flights of DTLS 1.3 with certificates and retransmissions;
  // enough to see that application data went both ways.
  static constexpr std::uint8_t kHandshakeDatagrams = 128;
  static constexpr std::uint8_t kApplicationDatagrams = 16;

  enum class Content : std::uint8_t { kHandshake, kApplication };
  enum class Verdict : std::uint8_t { kUnknownFlow, kHandOut, kEnough };

  explicit DtlsFlows(std::uint64_t seed) : index_(seed) {}

  // A handshake record went along `path`.
  void noteHandshake(const Path& path);
  // What to do with a datagram on `path` that begins with a protected record.
  [[nodiscard]] Verdict judge(const Path& path, Content content) noexcept;

 private:
  struct Left {
    std::uint8_t handshake = kHandshakeDatagrams;
    std::uint8_t application = kApplicationDatagrams;
  };

  PathIndex index_;
  std::vector<Left> left_;  // by row
  std::uint32_t oldest_ = 0;
};

}  // namespace probe::net
