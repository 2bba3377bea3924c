#include <cstdint>
#include <optional>

#include "block_writer.hpp"
#include "capture/reader.hpp"
#include "check.hpp"
#include "frame_bytes.hpp"

// What a capture's headers say of how it was taken.
namespace {

using probe::capture::Frame;
using probe::capture::Origin;
using probe::capture::Reader;
using probe::capture::Step;
using probe::test::block_writer::Writer;
using probe::test::frame_bytes::Buffer;
using probe::test::frame_bytes::join;
using probe::test::frame_bytes::le16;
using probe::test::frame_bytes::le32;

constexpr std::uint32_t kIfDrop = 5;
constexpr std::uint32_t kOsDrop = 7;
const Writer kLittle(false);
const Writer kBig(true);

Origin originOf(const Buffer& capture) {
  Reader reader;
  Frame frame{};
  reader.feed(capture);
  while (reader.next(frame) == Step::kFrame) {
  }
  return reader.origin();
}

Buffer pcap(std::uint32_t magic, std::uint32_t snapLength) {
  return join({le32(magic), le16(2), le16(4), le32(0), le32(0), le32(snapLength), le32(113)});
}

Buffer lost(const Writer& write, std::uint32_t code, std::uint64_t packets) {
  return write.option(code, write.n64(packets));
}

TEST("says of a pcap what its header does") {
  const Origin coarse = originOf(pcap(0xA1B2C3D4, 96));
  CHECK(!coarse.isBlocks && coarse.interfaces == 1);
  CHECK(coarse.linkType == 113 && coarse.snapLength == 96);
  CHECK(coarse.ticksPerSecond == 1e6 && !coarse.dropped);
  CHECK(originOf(pcap(0xA1B23C4D, 0)).ticksPerSecond == 1e9);
}

TEST("says of several interfaces the first link type, the least snap length, the coarsest clock") {
  const Origin origin =
      originOf(join({kLittle.section(), kLittle.interface(1, kLittle.option(9, {9}), 200),
                     kLittle.interface(113, kLittle.option(9, {3}), 0), kBig.section(),
                     kBig.interface(101, kBig.option(9, {0x8A}), 120)}));
  CHECK(origin.isBlocks && origin.interfaces == 3);
  CHECK(origin.linkType == 1 && origin.snapLength == 120);
  CHECK(origin.ticksPerSecond == 1000);  // of 10^9, 10^3 and 2^10
}

TEST("takes the last drop counts of each interface, and adds up those of all sections") {
  const Origin origin = originOf(
      join({kLittle.section(), kLittle.interface(1), kLittle.interface(1),
            kLittle.statistics(0, lost(kLittle, kIfDrop, 3)),
            kLittle.statistics(0, join({lost(kLittle, kIfDrop, 5), lost(kLittle, kOsDrop, 2)})),
            kLittle.statistics(0), kLittle.statistics(1, lost(kLittle, kIfDrop, 10)),
            kBig.section(), kBig.interface(1), kBig.statistics(0, lost(kBig, kOsDrop, 100))}));
  CHECK(origin.dropped == std::optional<std::uint64_t>(117));
}

TEST("knows no drops where statistics state none, or are of an interface that is not described") {
  const Buffer start = join({kLittle.section(), kLittle.interface(1)});
  CHECK(!originOf(start).dropped);
  CHECK(!originOf(join({start, kLittle.statistics(0)})).dropped);
  CHECK(!originOf(join({start, kLittle.statistics(7, lost(kLittle, kIfDrop, 9))})).dropped);
  CHECK(originOf(join({start, kLittle.statistics(0, lost(kLittle, kIfDrop, 0))})).dropped ==
        std::optional<std::uint64_t>(0));
}

}  // namespace
