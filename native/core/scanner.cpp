#include "scanner.hpp"

#include <cstring>
#include <string_view>

#include "media_fact.hpp"
#include "net/sip_start.hpp"

namespace probe {
namespace {

constexpr std::uint16_t kStunAttributeData = 0x0013;  // RFC 8656 section 18
constexpr std::uint16_t kStunSendIndication = 0x0016;
constexpr std::uint16_t kStunDataIndication = 0x0017;

// The DATA attribute of a TURN Send or Data indication, empty when there is none.
[[nodiscard]] Bytes turnData(Bytes message) noexcept {
  const std::uint16_t type = load16be(message.data());
  if (type != kStunSendIndication && type != kStunDataIndication) {
    return {};
  }
  std::size_t at = kStunHeaderBytes;
  while (at + 4 <= message.size()) {
    const std::uint16_t attribute = load16be(&message[at]);
    const std::size_t length = load16be(&message[at + 2]);
    at += 4;
    if (length > message.size() - at) {
      return {};
    }
    if (attribute == kStunAttributeData) {
      return message.subspan(at, length);
    }
    at += (length + 3) & ~std::size_t{3};
  }
  return {};
}

[[nodiscard]] bool hasBody(Bytes message) noexcept {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes as text
  const std::string_view text(reinterpret_cast<const char*>(message.data()), message.size());
  const std::size_t end = text.find("\r\n\r\n");
  return end == std::string_view::npos || end + 4 < text.size();
}

// A message cut by the snap length may have lost the end of its first line.
[[nodiscard]] bool isSip(Bytes payload, std::uint32_t wireBytes) noexcept {
  const Bytes text = net::withoutKeepAlives(payload);
  return net::beginsLikeSip(text) == net::Likeness::kYes ||
         (payload.size() < wireBytes && net::beginsWithKnownStart(text) == net::Likeness::kYes);
}

}  // namespace

void Scanner::scanSlowly(const capture::Frame& frame) {
  net::Packet packet;
  switch (decoder_.decode(frame.linkType, frame.bytes, frame.wireLength, frame.atNs, packet)) {
    case net::Decoded::kUdp:
      onDatagram(packet, packet.payload, packet.payloadWireBytes, frame.atNs, false);
      break;
    case net::Decoded::kTcp:
      if (packet.path.destinationPort == kSipsPort && isTlsClientHello(packet.payload)) {
        ++counters_.sipsHandshakes;
      }
      tcp_.push(packet, frame.atNs, counters_.frames - 1, *this);
      break;
    case net::Decoded::kOther:
      ++counters_.ignored;
      break;
    case net::Decoded::kFragmentHeld:
      ++counters_.fragments;
      break;
    case net::Decoded::kMalformed:
      break;
  }
}

void Scanner::finish(Batch& batch) {
  batch_ = &batch;
  tcp_.finish(*this);
}

// NOLINTNEXTLINE(misc-no-recursion): once, from a relay's wrapper to what is inside
void Scanner::onDatagram(const net::Packet& packet, Bytes payload, std::uint32_t wireBytes,
                         std::int64_t atNs, bool inTunnel) {
  switch (classify(payload)) {
    case PayloadClass::kRtp:
      onMedia(packet, payload, wireBytes, atNs);
      return;
    case PayloadClass::kRtcp:
      onRtcp(packet, payload, wireBytes, atNs);
      return;
    case PayloadClass::kStun:
      if (isStun(payload, wireBytes)) {
        onStun(packet, payload, wireBytes, atNs, inTunnel);
        return;
      }
      break;
    case PayloadClass::kDtls:
      if (onDtls(packet, payload, wireBytes, atNs)) {
        return;
      }
      break;
    case PayloadClass::kTurnChannel:
      if (!inTunnel && isTurnChannelData(payload, wireBytes)) {
        ++counters_.turnChannelData;
        const std::uint32_t length = load16be(&payload[2]);
        const Bytes inner = payload.subspan(kTurnChannelHeaderBytes);
        onDatagram(packet, inner.first(inner.size() < length ? inner.size() : length), length, atNs,
                   true);
        return;
      }
      break;
    case PayloadClass::kText:
    case PayloadClass::kOther:
      break;
  }
  if (isSip(payload, wireBytes)) {
    onSipMessage(packet.path, net::Transport::kUdp, atNs, counters_.frames - 1, payload,
                 payload.size() < wireBytes);
    return;
  }
  ++counters_.ignored;
}

void Scanner::onMedia(const net::Packet& packet, Bytes payload, std::uint32_t wireBytes,
                      std::int64_t atNs) {
  rtp::Header header{};
  if (!rtp::readHeader(payload, wireBytes, header)) {
    ++counters_.malformedRtp;
    return;
  }
  rtp::Fact& fact = batch_->facts[batch_->factCount++];
  fact.atNs = atNs;
  fact.frame = static_cast<std::uint32_t>(counters_.frames - 1 - batch_->firstFrame);
  const net::Path& path = packet.path;
  rtp::Ipv6Addresses addresses{};
  const std::size_t addressBytes = path.family == net::Family::kIpv4 ? 4 : sizeof(net::Address);
  std::memcpy(addresses.data(), path.source.data(), addressBytes);
  std::memcpy(addresses.data() + addressBytes, path.destination.data(), addressBytes);
  FactSupply supply{.seed = seed_, .ipv6 = batch_->ipv6.get(), .ipv6Count = batch_->ipv6Count};
  fillFact(fact, header, packet.ipBytes, path.family, addresses.data(),
           std::uint32_t{path.sourcePort} << 16U | path.destinationPort, supply);
  batch_->ipv6Count = supply.ipv6Count;
}

void Scanner::onRtcp(const net::Packet& packet, Bytes payload, std::uint32_t wireBytes,
                     std::int64_t atNs) {
  const auto first = static_cast<std::uint32_t>(batch_->records.size());
  const rtcp::Outcome outcome =
      rtcp::decode(payload, wireBytes, rtcp::Protection::kUnknown, batch_->records);
  switch (outcome.verdict) {
    case rtcp::Verdict::kNotRtcp:
      ++counters_.ignored;
      return;
    case rtcp::Verdict::kMalformed:
      ++counters_.malformedRtcp;
      break;
    case rtcp::Verdict::kEncrypted:
      ++counters_.rtcpEncrypted;
      break;
    case rtcp::Verdict::kDecoded:
    case rtcp::Verdict::kTruncated:
      break;
  }
  ++counters_.rtcp;
  const auto records = static_cast<std::uint32_t>(batch_->records.size()) - first;
  if (records != 0) {
    Event& event = addEvent(EventKind::kRtcp, packet.path, atNs, counters_.frames - 1, payload);
    event.firstRecord = first;
    event.records = records;
    batch_->eventBytes += records * sizeof(rtcp::Record);
  }
}

// Handshakes, alerts and changes of cipher are handed out always, what they protect within the
// bounds of DtlsFlows. False for what is no DTLS.
bool Scanner::onDtls(const net::Packet& packet, Bytes payload, std::uint32_t wireBytes,
                     std::int64_t atNs) {
  using Content = net::DtlsFlows::Content;
  using Verdict = net::DtlsFlows::Verdict;
  bool isWanted = true;
  if (isDtlsRecord(payload)) {
    const std::uint8_t type = payload[0];
    if (type == kDtlsHandshake) {
      dtls_.noteHandshake(packet.path);
    } else if (type == kDtlsApplicationData || type == kDtlsWithConnectionId) {
      isWanted = dtls_.judge(packet.path, Content::kApplication) == Verdict::kHandOut;
    }
  } else if (mayBeUnifiedDtls(payload, wireBytes)) {
    const bool isHandshake = isUnifiedHandshakeEpoch(payload[0]);
    const Verdict verdict =
        dtls_.judge(packet.path, isHandshake ? Content::kHandshake : Content::kApplication);
    if (verdict == Verdict::kUnknownFlow) {
      return false;
    }
    isWanted = verdict == Verdict::kHandOut;
  } else {
    return false;
  }
  ++counters_.dtls;
  if (isWanted) {
    addEvent(EventKind::kDtls, packet.path, atNs, counters_.frames - 1, payload).truncated =
        payload.size() < wireBytes ? 1 : 0;
  }
  return true;
}

// NOLINTNEXTLINE(misc-no-recursion): as above
void Scanner::onStun(const net::Packet& packet, Bytes payload, std::uint32_t wireBytes,
                     std::int64_t atNs, bool inTunnel) {
  ++counters_.stun;
  const Bytes relayed = inTunnel ? Bytes{} : turnData(payload);
  if (!relayed.empty()) {
    onDatagram(packet, relayed, static_cast<std::uint32_t>(relayed.size()), atNs, true);
    return;
  }
  addEvent(EventKind::kStun, packet.path, atNs, counters_.frames - 1, payload).truncated =
      payload.size() < wireBytes ? 1 : 0;
}

void Scanner::onSipMessage(const net::Path& path, net::Transport transport, std::int64_t atNs,
                           std::uint64_t frameIndex, Bytes message, bool truncated) {
  ++counters_.sip;
  batch_->descriptions += hasBody(message) ? 1U : 0U;
  Event& event = addEvent(EventKind::kSip, path, atNs, frameIndex, message);
  event.transport = transport;
  event.truncated = truncated ? 1 : 0;
}

Event& Scanner::addEvent(EventKind kind, const net::Path& path, std::int64_t atNs,
                         std::uint64_t frame, Bytes payload) {
  Event& event = batch_->events.emplace_back();
  event.frame = static_cast<double>(frame);
  event.atMs = static_cast<double>(atNs) / 1e6;
  event.offset = static_cast<std::uint32_t>(batch_->bytes.size());
  event.length = static_cast<std::uint32_t>(payload.size());
  event.sourcePort = path.sourcePort;
  event.destinationPort = path.destinationPort;
  event.kind = kind;
  event.transport = net::Transport::kUdp;
  event.ipv6 = path.family == net::Family::kIpv6 ? 1 : 0;
  event.source = path.source;
  event.destination = path.destination;
  batch_->bytes.insert(batch_->bytes.end(), payload.begin(), payload.end());
  batch_->eventBytes += sizeof(Event) + payload.size();
  return event;
}

}  // namespace probe
