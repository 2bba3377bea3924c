#include "net/ip.hpp"

namespace probe::net {
namespace {

constexpr std::size_t kIpv4Bytes = 20;
constexpr std::size_t kIpv6Bytes = 40;
constexpr std::size_t kFragmentHeaderBytes = 8;
constexpr std::size_t kExtensionUnitBytes = 8;
constexpr std::size_t kWordBytes = 4;

constexpr std::uint8_t kProtocolHopByHop = 0;
constexpr std::uint8_t kProtocolMobility = 135;
constexpr std::uint8_t kProtocolHostIdentity = 139;
constexpr std::uint8_t kProtocolShim6 = 140;

constexpr std::uint16_t kMoreFragments = 0x2000;
constexpr std::uint16_t kFragmentOffset = 0x1FFF;
constexpr std::uint32_t kFragmentUnitBytes = 8;

constexpr std::uint32_t kLeastJumboBytes = 65536;         // RFC 2675 section 2
constexpr std::uint32_t kLargestJumboBytes = 0x7FFFFFFF;  // so that header and payload add up

// The length that a jumbo payload option of this hop-by-hop header states, or 0.
std::uint32_t jumboLength(Bytes options) noexcept {
  constexpr std::uint8_t kPadOne = 0;
  constexpr std::uint8_t kJumboPayload = 0xC2;
  while (!options.empty()) {
    if (options[0] == kPadOne) {
      options = options.subspan(1);
      continue;
    }
    if (options.size() < 2 || options.size() < 2U + options[1]) {
      return 0;
    }
    if (options[0] == kJumboPayload && options[1] == kWordBytes) {
      return load32be(options.data() + 2);
    }
    options = options.subspan(2U + options[1]);
  }
  return 0;
}

// Puts a jumbogram's length in the place of the payload length, which was 0. `headerBytes` is the
// hop-by-hop header, which the jumbo length includes.
bool takeJumboLength(std::size_t headerBytes, Cursor& cursor, IpHeader& ip) noexcept {
  const std::uint32_t length = jumboLength(cursor.bytes().subspan(2, headerBytes - 2));
  ip.hasJumboLength = false;
  if (length == 0) {
    return true;
  }
  if (length < kLeastJumboBytes || length > kLargestJumboBytes) {
    return false;
  }
  ip.packetBytes = static_cast<std::uint32_t>(kIpv6Bytes) + length;
  cursor.limit(length);
  return true;
}

Next readFragmentHeader(Cursor& cursor, IpHeader& ip) noexcept {
  if (cursor.size() < kFragmentHeaderBytes) {
    return Malformed::kExtensionHeader;
  }
  const std::uint8_t* at = cursor.data();
  const std::uint8_t protocol = at[0];
  const std::uint16_t offsetAndFlag = load16be(at + 2);
  ip.fragmentOffset = offsetAndFlag & ~(kFragmentUnitBytes - 1);
  ip.moreFragments = (offsetAndFlag & 1U) != 0;
  ip.id = load32be(at + 4);
  if (ip.fragmentOffset == 0 && !ip.moreFragments) {
    cursor.skip(kFragmentHeaderBytes);
    return {Layer::kIpPayload, protocol};  // RFC 6946: a fragment of its own
  }
  // The header of the whole datagram is without the fragment header (RFC 8200 section 4.5).
  ip.packetBytes -= static_cast<std::uint32_t>(kFragmentHeaderBytes);
  cursor.skip(kFragmentHeaderBytes);
  return {Layer::kFragment, protocol};
}

}  // namespace

Next readIpv4(Cursor& cursor, IpHeader& ip) noexcept {
  const std::uint8_t* at = cursor.data();
  if (cursor.size() < kIpv4Bytes || at[0] >> 4U != 4) {
    return Malformed::kIpHeader;
  }
  const std::size_t headerBytes = (at[0] & 0x0FU) * kWordBytes;
  if (headerBytes < kIpv4Bytes || headerBytes > cursor.size()) {
    return Malformed::kIpHeader;
  }
  const std::uint16_t totalBytes = load16be(at + 2);
  ip.packetBytes = totalBytes == 0 ? cursor.wireBytes() : totalBytes;
  if (ip.packetBytes < headerBytes) {
    return Malformed::kIpLength;
  }
  const std::uint16_t fragment = load16be(at + 6);
  ip.family = Family::kIpv4;
  ip.source = ipv4Address(at + 12);
  ip.destination = ipv4Address(at + 16);
  ip.id = load16be(at + 4);
  ip.fragmentOffset = (fragment & kFragmentOffset) * kFragmentUnitBytes;
  ip.moreFragments = (fragment & kMoreFragments) != 0;
  ip.hasJumboLength = false;
  const std::uint8_t protocol = at[9];
  cursor.limit(ip.packetBytes);
  cursor.skip(headerBytes);
  const bool isFragment = ip.moreFragments || ip.fragmentOffset != 0;
  return {isFragment ? Layer::kFragment : Layer::kIpPayload, protocol};
}

Next readIpv6(Cursor& cursor, IpHeader& ip) noexcept {
  const std::uint8_t* at = cursor.data();
  if (cursor.size() < kIpv6Bytes || at[0] >> 4U != 6) {
    return Malformed::kIpHeader;
  }
  constexpr std::uint8_t kNoNextHeader = 59;
  const std::uint16_t payloadBytes = load16be(at + 4);
  const std::uint8_t protocol = at[6];
  ip.hasJumboLength = payloadBytes == 0 && protocol != kNoNextHeader;
  ip.packetBytes = ip.hasJumboLength ? cursor.wireBytes()
                                     : static_cast<std::uint32_t>(kIpv6Bytes) + payloadBytes;
  ip.family = Family::kIpv6;
  std::memcpy(ip.source.data(), at + 8, sizeof ip.source);
  std::memcpy(ip.destination.data(), at + 24, sizeof ip.destination);
  cursor.limit(ip.packetBytes);
  cursor.skip(kIpv6Bytes);
  return {Layer::kIpPayload, protocol};
}

Next readAuthentication(Cursor& cursor) noexcept {
  constexpr std::size_t kLeastBytes = 12;
  if (cursor.size() < kLeastBytes) {
    return Malformed::kExtensionHeader;
  }
  const std::uint8_t protocol = cursor.data()[0];
  const std::size_t bytes = (cursor.data()[1] + 2U) * kWordBytes;
  if (bytes < kLeastBytes || bytes > cursor.size()) {
    return Malformed::kExtensionHeader;
  }
  cursor.skip(bytes);
  return {Layer::kIpPayload, protocol};
}

Next readExtension(std::uint8_t protocol, Cursor& cursor, IpHeader& ip) noexcept {
  switch (protocol) {
    case kProtocolFragment:
      return readFragmentHeader(cursor, ip);
    case kProtocolHopByHop:
    case kProtocolRouting:
    case kProtocolDestination:
    case kProtocolMobility:
    case kProtocolHostIdentity:
    case kProtocolShim6:
      break;
    default:
      return Layer::kOther;
  }
  if (cursor.size() < kExtensionUnitBytes) {
    return Malformed::kExtensionHeader;
  }
  const std::uint8_t following = cursor.data()[0];
  const std::size_t bytes = (cursor.data()[1] + 1U) * kExtensionUnitBytes;
  if (bytes > cursor.size()) {
    return Malformed::kExtensionHeader;
  }
  if (protocol == kProtocolHopByHop && ip.hasJumboLength && !takeJumboLength(bytes, cursor, ip)) {
    return Malformed::kExtensionHeader;
  }
  cursor.skip(bytes);
  return {Layer::kIpPayload, following};
}

}  // namespace probe::net
