#pragma once

#include <cstdint>

#include "net/layer.hpp"
#include "net/packet.hpp"

namespace probe::net {

constexpr std::uint8_t kProtocolIpv4 = 4;
constexpr std::uint8_t kProtocolIpv6 = 41;
constexpr std::uint8_t kProtocolRouting = 43;
constexpr std::uint8_t kProtocolFragment = 44;
constexpr std::uint8_t kProtocolGre = 47;
constexpr std::uint8_t kProtocolAuthentication = 51;
constexpr std::uint8_t kProtocolDestination = 60;

// What the headers of one IP packet say.
struct IpHeader {
  Address source;
  Address destination;
  std::uint32_t packetBytes;  // header included, by the packet's own length field
  std::uint32_t id;           // of the datagram that a fragment belongs to
  std::uint32_t fragmentOffset;
  Family family;
  bool moreFragments;
  bool hasJumboLength;  // IPv6 with a payload length of 0: a jumbo payload option may follow
};

// `at` is the first of four bytes.
[[nodiscard]] inline Address ipv4Address(const std::uint8_t* at) noexcept {
  std::uint32_t word = 0;
  std::memcpy(&word, at, sizeof word);
  // Built whole and stored in two halves: a hash that reads eight bytes at a time does not wait.
  std::array<std::uint64_t, 2> halves{};
  std::memcpy(halves.data(), &word, sizeof word);
  Address address;
  std::memcpy(address.data(), halves.data(), sizeof address);
  return address;
}

// Each reads the header at the cursor, steps behind it and says what follows; the cursor is then
// limited to the packet.

// RFC 791 section 3.1. A total length of 0, which segmentation offload leaves in the packets that a
// capture sees before they are cut up, is the length of what is left of the frame.
[[nodiscard]] Next readIpv4(Cursor& cursor, IpHeader& ip) noexcept;
// RFC 8200 section 3; a payload length of 0 likewise, or a jumbogram's (RFC 2675).
[[nodiscard]] Next readIpv6(Cursor& cursor, IpHeader& ip) noexcept;
// An authentication header (RFC 4302 section 2).
[[nodiscard]] Next readAuthentication(Cursor& cursor) noexcept;
// An IPv6 extension header (RFC 8200 section 4); kOther when `protocol` is none.
[[nodiscard]] Next readExtension(std::uint8_t protocol, Cursor& cursor, IpHeader& ip) noexcept;

}  // namespace probe::net
