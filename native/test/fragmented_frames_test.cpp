#include <cstddef>
#include <cstdint>

#include "check.hpp"
#include "decoding.hpp"

// Fragments from frame to datagram; the table alone is in fragments_test.cpp.
namespace {

using namespace probe::test::decoding;  // the words of every line below

constexpr std::uint32_t kMore = 0x2000;

Buffer slice(const Buffer& bytes, std::size_t begin, std::size_t end) {
  return Buffer(bytes.begin() + static_cast<std::ptrdiff_t>(begin),
                bytes.begin() + static_cast<std::ptrdiff_t>(end));
}

Buffer fragment4(const Buffer& payload, std::size_t begin, std::size_t end, std::uint8_t protocol) {
  const std::uint32_t flag = end < payload.size() ? kMore : 0;
  return ipv4({.protocol = protocol,
               .id = 0x4242,
               .fragment = flag | static_cast<std::uint32_t>(begin / 8)},
              slice(payload, begin, end));
}

// `before` are the extension headers in front of the fragment header, `first` names the first.
Buffer fragment6(const Buffer& payload, std::size_t begin, std::size_t end, std::uint8_t next,
                 const Buffer& before = {}, std::uint8_t first = 44) {
  const std::uint32_t more = end < payload.size() ? 1 : 0;
  return ipv6(first, join({before,
                           {next, 0},
                           be16(static_cast<std::uint32_t>(begin) | more),
                           be32(0xDEADBEEF),
                           slice(payload, begin, end)}));
}

TEST("joins the fragments of a datagram, padded frames included, and sums up the IP packet") {
  const Buffer datagram = udp(5060, 5062, ramp(2000));
  for (const bool is4 : {true, false}) {
    Decoding of;
    const auto frame = [&](std::size_t begin, std::size_t end) {
      const Buffer ip =
          is4 ? fragment4(datagram, begin, end, 17) : fragment6(datagram, begin, end, 17);
      return ethernet(is4 ? kIpv4Type : kIpv6Type, join({ip, Buffer(9, 0xEE)}));
    };
    CHECK(of.decode(1, frame(1992, 2008)) == Decoded::kFragmentHeld);
    CHECK(of.decode(1, frame(0, 1000)) == Decoded::kFragmentHeld);
    CHECK(of.decoder.fragments().datagramsHeld() == 1);
    CHECK(of.decode(1, frame(1000, 1992)) == Decoded::kUdp);
    CHECK(of.packet.path.sourcePort == 5060 && of.packet.path.destinationPort == 5062);
    CHECK(isSame(of.packet.payload, ramp(2000)) && of.packet.payloadWireBytes == 2000);
    CHECK(of.packet.ipBytes == (is4 ? 20U : 40U) + 2008U);
    CHECK(of.decoder.fragments().datagramsHeld() == 0 && of.malformedFrames() == 0);
  }
}

TEST("counts extension headers before the fragment header to the IP packet, not that one") {
  const Buffer datagram = udp(1, 2, ramp(100));
  const Buffer hop{44, 0, 1, 4, 0, 0, 0, 0};
  Decoding of;
  CHECK(of.decode(101, fragment6(datagram, 0, 64, 17, hop, 0)) == Decoded::kFragmentHeld);
  CHECK(of.decode(101, fragment6(datagram, 64, 108, 17, hop, 0)) == Decoded::kUdp);
  CHECK(of.packet.ipBytes == 40 + 8 + 108 && isSame(of.packet.payload, ramp(100)));
}

TEST("decodes extension headers and tunnels that begin inside the joined payload") {
  const Buffer chain = join({{17, 0, 1, 4, 0, 0, 0, 0}, media()});
  Decoding of;
  CHECK(of.decode(101, fragment6(chain, 0, 16, 60)) == Decoded::kFragmentHeld);
  CHECK(of.decode(101, fragment6(chain, 16, chain.size(), 60)) == Decoded::kUdp);
  CHECK(isSame(of.packet.payload, ramp(40)));

  const Buffer inner = ipv4({}, media());
  CHECK(of.decode(101, fragment4(inner, 0, 48, 4)) == Decoded::kFragmentHeld);
  CHECK(of.decode(101, fragment4(inner, 48, inner.size(), 4)) == Decoded::kUdp);
  CHECK(isSame(of.packet.payload, ramp(40)) && of.packet.ipBytes == 68);

  const Buffer frame = ethernet(kIpv4Type, inner);
  const Buffer vxlan = udp(7, 4789, join({be32(0x08000000), be32(0), frame}));
  CHECK(of.decode(101, fragment4(vxlan, 0, 8, 17)) == Decoded::kFragmentHeld);
  CHECK(of.decode(101, fragment4(vxlan, 8, vxlan.size(), 17)) == Decoded::kUdp);
  CHECK(isSame(of.packet.payload, ramp(40)) && of.packet.path.destinationPort == 5006);
}

TEST("joins fragments that fragmented tunnels carry") {
  const Buffer datagram = udp(5060, 5062, ramp(200));
  Decoding of;
  Decoded last = Decoded::kOther;
  for (const bool isFirst : {true, false}) {
    const Buffer inner =
        isFirst ? fragment4(datagram, 0, 104, 17) : fragment4(datagram, 104, 208, 17);
    const Buffer outer =
        udp(7, 4789, join({be32(0x08000000), be32(0), ethernet(kIpv4Type, inner)}));
    CHECK(of.decode(101, fragment6(outer, 0, 80, 17)) == Decoded::kFragmentHeld);
    last = of.decode(101, fragment6(outer, 80, outer.size(), 17));
    CHECK(last == (isFirst ? Decoded::kFragmentHeld : Decoded::kUdp));
  }
  CHECK(isSame(of.packet.payload, ramp(200)) && of.packet.ipBytes == 228);
}

TEST("takes an atomic IPv6 fragment for what it is, RFC 6946") {
  Decoding of;
  const Buffer datagram = udp(1, 2, ramp(40));
  CHECK(of.decode(101, fragment6(datagram, 0, datagram.size(), 17)) == Decoded::kUdp);
  CHECK(isSame(of.packet.payload, ramp(40)));
  CHECK(of.packet.ipBytes == 40 + 8 + 48);
  CHECK(of.decoder.fragments().datagramsHeld() == 0);
  // One that shares its number with fragments that wait is none of theirs.
  CHECK(of.decode(101, fragment6(datagram, 0, 16, 17)) == Decoded::kFragmentHeld);
  CHECK(of.decode(101, fragment6(datagram, 0, datagram.size(), 17)) == Decoded::kUdp);
  CHECK(of.decode(101, fragment6(datagram, 16, datagram.size(), 17)) == Decoded::kUdp);
}

TEST("does not take a fragment for a datagram, whatever its UDP length says") {
  Decoding of;
  const Buffer fits = udp(1, 2, ramp(16));
  const std::uint32_t third = 3;
  CHECK(of.decode(1, ethernet(kIpv4Type, ipv4({.fragment = kMore}, fits))) ==
        Decoded::kFragmentHeld);
  CHECK(of.decode(1, ethernet(kIpv4Type, ipv4({.fragment = kMore | third}, fits))) ==
        Decoded::kFragmentHeld);
  CHECK(of.decode(1, ethernet(kIpv4Type, ipv4({.id = 2, .fragment = third}, fits))) ==
        Decoded::kFragmentHeld);
  CHECK(of.decode(1, ethernet(kIpv4Type, ipv4({.id = 3, .fragment = 0x4000}, fits))) ==
        Decoded::kUdp);  // "do not fragment" is no fragment
}

TEST("does not join IPv4 fragments of different protocols") {
  Decoding of;
  const Buffer datagram = udp(1, 2, ramp(200));
  CHECK(of.decode(101, fragment4(datagram, 0, 104, 17)) == Decoded::kFragmentHeld);
  CHECK(of.decode(101, fragment4(datagram, 104, 208, 6)) == Decoded::kFragmentHeld);
  CHECK(of.decode(101, fragment4(datagram, 104, 208, 17)) == Decoded::kUdp);
}

TEST("gives the payload up to where the snap length cut a fragment") {
  const Buffer datagram = udp(1, 2, ramp(200));
  Decoding of;
  CHECK(of.decode(101, fragment4(datagram, 0, 104, 17), 0, 60) == Decoded::kFragmentHeld);
  CHECK(of.decode(101, fragment4(datagram, 104, 208, 17), 0, 60) == Decoded::kUdp);
  CHECK(isSame(of.packet.payload, ramp(32)) && of.packet.payloadWireBytes == 200);
  CHECK(of.packet.ipBytes == 228);
}

TEST("does not keep fragments of what leads to neither UDP nor TCP") {
  Decoding of;
  CHECK(of.decode(101, fragment4(Buffer(64), 0, 32, 1)) == Decoded::kOther);
  CHECK(of.decode(101, fragment6(Buffer(64), 0, 32, 58)) == Decoded::kOther);
  CHECK(of.decoder.fragments().datagramsHeld() == 0);
}

TEST("counts fragments that are impossible or given up") {
  Decoding of;
  const Buffer datagram = udp(1, 2, ramp(200));
  CHECK(of.decode(101, ipv4({.fragment = kMore}, ramp(15))) == Decoded::kMalformed);
  CHECK(of.malformed(Malformed::kFragment) == 1);
  CHECK(of.decode(101, fragment4(datagram, 0, 104, 17)) == Decoded::kFragmentHeld);
  CHECK(of.decode(101, fragment4(datagram, 104, 208, 17), 31'000'000'000) ==
        Decoded::kFragmentHeld);
  CHECK(of.decoder.counters().fragmentsEvicted == 1);
}

TEST("does not let refused fragments inside a tunnel pass for a datagram") {
  const Buffer bad = ipv4({.fragment = kMore}, ramp(15));
  const Buffer vxlan = udp(7, 4789, join({be32(0x08000000), be32(0), ethernet(kIpv4Type, bad)}));
  CHECK(isMalformed(101, ipv4({}, vxlan), Malformed::kFragment));
}

}  // namespace
