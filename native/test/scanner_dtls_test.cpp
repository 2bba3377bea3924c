#include <algorithm>
#include <cstdint>

#include "check.hpp"
#include "frame_bytes.hpp"
#include "net/dtls_flows.hpp"
#include "net/link.hpp"
#include "scanner.hpp"

// Which DTLS a scan hands out.
namespace probe {
namespace {

using namespace test::frame_bytes;

constexpr std::uint32_t kClientPort = 50'000;
constexpr std::uint32_t kServerPort = 50'002;

enum class Way : std::uint8_t { kThere, kBack, kElsewhere };

class Scan {
 public:
  Scan() : scanner_(rtp::HashSeed{.first = 1, .second = 2}) {}

  void take(const Buffer& payload, Way way = Way::kThere, std::uint32_t cutBytes = 0) {
    Buffer frame = ethernet(0x0800, ipv4({}, udp(kClientPort, kServerPort, payload)));
    if (way == Way::kBack) {
      constexpr std::size_t kAddresses = 14 + 12;
      std::swap_ranges(&frame[kAddresses], &frame[kAddresses + 4], &frame[kAddresses + 4]);
      constexpr std::size_t kPorts = 14 + 20;
      std::swap_ranges(&frame[kPorts], &frame[kPorts + 2], &frame[kPorts + 2]);
    } else if (way == Way::kElsewhere) {
      frame[14 + 19] += 1;  // another host of the network
    }
    scanner_.scan({.bytes = Bytes(frame).first(frame.size() - cutBytes),
                   .atNs = 0,
                   .linkType = net::kLinkTypeEthernet,
                   .wireLength = static_cast<std::uint32_t>(frame.size())},
                  batch_);
  }
  [[nodiscard]] std::size_t events() const { return batch_.events.size(); }
  [[nodiscard]] const Event& last() const { return batch_.events.back(); }
  [[nodiscard]] std::uint64_t counted() const { return scanner_.counters().dtls; }
  [[nodiscard]] std::uint64_t ignored() const { return scanner_.counters().ignored; }

 private:
  Scanner scanner_;
  Batch batch_;
};

// A record with the header of 13 bytes (RFC 6347 section 4.1).
Buffer record(std::uint8_t type, std::uint32_t bodyBytes = 40) {
  return join({{type, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 1}, be16(bodyBytes), ramp(bodyBytes)});
}

// A record with the unified header (RFC 9147 section 4): sequence number of 16 bits, and its
// length.
Buffer unified(std::uint8_t epoch, std::uint32_t bodyBytes = 40) {
  return join(
      {{static_cast<std::uint8_t>(0x2CU | epoch), 0x12, 0x34}, be16(bodyBytes), ramp(bodyBytes)});
}

TEST("records of DTLS 1.3 are handed out behind a handshake, both ways, and nowhere else") {
  Scan scan;
  scan.take(unified(2));
  CHECK(scan.events() == 0 && scan.counted() == 0 && scan.ignored() == 1);
  scan.take(record(22));
  scan.take(unified(2), Way::kBack);
  scan.take(unified(2));
  scan.take(unified(3));
  CHECK(scan.events() == 4 && scan.counted() == 4 && scan.ignored() == 1);
  CHECK(scan.last().kind == EventKind::kDtls && scan.last().length == 45);
  scan.take(unified(2), Way::kElsewhere);
  CHECK(scan.events() == 4 && scan.counted() == 4 && scan.ignored() == 2);
}

TEST("what cannot be a record of DTLS 1.3 is none, even behind a handshake") {
  Scan scan;
  scan.take(record(22));
  scan.take(join({{0x2E, 0, 1}, be16(41), ramp(40)}));  // longer than the datagram
  scan.take(join({{0x2E, 0, 1}, be16(15), ramp(40)}));  // shorter than any ciphertext
  scan.take(join({{0x22, 1}, ramp(15)}));               // likewise, without a length
  scan.take(join({{0x42, 1}, ramp(40)}));               // another first byte
  CHECK(scan.events() == 1 && scan.counted() == 1 && scan.ignored() == 4);
  scan.take(join({{0x22, 1}, ramp(16)}));                        // the shortest there is
  scan.take(join({{0x3E, 9, 9, 9, 9, 0, 1, 0, 16}, ramp(16)}));  // with a connection identifier
  CHECK(scan.events() == 3 && scan.counted() == 3 && scan.ignored() == 4);
}

TEST("a record of DTLS 1.3 that the snap length cut is handed out as cut") {
  Scan scan;
  scan.take(record(22));
  scan.take(unified(2), Way::kThere, 20);
  CHECK(scan.events() == 2 && scan.last().truncated == 1 && scan.last().length == 25);
}

TEST("application data is counted, and handed out a few times behind each handshake record") {
  constexpr std::size_t kFew = net::DtlsFlows::kApplicationDatagrams;
  for (const Buffer& data : {record(23), record(25), unified(3)}) {
    Scan scan;
    scan.take(record(22));
    for (std::size_t i = 0; i < 1000; ++i) {
      scan.take(data, i % 2 == 0 ? Way::kThere : Way::kBack);
    }
    CHECK(scan.events() == 1 + kFew && scan.counted() == 1001);
    scan.take(record(22));
    for (std::size_t i = 0; i < 1000; ++i) {
      scan.take(data);
    }
    CHECK(scan.events() == 2 + 2 * kFew && scan.counted() == 2002);
  }
}

TEST("encrypted handshake records of DTLS 1.3 are bounded too, apart from application data") {
  Scan scan;
  scan.take(record(22));
  for (std::size_t i = 0; i < 1000; ++i) {
    scan.take(unified(3));
  }
  for (std::size_t i = 0; i < 1000; ++i) {
    scan.take(unified(2));
  }
  CHECK(scan.events() ==
        1U + net::DtlsFlows::kApplicationDatagrams + net::DtlsFlows::kHandshakeDatagrams);
  CHECK(scan.counted() == 2001);
}

TEST("application data without a handshake is counted and not handed out") {
  Scan scan;
  scan.take(record(23));
  scan.take(record(25));
  CHECK(scan.events() == 0 && scan.counted() == 2);
}

TEST("handshakes, alerts and changes of cipher are handed out always") {
  Scan scan;
  for (std::size_t i = 0; i < 1000; ++i) {
    scan.take(record(i % 3 == 0 ? 20 : i % 3 == 1 ? 21 : 22));
  }
  CHECK(scan.events() == 1000 && scan.counted() == 1000);
}

TEST("of too many handshakes the oldest is forgotten") {
  net::DtlsFlows flows(7);
  net::Path path{};
  path.family = net::Family::kIpv4;
  path.protocol = net::kProtocolUdp;
  const auto pathOf = [&path](std::size_t number) {
    path.source[0] = static_cast<std::uint8_t>(number >> 16U);
    path.sourcePort = static_cast<std::uint16_t>(number);
    return path;
  };
  using Content = net::DtlsFlows::Content;
  using Verdict = net::DtlsFlows::Verdict;
  for (std::size_t i = 0; i <= net::DtlsFlows::kMaxFlows; ++i) {
    flows.noteHandshake(pathOf(i));
  }
  CHECK(flows.judge(pathOf(0), Content::kHandshake) == Verdict::kUnknownFlow);
  CHECK(flows.judge(pathOf(1), Content::kHandshake) == Verdict::kHandOut);
  CHECK(flows.judge(pathOf(net::DtlsFlows::kMaxFlows), Content::kHandshake) == Verdict::kHandOut);
}

}  // namespace
}  // namespace probe
