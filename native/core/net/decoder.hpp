#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "bytes.hpp"
#include "net/fragments.hpp"
#include "net/ip.hpp"
#include "net/layer.hpp"
#include "net/link.hpp"
#include "net/malformed.hpp"
#include "net/packet.hpp"
#include "net/tunnel.hpp"

namespace probe::net {

enum class Decoded : std::uint8_t {
  kUdp,
  kTcp,
  kOther,  // a well-formed frame of something else (ARP, ICMP with what it quotes, SCTP, ...)
  kFragmentHeld,  // part of a datagram that is not complete yet
  kMalformed,     // see Decoder::counters()
};

struct DecoderCounters {
  // By Malformed. A datagram on a tunnel's port that holds no tunnel is not malformed.
  std::array<std::uint64_t, static_cast<std::size_t>(Malformed::kCount)> malformed;
  std::uint64_t fragmentsEvicted;  // incomplete datagrams given up: table full or too old
};

// Takes a frame apart down to the innermost UDP datagram or TCP segment: through VLAN tags, PPPoE,
// MPLS, IP in IP, GRE, ERSPAN, VXLAN, Geneve and GTP-U, and joins IP fragments. What ICMP quotes is
// never decoded. A frame that the snap length cut gives what is there of its payload, as long as
// the UDP or TCP header (20 bytes of it) is; the headers say how much there was.
//
// Checksums are not looked at: offload leaves them wrong in every capture of the sending host.
//
// Does not allocate but for fragments (see FragmentTable), read the clock or throw. Not
// thread-safe: one owner at a time.
class Decoder {
 public:
  static constexpr unsigned kMaxLayers = 32;  // steps from header to header within one frame

  // `frame` borrows; `packet.payload` may point into it or into the reassembly buffer, until the
  // next decode. `packet` is filled for kUdp and kTcp and else holds nothing of use. `atNs` is the
  // capture time, by which fragments age.
  Decoded decode(std::uint32_t linkType, Bytes frame, std::uint32_t wireLength, std::int64_t atNs,
                 Packet& packet);
  [[nodiscard]] const DecoderCounters& counters() const noexcept { return counters_; }
  // Datagrams that still wait for fragments: at a capture's end, those that never came whole.
  [[nodiscard]] const FragmentTable& fragments() const noexcept { return fragments_; }

 private:
  struct Walk;

  Decoded decodeLayers(std::uint32_t linkType, Bytes frame, std::uint32_t wireLength,
                       std::int64_t atNs, Packet& packet);
  Decoded count(Malformed reason) noexcept;
  static Next readPayload(std::uint8_t protocol, Walk& walk) noexcept;
  Next join(std::uint8_t protocol, Walk& walk);

  FragmentTable fragments_;
  DecoderCounters counters_{};
};

}  // namespace probe::net
