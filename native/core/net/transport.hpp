#pragma once

#include "net/ip.hpp"
#include "net/layer.hpp"
#include "net/packet.hpp"

namespace probe::net {

// Each reads the header at the cursor, which is limited to the payload of the packet of `ip`, and
// fills `packet`. The cursor then stands before the payload. False: the header is cut, or its
// length does not fit.

// RFC 768. The length field decides: padding behind it is none of the payload. A length of 0 is
// that of a datagram too long for the field (RFC 2675 section 4).
[[nodiscard]] bool readUdp(Cursor& cursor, const IpHeader& ip, Packet& packet) noexcept;
// RFC 9293 section 3.1. Options may be cut, the first 20 bytes may not.
[[nodiscard]] bool readTcp(Cursor& cursor, const IpHeader& ip, Packet& packet) noexcept;

}  // namespace probe::net
