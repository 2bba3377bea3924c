#pragma once

#include <cstdint>
#include <cstring>

#include "capture/record_walk.hpp"
#include "demux.hpp"
#include "net/packet.hpp"
#include "net/plain_udp.hpp"
#include "rtp/fact.hpp"
#include "rtp/hash.hpp"
#include "rtp/header.hpp"

namespace probe {

// Where the facts of a batch take what is not of the packet.
struct FactSupply {
  rtp::HashSeed seed;
  rtp::Ipv6Addresses* ipv6;  // the batch's side table, and how much of it is used
  std::uint32_t ipv6Count;
};

[[nodiscard]] inline std::uint64_t loadWord(const std::uint8_t* at) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

// Fills all of a fact but time and frame. `addresses` are the source's and, behind it, the
// destination's; `ports` are source << 16 | destination. Inlined: called for each packet, where
// much of this is known.
[[gnu::always_inline]] inline void fillFact(rtp::Fact& fact, const rtp::Header& header,
                                            std::uint32_t ipBytes, net::Family family,
                                            const std::uint8_t* addresses, std::uint32_t ports,
                                            FactSupply& supply) noexcept {
  const std::uint64_t flow = std::uint64_t{ports} << 32U | header.ssrc();
  fact.ports = ports;
  fact.ssrc = header.ssrc();
  fact.timestamp = header.timestamp();
  fact.sequenceNumber = header.sequenceNumber();
  fact.payloadBytes = static_cast<std::uint16_t>(header.payloadBytes);
  fact.ipBytes = static_cast<std::uint16_t>(ipBytes);
  fact.payloadType = header.payloadType();
  fact.flags = header.marker() ? rtp::kFactMarker : 0;
  if (family == net::Family::kIpv4) {
    fact.addresses = loadWord(addresses);
    fact.hash = rtp::hashOf(fact.addresses, flow, supply.seed);
    return;
  }
  fact.flags |= rtp::kFactIpv6;
  fact.addresses = supply.ipv6Count;
  std::memcpy(supply.ipv6[supply.ipv6Count++].data(), addresses, sizeof(rtp::Ipv6Addresses));
  const rtp::HashSeed& seed = supply.seed;
  const std::uint64_t source =
      rtp::foldedProduct(loadWord(addresses) ^ seed.first, loadWord(addresses + 8) ^ seed.second);
  const std::uint64_t destination = rtp::foldedProduct(
      loadWord(addresses + 16) ^ seed.second, loadWord(addresses + 24) ^ seed.first ^ source);
  fact.hash = rtp::hashOf(destination, flow, seed);
}

// Whether an Ethernet frame is media over plain UDP; then fills the fact. It is written in place
// while the frame is looked at: what turns out to be something else leaves it half written.
[[gnu::always_inline]] [[nodiscard]] inline bool takeMedia(const capture::Frame& frame,
                                                           std::uint32_t frameInBatch,
                                                           FactSupply& supply,
                                                           rtp::Fact& fact) noexcept {
  fact.atNs = frame.atNs;
  fact.frame = frameInBatch;
  return net::withPlainUdp(frame.bytes, [&](const net::PlainUdp& datagram) noexcept {
    rtp::Header header;
    if (!rtp::readHeader(datagram.payload, datagram.payloadWireBytes, header) ||
        classify(datagram.payload) != PayloadClass::kRtp) {
      return false;
    }
    fillFact(fact, header, datagram.ipBytes, datagram.family, datagram.addresses, datagram.ports,
             supply);
    return true;
  });
}

}  // namespace probe
