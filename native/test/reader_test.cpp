#include "capture/reader.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "check.hpp"
#include "reading.hpp"

namespace {

using probe::capture::Problem;
using probe::capture::Reader;
using probe::capture::Step;
using probe::test::reading::be16;
using probe::test::reading::be32;
using probe::test::reading::Buffer;
using probe::test::reading::join;
using probe::test::reading::le16;
using probe::test::reading::le32;
using probe::test::reading::ramp;
using probe::test::reading::read;
using probe::test::reading::Reading;
using probe::test::reading::readSplit;
using probe::test::reading::stopsWith;

constexpr std::int64_t kSecond = 1'000'000'000;

Buffer fileHeader(std::uint32_t magic, std::uint32_t linkType = 1) {
  return join({le32(magic), le16(2), le16(4),  // version
               le32(0), le32(0),               // time zone, accuracy
               le32(262144), le32(linkType)});
}

Buffer record(std::uint32_t seconds, std::uint32_t fraction, const Buffer& bytes,
              std::uint32_t wireLength) {
  return join({le32(seconds), le32(fraction), le32(static_cast<std::uint32_t>(bytes.size())),
               le32(wireLength), bytes});
}

Buffer twoRecords() {
  return join({fileHeader(0xA1B2C3D4), record(1'700'000'000, 123'456, ramp(60), 60),
               record(1'700'000'001, 999'999, ramp(96, 7), 214)});
}

TEST("reads a little-endian pcap with microseconds") {
  const Reading reading = read(twoRecords());
  CHECK(reading.problem == Problem::kNone);
  CHECK(reading.frames.size() == 2);
  CHECK(reading.frames[0].bytes == ramp(60));
  CHECK(reading.frames[0].atNs == 1'700'000'000 * kSecond + 123'456'000);
  CHECK(reading.frames[0].linkType == 1);
  CHECK(reading.frames[0].wireLength == 60);
  CHECK(reading.frames[1].bytes == ramp(96, 7));
  CHECK(reading.frames[1].atNs == 1'700'000'001 * kSecond + 999'999'000);
  CHECK(reading.frames[1].wireLength == 214);
}

TEST("reads a big-endian pcap with nanoseconds") {
  const Reading reading = read(join({be32(0xA1B23C4D),
                                     be16(2),
                                     be16(4),
                                     be32(0),
                                     be32(0),
                                     be32(262144),
                                     be32(113),  // snap length, link type
                                     be32(5),
                                     be32(999'999'999),
                                     be32(3),
                                     be32(1500),
                                     {7, 8, 9}}));
  CHECK(reading.problem == Problem::kNone);
  CHECK(reading.frames.size() == 1);
  CHECK(reading.frames[0].bytes == Buffer({7, 8, 9}));
  CHECK(reading.frames[0].atNs == 5 * kSecond + 999'999'999);
  CHECK(reading.frames[0].linkType == 113);
  CHECK(reading.frames[0].wireLength == 1500);
}

TEST("reads both other pairings of byte order and resolution") {
  const Reading little = read(join({fileHeader(0xA1B23C4D), record(1, 2, ramp(4), 4)}));
  CHECK(little.frames.size() == 1 && little.frames[0].atNs == kSecond + 2);
  const Reading big = read(join({be32(0xA1B2C3D4), be16(2), be16(4), be32(0), be32(0), be32(65535),
                                 be32(1), be32(1), be32(2), be32(4), be32(4), ramp(4)}));
  CHECK(big.frames.size() == 1 && big.frames[0].atNs == kSecond + 2000);
}

TEST("steps over the longer record headers of a modified pcap") {
  const Buffer extra = join({le32(2),      // interface
                             le16(0x800),  // protocol
                             {0, 0}});     // kind of packet, padding
  const Reading reading = read(join({fileHeader(0xA1B2CD34),
                                     le32(1),
                                     le32(2),
                                     le32(3),
                                     le32(3),
                                     extra,
                                     {1, 2, 3},
                                     le32(3),
                                     le32(4),
                                     le32(1),
                                     le32(1),
                                     extra,
                                     {9}}));
  CHECK(reading.problem == Problem::kNone);
  CHECK(reading.frames.size() == 2);
  CHECK(reading.frames[0].bytes == Buffer({1, 2, 3}));
  CHECK(reading.frames[1].bytes == Buffer({9}));
  CHECK(reading.frames[1].atNs == 3 * kSecond + 4000);
}

TEST("keeps to the link type when the frame check sequence is stated beside it") {
  const Reading reading = read(join({fileHeader(0xA1B2C3D4, 0x24000071), record(0, 0, {1}, 1)}));
  CHECK(reading.frames.size() == 1 && reading.frames[0].linkType == 113);
}

TEST("counts seconds past 2038 as unsigned") {
  const Reading reading = read(join({fileHeader(0xA1B2C3D4), record(0xFFFFFFFF, 0, {1}, 1)}));
  CHECK(reading.frames.size() == 1 && reading.frames[0].atNs == 0xFFFFFFFF * kSecond);
}

TEST("never says that less was on the wire than was captured") {
  const Reading reading = read(join({fileHeader(0xA1B2C3D4), record(0, 0, ramp(60), 42)}));
  CHECK(reading.frames.size() == 1 && reading.frames[0].wireLength == 60);
}

TEST("takes empty records and a header without any") {
  const Reading empty =
      read(join({fileHeader(0xA1B2C3D4), record(0, 0, {}, 60), record(1, 0, {}, 0)}));
  CHECK(empty.frames.size() == 2 && empty.frames[0].bytes.empty());
  CHECK(empty.problem == Problem::kNone);
  const Reading none = read(fileHeader(0xA1B2C3D4));
  CHECK(none.frames.empty() && none.problem == Problem::kNone);
}

TEST("passes over zeros in the place of records and says where and how many, however it is cut") {
  const Buffer before = twoRecords();
  for (const std::size_t zeros : {16, 24, 4096, 4101}) {
    const Buffer capture = join({before, Buffer(zeros)});
    for (const std::size_t at : {std::size_t{0}, before.size(), before.size() + 9}) {
      const Reading reading = readSplit(capture, {at, capture.size() - at});
      CHECK(reading.frames.size() == 2);
      CHECK(stopsWith(reading, Problem::kZeros, before.size(), zeros));
    }
  }
  const Reading amid = read(join({before, Buffer(32), record(9, 0, {1}, 1)}));
  CHECK(amid.frames.size() == 3 && amid.frames[2].atNs == 9 * kSecond);
  CHECK(stopsWith(amid, Problem::kZeros, before.size(), 32));
  const Reading tooFew = read(join({before, Buffer(15)}));
  CHECK(stopsWith(tooFew, Problem::kTruncated, before.size(), 15));
  const Reading cut = read(join({before, Buffer(32), {1, 2, 3}}));
  CHECK(stopsWith(cut, Problem::kTruncated, before.size() + 32, 3));
}

TEST("takes the longest record and stops at a longer one, wherever the window ends") {
  const Buffer longest(Reader::kMaxRecordBytes);
  const Reading taken = read(join({fileHeader(0xA1B2C3D4), record(0, 0, longest, 1)}));
  CHECK(taken.frames.size() == 1 && taken.problem == Problem::kNone);

  const Buffer tooLong(Reader::kMaxRecordBytes + 1);
  const Buffer capture =
      join({fileHeader(0xA1B2C3D4), record(0, 0, {1}, 1), record(0, 0, tooLong, 1)});
  for (const std::size_t window : {capture.size(), std::size_t{64}}) {
    const Reading reading = readSplit(capture, {window, capture.size() - window});
    CHECK(reading.frames.size() == 1);
    CHECK(stopsWith(reading, Problem::kRecordTooLong, 41, Reader::kMaxRecordBytes + 1));
  }
}

TEST("says not a capture of nothing, of garbage and of another major version") {
  CHECK(stopsWith(read({}), Problem::kNotACapture, 0, 0));
  CHECK(stopsWith(read({0xD4, 0xC3, 0xB2}), Problem::kNotACapture, 0, 0));
  CHECK(stopsWith(read({'I', 'N', 'V', 'I', 'T', 'E'}), Problem::kNotACapture, 0, 0x494E5649));
  Buffer versioned = fileHeader(0xA1B2C3D4);
  versioned[4] = 3;
  CHECK(stopsWith(read(versioned), Problem::kNotACapture, 0, 0xD4C3B2A1));
}

TEST("says truncated of a file header, a record header and a record that are cut") {
  const Buffer capture = twoRecords();  // records begin at 24 and 100, the end is at 212
  for (std::size_t size = 4; size < capture.size(); ++size) {
    const Reading reading = read(Buffer(capture.begin(), capture.begin() + static_cast<int>(size)));
    const std::size_t begin = size < 24 ? 0 : size < 100 ? 24 : 100;
    CHECK(reading.frames.size() == (size < 100 ? 0 : 1));
    if (size == begin) {
      CHECK(reading.problem == Problem::kNone);
    } else {
      CHECK(stopsWith(reading, Problem::kTruncated, begin, size - begin));
    }
  }
}

TEST("gives the same frames when the input is cut in two at any place, or into single bytes") {
  const Buffer capture = twoRecords();
  const Reading whole = read(capture);
  for (std::size_t at = 0; at <= capture.size(); ++at) {
    CHECK(readSplit(capture, {at, capture.size() - at}) == whole);
  }
  CHECK(readSplit(capture, std::vector<std::size_t>(capture.size(), 1)) == whole);
}

TEST("leaves a cut record in the window until the rest of it comes") {
  const Buffer capture = twoRecords();
  Reader reader;
  probe::capture::Frame frame{};
  reader.feed({capture.data(), 150});
  CHECK(reader.next(frame) == Step::kFrame);
  CHECK(reader.next(frame) == Step::kNeedMore);
  CHECK(reader.consumed() == 100);
  reader.feed({capture.data() + 100, capture.size() - 100});
  CHECK(reader.consumed() == 0);
  CHECK(reader.next(frame) == Step::kFrame);
  CHECK(reader.consumed() == capture.size() - 100);
  CHECK(reader.next(frame) == Step::kNeedMore);
  reader.finish();
  CHECK(reader.problem() == Problem::kNone);
  CHECK(reader.next(frame) == Step::kStopped);
  CHECK(reader.frames() == 2);
}

}  // namespace
