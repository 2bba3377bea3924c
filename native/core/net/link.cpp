#include "net/link.hpp"

namespace probe::net {
namespace {

constexpr std::uint32_t kLinkTypeNull = 0;
constexpr std::uint32_t kLinkTypePpp = 9;
constexpr std::uint32_t kLinkTypeRawBsd = 12;
constexpr std::uint32_t kLinkTypeRawOpenBsd = 14;
constexpr std::uint32_t kLinkTypePppHdlc = 50;
constexpr std::uint32_t kLinkTypePppoe = 51;
constexpr std::uint32_t kLinkTypeRaw = 101;
constexpr std::uint32_t kLinkTypeCiscoHdlc = 104;
constexpr std::uint32_t kLinkTypeLoop = 108;
constexpr std::uint32_t kLinkTypeLinuxCooked = 113;
constexpr std::uint32_t kLinkTypeIpv4 = 228;
constexpr std::uint32_t kLinkTypeIpv6 = 229;
constexpr std::uint32_t kLinkTypeLinuxCooked2 = 276;

constexpr std::uint16_t kEtherTypeArp = 0x0806;
constexpr std::uint16_t kEtherTypeVlan = 0x8100;
constexpr std::uint16_t kEtherTypeServiceVlan = 0x88A8;
constexpr std::uint16_t kEtherTypeOldServiceVlan = 0x9100;
constexpr std::uint16_t kEtherTypeMplsMulticast = 0x8848;
constexpr std::uint16_t kEtherTypePppoe = 0x8864;

constexpr std::size_t kEthernetBytes = 14;
constexpr std::size_t kVlanTagBytes = 4;
constexpr std::size_t kLabelBytes = 4;
constexpr std::size_t kPppoeBytes = 6;
constexpr std::size_t kLlcBytes = 3;
constexpr std::size_t kSnapBytes = 8;
constexpr std::size_t kFamilyBytes = 4;
constexpr std::size_t kCiscoHdlcBytes = 4;
constexpr std::size_t kLinuxCookedBytes = 16;
constexpr std::size_t kLinuxCooked2Bytes = 20;
constexpr std::uint16_t kLinuxLlc = 4;  // in place of an EtherType: no length before LLC

constexpr Next kCutLinkHeader(Malformed::kLinkHeader);
constexpr Next kNothingOfOurs(Layer::kOther);

// The address families of the systems that write BSD loopback captures: 2 is AF_INET everywhere,
// AF_INET6 is 24 on NetBSD and OpenBSD, 28 on FreeBSD, 30 on Darwin and 10 on Linux.
Next fromFamily(std::uint32_t family) noexcept {
  switch (family) {
    case 2:
      return Layer::kIpv4;
    case 10:
    case 24:
    case 28:
    case 30:
      return Layer::kIpv6;
    default:
      return kNothingOfOurs;
  }
}

// LINKTYPE_NULL has the family in the byte order of the machine that wrote it, which nothing
// states: the half that holds the number tells it.
Next readLoopback(Cursor& cursor) noexcept {
  if (cursor.size() < kFamilyBytes) {
    return kCutLinkHeader;
  }
  const std::uint32_t family = load32be(cursor.data());
  cursor.skip(kFamilyBytes);
  constexpr std::uint32_t kUpperHalf = 0xFFFF0000;
  return fromFamily((family & kUpperHalf) == 0 ? family : __builtin_bswap32(family));
}

// Skips a header of `bytes` that has an EtherType at `typeAt`.
Next readTyped(Cursor& cursor, std::size_t bytes, std::size_t typeAt) noexcept {
  if (cursor.size() < bytes) {
    return kCutLinkHeader;
  }
  const std::uint16_t type = load16be(cursor.data() + typeAt);
  cursor.skip(bytes);
  return {Layer::kEtherType, type};
}

// Linux cooked headers hold an EtherType or one of a few numbers of Linux' own, never a length.
Next readLinuxCooked(Cursor& cursor, std::size_t bytes, std::size_t typeAt) noexcept {
  const Next next = readTyped(cursor, bytes, typeAt);
  if (next.layer() != Layer::kEtherType || next.type() >= kLeastEtherType) {
    return next;
  }
  return next.type() == kLinuxLlc ? Next(Layer::kLlc) : kNothingOfOurs;
}

// RFC 2516 section 5.
Next readPppoe(Cursor& cursor) noexcept {
  constexpr std::uint8_t kVersionAndType = 0x11;
  constexpr std::uint8_t kSessionData = 0;
  if (cursor.size() < kPppoeBytes || cursor.data()[0] != kVersionAndType) {
    return kCutLinkHeader;
  }
  const bool isData = cursor.data()[1] == kSessionData;
  const std::uint32_t length = load16be(cursor.data() + 4);
  cursor.skip(kPppoeBytes);
  cursor.limit(length);
  return isData ? Next(Layer::kPpp) : kNothingOfOurs;
}

// True for a header with an EtherType of IP, with an IP header behind it, or of one of the layers
// that lead there.
bool looksLikeEthernet(Bytes bytes) noexcept {
  if (bytes.size() <= kEthernetBytes) {
    return false;
  }
  const unsigned version = bytes[kEthernetBytes] >> 4U;
  switch (load16be(bytes.data() + kEthernetBytes - 2)) {
    case kEtherTypeIpv4:
      return version == 4;
    case kEtherTypeIpv6:
      return version == 6;
    case kEtherTypeArp:
    case kEtherTypeVlan:
    case kEtherTypeServiceVlan:
    case kEtherTypeOldServiceVlan:
    case kEtherTypeMpls:
    case kEtherTypePppoe:
      return true;
    default:
      return false;
  }
}

// The length of an IP packet that begins here, by its header, or 0 where none can begin.
std::uint32_t ipLength(const Cursor& cursor) noexcept {
  constexpr std::uint32_t kIpv4Bytes = 20;
  constexpr std::uint32_t kIpv6Bytes = 40;
  const std::uint8_t* at = cursor.data();
  const bool isIpv4 = cursor.size() >= kIpv4Bytes && at[0] >> 4U == 4;
  const bool isIpv6 = cursor.size() >= kIpv6Bytes && at[0] >> 4U == 6;
  if (isIpv6) {
    return kIpv6Bytes + load16be(at + 4);
  }
  const std::uint32_t headerBytes = isIpv4 ? (at[0] & 0x0FU) * 4U : 0;
  const std::uint32_t totalBytes = isIpv4 ? load16be(at + 2) : 0;
  return headerBytes >= kIpv4Bytes && totalBytes >= headerBytes ? totalBytes : 0;
}

// Nothing in a label stack says what it carries. RFC 4928 section 3: IP is known by its first four
// bits, but a MAC address may begin with the same, so the length has to agree. A pseudo-wire that
// cares begins with a control word whose first four bits are 0 (RFC 4385).
Next guessLabelled(Cursor& cursor) noexcept {
  const bool mayBeEthernet = looksLikeEthernet(cursor.bytes());
  const std::uint32_t length = ipLength(cursor);
  if (length > 0 && (length == cursor.wireBytes() || !mayBeEthernet)) {
    return Layer::kIp;
  }
  constexpr std::size_t kControlWordBytes = 4;
  const bool mayHaveControlWord = cursor.size() >= kControlWordBytes && cursor.data()[0] >> 4U == 0;
  if (mayHaveControlWord && looksLikeEthernet(cursor.bytes().subspan(kControlWordBytes))) {
    cursor.skip(kControlWordBytes);
    return Layer::kEthernet;
  }
  return mayBeEthernet ? Layer::kEthernet : Layer::kOther;
}

// RFC 3032 section 2.1.
Next readLabels(Cursor& cursor) noexcept {
  bool isBottom = false;
  while (!isBottom) {
    if (cursor.size() < kLabelBytes) {
      return kCutLinkHeader;
    }
    isBottom = (cursor.data()[2] & 0x01U) != 0;
    cursor.skip(kLabelBytes);
  }
  return guessLabelled(cursor);
}

}  // namespace

Next readLink(std::uint32_t linkType, Cursor& cursor) noexcept {
  switch (linkType) {
    case kLinkTypeEthernet:
      return readEthernet(cursor);
    case kLinkTypeLinuxCooked:
      return readLinuxCooked(cursor, kLinuxCookedBytes, kLinuxCookedBytes - 2);
    case kLinkTypeLinuxCooked2:
      return readLinuxCooked(cursor, kLinuxCooked2Bytes, 0);
    case kLinkTypeRawBsd:
    case kLinkTypeRawOpenBsd:
    case kLinkTypeRaw:
      return Layer::kIp;
    case kLinkTypeIpv4:
      return Layer::kIpv4;
    case kLinkTypeIpv6:
      return Layer::kIpv6;
    case kLinkTypeNull:
    case kLinkTypeLoop:
      return readLoopback(cursor);
    case kLinkTypePpp:
    case kLinkTypePppHdlc:
      return Layer::kPpp;
    case kLinkTypePppoe:
      return readPppoe(cursor);
    case kLinkTypeCiscoHdlc:
      return readTyped(cursor, kCiscoHdlcBytes, 2);
    default:
      return Malformed::kLinkType;
  }
}

Next readEthernet(Cursor& cursor) noexcept {
  return readTyped(cursor, kEthernetBytes, kEthernetBytes - 2);
}

Next readEtherType(std::uint16_t type, Cursor& cursor) noexcept {
  switch (type) {
    case kEtherTypeIpv4:
      return Layer::kIpv4;
    case kEtherTypeIpv6:
      return Layer::kIpv6;
    case kEtherTypeVlan:
    case kEtherTypeServiceVlan:
    case kEtherTypeOldServiceVlan:
      return readTyped(cursor, kVlanTagBytes, 2);
    case kEtherTypeBridged:
      return Layer::kEthernet;
    case kEtherTypeMpls:
    case kEtherTypeMplsMulticast:
      return readLabels(cursor);
    case kEtherTypePppoe:
      return readPppoe(cursor);
    default:
      break;
  }
  if (type >= kLeastEtherType) {
    return kNothingOfOurs;
  }
  cursor.limit(type);
  return Layer::kLlc;
}

// IEEE 802.2; RFC 1042 for what is behind a SNAP header.
Next readLlc(Cursor& cursor) noexcept {
  constexpr std::uint32_t kSnap = 0xAAAA03;
  constexpr std::uint32_t kIpServiceAccessPoint = 0x060603;
  constexpr std::uint32_t kEtherTypeFollows = 0;
  constexpr std::uint32_t kBridgedEtherTypeFollows = 0x0000F8;
  if (cursor.size() < kLlcBytes) {
    return kCutLinkHeader;
  }
  const std::uint32_t head = load24be(cursor.data());
  if (head == kIpServiceAccessPoint) {
    cursor.skip(kLlcBytes);
    return Layer::kIpv4;
  }
  if (head != kSnap) {
    return kNothingOfOurs;
  }
  if (cursor.size() < kSnapBytes) {
    return kCutLinkHeader;
  }
  const std::uint32_t organization = load24be(cursor.data() + kLlcBytes);
  const std::uint16_t type = load16be(cursor.data() + kSnapBytes - 2);
  cursor.skip(kSnapBytes);
  const bool isEtherType =
      (organization == kEtherTypeFollows || organization == kBridgedEtherTypeFollows) &&
      type >= kLeastEtherType;
  return isEtherType ? Next(Layer::kEtherType, type) : kNothingOfOurs;
}

// RFC 1661 section 2, with the address and control field of RFC 1662 where it was not compressed
// away, and the protocol field of one byte where it was.
Next readPpp(Cursor& cursor) noexcept {
  constexpr std::uint16_t kAddressAndControl = 0xFF03;
  constexpr std::uint16_t kIpv4 = 0x0021;
  constexpr std::uint16_t kIpv6 = 0x0057;
  constexpr std::uint16_t kMpls = 0x0281;
  if (cursor.size() >= 2 && load16be(cursor.data()) == kAddressAndControl) {
    cursor.skip(2);
  }
  const bool isCompressed = cursor.size() >= 1 && (cursor.data()[0] & 0x01U) != 0;
  const std::size_t bytes = isCompressed ? 1 : 2;
  if (cursor.size() < bytes) {
    return kCutLinkHeader;
  }
  const std::uint16_t protocol = isCompressed ? cursor.data()[0] : load16be(cursor.data());
  cursor.skip(bytes);
  switch (protocol) {
    case kIpv4:
      return Layer::kIpv4;
    case kIpv6:
      return Layer::kIpv6;
    case kMpls:
      return {Layer::kEtherType, kEtherTypeMpls};
    default:
      return kNothingOfOurs;
  }
}

}  // namespace probe::net
