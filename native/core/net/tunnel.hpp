#pragma once

#include <cstdint>

#include "net/layer.hpp"

namespace probe::net {

constexpr std::uint16_t kPortGtpUser = 2152;
constexpr std::uint16_t kPortVxlan = 4789;
constexpr std::uint16_t kPortVxlanGpe = 4790;
constexpr std::uint16_t kPortGeneve = 6081;
constexpr std::uint16_t kPortVxlanOfLinux =
    8472;  // what the kernel chose before there was a standard

// True for the ports whose datagrams may carry packets of others.
[[nodiscard]] constexpr bool isUdpTunnelPort(std::uint16_t port) noexcept {
  // Media ports lie above all of these, so that one comparison does for most.
  return port <= kPortVxlanOfLinux &&
         (port == kPortGtpUser || port == kPortVxlan || port == kPortVxlanGpe ||
          port == kPortGeneve || port == kPortVxlanOfLinux);
}

// Each reads the header at the cursor, steps behind it and says what follows.

// Generic routing encapsulation: RFC 2784 with RFC 2890, version 1 of PPTP (RFC 2637 section 4.1),
// and the mirror sessions it carries (ERSPAN I, II and III).
[[nodiscard]] Next readGre(Cursor& cursor) noexcept;
// What stands at the start of a datagram whose tunnel port is `port`: VXLAN (RFC 7348 section 5),
// its generic extension (draft-ietf-nvo3-vxlan-gpe), Geneve (RFC 8926 section 3.4) or a GTP-U G-PDU
// (3GPP TS 29.281 section 5). kMalformed with kTunnelHeader: none of these, and so just a datagram.
[[nodiscard]] Next readUdpTunnel(std::uint16_t port, Cursor& cursor) noexcept;

}  // namespace probe::net
