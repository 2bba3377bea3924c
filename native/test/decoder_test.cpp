#include "net/decoder.hpp"

#include <cstddef>
#include <cstdint>

#include "check.hpp"
#include "decoding.hpp"

namespace {

using namespace probe::test::decoding;  // the words of every line below

const Buffer kMedia4 = ipv4({}, media());
const Buffer kMedia6 = ipv6(17, media());

TEST("decodes a UDP datagram in IPv4 in Ethernet") {
  Decoding of;
  CHECK(of.decode(kEthernet, ethernet(kIpv4Type, kMedia4)) == Decoded::kUdp);
  CHECK(of.isFrom(kSource4, kDestination4));
  CHECK(of.packet.path.sourcePort == 5004 && of.packet.path.destinationPort == 5006);
  CHECK(of.packet.path.protocol == probe::net::kProtocolUdp);
  CHECK(isSame(of.packet.payload, ramp(40)));
  CHECK(of.packet.payload.data() == of.frame.data() + 42);  // borrowed, not copied
  CHECK(of.packet.payloadWireBytes == 40 && of.packet.ipBytes == 68);
  CHECK(of.packet.sequence == 0 && of.packet.tcpFlags == 0);
}

TEST("decodes a TCP segment with its options, sequence number and flags") {
  Decoding of;
  const Buffer options{1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2};  // two no-ops, timestamps
  const Buffer segment = tcp(0xDEADBEEF, 0x18, options, ramp(100));
  for (const Buffer& packet : {ipv4({.protocol = 6}, segment), ipv6(6, segment)}) {
    const bool isIpv4 = packet[0] == 0x45;
    CHECK(of.decode(kEthernet, ethernet(isIpv4 ? kIpv4Type : kIpv6Type, packet)) == Decoded::kTcp);
    CHECK(of.packet.path.sourcePort == 5060 && of.packet.path.destinationPort == 5062);
    CHECK(of.packet.path.protocol == probe::net::kProtocolTcp);
    CHECK(of.packet.sequence == 0xDEADBEEF && of.packet.tcpFlags == 0x18);
    CHECK(isSame(of.packet.payload, ramp(100)) && of.packet.payloadWireBytes == 100);
    CHECK(of.packet.ipBytes == packet.size());
  }
}

TEST("decodes IPv4 and IPv6 behind every link type") {
  for (const bool is4 : {true, false}) {
    const Buffer& ip = is4 ? kMedia4 : kMedia6;
    const std::uint32_t type = is4 ? kIpv4Type : kIpv6Type;
    const Buffer family = is4 ? Buffer{2} : Buffer{30};
    const Buffer cooked = join({be16(0), be16(1), be16(6), Buffer(8), be16(type), ip});
    const Buffer cooked2 = join({be16(type), be16(0), be32(3), be16(1), {0, 6}, Buffer(8), ip});
    CHECK(holdsMedia(1, ethernet(type, ip)));
    CHECK(holdsMedia(113, cooked));
    CHECK(holdsMedia(276, cooked2));
    for (const std::uint32_t raw : {12U, 14U, 101U, is4 ? 228U : 229U}) {
      CHECK(holdsMedia(raw, ip));
    }
    CHECK(holdsMedia(0, join({family, {0, 0, 0}, ip})));    // little-endian writer
    CHECK(holdsMedia(0, join({{0, 0, 0}, family, ip})));    // big-endian writer
    CHECK(holdsMedia(108, join({{0, 0, 0}, family, ip})));  // network order by definition
    const Buffer ppp = is4 ? Buffer{0x00, 0x21} : Buffer{0x00, 0x57};
    CHECK(holdsMedia(9, join({{0xFF, 0x03}, ppp, ip})));
    CHECK(holdsMedia(9, join({ppp, ip})));
    CHECK(holdsMedia(9, join({{ppp[1]}, ip})));
    CHECK(holdsMedia(50, join({{0xFF, 0x03}, ppp, ip})));
    CHECK(holdsMedia(104, join({{0x0F, 0x00}, be16(type), ip})));
  }
}

TEST("knows the IPv6 address family of every system that writes loopback captures") {
  for (const std::uint8_t family : Buffer{10, 24, 28, 30}) {
    CHECK(holdsMedia(0, join({{family, 0, 0, 0}, kMedia6})));
  }
  CHECK(isOther(0, join({{7, 0, 0, 0}, kMedia6})));
}

TEST("decodes through nested VLAN tags of all three EtherTypes") {
  const Buffer inner = join({be16(100), be16(kIpv4Type), kMedia4});
  for (const std::uint32_t tag : {0x8100U, 0x88A8U, 0x9100U}) {
    CHECK(holdsMedia(1, ethernet(tag, inner)));
    CHECK(holdsMedia(1, ethernet(tag, join({be16(7), be16(0x8100), inner}))));
  }
  const Buffer three = join({be16(1), be16(0x88A8), be16(2), be16(0x8100), inner});
  CHECK(holdsMedia(1, ethernet(0x9100, three)));
  CHECK(holdsMedia(113, join({Buffer(14), be16(0x8100), inner})));
}

TEST("decodes PPPoE sessions and leaves discovery alone") {
  const auto session = [](std::uint8_t code, const Buffer& ppp) {
    return join({{0x11, code},
                 be16(9),
                 be16(static_cast<std::uint32_t>(ppp.size())),
                 ppp,
                 Buffer(7)});  // bytes behind the length are padding
  };
  CHECK(holdsMedia(1, ethernet(0x8864, session(0, join({{0x00, 0x21}, kMedia4})))));
  CHECK(holdsMedia(1, ethernet(0x8864, session(0, join({{0x00, 0x57}, kMedia6})))));
  CHECK(holdsMedia(51, session(0, join({{0x00, 0x21}, kMedia4}))));
  // An IP packet without a length ends where the session's payload does.
  const Buffer open = ipv4({.total = 0}, media());
  CHECK(holdsMedia(1, ethernet(0x8864, session(0, join({{0x00, 0x21}, open})))));
  CHECK(isOther(1, ethernet(0x8864, session(0, {0xC0, 0x21, 9, 1, 0, 8}))));  // link control
  CHECK(isOther(1, ethernet(0x8864, session(0xA7, {}))));
  CHECK(isOther(1, ethernet(0x8863, session(9, {}))));
  CHECK(isMalformed(1, ethernet(0x8864, Buffer(5)), Malformed::kLinkHeader));
}

TEST("decodes SNAP and LLC, and leaves other service access points alone") {
  const Buffer snap = join({{0xAA, 0xAA, 0x03, 0, 0, 0}, be16(kIpv4Type), kMedia4});
  CHECK(holdsMedia(1, ethernet(static_cast<std::uint32_t>(snap.size()), snap)));
  const Buffer bridged = join({{0xAA, 0xAA, 0x03, 0, 0, 0xF8}, be16(kIpv6Type), kMedia6});
  CHECK(holdsMedia(1, ethernet(static_cast<std::uint32_t>(bridged.size()), bridged)));
  const Buffer direct = join({{0x06, 0x06, 0x03}, kMedia4});
  CHECK(holdsMedia(1, ethernet(static_cast<std::uint32_t>(direct.size()), direct)));
  CHECK(holdsMedia(113, join({Buffer(14), be16(4), snap})));  // Linux: LLC without a length
  CHECK(isOther(1, ethernet(38, Buffer(46, 0x42))));          // spanning tree
  CHECK(isOther(1, ethernet(8, {0xAA, 0xAA, 0x03, 0, 0, 0x0C, 0x20, 0})));  // discovery protocol
  CHECK(isMalformed(1, ethernet(7, {0xAA, 0xAA, 0x03, 0, 0, 0, 8}), Malformed::kLinkHeader));
}

TEST("decodes through MPLS labels to IP and to pseudo-wires with and without a control word") {
  const Buffer two = join({be32(0x00010040), be32(0x00011140)});  // second label: bottom of stack
  Buffer labels = two;
  labels[6] |= 1U;
  for (const std::uint32_t type : {0x8847U, 0x8848U}) {
    CHECK(holdsMedia(1, ethernet(type, join({labels, kMedia4}))));
    CHECK(holdsMedia(1, ethernet(type, join({labels, kMedia6}))));
    const Buffer wire = ethernet(kIpv4Type, kMedia4);
    CHECK(holdsMedia(1, ethernet(type, join({labels, be32(0), wire}))));
    CHECK(holdsMedia(1, ethernet(type, join({labels, wire}))));
    Buffer alike = wire;  // a MAC address that begins as an IPv4 header does
    alike[0] = 0x45;
    CHECK(holdsMedia(1, ethernet(type, join({labels, alike}))));
    alike[0] = 0x60;
    CHECK(holdsMedia(1, ethernet(type, join({labels, alike}))));
  }
  CHECK(holdsMedia(9, join({{0x02, 0x81}, labels, kMedia4})));
  CHECK(isOther(1, ethernet(0x8847, join({labels, Buffer(30, 0x11)}))));
  labels[6] &= 0xFEU;
  CHECK(isMalformed(1, ethernet(0x8847, labels), Malformed::kLinkHeader));
}

TEST("cuts padding and trailers off by the lengths of IP and UDP") {
  const Buffer small = udp(5004, 5006, ramp(2));
  Decoding of;
  CHECK(of.decode(1, ethernet(kIpv4Type, join({ipv4({}, small), Buffer(16, 0xEE)}))) ==
        Decoded::kUdp);
  CHECK(isSame(of.packet.payload, ramp(2)) && of.packet.payloadWireBytes == 2);
  CHECK(of.packet.ipBytes == 30);
  // A UDP length below what IP carries: the rest is not payload either.
  const Buffer below = udp(1, 2, ramp(9), 8 + 4);
  for (const Buffer& frame :
       {ethernet(kIpv4Type, ipv4({}, below)), ethernet(kIpv6Type, ipv6(17, below))}) {
    CHECK(of.decode(1, frame) == Decoded::kUdp);
    CHECK(isSame(of.packet.payload, ramp(4)) && of.packet.payloadWireBytes == 4);
    CHECK(of.decode(101, Buffer(frame.begin() + 14, frame.end())) == Decoded::kUdp);
    CHECK(isSame(of.packet.payload, ramp(4)) && of.packet.payloadWireBytes == 4);
  }
  CHECK(of.decode(1, ethernet(kIpv6Type, ipv6(17, udp(1, 2, {})))) == Decoded::kUdp);
  CHECK(of.packet.payload.empty() && of.packet.payloadWireBytes == 0);
  // An empty TCP segment in a padded frame carries nothing.
  const Buffer ack = ipv4({.protocol = 6}, tcp(1, 0x10, {}, {}));
  CHECK(of.decode(1, ethernet(kIpv4Type, join({ack, Buffer(6)}))) == Decoded::kTcp);
  CHECK(of.packet.payload.empty() && of.packet.payloadWireBytes == 0);
}

TEST("gives what the snap length left of a payload and how much was sent") {
  for (const Buffer& frame : {ethernet(kIpv4Type, kMedia4), ethernet(kIpv6Type, kMedia6),
                              ethernet(kIpv4Type, ipv4({.options = Buffer(8, 1)}, media()))}) {
    const std::size_t headers = frame.size() - 40;
    for (std::size_t size = 0; size <= frame.size(); ++size) {
      Decoding of;
      const Decoded decoded = of.decode(1, frame, 0, static_cast<std::int64_t>(size));
      if (size < headers) {
        CHECK(decoded == Decoded::kMalformed);
        continue;
      }
      CHECK(decoded == Decoded::kUdp);
      CHECK(isSame(of.packet.payload, ramp(size - headers)));
      CHECK(of.packet.payloadWireBytes == 40 && of.packet.ipBytes == frame.size() - 14);
    }
  }
}

TEST("keeps a TCP segment whose options the snap length cut") {
  Decoding of;
  const Buffer frame =
      ethernet(kIpv4Type, ipv4({.protocol = 6}, tcp(7, 0x10, Buffer(12, 1), ramp(50))));
  CHECK(of.decode(1, frame, 0, 14 + 20 + 20 + 4) == Decoded::kTcp);
  CHECK(of.packet.payload.empty() && of.packet.payloadWireBytes == 50 && of.packet.sequence == 7);
  CHECK(of.decode(1, frame, 0, 14 + 20 + 19) == Decoded::kMalformed);
  CHECK(of.malformed(Malformed::kTcpHeader) == 1);
}

TEST("takes the rest of the frame when offload left the IP length at 0") {
  Decoding of;
  const Buffer segment = tcp(1, 0x10, {}, ramp(3000));
  CHECK(of.decode(1, ethernet(kIpv4Type, ipv4({.protocol = 6, .total = 0}, segment))) ==
        Decoded::kTcp);
  CHECK(of.packet.payloadWireBytes == 3000 && of.packet.ipBytes == 3040);
  CHECK(of.decode(1, ethernet(kIpv4Type, ipv4({.protocol = 6, .total = 0}, segment)), 0, 96) ==
        Decoded::kTcp);
  CHECK(of.packet.payload.size() == 42 && of.packet.payloadWireBytes == 3000);
  CHECK(of.decode(1, ethernet(kIpv6Type, ipv6(6, segment, 0))) == Decoded::kTcp);
  CHECK(of.packet.payloadWireBytes == 3000 && of.packet.ipBytes == 3060);
}

TEST("steps over IPv6 extension headers and IPv4 options") {
  const Buffer padding{1, 4, 0, 0, 0, 0};  // one option that fills eight bytes
  const Buffer chain = join({{43, 0},
                             padding,  // hop-by-hop
                             {60, 0},
                             padding,  // routing
                             {51, 1},
                             padding,
                             Buffer(8),  // destination, of sixteen bytes
                             {17, 4, 0, 0},
                             Buffer(20),  // authentication, of 24 bytes
                             media()});
  Decoding of;
  CHECK(of.decode(1, ethernet(kIpv6Type, ipv6(0, chain))) == Decoded::kUdp);
  CHECK(isSame(of.packet.payload, ramp(40)) && of.packet.ipBytes == 40 + chain.size());
  CHECK(of.decode(1, ethernet(kIpv4Type, ipv4({.options = Buffer(40, 1)}, media()))) ==
        Decoded::kUdp);
  CHECK(isSame(of.packet.payload, ramp(40)) && of.packet.ipBytes == 108);
  const Buffer authenticated = join({{17, 4, 0, 0}, Buffer(20), media()});
  CHECK(of.decode(1, ethernet(kIpv4Type, ipv4({.protocol = 51}, authenticated))) == Decoded::kUdp);
  CHECK(isSame(of.packet.payload, ramp(40)));
}

TEST("takes the length of a jumbogram from its option, RFC 2675") {
  const Buffer big = udp(1, 2, ramp(70'000), 0);
  const auto length = static_cast<std::uint32_t>(8 + big.size());
  const auto jumbo = [&](std::uint32_t stated) {
    return ipv6(0, join({{17, 0, 0xC2, 4}, be32(stated), big, Buffer(5)}), 0);
  };
  Decoding of;
  CHECK(of.decode(101, jumbo(length)) == Decoded::kUdp);
  CHECK(of.packet.payloadWireBytes == 70'000 && of.packet.ipBytes == 40 + length);
  CHECK(isSame(of.packet.payload, ramp(70'000)));
  CHECK(isMalformed(101, jumbo(65'535), Malformed::kExtensionHeader));
  CHECK(isMalformed(101, jumbo(0xFFFFFFFF), Malformed::kExtensionHeader));
}

TEST("never decodes what ICMP quotes") {
  const Buffer unreachable = join({{3, 3, 0, 0, 0, 0, 0, 0}, kMedia4});
  CHECK(isOther(1, ethernet(kIpv4Type, ipv4({.protocol = 1}, unreachable))));
  CHECK(isOther(1, ethernet(kIpv6Type, ipv6(58, join({{1, 4, 0, 0, 0, 0, 0, 0}, kMedia6})))));
}

TEST("passes by what leads to neither UDP nor TCP") {
  CHECK(isOther(1, ethernet(0x0806, Buffer(46))));                            // ARP
  CHECK(isOther(1, ethernet(0x88CC, Buffer(46))));                            // LLDP
  CHECK(isOther(1, ethernet(kIpv4Type, ipv4({.protocol = 132}, ramp(40)))));  // SCTP
  CHECK(isOther(1, ethernet(kIpv6Type, ipv6(50, ramp(40)))));                 // ESP
  CHECK(isOther(1, ethernet(kIpv6Type, ipv6(59, {}))));                       // no next header
  CHECK(isOther(1, ethernet(kIpv4Type, ipv4({.protocol = 0}, ramp(40)))));
  CHECK(isOther(1, ethernet(kIpv4Type, ipv4({.protocol = 44}, ramp(40)))));
}

TEST("says what is wrong with a frame") {
  const auto in4 = [](const Ipv4& header, const Buffer& payload) {
    return ethernet(kIpv4Type, ipv4(header, payload));
  };
  const auto in6 = [](std::uint8_t next, const Buffer& payload) {
    return ethernet(kIpv6Type, ipv6(next, payload));
  };
  CHECK(isMalformed(1, Buffer(13), Malformed::kLinkHeader));
  CHECK(isMalformed(1, ethernet(0x8100, {0, 1, 8}), Malformed::kLinkHeader));
  CHECK(isMalformed(147, kMedia4, Malformed::kLinkType));
  CHECK(isMalformed(1, ethernet(kIpv4Type, kMedia6), Malformed::kIpHeader));
  CHECK(isMalformed(1, ethernet(kIpv6Type, kMedia4), Malformed::kIpHeader));
  CHECK(isMalformed(228, kMedia6, Malformed::kIpHeader));
  CHECK(isMalformed(101, Buffer(40, 0x55), Malformed::kIpHeader));
  CHECK(isMalformed(101, {}, Malformed::kIpHeader));
  Buffer shortHeader = kMedia4;
  shortHeader[0] = 0x44;
  CHECK(isMalformed(101, shortHeader, Malformed::kIpHeader));
  CHECK(isMalformed(1, in4({.total = 19}, media()), Malformed::kIpLength));
  CHECK(isMalformed(1, in6(0, {17, 1, 0, 0, 0, 0, 0, 0}), Malformed::kExtensionHeader));
  CHECK(isMalformed(1, in6(43, {17, 0, 0}), Malformed::kExtensionHeader));
  CHECK(isMalformed(1, in6(44, {17, 0, 0}), Malformed::kExtensionHeader));
  CHECK(isMalformed(1, in6(51, join({{17, 0}, Buffer(20)})), Malformed::kExtensionHeader));
  CHECK(isMalformed(1, in6(51, join({{17, 9}, Buffer(20)})), Malformed::kExtensionHeader));
  CHECK(isMalformed(1, in4({}, {1, 2, 3, 4, 0, 8, 0}), Malformed::kUdpHeader));
  CHECK(isMalformed(1, in4({}, udp(1, 2, ramp(4), 7)), Malformed::kUdpHeader));
  CHECK(isMalformed(1, in4({}, udp(1, 2, ramp(4), 13)), Malformed::kUdpHeader));
  CHECK(isMalformed(1, in4({}, udp(1, 2, ramp(4), 0)), Malformed::kUdpHeader));
  CHECK(isMalformed(1, in4({.protocol = 6}, Buffer(20)), Malformed::kTcpHeader));
  Buffer longOptions = tcp(1, 2, {}, ramp(8));
  longOptions[12] = 0xF0;
  CHECK(isMalformed(1, in4({.protocol = 6}, longOptions), Malformed::kTcpHeader));
}

TEST("goes no deeper than its limit, in VLAN tags, tunnels or extension headers") {
  for (const unsigned depth : {8U, 40U}) {
    Buffer tags = join({be16(kIpv4Type), kMedia4});
    Buffer tunnels = kMedia4;
    Buffer headers = media();
    for (unsigned count = 0; count < depth; ++count) {
      const std::uint8_t next = count == 0 ? 17 : 60;
      tags = join({be16(0x8100), be16(1), tags});
      tunnels = ipv4({.protocol = 4}, tunnels);
      headers = join({{next, 0, 1, 4, 0, 0, 0, 0}, headers});
    }
    Decoding of;
    const Decoded expected = depth == 8 ? Decoded::kUdp : Decoded::kMalformed;
    CHECK(of.decode(1, join({Buffer(12), tags})) == expected);
    CHECK(of.decode(101, tunnels) == expected);
    CHECK(of.decode(101, ipv6(60, headers)) == expected);
    CHECK(of.malformed(Malformed::kTooDeep) == (depth == 8 ? 0 : 3));
  }
}

}  // namespace
