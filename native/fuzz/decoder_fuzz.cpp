#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "net/decoder.hpp"

namespace {

using probe::Bytes;
using namespace probe::net;

void require(bool holds) {
  if (!holds) {
    __builtin_trap();
  }
}

constexpr std::array<std::uint32_t, 16> kLinkTypes{1,  1,   1,   0,   9,   12,  14,  50,
                                                   51, 101, 104, 108, 113, 228, 229, 276};
constexpr std::uint32_t kRawIp = 101;
constexpr std::size_t kEthernetBytes = 14;
constexpr std::size_t kHeadBytes = 5;

std::uint64_t sumOf(const DecoderCounters& counters) {
  std::uint64_t sum = 0;
  for (const std::uint64_t count : counters.malformed) {
    sum += count;
  }
  return sum;
}

bool isIpInEthernet(std::uint32_t linkType, Bytes frame) {
  if (linkType != kLinkTypeEthernet || frame.size() <= kEthernetBytes) {
    return false;
  }
  const std::uint16_t type = probe::load16be(frame.data() + kEthernetBytes - 2);
  const unsigned version = frame[kEthernetBytes] >> 4U;
  return (type == kEtherTypeIpv4 && version == 4) || (type == kEtherTypeIpv6 && version == 6);
}

struct Outcome {
  Decoded decoded;
  Packet packet;
};

Outcome decode(Decoder& decoder, std::uint32_t linkType, Bytes frame, std::uint32_t wireLength,
               std::int64_t atNs) {
  Outcome outcome{};
  const std::uint64_t before = sumOf(decoder.counters());
  const Packet& packet = outcome.packet;
  outcome.decoded = decoder.decode(linkType, frame, wireLength, atNs, outcome.packet);
  require(sumOf(decoder.counters()) - before == (outcome.decoded == Decoded::kMalformed ? 1 : 0));
  if (outcome.decoded == Decoded::kUdp || outcome.decoded == Decoded::kTcp) {
    require(packet.path.protocol ==
            (outcome.decoded == Decoded::kUdp ? kProtocolUdp : kProtocolTcp));
    require(packet.path.family == Family::kIpv4 || packet.path.family == Family::kIpv6);
    require(packet.payloadWireBytes >= packet.payload.size());
    require(packet.ipBytes >= 28);
    // Counting reads every byte, so that a sanitizer sees one that is not the packet's.
    const auto zeros = std::count(packet.payload.begin(), packet.payload.end(), std::uint8_t{0});
    require(static_cast<std::size_t>(zeros) <= packet.payload.size());
  }
  const FragmentTable& fragments = decoder.fragments();
  require(fragments.bytesHeld() <= FragmentTable::kMaxBytes);
  require(fragments.datagramsHeld() <= FragmentTable::kMaxDatagrams);
  return outcome;
}

// An Ethernet header is one more towards the limit: from there on the two may differ.
bool wentTooDeep(const Decoder& decoder) {
  return decoder.counters().malformed.at(static_cast<std::size_t>(Malformed::kTooDeep)) > 0;
}

void requireSame(const Outcome& one, const Outcome& other) {
  require(one.decoded == other.decoded);
  if (one.decoded != Decoded::kUdp && one.decoded != Decoded::kTcp) {
    return;
  }
  const Packet& a = one.packet;
  const Packet& b = other.packet;
  require(a.path.source == b.path.source && a.path.destination == b.path.destination);
  require(a.path.sourcePort == b.path.sourcePort);
  require(a.path.destinationPort == b.path.destinationPort);
  require(a.path.family == b.path.family && a.path.protocol == b.path.protocol);
  require(std::equal(a.payload.begin(), a.payload.end(), b.payload.begin(), b.payload.end()));
  require(a.payloadWireBytes == b.payloadWireBytes && a.ipBytes == b.ipBytes);
  require(a.sequence == b.sequence && a.tcpFlags == b.tcpFlags);
}

}  // namespace

// A run of frames: link type, seconds since the one before (signed), bytes cut off by the snap
// length, length in two bytes, the frame. IP in Ethernet goes through a second decoder too,
// without its Ethernet header: the short way through the decoder and the long one must agree.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Decoder decoder;
  Decoder inEthernet;
  Decoder bare;
  std::int64_t atNs = 0;
  Bytes rest(data, size);
  while (rest.size() > kHeadBytes) {
    const std::uint32_t linkType = kLinkTypes.at(rest[0] % kLinkTypes.size());
    atNs += static_cast<std::int8_t>(rest[1]) * std::int64_t{1'000'000'000};
    const std::uint32_t cut = rest[2];
    const std::size_t length =
        std::min<std::size_t>(probe::load16be(rest.data() + 3), rest.size() - kHeadBytes);
    const std::unique_ptr<std::uint8_t[]> own(new std::uint8_t[length]);
    std::copy_n(rest.begin() + kHeadBytes, length, own.get());
    const Bytes frame(own.get(), length);
    const auto wireLength = static_cast<std::uint32_t>(length) + cut;
    decode(decoder, linkType, frame, wireLength, atNs);
    if (isIpInEthernet(linkType, frame) && !wentTooDeep(inEthernet)) {
      const Outcome whole = decode(inEthernet, linkType, frame, wireLength, atNs);
      const Outcome stripped =
          decode(bare, kRawIp, frame.subspan(kEthernetBytes), wireLength - kEthernetBytes, atNs);
      if (!wentTooDeep(inEthernet)) {
        requireSame(whole, stripped);
      }
    }
    rest = rest.subspan(kHeadBytes + length);
  }
  return 0;
}
