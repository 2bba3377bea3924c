#pragma once

#include <cstdint>

namespace probe::net {

// Why a frame could not be decoded. Order is the public order of the counters.
enum class Malformed : std::uint8_t {
  kLinkHeader,       // a link-layer header, VLAN tag or label stack is cut or makes no sense
  kIpHeader,         // an IP header is cut, or of another version than what carries it says
  kIpLength,         // an IP length that is shorter than its header or longer than what carries it
  kExtensionHeader,  // an IPv6 extension header or authentication header is cut or impossible
  kTunnelHeader,     // a GRE or ERSPAN header is cut or of an unknown version
  kUdpHeader,        // a UDP header is cut, or its length does not fit the IP packet
  kTcpHeader,        // a TCP header is cut, or its length does not fit the IP packet
  kFragment,         // a fragment that contradicts the others of its datagram, or is impossible
  kTooDeep,          // more headers inside each other than Decoder::kMaxLayers
  kLinkType,         // a link type that this decoder does not know
  kCount
};

}  // namespace probe::net
