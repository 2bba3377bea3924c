#include "net/fragments.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <random>
#include <vector>

#include "check.hpp"
#include "decoding.hpp"

namespace {

using namespace probe::test::decoding;  // the words of every line below
using probe::Bytes;
using probe::net::Datagram;
using probe::net::Fragment;
using probe::net::FragmentKey;
using probe::net::FragmentTable;
using probe::net::Joined;

constexpr std::int64_t kSecond = 1'000'000'000;

FragmentKey keyOf(std::uint32_t id, Family family = Family::kIpv4) {
  FragmentKey key{};
  key.id = id;
  key.family = family;
  key.protocol = family == Family::kIpv4 ? probe::net::kProtocolUdp : std::uint8_t{0};
  return key;
}

// A fragment of a payload that is ramp() throughout, all of it captured.
class Table {
 public:
  explicit Table(Family family = Family::kIpv4) : family_(family) {}

  Joined add(std::uint32_t offset, std::uint32_t size, bool more, std::int64_t atNs = 0,
             std::uint32_t id = 1) {
    return addBytes(offset, ramp(size, static_cast<std::uint8_t>(offset)), size, more, atNs, id);
  }
  Joined addBytes(std::uint32_t offset, const Buffer& bytes, std::uint32_t wireBytes, bool more,
                  std::int64_t atNs = 0, std::uint32_t id = 1) {
    const Fragment fragment{.offset = offset,
                            .more = more,
                            .protocol = probe::net::kProtocolUdp,
                            .headerBytes = family_ == Family::kIpv4 ? 20U : 48U,
                            .wireBytes = wireBytes,
                            .bytes = bytes};
    return table.add(keyOf(id, family_), fragment, atNs, whole);
  }

  FragmentTable table;
  Datagram whole{};

 private:
  Family family_;
};

TEST("joins fragments in every order, each once or twice") {
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    std::vector<std::uint32_t> order{0, 1, 2, 3};
    do {
      for (const bool isTwice : {false, true}) {
        Table of(family);
        unsigned wholes = 0;
        for (std::size_t at = 0; at < order.size(); ++at) {
          const std::uint32_t begin = order[at] * 16;
          const bool more = order[at] != 3;
          const bool isLastToCome = at + 1 == order.size();
          wholes += of.add(begin, more ? 16 : 5, more) == Joined::kWhole ? 1 : 0;
          if (isTwice && !isLastToCome) {
            CHECK(of.add(begin, more ? 16 : 5, more) == Joined::kHeld);
          }
        }
        CHECK(wholes == 1 && isSame(of.whole.bytes, ramp(53)) && of.whole.wireBytes == 53);
        CHECK(of.whole.headerBytes == (family == Family::kIpv4 ? 20 : 48));
        CHECK(of.table.bytesHeld() == 0 && of.table.evicted() == 0);
      }
    } while (std::next_permutation(order.begin(), order.end()));
  }
}

TEST("keeps datagrams apart that differ in address, number, protocol or family") {
  FragmentTable table;
  Datagram whole{};
  const Buffer bytes = ramp(8);
  std::vector<FragmentKey> keys(6, keyOf(1));
  keys[1].source[3] = 1;
  keys[2].destination[15] = 1;
  keys[3].id = 2;
  keys[4].protocol = 6;
  keys[5] = keyOf(1, Family::kIpv6);
  for (const FragmentKey& key : keys) {
    const Fragment first{.offset = 0,
                         .more = true,
                         .protocol = 17,
                         .headerBytes = 48,
                         .wireBytes = 8,
                         .bytes = bytes};
    CHECK(table.add(key, first, 0, whole) == Joined::kHeld);
  }
  CHECK(table.datagramsHeld() == 6);
}

TEST("keeps the earlier bytes where IPv4 fragments overlap") {
  Table of;
  CHECK(of.addBytes(8, Buffer(16, 'b'), 16, true) == Joined::kHeld);     // 8 to 24
  CHECK(of.addBytes(0, Buffer(16, 'a'), 16, true) == Joined::kHeld);     // 0 to 16
  CHECK(of.addBytes(16, Buffer(24, 'c'), 24, true) == Joined::kHeld);    // 16 to 40
  CHECK(of.addBytes(0, Buffer(40, 'd'), 40, true) == Joined::kHeld);     // nothing new
  CHECK(of.addBytes(32, Buffer(20, 'e'), 20, false) == Joined::kWhole);  // 32 to 52
  CHECK(isSame(of.whole.bytes,
               join({Buffer(8, 'a'), Buffer(16, 'b'), Buffer(16, 'c'), Buffer(12, 'e')})));
  CHECK(of.whole.wireBytes == 52);
}

TEST("fills several gaps from one IPv4 fragment that overlaps others") {
  Table of;
  CHECK(of.addBytes(8, Buffer(8, 'x'), 8, true) == Joined::kHeld);
  CHECK(of.addBytes(24, Buffer(8, 'y'), 8, true) == Joined::kHeld);
  CHECK(of.addBytes(0, ramp(41), 41, false) == Joined::kWhole);
  Buffer expected = ramp(41);
  std::fill_n(expected.begin() + 8, 8, std::uint8_t{'x'});
  std::fill_n(expected.begin() + 24, 8, std::uint8_t{'y'});
  CHECK(isSame(of.whole.bytes, expected));
}

TEST("refuses an IPv6 datagram whose fragments overlap, RFC 5722, but not one of copies") {
  Table of(Family::kIpv6);
  CHECK(of.add(0, 16, true) == Joined::kHeld);
  CHECK(of.add(0, 16, true) == Joined::kHeld);
  CHECK(of.add(8, 16, true) == Joined::kRefused);
  CHECK(of.add(16, 16, false) == Joined::kRefused);
  CHECK(of.table.datagramsHeld() == 0 && of.table.bytesHeld() == 0);
  CHECK(of.add(0, 16, true, 31 * kSecond) == Joined::kHeld);  // its number may be used again
  CHECK(of.add(16, 16, false, 31 * kSecond) == Joined::kWhole);
}

TEST("refuses fragments that no datagram can hold") {
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    Table of(family);
    CHECK(of.add(0, 12, true) == Joined::kRefused);       // not a multiple of 8, and more follow
    CHECK(of.add(16, 0, false) == Joined::kRefused);      // empty
    CHECK(of.add(65'528, 8, false) == Joined::kRefused);  // beyond 65535 bytes
    CHECK(of.table.datagramsHeld() == 0);
  }
  Table longest;  // 65515 bytes behind a header of 20
  CHECK(longest.add(0, 65'512, true) == Joined::kHeld);
  CHECK(longest.add(65'512, 4, false) == Joined::kRefused);
  CHECK(longest.add(65'512, 3, false) == Joined::kWhole);
  CHECK(isSame(longest.whole.bytes, ramp(65'515)));
}

TEST("refuses what contradicts the end that is known") {
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    const bool isIpv4 = family == Family::kIpv4;
    Table beyond(family);
    CHECK(beyond.add(16, 8, false) == Joined::kHeld);
    CHECK(beyond.add(24, 8, true) == Joined::kRefused);
    CHECK(beyond.add(0, 16, true) == (isIpv4 ? Joined::kWhole : Joined::kRefused));
    Table before(family);
    CHECK(before.add(16, 8, true) == Joined::kHeld);
    CHECK(before.add(8, 8, false) == Joined::kRefused);
    Table recast(family);  // the same bytes again, but now as the last ones
    CHECK(recast.add(0, 8, true) == Joined::kHeld);
    CHECK(recast.add(8, 8, true) == Joined::kHeld);
    CHECK(recast.add(8, 8, false) == (isIpv4 ? Joined::kWhole : Joined::kRefused));
    Table upTo(family);
    CHECK(upTo.add(16, 8, false) == Joined::kHeld);
    CHECK(upTo.add(8, 16, true) == Joined::kRefused);
    Table other(family);
    CHECK(other.add(16, 8, false) == Joined::kHeld);
    CHECK(other.add(24, 8, false) == Joined::kRefused);
  }
}

TEST("refuses a datagram of more pieces than a sane sender makes") {
  Table of;
  const auto most = static_cast<std::uint32_t>(probe::net::PartialDatagram::kMaxPieces);
  for (std::uint32_t piece = 0; piece < most; ++piece) {
    CHECK(of.add(piece * 16, 8, true) == Joined::kHeld);
  }
  CHECK(of.add(most * 16, 8, true) == Joined::kRefused);
  CHECK(of.add(8, 8, true) == Joined::kRefused);
  CHECK(of.table.bytesHeld() == 0);
}

TEST("gives up a datagram after thirty seconds of capture time, forward or back") {
  for (const std::int64_t step : {30 * kSecond, -30 * kSecond}) {
    Table of;
    CHECK(of.add(0, 8, true) == Joined::kHeld);
    CHECK(of.add(8, 8, false, step) == Joined::kWhole);
    CHECK(of.add(0, 8, true, 0, 2) == Joined::kHeld);
    const std::int64_t late = step > 0 ? step + 1 : step - 1;
    CHECK(of.add(8, 8, false, late, 2) == Joined::kHeld);
    CHECK(of.table.evicted() == 1 && of.table.datagramsHeld() == 1);
  }
  Table ends;  // the ends of time are as far apart as can be
  CHECK(ends.add(0, 8, true, INT64_MIN) == Joined::kHeld);
  CHECK(ends.add(8, 8, false, INT64_MAX) == Joined::kHeld);
  CHECK(ends.table.evicted() == 1);
}

TEST("joins a mirrored datagram twice, and forgets copies that stay incomplete") {
  Table of;
  for (int copy = 0; copy < 2; ++copy) {
    CHECK(of.add(0, 8, true, copy * 1000) == Joined::kHeld);
    CHECK(of.add(8, 8, false, copy * 1000) == Joined::kWhole);
  }
  // First fragment twice, then the second twice: the last of these is left over ...
  CHECK(of.add(0, 8, true, 0, 2) == Joined::kHeld);
  CHECK(of.add(0, 8, true, 0, 2) == Joined::kHeld);
  CHECK(of.add(8, 8, false, 0, 2) == Joined::kWhole);
  CHECK(of.add(8, 8, false, 0, 2) == Joined::kHeld);
  CHECK(of.table.datagramsHeld() == 0);
  // ... and is not joined to a new datagram of the same number, nor counted as given up.
  CHECK(of.addBytes(0, Buffer(8, 'n'), 8, true, 2 * kSecond, 2) == Joined::kHeld);
  CHECK(of.addBytes(8, Buffer(4, 'n'), 4, false, 2 * kSecond, 2) == Joined::kWhole);
  CHECK(isSame(of.whole.bytes, Buffer(12, 'n')));
  CHECK(of.table.evicted() == 0);
}

TEST("gives up the oldest datagram when the table is full") {
  Table of;
  const auto most = static_cast<std::uint32_t>(FragmentTable::kMaxDatagrams);
  for (std::uint32_t id = 0; id <= most; ++id) {
    CHECK(of.add(0, 8, true, 0, id) == Joined::kHeld);
  }
  CHECK(of.table.evicted() == 1 && of.table.datagramsHeld() == most);
  CHECK(of.add(8, 8, false, 0, 1) == Joined::kWhole);  // the second oldest is still there
  CHECK(of.add(8, 8, false, 0, 0) == Joined::kHeld);   // the oldest is not; whole ones go first
  CHECK(of.table.evicted() == 1);
}

TEST("holds no more bytes than it says, and gives up the oldest for room") {
  Table of;
  const std::uint32_t size = 65'512;
  std::uint32_t id = 0;
  for (; id < 300; ++id) {
    CHECK(of.add(0, size, true, 0, id) == Joined::kHeld);
    CHECK(of.table.bytesHeld() <= FragmentTable::kMaxBytes);
  }
  CHECK(of.table.evicted() > 0 && of.table.evicted() + of.table.datagramsHeld() == 300);
  CHECK(of.add(size, 3, false, 0, id - 1) == Joined::kWhole);
  CHECK(isSame(of.whole.bytes, ramp(size + 3)));
}

TEST("keeps the datagram that a fragment adds to when it makes room") {
  Table of;
  const std::uint32_t size = 65'504;
  CHECK(of.add(0, 8, true, 0, 0) == Joined::kHeld);
  while (of.table.evicted() == 0) {
    CHECK(of.add(0, size, true, 0, static_cast<std::uint32_t>(2 + of.table.datagramsHeld())) ==
          Joined::kHeld);
    CHECK(of.add(8, 8, true, 0, 0) == Joined::kHeld);
    if (of.table.bytesHeld() + size > FragmentTable::kMaxBytes) {
      CHECK(of.add(16, size - 8, true, 0, 0) == Joined::kHeld);
      CHECK(of.table.evicted() > 0);
    }
  }
  CHECK(of.table.bytesHeld() <= FragmentTable::kMaxBytes);
  CHECK(of.add(size + 8, 3, false, 0, 0) == Joined::kWhole);
  CHECK(isSame(of.whole.bytes, ramp(size + 11)));
}

TEST("takes the header length and protocol of the earliest first fragment") {
  FragmentTable table;
  Datagram whole{};
  const Buffer bytes = ramp(16);
  Fragment fragment{.offset = 0,
                    .more = true,
                    .protocol = 17,
                    .headerBytes = 24,
                    .wireBytes = 8,
                    .bytes = {bytes.data(), 8}};
  CHECK(table.add(keyOf(1), fragment, 0, whole) == Joined::kHeld);
  fragment.headerBytes = 60;
  fragment.wireBytes = 16;
  fragment.bytes = bytes;
  CHECK(table.add(keyOf(1), fragment, 0, whole) == Joined::kHeld);
  fragment.offset = 16;
  fragment.more = false;
  CHECK(table.add(keyOf(1), fragment, 0, whole) == Joined::kWhole);
  CHECK(whole.headerBytes == 24 && whole.protocol == 17 && whole.wireBytes == 32);
}

TEST("gives what was captured up to the first byte that the snap length took") {
  Table of;
  CHECK(of.addBytes(16, ramp(16, 16), 16, true) == Joined::kHeld);
  CHECK(of.addBytes(0, ramp(10), 16, true) == Joined::kHeld);
  CHECK(of.addBytes(32, ramp(8, 32), 8, false) == Joined::kWhole);
  CHECK(isSame(of.whole.bytes, ramp(10)) && of.whole.wireBytes == 40);
}

// The reference is a plain map of which byte came first from which fragment.
TEST("joins random overlapping IPv4 fragments as a byte map does") {
  std::mt19937 engine(7);
  const auto random = [&engine] { return static_cast<std::uint32_t>(engine()); };
  for (int round = 0; round < 300; ++round) {
    Table of;
    const std::uint32_t total = 64 + random() % 200;
    Buffer expected(total);
    std::vector<bool> isCovered(total);
    Joined joined = Joined::kHeld;
    for (int step = 0; step < 400 && joined != Joined::kWhole; ++step) {
      const std::uint32_t begin = random() % (total / 8 + 1) * 8;
      const std::uint32_t end = std::min(total, begin + 8 * (1 + random() % 6));
      if (begin >= end || (end == total && begin % 8 != 0)) {
        continue;
      }
      const auto fill = static_cast<std::uint8_t>(random());
      joined = of.addBytes(begin, Buffer(end - begin, fill), end - begin, end != total);
      for (std::uint32_t at = begin; at < end && joined != Joined::kRefused; ++at) {
        expected[at] = isCovered[at] ? expected[at] : fill;
        isCovered[at] = true;
      }
    }
    CHECK(joined == Joined::kWhole && isSame(of.whole.bytes, expected));
    CHECK(std::accumulate(isCovered.begin(), isCovered.end(), 0U) == total);
  }
}

}  // namespace
