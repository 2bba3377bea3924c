#include <algorithm>
#include <cstdint>
#include <vector>

#include "check.hpp"
#include "frame_bytes.hpp"
#include "net/link.hpp"
#include "scanner.hpp"

// Media, scanned in a run of frames and one by one: both must come to the same.
namespace probe {
namespace {

using namespace test::frame_bytes;

Buffer rtp(std::uint8_t first, std::uint8_t second, std::uint32_t sequence, const Buffer& rest) {
  return join({{first, second}, be16(sequence), be32(sequence * 160), be32(0xCAFE0001), rest});
}

Buffer overIpv4(const Buffer& payload, std::uint32_t port = 40'000) {
  return ethernet(0x0800, ipv4({}, udp(port, 40'002, payload)));
}

Buffer overIpv6(const Buffer& payload) {
  return ethernet(0x86DD, ipv6(17, udp(40'000, 40'002, payload)));
}

struct Case {
  Buffer frame;
  bool isMedia;
  std::uint32_t payloadBytes = 0;
  std::size_t cutBytes = 0;  // by the snap length
};

std::vector<Case> cases() {
  constexpr std::uint8_t kMarker = 0x80;
  const Buffer extension = join({be16(0xBEDE), be16(1), be32(0)});
  const Buffer padded = join({ramp(20, 1), {0, 0, 0, 4}});
  return {
      {.frame = overIpv4(rtp(0x80, 0, 1, ramp(160))), .isMedia = true, .payloadBytes = 160},
      {.frame = overIpv6(rtp(0x80, 8, 2, ramp(160))), .isMedia = true, .payloadBytes = 160},
      {.frame = overIpv4(rtp(0x80, kMarker | 96U, 3, {})), .isMedia = true, .payloadBytes = 0},
      // Two CSRCs; an extension; padding; an extension that does not fit.
      {.frame = overIpv4(rtp(0x82, 0, 4, ramp(28))), .isMedia = true, .payloadBytes = 20},
      {.frame = overIpv6(rtp(0x90, 96, 5, join({extension, ramp(33)}))),
       .isMedia = true,
       .payloadBytes = 33},
      {.frame = overIpv4(rtp(0xA0, 0, 6, padded)), .isMedia = true, .payloadBytes = 20},
      {.frame = overIpv4(rtp(0x90, 96, 7, join({be16(0xBEDE), be16(9), ramp(8)}))),
       .isMedia = false},
      // The link padded a short frame: its last byte is not the packet's.
      {.frame = join({overIpv4(rtp(0xA0, 0, 8, {1, 2, 3, 2})), {0, 0, 9}}),
       .isMedia = true,
       .payloadBytes = 2},
      // Cut behind the header, and in it.
      {.frame = overIpv4(rtp(0xA0, 0, 9, padded)),
       .isMedia = true,
       .payloadBytes = 24,
       .cutBytes = 24},
      {.frame = overIpv4(rtp(0x80, 0, 10, ramp(20))), .isMedia = false, .cutBytes = 21},
      // Behind a VLAN tag; from a port where tunnels end; RTCP; no RTP at all.
      {.frame = ethernet(0x8100, join({be16(5), be16(0x0800),
                                       ipv4({}, udp(40'000, 40'002, rtp(0x80, 0, 11, ramp(7))))})),
       .isMedia = true,
       .payloadBytes = 7},
      {.frame = overIpv4(rtp(0x80, 0, 12, ramp(160)), 4789), .isMedia = true, .payloadBytes = 160},
      {.frame = overIpv4(rtp(0x80, 200, 6, ramp(16))), .isMedia = false},
      {.frame = overIpv4(ramp(3)), .isMedia = false},
      {.frame = overIpv6(rtp(0x80, 0, 13, ramp(160))), .isMedia = true, .payloadBytes = 160},
  };
}

// A pcap of microseconds in the byte order of most machines.
Buffer captureOf(const std::vector<Case>& all) {
  Buffer capture = join({le32(0xA1B2C3D4), le16(2), le16(4), le32(0), le32(0), le32(65535),
                         le32(net::kLinkTypeEthernet)});
  std::uint32_t second = 1'700'000'000;
  for (const Case& one : all) {
    const std::size_t captured = one.frame.size() - one.cutBytes;
    capture = join(
        {capture, le32(second++), le32(250), le32(static_cast<std::uint32_t>(captured)),
         le32(static_cast<std::uint32_t>(one.frame.size())),
         Buffer(one.frame.begin(), one.frame.begin() + static_cast<std::ptrdiff_t>(captured))});
  }
  return capture;
}

struct Scanned {
  Scanner scanner{rtp::HashSeed{.first = 1, .second = 2}};
  Batch batch;
};

void scan(const Buffer& capture, bool inRuns, std::size_t mostFacts, Scanned& into) {
  capture::Reader reader;
  reader.feed(capture);
  capture::Frame frame{};
  for (;;) {
    if (inRuns) {
      into.scanner.scanMedia(reader, std::max(into.batch.factCount, mostFacts), into.batch);
    }
    if (reader.next(frame) != capture::Step::kFrame) {
      return;
    }
    into.scanner.scan(frame, into.batch);
  }
}

bool isSame(const rtp::Fact& a, const rtp::Fact& b) {
  return a.atNs == b.atNs && a.hash == b.hash && a.addresses == b.addresses && a.ports == b.ports &&
         a.ssrc == b.ssrc && a.timestamp == b.timestamp && a.frame == b.frame &&
         a.sequenceNumber == b.sequenceNumber && a.payloadBytes == b.payloadBytes &&
         a.ipBytes == b.ipBytes && a.payloadType == b.payloadType && a.flags == b.flags;
}

}  // namespace

TEST("media has the facts that its frames hold") {
  const std::vector<Case> all = cases();
  Scanned scanned;
  scan(captureOf(all), true, Batch::kMaxFacts, scanned);
  std::size_t facts = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].isMedia) {
      const rtp::Fact& fact = scanned.batch.facts[facts++];
      CHECK(fact.frame == i);
      CHECK(fact.payloadBytes == all[i].payloadBytes);
      CHECK(fact.ssrc == 0xCAFE0001);
      CHECK(fact.timestamp == fact.sequenceNumber * 160U);
      CHECK(fact.atNs == (1'700'000'000 + static_cast<std::int64_t>(i)) * 1'000'000'000 + 250'000);
    }
  }
  CHECK(scanned.batch.factCount == facts);
  CHECK(scanned.batch.ipv6Count == 3);
  CHECK(scanned.batch.facts[2].flags == rtp::kFactMarker);
  CHECK(scanned.batch.facts[1].ipBytes == 40 + 8 + 12 + 160);
  CHECK(std::ranges::equal(scanned.batch.ipv6[1], join({kSource6, kDestination6})));
  CHECK(scanned.scanner.counters().malformedRtp == 2);
  CHECK(scanned.scanner.counters().cutFrames ==
        static_cast<std::uint64_t>(
            std::ranges::count_if(all, [](const Case& one) { return one.cutBytes > 0; })));
}

TEST("a run of media comes to the same as its frames one by one, wherever it is cut") {
  const std::vector<Case> all = cases();
  const Buffer capture = captureOf(all);
  Scanned single;
  scan(capture, false, 0, single);
  for (std::size_t mostFacts = 0; mostFacts <= all.size(); ++mostFacts) {
    Scanned runs;
    scan(capture, true, mostFacts, runs);
    CHECK(runs.batch.factCount == single.batch.factCount);
    CHECK(runs.batch.ipv6Count == single.batch.ipv6Count);
    for (std::size_t i = 0; i < single.batch.factCount; ++i) {
      CHECK(isSame(runs.batch.facts[i], single.batch.facts[i]));
    }
    for (std::uint32_t i = 0; i < single.batch.ipv6Count; ++i) {
      CHECK(runs.batch.ipv6[i] == single.batch.ipv6[i]);
    }
    const ScanCounters& counted = runs.scanner.counters();
    const ScanCounters& expected = single.scanner.counters();
    CHECK(counted.frames == all.size());
    CHECK(counted.frames == expected.frames);
    CHECK(counted.wireBytes == expected.wireBytes);
    CHECK(counted.cutFrames == expected.cutFrames);
    CHECK(counted.malformedRtp == expected.malformedRtp);
    CHECK(counted.rtcp == expected.rtcp);
    CHECK(counted.ignored == expected.ignored);
    CHECK(counted.firstFrameNs == expected.firstFrameNs);
    CHECK(counted.lastFrameNs == expected.lastFrameNs);
  }
}

}  // namespace probe
