#include "net/tunnel.hpp"

#include "net/link.hpp"

namespace probe::net {
namespace {

constexpr Next kNotATunnel(Malformed::kTunnelHeader);
constexpr Next kNothingOfOurs(Layer::kOther);

constexpr std::size_t kGreBytes = 4;
constexpr std::size_t kGreFieldBytes = 4;
constexpr std::uint16_t kGreChecksum = 0x8000;
constexpr std::uint16_t kGreRouting = 0x4000;
constexpr std::uint16_t kGreKey = 0x2000;
constexpr std::uint16_t kGreSequence = 0x1000;
constexpr std::uint16_t kGreAcknowledgment = 0x0080;  // version 1 only
constexpr std::uint16_t kGreVersion = 0x0007;

constexpr std::uint16_t kGrePpp = 0x880B;
constexpr std::uint16_t kGreErspan = 0x88BE;  // types I and II
constexpr std::uint16_t kGreErspan3 = 0x22EB;

// RFC 2637 section 4.1: the key is the length of the PPP frame and a call number.
Next readPptp(std::uint16_t flags, std::uint16_t type, Cursor& cursor) noexcept {
  std::size_t bytes = kGreBytes + kGreFieldBytes;
  bytes += (flags & kGreSequence) != 0 ? kGreFieldBytes : 0;
  bytes += (flags & kGreAcknowledgment) != 0 ? kGreFieldBytes : 0;
  if (type != kGrePpp || (flags & kGreKey) == 0 || cursor.size() < bytes) {
    return kNotATunnel;
  }
  const std::uint16_t length = load16be(cursor.data() + kGreBytes);
  cursor.skip(bytes);
  cursor.limit(length);
  const bool hasPayload = (flags & kGreSequence) != 0 && length > 0;
  return hasPayload ? Next(Layer::kPpp) : kNothingOfOurs;
}

// draft-foschiano-erspan. Type I has no header of its own, and it alone comes without a GRE
// sequence number.
Next readErspan(bool hasSequence, Cursor& cursor) noexcept {
  constexpr std::size_t kBytes = 8;
  if (!hasSequence) {
    return Layer::kEthernet;
  }
  if (cursor.size() < kBytes) {
    return kNotATunnel;
  }
  cursor.skip(kBytes);
  return Layer::kEthernet;
}

Next readErspan3(Cursor& cursor) noexcept {
  constexpr std::size_t kBytes = 12;
  constexpr std::size_t kSubheaderBytes = 8;
  constexpr std::uint16_t kHasSubheader = 0x0001;
  constexpr unsigned kFrameTypeShift = 10;
  constexpr unsigned kFrameTypeMask = 0x1F;
  constexpr unsigned kFrameTypeEthernet = 0;
  constexpr unsigned kFrameTypeIp = 2;
  if (cursor.size() < kBytes) {
    return kNotATunnel;
  }
  const std::uint16_t tail = load16be(cursor.data() + kBytes - 2);
  const std::size_t bytes = kBytes + ((tail & kHasSubheader) != 0 ? kSubheaderBytes : 0);
  if (cursor.size() < bytes) {
    return kNotATunnel;
  }
  cursor.skip(bytes);
  switch (tail >> kFrameTypeShift & kFrameTypeMask) {
    case kFrameTypeEthernet:
      return Layer::kEthernet;
    case kFrameTypeIp:
      return Layer::kIp;
    default:
      return kNothingOfOurs;
  }
}

Next readVxlan(Cursor& cursor) noexcept {
  constexpr std::size_t kBytes = 8;
  constexpr std::uint8_t kHasNetwork = 0x08;
  constexpr std::uint8_t kGroupPolicy = 0x80;  // draft-smith-vxlan-group-policy
  if (cursor.size() < kBytes) {
    return kNotATunnel;
  }
  const std::uint8_t flags = cursor.data()[0];
  if ((flags & ~kGroupPolicy) != kHasNetwork || cursor.data()[kBytes - 1] != 0) {
    return kNotATunnel;
  }
  cursor.skip(kBytes);
  return Layer::kEthernet;
}

// Senders of the first drafts state a protocol without the flag that later ones made of it.
Next readVxlanGpe(Cursor& cursor) noexcept {
  constexpr std::size_t kBytes = 8;
  constexpr std::uint8_t kHasNetwork = 0x08;
  constexpr std::uint8_t kHasProtocol = 0x04;
  constexpr std::uint8_t kUnstated = 0;
  constexpr std::uint8_t kIpv4 = 1;
  constexpr std::uint8_t kIpv6 = 2;
  constexpr std::uint8_t kEthernet = 3;
  if (cursor.size() < kBytes || (cursor.data()[0] & ~kHasProtocol) != kHasNetwork ||
      cursor.data()[kBytes - 1] != 0) {
    return kNotATunnel;
  }
  const std::uint8_t protocol = cursor.data()[3];
  cursor.skip(kBytes);
  switch (protocol) {
    case kIpv4:
      return Layer::kIpv4;
    case kIpv6:
      return Layer::kIpv6;
    case kUnstated:
    case kEthernet:
      return Layer::kEthernet;
    default:
      return kNotATunnel;
  }
}

Next readGeneve(Cursor& cursor) noexcept {
  constexpr std::size_t kBytes = 8;
  constexpr std::uint8_t kOptionWords = 0x3F;  // the two bits above are the version, 0
  constexpr std::size_t kWordBytes = 4;
  if (cursor.size() < kBytes || (cursor.data()[0] & ~kOptionWords) != 0) {
    return kNotATunnel;
  }
  const std::size_t bytes = kBytes + (cursor.data()[0] & kOptionWords) * kWordBytes;
  const std::uint16_t type = load16be(cursor.data() + 2);
  const bool isKnown =
      type == kEtherTypeBridged || type == kEtherTypeIpv4 || type == kEtherTypeIpv6;
  if (!isKnown || cursor.data()[kBytes - 1] != 0 || cursor.size() < bytes) {
    return kNotATunnel;
  }
  cursor.skip(bytes);
  return {Layer::kEtherType, type};
}

// Steps over the extension headers of a G-PDU, the first of which is of `type`.
bool skipGtpExtensions(std::uint8_t type, Cursor& cursor) noexcept {
  constexpr std::size_t kUnitBytes = 4;
  while (type != 0) {
    if (cursor.size() < kUnitBytes) {
      return false;
    }
    const std::size_t bytes = cursor.data()[0] * kUnitBytes;
    if (bytes == 0 || bytes > cursor.size()) {
      return false;
    }
    type = cursor.data()[bytes - 1];
    cursor.skip(bytes);
  }
  return true;
}

Next readGtpUser(Cursor& cursor) noexcept {
  constexpr std::size_t kBytes = 8;
  constexpr std::size_t kOptionalBytes = 4;  // sequence number, N-PDU number, extension type
  constexpr std::uint8_t kVersionAndProtocol = 0xF0;
  constexpr std::uint8_t kVersion1OfGtp = 0x30;
  constexpr std::uint8_t kHasExtension = 0x04;
  constexpr std::uint8_t kHasOptional = 0x07;
  constexpr std::uint8_t kUserPacket = 255;
  if (cursor.size() < kBytes) {
    return kNotATunnel;
  }
  const std::uint8_t flags = cursor.data()[0];
  const std::uint8_t kind = cursor.data()[1];
  const std::uint32_t length = load16be(cursor.data() + 2);
  if ((flags & kVersionAndProtocol) != kVersion1OfGtp || kind != kUserPacket ||
      length + kBytes > cursor.wireBytes()) {
    return kNotATunnel;
  }
  cursor.skip(kBytes);
  cursor.limit(length);
  if ((flags & kHasOptional) != 0) {
    if (cursor.size() < kOptionalBytes) {
      return kNotATunnel;
    }
    const std::uint8_t extension = (flags & kHasExtension) != 0 ? cursor.data()[3] : 0;
    cursor.skip(kOptionalBytes);
    if (!skipGtpExtensions(extension, cursor)) {
      return kNotATunnel;
    }
  }
  return Layer::kIp;
}

}  // namespace

Next readGre(Cursor& cursor) noexcept {
  if (cursor.size() < kGreBytes) {
    return kNotATunnel;
  }
  const std::uint16_t flags = load16be(cursor.data());
  const std::uint16_t type = load16be(cursor.data() + 2);
  const unsigned version = flags & kGreVersion;
  if (version == 1) {
    return readPptp(flags, type, cursor);
  }
  if (version != 0) {
    return kNotATunnel;
  }
  if ((flags & kGreRouting) != 0) {
    return kNothingOfOurs;  // source routes of RFC 1701, which RFC 2784 did away with
  }
  std::size_t bytes = kGreBytes;
  for (const std::uint16_t field : {kGreChecksum, kGreKey, kGreSequence}) {
    bytes += (flags & field) != 0 ? kGreFieldBytes : 0;
  }
  if (cursor.size() < bytes) {
    return kNotATunnel;
  }
  cursor.skip(bytes);
  switch (type) {
    case kGreErspan:
      return readErspan((flags & kGreSequence) != 0, cursor);
    case kGreErspan3:
      return readErspan3(cursor);
    case kGrePpp:
      return Layer::kPpp;
    default:
      break;
  }
  // Numbers too small for an EtherType are keepalives and OSI, not lengths.
  return type < kLeastEtherType ? kNothingOfOurs : Next(Layer::kEtherType, type);
}

Next readUdpTunnel(std::uint16_t port, Cursor& cursor) noexcept {
  switch (port) {
    case kPortGtpUser:
      return readGtpUser(cursor);
    case kPortGeneve:
      return readGeneve(cursor);
    case kPortVxlanGpe:
      return readVxlanGpe(cursor);
    default:
      return readVxlan(cursor);
  }
}

}  // namespace probe::net
