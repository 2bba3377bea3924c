#include "net/tcp_connection.hpp"

#include <string>
#include <vector>

#include "check.hpp"
#include "net/tcp_table.hpp"
#include "tcp_wire.hpp"

namespace {

using namespace probe::test;
using probe::net::kSequenceWindowBytes;
using probe::net::TcpLimits;
using probe::net::TcpTable;
using Texts = std::vector<std::string>;

constexpr std::uint32_t kClientIsn = 1000;
constexpr std::uint32_t kServerIsn = 5000;

const std::string kInvite = request("INVITE", "1", "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\n");
const std::string kAckRequest = request("ACK", "2");
const std::string kBye = request("BYE", "3");
const std::string kStream = kInvite + kAckRequest + kBye;
const Texts kThree = {kInvite, kAckRequest, kBye};
const std::string kRinging = response("180 Ringing", "1");

TEST("a FIN ends its direction as soon as what is missing before it has come or is given up") {
  const std::uint32_t first = kClientIsn + 1;
  const auto end = static_cast<std::uint32_t>(kStream.size());
  const auto ackAt = static_cast<std::uint32_t>(kInvite.size());
  const auto byeAt = static_cast<std::uint32_t>(kStream.size() - kBye.size());
  for (const bool isFilled : {true, false}) {
    TcpTable table;
    Wire wire(table);
    wire.handshake(kClientIsn, kServerIsn);
    wire.client(first, kInvite);
    wire.client(first + byeAt, kBye, kFin | kAck);
    wire.server(kServerIsn + 1, kRinging, kFin | kAck);
    CHECK((wire.sink.texts() == Texts{kInvite, kRinging}));
    wire.atNs += isFilled ? kSecondNs : 3 * kSecondNs;
    wire.client(first + ackAt, kAckRequest);
    const Texts filled = {kInvite, kRinging, kAckRequest, kBye};
    CHECK((wire.sink.texts() == (isFilled ? filled : Texts{kInvite, kRinging, kBye})));
    CHECK(table.counters().bytesSkipped == (isFilled ? 0 : kAckRequest.size()));
    CHECK(table.bufferedBytes() == 0);
    const std::size_t before = wire.sink.messages.size();
    wire.client(first + end, "data behind a FIN");
    wire.client(first, kInvite);  // a late copy
    wire.server(kServerIsn + 1, kRinging, kFin | kAck);
    wire.finish();
    CHECK(wire.sink.messages.size() == before);
  }
}

TEST("a hole right before a FIN does not keep its direction open for ever") {
  TcpTable table;
  Wire wire(table);
  wire.handshake(kClientIsn, kServerIsn);
  wire.client(kClientIsn + 1, kInvite.substr(0, 100));
  wire.client(kClientIsn + 301, "", kFin | kAck);
  CHECK(wire.sink.messages.empty());
  wire.atNs += 3 * kSecondNs;
  wire.server(kServerIsn + 1, kRinging);
  CHECK((marked(wire.sink) == Texts{kInvite.substr(0, 100) + "#", kRinging}));
  CHECK(table.counters().bytesSkipped == 200);
}

TEST("a direction that sends nothing but its FIN closes, too") {
  TcpTable table(0, {.connections = 1});
  Wire wire(table);
  wire.handshake(kClientIsn, kServerIsn);
  wire.client(kClientIsn + 1, kInvite, kFin | kAck);
  wire.server(kServerIsn + 1, "", kFin | kAck);
  Wire second(table, 41000);
  second.handshake(kClientIsn, kServerIsn);
  CHECK(table.counters().connectionsEvicted == 0);
  CHECK((wire.sink.texts() == Texts{kInvite}));
}

TEST("a FIN gives out a message without its end") {
  TcpTable table;
  Wire wire(table);
  wire.handshake(kClientIsn, kServerIsn);
  wire.client(kClientIsn + 1, kInvite.substr(0, 100), kFin | kAck);
  CHECK((marked(wire.sink) == Texts{kInvite.substr(0, 100) + "#"}));
}

TEST("a reset gives out what is left and frees it, unless its number is off") {
  TcpTable table;
  Wire wire(table);
  wire.handshake(kClientIsn, kServerIsn);
  wire.client(kClientIsn + 1, kInvite.substr(0, 100));
  wire.client(kClientIsn + 0x40000000, "", kRst);
  wire.server(kServerIsn + 0x40000000, "", kRst);
  CHECK(wire.sink.messages.empty());
  CHECK(table.bufferedBytes() > 0);
  wire.server(kServerIsn + 1, "a reset's own text", kRst | kAck);
  CHECK((marked(wire.sink) == Texts{kInvite.substr(0, 100) + "#"}));
  CHECK(table.bufferedBytes() == 0);
  wire.client(kClientIsn + 1, kInvite.substr(0, 100));  // a copy
  wire.finish();
  CHECK(wire.sink.messages.size() == 1);
}

TEST("a SYN with another number begins anew on the same ports, a copy of one does not") {
  TcpTable table;
  Wire wire(table);
  wire.handshake(kClientIsn, kServerIsn);
  wire.client(kClientIsn + 1, kInvite.substr(0, 100));
  wire.client(kClientIsn, "", kSyn);
  wire.server(kServerIsn, "", kSyn | kAck);
  CHECK(wire.sink.messages.empty());
  wire.client(kClientIsn + 101, kInvite.substr(100) + kBye.substr(0, 90));
  CHECK((wire.sink.texts() == Texts{kInvite}));
  wire.handshake(kClientIsn + 50'000, kServerIsn + 9);  // inside the old window, too
  CHECK((marked(wire.sink) == Texts{kInvite, kBye.substr(0, 90) + "#"}));
  wire.client(kClientIsn + 50'001, kBye);
  wire.server(kServerIsn + 10, kRinging);
  CHECK((wire.sink.texts() == Texts{kInvite, kBye.substr(0, 90), kBye, kRinging}));
  CHECK(table.connections() == 1);
}

TEST("the order of the two SYNs, and a SYN behind its first data, do not matter") {
  TcpTable table;
  Wire wire(table);
  wire.server(kServerIsn, "", kSyn | kAck);
  wire.client(kClientIsn + 1, kInvite.substr(0, 99));
  wire.client(kClientIsn, "", kSyn);
  wire.client(kClientIsn + 100, kInvite.substr(99));
  wire.server(kServerIsn + 1 + 50, kRinging.substr(50));
  wire.server(kServerIsn + 1, kRinging.substr(0, 50));
  CHECK((wire.sink.texts() == Texts{kInvite, kRinging}));
  wire.server(kServerIsn + 777, "", kSyn | kAck);  // reuse, seen in this order again
  wire.client(kClientIsn + 99'999, "", kSyn);
  wire.client(kClientIsn + 100'000, kBye);
  wire.server(kServerIsn + 778 + 50, kRinging.substr(50));
  wire.server(kServerIsn + 778, kRinging.substr(0, 50));
  CHECK((wire.sink.texts() == Texts{kInvite, kRinging, kBye, kRinging}));
}

TEST("a new server SYN that is seen before the client's is not lost by it") {
  TcpTable table;
  Wire wire(table);
  wire.client(kClientIsn, "", kSyn);
  wire.client(kClientIsn + 1, kInvite);  // a connection of which one direction was captured
  wire.server(kServerIsn, "", kSyn | kAck);
  wire.client(kClientIsn + 77'777, "", kSyn);
  wire.server(kServerIsn + 1 + 50, kRinging.substr(50));
  wire.server(kServerIsn + 1, kRinging.substr(0, 50));
  CHECK((wire.sink.texts() == Texts{kInvite, kRinging}));
}

TEST("data on a SYN is read") {
  TcpTable table;
  Wire wire(table);
  wire.client(kClientIsn, kInvite.substr(0, 50), kSyn);
  wire.server(kServerIsn, "", kSyn | kAck);
  wire.client(kClientIsn + 51, kInvite.substr(50));
  CHECK((wire.sink.texts() == Texts{kInvite}));
}

TEST("new data on closed ports, without a SYN, is a connection joined in its middle") {
  TcpTable table;
  Wire wire(table);
  wire.handshake(kClientIsn, kServerIsn);
  wire.client(kClientIsn + 1, kInvite, kFin | kAck);
  wire.server(kServerIsn + 1, kRinging, kFin | kAck);
  wire.client(0xC0000000, kBye);
  wire.server(0xD0000000, kRinging);
  CHECK((wire.sink.texts() == Texts{kInvite, kRinging, kBye, kRinging}));
}

TEST("a direction whose beginning was not seen is joined where a message begins") {
  TcpTable table;
  Wire wire(table);
  wire.client(7000, "the tail of a message\r\n");
  wire.client(7023, "word");
  wire.client(7027, kBye);
  wire.server(900, "a=sendrecv\r\n" + kRinging.substr(0, 60));
  wire.server(912 + 60, kRinging.substr(60) + kRinging);
  CHECK((wire.sink.texts() == Texts{kBye, kRinging, kRinging}));
  CHECK(table.counters().malformedMessages == 0);
}

TEST("a busy stream joined in its middle is found although no segment begins with a message") {
  TcpTable table;
  Wire wire(table);
  wire.client(7000, kInvite.substr(100) + kBye + kInvite.substr(0, 40));
  wire.client(7000 + static_cast<std::uint32_t>(kInvite.size() - 100 + kBye.size() + 40),
              kInvite.substr(40));
  CHECK((wire.sink.texts() == Texts{kBye, kInvite}));
}

TEST("SIP text inside another protocol does not make a connection SIP") {
  const std::string hep = "HEP3" + std::string("\x02\x00\x00\x00\x00\x0F\x01\x70", 8) + kInvite;
  TcpTable table;
  Wire joined(table);
  joined.client(1, hep);
  Wire whole(table, 41000);
  whole.handshake(kClientIsn, kServerIsn);
  whole.client(kClientIsn + 1, "POST /log HTTP/1.1\r\n\r\n" + kInvite);
  CHECK(joined.sink.messages.empty());
  CHECK(whole.sink.messages.empty());
}

TEST("what is not SIP costs a row and no buffer, and is looked at a few times only") {
  TcpTable table;
  Wire wire(table);
  wire.handshake(kClientIsn, kServerIsn);
  std::uint32_t sequence = kClientIsn + 1;
  const std::string hello = "\x16\x03\x01\x02" + std::string(500, 'x');
  const std::uint32_t looks = TcpLimits{}.examinedSegments;
  for (std::uint32_t i = 0; i < looks; ++i) {
    wire.client(sequence, hello);
    sequence += static_cast<std::uint32_t>(hello.size());
    CHECK(table.bufferedBytes() == 0);
  }
  wire.client(sequence, kInvite);
  CHECK(wire.sink.messages.empty());
  CHECK(table.connections() == 1);
  Wire second(table, 41000);
  second.handshake(kClientIsn, kServerIsn);
  second.client(kClientIsn + 1, "PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n");
  second.client(kClientIsn + 35, kInvite);
  CHECK((second.sink.texts() == Texts{kInvite}));
  wire.handshake(kClientIsn + 99, kServerIsn + 99);
  wire.client(kClientIsn + 100, kInvite);
  CHECK((wire.sink.texts() == Texts{kInvite}));
}

TEST("a direction that begins with a word only waits, and takes the other's word for what it is") {
  TcpTable table;
  Wire wire(table);
  wire.handshake(kClientIsn, kServerIsn);
  wire.client(kClientIsn + 1, "\r\n\r\nINV");
  wire.server(kServerIsn + 1, "\r\n" + kRinging);
  CHECK((wire.sink.texts() == Texts{kRinging}));
  wire.client(kClientIsn + 8, kInvite.substr(3));
  CHECK((wire.sink.texts() == Texts{kRinging, kInvite}));
  CHECK(table.counters().malformedMessages == 0);
}

TEST("a long piece that was not captured is jumped over where a message begins behind it") {
  TcpTable table;
  Wire wire(table);
  wire.handshake(kClientIsn, kServerIsn);
  for (const std::uint32_t jump : {0U, 5'000'000U, 3'000'000'000U, 4'294'000'000U, 12U}) {
    wire.client(kClientIsn + 1 + jump, kBye);
  }
  CHECK((wire.sink.texts() == Texts{kBye, kBye, kBye, kBye}));
  CHECK(table.counters().bytesSkipped == 0);
  wire.finish();  // the last one lies within the window, so that what is before it may yet come
  CHECK(wire.sink.messages.size() == 5);
  CHECK(table.counters().bytesSkipped == 967'308 - kBye.size());
}

TEST("a far segment in the middle of a message is believed when the next one continues it") {
  TcpTable table;
  Wire wire(table);
  wire.handshake(kClientIsn, kServerIsn);
  wire.client(kClientIsn + 1, kInvite.substr(0, 100));
  const std::uint32_t far = kClientIsn + 2'000'000'000;
  wire.client(far, "\r\n\r\n" + kBye);
  CHECK(wire.sink.messages.empty());
  wire.client(far, "\r\n\r\n" + kBye);  // a mirrored copy confirms nothing
  CHECK(wire.sink.messages.empty());
  CHECK(table.counters().bytesSkipped == 0);
  wire.client(far + 4 + static_cast<std::uint32_t>(kBye.size()), kAckRequest);
  CHECK((marked(wire.sink) == Texts{kInvite.substr(0, 100) + "#", kBye, kAckRequest}));
}

TEST("what is held before a jump is given out, and the time of a far segment is its own") {
  TcpTable table;
  Wire wire(table);
  wire.handshake(kClientIsn, kServerIsn);
  wire.client(kClientIsn + 1, kInvite);
  wire.client(kClientIsn + 1 + 500, kBye + "INVITE");
  wire.client(kClientIsn + 0x60000000, "tail of a message\r\n" + kAckRequest);
  const std::uint64_t farFrame = wire.frameIndex;
  wire.atNs += 3 * kSecondNs;
  wire.server(kServerIsn + 1, kRinging);
  CHECK((wire.sink.texts() == Texts{kInvite, kBye, kAckRequest, kRinging}));
  CHECK(wire.sink.messages[2].frameIndex == farFrame);
  CHECK(table.counters().bytesSkipped == 500 - kInvite.size());
  CHECK(table.bufferedBytes() == 0);
}

TEST("a far segment does not cut a message that goes on, whatever it says") {
  for (const std::string& forged : {kBye, std::string("noise")}) {
    TcpTable table;
    Wire wire(table);
    wire.handshake(kClientIsn, kServerIsn);
    wire.client(kClientIsn + 1, kInvite.substr(0, 50));
    wire.client(kClientIsn + 0x60000000, forged);
    wire.client(kClientIsn + 51, kInvite.substr(50, 50));
    wire.atNs += 3 * kSecondNs;
    wire.server(kServerIsn + 1, kRinging);  // it is no news any more, and dropped
    wire.client(kClientIsn + 101, kInvite.substr(100));
    CHECK((marked(wire.sink) == Texts{kRinging, kInvite}));
    CHECK(table.counters().bytesSkipped == forged.size());
  }
}

TEST("a FIN belongs to what was left by a jump") {
  TcpTable table;
  Wire wire(table);
  wire.handshake(kClientIsn, kServerIsn);
  wire.client(kClientIsn + 1, kInvite);
  wire.client(kClientIsn + 1 + 5'000, "", kFin | kAck);
  const std::uint32_t far = kClientIsn + 5'000'000;
  wire.client(far, kBye);
  wire.client(far + static_cast<std::uint32_t>(kBye.size()), kAckRequest);
  CHECK((wire.sink.texts() == Texts{kInvite, kBye, kAckRequest}));
}

TEST("a forged segment from far off does not cut a stream that goes on") {
  TcpTable table;
  Wire wire(table);
  wire.handshake(kClientIsn, kServerIsn);
  const std::vector<std::string> parts = cut(kStream, 7);
  for (std::size_t part = 0; part < parts.size(); ++part) {
    wire.atNs += 500'000'000;
    wire.client(kClientIsn + 1 + static_cast<std::uint32_t>(kStream.size() * part / parts.size()),
                parts[part]);
    if (part + 1 < parts.size()) {
      wire.client(kClientIsn + 0x50000000 + static_cast<std::uint32_t>(part * 5'000), "forged");
    }
  }
  wire.finish();
  CHECK(wire.sink.texts() == kThree);
}

TEST("IPv4 and IPv6 ends, ports and directions are told apart") {
  TcpTable table;
  Wire one(table);
  Wire two(table, 41000);
  one.client(100, kInvite.substr(0, 80));
  two.client(100, kBye.substr(0, 80));
  two.client(180, kBye.substr(80));
  one.client(180, kInvite.substr(80));
  CHECK((one.sink.texts() == Texts{kInvite}));
  CHECK((two.sink.texts() == Texts{kBye}));
  CHECK(two.sink.messages[0].sourcePort == 41000);
  probe::net::Path path = pathBetween(kClient, kClientPort, kServer, kServerPort);
  path.family = probe::net::Family::kIpv6;
  Collector sink;
  table.push({.path = path,
              .payload = bytesOf(kBye),
              .payloadWireBytes = static_cast<std::uint32_t>(kBye.size()),
              .ipBytes = 0,
              .sequence = 5,
              .tcpFlags = kAck},
             1, 1, sink);
  CHECK((sink.texts() == Texts{kBye}));
  CHECK(table.connections() == 3);
}

}  // namespace
