#include "net/tunnel.hpp"

#include <cstddef>
#include <cstdint>

#include "check.hpp"
#include "decoding.hpp"

namespace {

using namespace probe::test::decoding;  // the words of every line below

const Buffer kMedia4 = ipv4({}, media());
const Buffer kMedia6 = ipv6(17, media());
const Buffer kMediaFrame = ethernet(kIpv4Type, kMedia4);

Buffer in4(std::uint8_t protocol, const Buffer& payload) {
  return ethernet(kIpv4Type, ipv4({.protocol = protocol}, payload));
}
Buffer toPort(std::uint32_t port, const Buffer& payload) {
  return ethernet(kIpv4Type, ipv4({}, udp(50'000, port, payload)));
}

// True when the frame is no tunnel but a datagram to `port`, or from it, with this payload.
bool isPlain(const Buffer& frame, std::uint32_t port, const Buffer& payload) {
  Decoding of;
  return of.decode(1, frame) == Decoded::kUdp &&
         (of.packet.path.destinationPort == port || of.packet.path.sourcePort == port) &&
         isSame(of.packet.payload, payload) && of.malformedFrames() == 0;
}

TEST("decodes IP in IP of every pairing") {
  CHECK(holdsMedia(1, in4(4, kMedia4)));
  CHECK(holdsMedia(1, in4(41, kMedia6)));
  CHECK(holdsMedia(1, ethernet(kIpv6Type, ipv6(4, kMedia4))));
  CHECK(holdsMedia(1, ethernet(kIpv6Type, ipv6(41, kMedia6))));
}

TEST("decodes GRE with every choice of checksum, key and sequence number, RFC 2784 and 2890") {
  for (unsigned choice = 0; choice < 8; ++choice) {
    const Buffer checksum = (choice & 4U) != 0 ? be32(0x12340000) : Buffer{};
    const Buffer key = (choice & 2U) != 0 ? be32(7) : Buffer{};
    const Buffer sequence = (choice & 1U) != 0 ? be32(1) : Buffer{};
    const std::uint32_t flags = (choice & 4U) << 13U | (choice & 3U) << 12U;
    const auto gre = [&](std::uint32_t type, const Buffer& payload) {
      return in4(47, join({be16(flags), be16(type), checksum, key, sequence, payload}));
    };
    CHECK(holdsMedia(1, gre(kIpv4Type, kMedia4)));
    CHECK(holdsMedia(1, gre(kIpv6Type, kMedia6)));
    CHECK(holdsMedia(1, gre(0x6558, kMediaFrame)));
    CHECK(holdsMedia(1, gre(0x8847, join({be32(0x00010140), kMedia4}))));
    CHECK(holdsMedia(1, gre(0x880B, join({{0x00, 0x21}, kMedia4}))));
    CHECK(isOther(1, gre(0, {})));            // keepalive
    CHECK(isOther(1, gre(0x00FE, ramp(8))));  // OSI
  }
  CHECK(isOther(1, in4(47, join({be16(0x4000), be16(kIpv4Type), Buffer(12), kMedia4}))));
  CHECK(isMalformed(1, in4(47, {0, 0, 8}), Malformed::kTunnelHeader));
  CHECK(isMalformed(1, in4(47, {0x20, 0, 8, 0, 1, 2, 3}), Malformed::kTunnelHeader));
  CHECK(isMalformed(1, in4(47, {0, 2, 8, 0}), Malformed::kTunnelHeader));  // version 2
}

TEST("decodes PPP in the GRE of PPTP, RFC 2637") {
  const Buffer ppp = join({{0xFF, 0x03, 0x00, 0x21}, kMedia4});
  const auto length = static_cast<std::uint32_t>(ppp.size());
  CHECK(holdsMedia(
      1, in4(47, join({be16(0x3001), be16(0x880B), be16(length), be16(9), be32(5), ppp}))));
  CHECK(holdsMedia(1, in4(47, join({be16(0x3081), be16(0x880B), be16(length), be16(9), be32(5),
                                    be32(4), ppp, Buffer(3)}))));
  // An acknowledgment alone carries nothing.
  CHECK(isOther(1, in4(47, join({be16(0x2081), be16(0x880B), be16(0), be16(9), be32(4)}))));
  CHECK(isMalformed(1, in4(47, join({be16(0x1001), be16(0x880B), be32(0), be32(0)})),
                    Malformed::kTunnelHeader));
  CHECK(isMalformed(1, in4(47, join({be16(0x3001), be16(kIpv4Type), be32(0), be32(0)})),
                    Malformed::kTunnelHeader));
}

TEST("decodes mirrored frames of ERSPAN types I, II and III") {
  const Buffer withSequence = join({be16(0x1000), be16(0x88BE), be32(77)});
  const Buffer version1 = join({be16(0x1064), be16(1), be32(5)});  // VLAN 100, session 1, index
  CHECK(holdsMedia(1, in4(47, join({be16(0), be16(0x88BE), kMediaFrame}))));
  CHECK(holdsMedia(1, in4(47, join({withSequence, version1, kMediaFrame}))));

  const auto version2 = [](std::uint32_t tail, const Buffer& rest) {
    return in4(47, join({be16(0x1000), be16(0x22EB), be32(77),  // GRE
                         be16(0x2064), be16(1), be32(123),      // VLAN, session, timestamp
                         be16(0), be16(tail), rest}));          // security group, flags
  };
  CHECK(holdsMedia(1, version2(0x0000, kMediaFrame)));
  CHECK(holdsMedia(1, version2(0x0001, join({Buffer(8, 0xAB), kMediaFrame}))));  // subheader
  CHECK(holdsMedia(1, version2(2U << 10U, kMedia4)));                            // IP frame type
  CHECK(holdsMedia(1, version2(2U << 10U, kMedia6)));
  CHECK(isOther(1, version2(7U << 10U, kMediaFrame)));
  CHECK(isMalformed(1, version2(1, Buffer(7)), Malformed::kTunnelHeader));
  CHECK(isMalformed(1, in4(47, join({withSequence, Buffer(7)})), Malformed::kTunnelHeader));
}

TEST("decodes VXLAN on both of its ports, from or to them, and with a group policy") {
  const Buffer header = join({be32(0x08000000), be32(0x00007B00)});  // network 123
  for (const std::uint32_t port : {4789U, 8472U}) {
    CHECK(holdsMedia(1, toPort(port, join({header, kMediaFrame}))));
    const Buffer reply = udp(port, 50'000, join({header, kMediaFrame}));
    CHECK(holdsMedia(1, ethernet(kIpv4Type, ipv4({}, reply))));
  }
  CHECK(holdsMedia(1, toPort(4789, join({be32(0x88000005), be32(0x7B00), kMediaFrame}))));
  CHECK(isOther(1, toPort(4789, join({header, ethernet(0x0806, Buffer(28))}))));
}

TEST("decodes the generic protocol extension of VXLAN") {
  const auto extended = [](std::uint8_t flags, std::uint8_t protocol, const Buffer& rest) {
    return toPort(4790, join({{flags, 0, 0, protocol}, be32(0x7B00), rest}));
  };
  CHECK(holdsMedia(1, extended(0x0C, 1, kMedia4)));
  CHECK(holdsMedia(1, extended(0x0C, 2, kMedia6)));
  CHECK(holdsMedia(1, extended(0x0C, 3, kMediaFrame)));
  CHECK(holdsMedia(1, extended(0x08, 0, kMediaFrame)));
  CHECK(holdsMedia(1, extended(0x08, 1, kMedia4)));
}

TEST("decodes Geneve with and without options, RFC 8926") {
  const auto geneve = [](std::uint8_t words, std::uint32_t type, const Buffer& rest) {
    return toPort(6081, join({{words, 0},
                              be16(type),
                              be32(0x7B00),
                              Buffer(static_cast<std::size_t>(words) * 4, 0x11),
                              rest}));
  };
  for (const std::uint8_t words : Buffer{0, 1, 63}) {
    CHECK(holdsMedia(1, geneve(words, 0x6558, kMediaFrame)));
    CHECK(holdsMedia(1, geneve(words, kIpv4Type, kMedia4)));
    CHECK(holdsMedia(1, geneve(words, kIpv6Type, kMedia6)));
  }
}

TEST("decodes G-PDUs of GTP-U with optional fields and extension headers, 3GPP TS 29.281") {
  const auto gtp = [](std::uint8_t flags, const Buffer& rest) {
    return toPort(
        2152,
        join({{flags, 0xFF}, be16(static_cast<std::uint32_t>(rest.size())), be32(0xCAFE), rest}));
  };
  const Buffer noExtension{0, 9, 0, 0};                     // sequence, N-PDU, none follows
  const Buffer container{0, 0, 0, 0x85, 1, 0x10, 0x09, 0};  // PDU session container, one unit
  const Buffer two{0, 0, 0, 0x85, 1, 0x10, 0x09, 0x40, 2, 0, 0, 0, 0, 0, 0, 0};
  for (const Buffer& ip : {kMedia4, kMedia6}) {
    CHECK(holdsMedia(1, gtp(0x30, ip)));
    CHECK(holdsMedia(1, gtp(0x32, join({noExtension, ip}))));
    CHECK(holdsMedia(1, gtp(0x31, join({noExtension, ip}))));
    CHECK(holdsMedia(1, gtp(0x34, join({container, ip}))));
    CHECK(holdsMedia(1, gtp(0x37, join({two, ip}))));
  }
}

TEST("takes a datagram on a tunnel's port as it is when no tunnel is in it") {
  const Buffer rtp = join({{0x80, 0x08}, be16(1), be32(160), be32(0xABCD), ramp(160)});
  const Buffer contributed = join({{0x88, 0x08}, be16(1), be32(160), be32(0xABCD00), ramp(160)});
  const Buffer stun = join({be16(1), be16(0), be32(0x2112A442), ramp(12)});
  for (const std::uint32_t port : {2152U, 4789U, 4790U, 6081U, 8472U}) {
    for (const Buffer& payload : {rtp, contributed, stun, Buffer{}, Buffer(7), ramp(300)}) {
      CHECK(isPlain(toPort(port, payload), port, payload));
    }
  }
  // Headers that are right before bytes that are no packet.
  const Buffer garbage(60, 0x55);
  const Buffer vxlan = join({be32(0x08000000), be32(0), ethernet(kIpv4Type, garbage)});
  CHECK(isPlain(toPort(4789, vxlan), 4789, vxlan));
  const Buffer gtp = join({{0x30, 0xFF}, be16(60), be32(1), garbage});
  CHECK(isPlain(toPort(2152, gtp), 2152, gtp));
  const Buffer echo{0x32, 0x01, 0, 4, 0, 0, 0, 0, 0, 1, 0, 0};
  CHECK(isPlain(toPort(2152, echo), 2152, echo));
  const Buffer endless = join({{0x34, 0xFF}, be16(8), be32(1), {0, 0, 0, 0x85, 0, 0, 0, 0}});
  CHECK(isPlain(toPort(2152, endless), 2152, endless));
  const Buffer longer = join({{0x30, 0xFF}, be16(200), be32(1), kMedia4});
  CHECK(isPlain(toPort(2152, longer), 2152, longer));
  // A packet longer than the datagram that is said to carry it.
  const Buffer cut(kMedia4.begin(), kMedia4.end() - 1);
  const Buffer geneve = join({{0, 0}, be16(kIpv4Type), be32(0), cut});
  CHECK(isPlain(toPort(6081, geneve), 6081, geneve));
}

TEST("takes the innermost datagram that makes sense") {
  const Buffer broken = join({be32(0x08000000), be32(0), ethernet(kIpv4Type, Buffer(40, 0x55))});
  const Buffer inner = ethernet(kIpv4Type, ipv4({}, udp(1, 8472, broken)));
  Decoding of;
  CHECK(of.decode(1, toPort(4789, join({be32(0x08000000), be32(0), inner}))) == Decoded::kUdp);
  CHECK(of.packet.path.sourcePort == 1 && of.packet.path.destinationPort == 8472);
  CHECK(isSame(of.packet.payload, broken));
}

TEST("decodes tunnels inside each other and tags inside tunnels") {
  const Buffer tagged = ethernet(0x8100, join({be16(5), be16(kIpv4Type), kMedia4}));
  const Buffer vxlan = toPort(4789, join({be32(0x08000000), be32(0), tagged}));
  const Buffer mirrored = in4(47, join({be16(0), be16(0x88BE), vxlan}));
  const Buffer gtp = join({{0x30, 0xFF},
                           be16(static_cast<std::uint32_t>(mirrored.size() - 14)),
                           be32(1),
                           Buffer(mirrored.begin() + 14, mirrored.end())});
  CHECK(holdsMedia(1, vxlan));
  CHECK(holdsMedia(1, mirrored));
  CHECK(holdsMedia(1, toPort(2152, gtp)));
}

TEST("gives what the snap length left of a payload inside a tunnel") {
  const Buffer frame = toPort(4789, join({be32(0x08000000), be32(0), kMediaFrame}));
  Decoding of;
  CHECK(of.decode(1, frame, 0, static_cast<std::int64_t>(frame.size() - 30)) == Decoded::kUdp);
  CHECK(of.packet.path.destinationPort == 5006);
  CHECK(isSame(of.packet.payload, ramp(10)) && of.packet.payloadWireBytes == 40);
  CHECK(of.packet.ipBytes == 68);
}

TEST("never decodes what ICMP quotes inside a tunnel") {
  const Buffer quote = ipv4({.protocol = 1}, join({{3, 3, 0, 0, 0, 0, 0, 0}, kMedia4}));
  CHECK(isOther(1, in4(4, quote)));
  CHECK(isOther(1, toPort(4789, join({be32(0x08000000), be32(0), ethernet(kIpv4Type, quote)}))));
}

}  // namespace
