#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "block_writer.hpp"
#include "capture/reader.hpp"
#include "check.hpp"
#include "reading.hpp"

// The pcapng half of the reader; block layouts are those of draft-ietf-opsawg-pcapng section 4.
namespace {

using probe::capture::Problem;
using probe::capture::Reader;
using probe::test::block_writer::Writer;
using probe::test::reading::Buffer;
using probe::test::reading::join;
using probe::test::reading::le32;
using probe::test::reading::ramp;
using probe::test::reading::read;
using probe::test::reading::Reading;
using probe::test::reading::readSplit;
using probe::test::reading::stopsWith;

constexpr std::int64_t kSecond = 1'000'000'000;

const Writer kLittle(false);
const Writer kBig(true);

// A section with each kind of packet, blocks of no interest between them.
Buffer sectionOf(const Writer& write) {
  return join(
      {write.section(1, write.option(4, {'p', 'r', 'o', 'b', 'e'})), write.interface(1),
       write.interface(113, write.option(9, {9})), write.block(4, ramp(8)),  // name resolution
       write.enhanced(1, 1'700'000'000'123'456'789, ramp(61), 200, write.option(1, {'h', 'i'})),
       write.block(0x40000BAD, ramp(5)),  // custom
       write.simple(ramp(33, 3), 33), write.obsolete(0, 1'700'000'001'000'001, ramp(30, 9), 30),
       write.block(5, ramp(12))});  // statistics
}

std::int64_t timeOf(const Buffer& interfaceOptions, std::uint64_t ticks) {
  const Reading reading = read(join({kLittle.section(), kLittle.interface(1, interfaceOptions),
                                     kLittle.enhanced(0, ticks, {1}, 1)}));
  return reading.frames.size() == 1 ? reading.frames[0].atNs : -1;
}

Buffer resolution(std::uint8_t value) {
  return kLittle.option(9, {value});
}
Buffer offset(std::int64_t seconds) {
  return kLittle.option(14, kLittle.n64(static_cast<std::uint64_t>(seconds)));
}

TEST("reads enhanced, simple and obsolete packet blocks of either byte order") {
  for (const Writer& write : {kLittle, kBig}) {
    const Reading reading = read(sectionOf(write));
    CHECK(reading.problem == Problem::kNone);
    CHECK(reading.frames.size() == 3);
    CHECK(reading.frames[0].bytes == ramp(61) && reading.frames[0].wireLength == 200);
    CHECK(reading.frames[0].atNs == 1'700'000'000'123'456'789);
    CHECK(reading.frames[0].linkType == 113);
    CHECK(reading.frames[1].bytes == ramp(33, 3) && reading.frames[1].linkType == 1);
    CHECK(reading.frames[1].atNs == reading.frames[0].atNs);  // a simple packet has no time
    CHECK(reading.frames[2].bytes == ramp(30, 9));
    CHECK(reading.frames[2].atNs == 1'700'000'001'000'001'000);
  }
}

TEST("reads sections of both byte orders in one capture, each with its own interfaces") {
  const Reading reading = read(join({sectionOf(kLittle), sectionOf(kBig), sectionOf(kLittle)}));
  CHECK(reading.problem == Problem::kNone && reading.frames.size() == 9);

  const Buffer first = join({kLittle.section(), kLittle.interface(1)});
  const Reading stale = read(join({first, kBig.section(), kBig.enhanced(0, 0, {1}, 1)}));
  CHECK(stopsWith(stale, Problem::kNoInterface, first.size() + 28, 0));
}

TEST("gives the same frames when the input is cut in two at any place, or into single bytes") {
  const Buffer capture = join({sectionOf(kLittle), sectionOf(kBig)});
  const Reading whole = read(capture);
  CHECK(whole.frames.size() == 6);
  for (std::size_t at = 0; at <= capture.size(); ++at) {
    CHECK(readSplit(capture, {at, capture.size() - at}) == whole);
  }
  CHECK(readSplit(capture, std::vector<std::size_t>(capture.size(), 1)) == whole);
}

TEST("reads decimal and binary resolutions, section 4.2 if_tsresol") {
  CHECK(timeOf({}, 1'500'000) == kSecond + kSecond / 2);         // microseconds
  CHECK(timeOf(resolution(0), 7) == 7 * kSecond);                // seconds
  CHECK(timeOf(resolution(3), 1'500) == kSecond + kSecond / 2);  // milliseconds
  CHECK(timeOf(resolution(9), 1'500) == 1'500);                  // nanoseconds
  CHECK(timeOf(resolution(12), 1'999) == 1);                     // picoseconds, rounded down
  CHECK(timeOf(resolution(28), ~std::uint64_t{0}) == 1);         // 10^-28 s
  CHECK(timeOf(resolution(127), ~std::uint64_t{0}) == 0);        // 10^-127 s
  CHECK(timeOf(resolution(0x80 | 10), 1'536) == kSecond + kSecond / 2);  // 2^-10 s
  CHECK(timeOf(resolution(0x80), 3) == 3 * kSecond);                     // 2^0 s
  CHECK(timeOf(resolution(0x80 | 32), 0x1'8000'0000) == kSecond + kSecond / 2);
  CHECK(timeOf(resolution(0x80 | 64), std::uint64_t{1} << 63U) == kSecond / 2);
  CHECK(timeOf(resolution(0xFF), ~std::uint64_t{0}) == 0);  // 2^-127 s
}

TEST("adds the offset of an interface, section 4.2 if_tsoffset") {
  CHECK(timeOf(offset(1'700'000'000), 5) == 1'700'000'000 * kSecond + 5'000);
  CHECK(timeOf(offset(-2), 500'000) == -2 * kSecond + kSecond / 2);
  CHECK(timeOf(join({resolution(0x80 | 1), offset(-1)}), 1) == -kSecond / 2);
}

TEST("holds times that 64 bits of nanoseconds cannot at the nearest that they can") {
  constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kFirst = std::numeric_limits<std::int64_t>::min();
  CHECK(timeOf(resolution(9), 1) == 1);
  CHECK(timeOf(resolution(9), kLast) == kLast);
  CHECK(timeOf(resolution(9), ~std::uint64_t{0}) == kLast);
  CHECK(timeOf({}, ~std::uint64_t{0}) == kLast);
  CHECK(timeOf(offset(kLast), 0) == kLast);
  CHECK(timeOf(offset(kFirst), 0) == kFirst);
  CHECK(timeOf(offset(9'000'000'000), 1'000'000'000'000'000) == kLast);
}

TEST("passes over options that make no sense") {
  const Buffer cut = join({kLittle.n16(9), kLittle.n16(200), {3, 0, 0, 0}});
  CHECK(timeOf(cut, 5) == 5'000);
  CHECK(timeOf(join({kLittle.n16(9), kLittle.n16(1)}), 5) == 5'000);
  CHECK(timeOf(kLittle.option(9, {3, 3}), 5) == 5'000);
  CHECK(timeOf(join({kLittle.option(0, {}), resolution(3)}), 5) == 5'000);
  CHECK(timeOf(join({kLittle.option(2, {'e', 't', 'h', '0', '!'}), resolution(3)}), 5) ==
        5'000'000);
}

TEST("cuts a simple packet at the snap length of the first interface") {
  const Buffer head =
      join({kLittle.section(), kLittle.interface(101, {}, 10), kLittle.interface(1, {}, 20)});
  const Reading cut = read(join({head, kLittle.simple(ramp(10), 1500)}));
  CHECK(cut.frames.size() == 1 && cut.frames[0].bytes == ramp(10));
  CHECK(cut.frames[0].wireLength == 1500 && cut.frames[0].linkType == 101);
  CHECK(cut.frames[0].atNs == 0);  // no packet before it: no time
  const Reading tooLong =
      read(join({kLittle.section(), kLittle.interface(1), kLittle.simple(ramp(8), 9)}));
  CHECK(stopsWith(tooLong, Problem::kBlockLength, 48, 24));
  const Reading without = read(join({kLittle.section(), kLittle.simple(ramp(8), 8)}));
  CHECK(stopsWith(without, Problem::kNoInterface, 28, 0));
}

TEST("passes over blocks longer than any window") {
  const Buffer secrets(3 * Reader::kMaxWindowBytes);
  const Buffer capture =
      join({kLittle.section(1, kLittle.option(1, Buffer(40'000))), kLittle.interface(1),
            kLittle.block(10, secrets), kLittle.enhanced(0, 1, ramp(9), 9)});
  std::vector<std::size_t> pieces(capture.size() / 4096, 4096);
  pieces.push_back(capture.size() % 4096);
  const Reading reading = readSplit(capture, pieces);
  CHECK(reading.problem == Problem::kNone);
  CHECK(reading.frames.size() == 1 && reading.frames[0].bytes == ramp(9));

  const Buffer half(capture.begin(), capture.begin() + 2'000'000);
  CHECK(stopsWith(read(half), Problem::kTruncated, 40'052, 2'000'000 - 40'052));
}

TEST("stops at a block whose length is impossible or whose two lengths differ") {
  const Buffer head = join({kLittle.section(), kLittle.interface(1)});  // 48 bytes
  for (const std::uint32_t length : {0U, 8U, 13U, 28U, 0x100004U, 0xFFFFFFFCU}) {
    const Reading reading = read(join({head, le32(6), le32(length), Buffer(64)}));
    CHECK(stopsWith(reading, Problem::kBlockLength, 48, length));
  }
  const Buffer odd = join({le32(6), le32(37), Buffer(25), le32(37)});  // not a multiple of 4
  CHECK(stopsWith(read(join({head, odd})), Problem::kBlockLength, 48, 37));
  for (Buffer block :
       {kLittle.enhanced(0, 1, ramp(4), 4), kLittle.block(4, ramp(8)), kLittle.interface(1)}) {
    block[block.size() - 4] ^= 4U;
    const Reading reading = read(join({head, kLittle.enhanced(0, 1, {1}, 1), block}));
    CHECK(reading.frames.size() == 1);
    CHECK(stopsWith(reading, Problem::kBlockLength, 84, block[4]));
  }
}

TEST("stops at a packet that claims more than its block, or than any capture, holds") {
  const Buffer head = join({kLittle.section(), kLittle.interface(1)});
  Buffer lying = kLittle.enhanced(0, 1, ramp(4), 4);
  lying[20] = 5;
  CHECK(stopsWith(read(join({head, lying})), Problem::kBlockLength, 48, 36));
  lying[23] = 0x80;
  CHECK(stopsWith(read(join({head, lying})), Problem::kRecordTooLong, 48, 0x80000005));
  const Buffer unknown = kLittle.enhanced(1, 1, ramp(4), 4);
  CHECK(stopsWith(read(join({head, unknown})), Problem::kNoInterface, 48, 1));
  CHECK(
      stopsWith(read(join({head, kLittle.obsolete(7, 1, {1}, 1)})), Problem::kNoInterface, 48, 7));
}

TEST("says not a capture when the first section header has no byte-order magic") {
  Buffer section = kLittle.section();
  section[8] = 0;
  CHECK(stopsWith(read(section), Problem::kNotACapture, 0, 0x0A0D0D0A));
}

TEST("stops at a later section header that it cannot understand") {
  const Buffer before = sectionOf(kLittle);
  Buffer damaged = kLittle.section();
  damaged[8] = 0;
  const Reading reading = read(join({before, damaged}));
  CHECK(reading.frames.size() == 3);
  CHECK(stopsWith(reading, Problem::kBadSection, before.size(), 0x003C2B1A));
  const Reading future = read(join({before, kBig.section(2)}));
  CHECK(stopsWith(future, Problem::kBadSection, before.size(), 2));
  Buffer endless = kBig.section();
  endless[7] = 16;
  CHECK(stopsWith(read(join({before, endless})), Problem::kBlockLength, before.size(), 16));
}

TEST("says truncated of a block that the input cuts, after all frames before it") {
  const Buffer head = join({kLittle.section(), kLittle.interface(1)});
  const Buffer capture =
      join({head, kLittle.enhanced(0, 1, ramp(4), 4), kLittle.block(4, ramp(8))});
  for (std::size_t size = 4; size < capture.size(); ++size) {
    const Reading reading = read(Buffer(capture.begin(), capture.begin() + static_cast<int>(size)));
    const std::size_t begin = size < 28 ? 0 : size < 48 ? 28 : size < 84 ? 48 : 84;
    CHECK(reading.frames.size() == (size < 84 ? 0 : 1));
    CHECK(size == begin ? reading.problem == Problem::kNone
                        : stopsWith(reading, Problem::kTruncated, begin, size - begin));
  }
}

TEST("keeps as many interfaces as it says and no more") {
  Buffer capture = kLittle.section();
  const Buffer interface = kLittle.interface(1);
  for (std::size_t count = 0; count <= Reader::kMaxInterfaces; ++count) {
    capture.insert(capture.end(), interface.begin(), interface.end());
  }
  const auto last = static_cast<std::uint32_t>(Reader::kMaxInterfaces - 1);
  const Reading reading = read(
      join({capture, kLittle.enhanced(last, 1, {1}, 1), kLittle.enhanced(last + 1, 1, {1}, 1)}));
  CHECK(reading.frames.size() == 1);
  CHECK(stopsWith(reading, Problem::kNoInterface, capture.size() + 36, last + 1));
}

}  // namespace
