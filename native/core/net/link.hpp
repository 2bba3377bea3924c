#pragma once

#include <cstdint>

#include "net/layer.hpp"

namespace probe::net {

constexpr std::uint32_t kLinkTypeEthernet = 1;

constexpr std::uint16_t kEtherTypeIpv4 = 0x0800;
constexpr std::uint16_t kEtherTypeIpv6 = 0x86DD;
constexpr std::uint16_t kEtherTypeBridged = 0x6558;  // an Ethernet frame inside a tunnel
constexpr std::uint16_t kEtherTypeMpls = 0x8847;
constexpr std::uint16_t kLeastEtherType = 1536;  // in a frame, anything below is a length

// Each reads the header at the cursor, steps behind it and says what follows.

// The first header of a frame. `linkType` is a LINKTYPE_* of tcpdump.org.
[[nodiscard]] Next readLink(std::uint32_t linkType, Cursor& cursor) noexcept;
[[nodiscard]] Next readEthernet(Cursor& cursor) noexcept;
// What an EtherType announces: IP, a VLAN tag, PPPoE, MPLS labels, or a length and LLC.
[[nodiscard]] Next readEtherType(std::uint16_t type, Cursor& cursor) noexcept;
[[nodiscard]] Next readLlc(Cursor& cursor) noexcept;
[[nodiscard]] Next readPpp(Cursor& cursor) noexcept;

}  // namespace probe::net
