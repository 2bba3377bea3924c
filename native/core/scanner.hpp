#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "bytes.hpp"
#include "capture/reader.hpp"
#include "demux.hpp"
#include "net/decoder.hpp"
#include "net/dtls_flows.hpp"
#include "net/message_sink.hpp"
#include "net/packet.hpp"
#include "net/tcp_table.hpp"
#include "rtcp/decode.hpp"
#include "rtp/fact.hpp"
#include "rtp/hash.hpp"

namespace probe {

// Kinds of event that a scan hands out. Order is the addon's.
enum class EventKind : std::uint8_t { kSip = 1, kStun = 2, kDtls = 3, kRtcp = 4 };

// One event as the addon hands it out, in file order. `offset` and `length` lie in Batch::bytes;
// for kRtcp, `records` of Batch::records begin at `firstRecord` and the payload is in Batch::bytes
// too.
struct Event {
  double frame;  // index of the frame that completed it, from 0
  double atMs;   // since the Unix epoch
  std::uint32_t offset;
  std::uint32_t length;
  std::uint32_t firstRecord;
  std::uint32_t records;
  std::uint16_t sourcePort;
  std::uint16_t destinationPort;
  EventKind kind;
  net::Transport transport;
  std::uint8_t truncated;
  std::uint8_t ipv6;
  std::array<std::uint8_t, 16> source;
  std::array<std::uint8_t, 16> destination;
};
static_assert(sizeof(Event) == 72);

// What one stretch of a capture holds: media as facts, everything else as events.
struct Batch {
  // Facts are written in place: nothing is cleared before and the end is looked at once a frame.
  static constexpr std::size_t kMaxFacts = 8192;

  std::uint64_t firstFrame = 0;
  std::unique_ptr<rtp::Fact[]> facts{new rtp::Fact[kMaxFacts]};
  std::size_t factCount = 0;
  // Source and destination of the facts over IPv6.
  std::unique_ptr<rtp::Ipv6Addresses[]> ipv6{new rtp::Ipv6Addresses[kMaxFacts]};
  std::uint32_t ipv6Count = 0;
  std::vector<Event> events;
  std::vector<std::uint8_t> bytes;
  std::vector<rtcp::Record> records;
  std::size_t eventBytes = 0;      // of events and what they hold, to tell when it is enough
  std::uint32_t descriptions = 0;  // SIP messages with a body, which may say what media means

  void clearFacts(std::uint64_t nextFrame) noexcept {
    firstFrame = nextFrame;
    factCount = 0;
    ipv6Count = 0;
  }
  void clearEvents() noexcept {
    events.clear();
    bytes.clear();
    records.clear();
    eventBytes = 0;
    descriptions = 0;
  }
};

struct ScanCounters {
  std::uint64_t frames;
  std::uint64_t wireBytes;
  std::uint64_t cutFrames;  // of which only a part was captured
  std::uint64_t rtcp;
  std::uint64_t rtcpEncrypted;
  std::uint64_t sip;
  std::uint64_t dtls;
  std::uint64_t stun;
  std::uint64_t turnChannelData;
  std::uint64_t fragments;  // frames that were part of a datagram joined later
  std::uint64_t ignored;
  std::uint64_t sipsHandshakes;  // ClientHellos to the port of SIP over TLS
  std::uint64_t malformedRtp;
  std::uint64_t malformedRtcp;
  std::int64_t firstFrameNs;  // the first and last in file order
  std::int64_t lastFrameNs;
};

// Sorts frames into media facts and signalling events. Keeps what spans frames: fragments and TCP.
class Scanner final : public net::MessageSink {
 public:
  explicit Scanner(const rtp::HashSeed& seed) : seed_(seed), dtls_(seed.first) {}

  void scan(const capture::Frame& frame, Batch& batch);
  // Scans the reader's frames as long as they are media over plain UDP in Ethernet, up to
  // `mostFacts` facts in the batch. What comes then is for scan(), and may be media too.
  void scanMedia(capture::Reader& reader, std::size_t mostFacts, Batch& batch);
  // No frames follow: hands out what TCP still holds.
  void finish(Batch& batch);

  void onSipMessage(const net::Path& path, net::Transport transport, std::int64_t atNs,
                    std::uint64_t frameIndex, Bytes message, bool truncated) override;

  [[nodiscard]] const ScanCounters& counters() const noexcept { return counters_; }
  [[nodiscard]] const net::DecoderCounters& decoderCounters() const noexcept {
    return decoder_.counters();
  }
  [[nodiscard]] const net::TcpCounters& tcpCounters() const noexcept { return tcp_.counters(); }

 private:
  void scanSlowly(const capture::Frame& frame);
  void onDatagram(const net::Packet& packet, Bytes payload, std::uint32_t wireBytes,
                  std::int64_t atNs, bool inTunnel);
  void onMedia(const net::Packet& packet, Bytes payload, std::uint32_t wireBytes,
               std::int64_t atNs);
  void onRtcp(const net::Packet& packet, Bytes payload, std::uint32_t wireBytes, std::int64_t atNs);
  bool onDtls(const net::Packet& packet, Bytes payload, std::uint32_t wireBytes, std::int64_t atNs);
  void onStun(const net::Packet& packet, Bytes payload, std::uint32_t wireBytes, std::int64_t atNs,
              bool inTunnel);
  Event& addEvent(EventKind kind, const net::Path& path, std::int64_t atNs, std::uint64_t frame,
                  Bytes payload);

  rtp::HashSeed seed_;
  net::Decoder decoder_;
  net::TcpTable tcp_;
  net::DtlsFlows dtls_;
  Batch* batch_ = nullptr;
  ScanCounters counters_{};
};

}  // namespace probe
