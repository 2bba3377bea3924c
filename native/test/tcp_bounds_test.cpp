#include <algorithm>
#include <string>
#include <vector>

#include "check.hpp"
#include "net/tcp_table.hpp"
#include "tcp_wire.hpp"

namespace {

using namespace probe::test;
using probe::net::TcpLimits;
using probe::net::TcpTable;
using Texts = std::vector<std::string>;

const std::string kInvite = request("INVITE", "1", "v=0\r\n");
const std::string kBye = request("BYE", "2");

// Sends a segment of a connection that is told from others by `host` and `port`.
void sendFrom(TcpTable& table, Collector& sink, std::uint32_t host, std::uint16_t port,
              std::uint32_t sequence, std::string_view payload, unsigned flags,
              std::int64_t atNs = 0) {
  table.push({.path = pathBetween(host, port, kServer, kServerPort),
              .payload = bytesOf(payload),
              .payloadWireBytes = static_cast<std::uint32_t>(payload.size()),
              .ipBytes = 0,
              .sequence = sequence,
              .tcpFlags = static_cast<std::uint8_t>(flags)},
             atNs, 1, sink);
}

TEST("a flood of SYNs stays in bounds, is counted, and takes no SIP connection away") {
  TcpTable table;
  Wire call(table);
  call.handshake(1, 2);
  call.client(2, kInvite + kBye.substr(0, 50));
  Collector sink;
  constexpr std::uint32_t kFlood = 300'000;
  for (std::uint32_t i = 0; i < kFlood; ++i) {
    sendFrom(table, sink, 0x0B000000 + i / 7, static_cast<std::uint16_t>(i % 7 + 1), i * 77, "",
             kSyn);
  }
  const std::uint32_t limit = TcpLimits{}.connections;
  CHECK(table.connections() == limit);
  CHECK(table.counters().connectionsEvicted == kFlood + 1 - limit);
  CHECK(table.bufferedBytes() < 1000);
  call.client(52 + static_cast<std::uint32_t>(kInvite.size()), kBye.substr(50));
  CHECK((call.sink.texts() == Texts{kInvite, kBye}));
}

TEST("the connection that goes first is the one that was silent longest") {
  TcpTable table(0, {.connections = 3});
  Collector sink;
  for (std::uint16_t port = 1; port <= 3; ++port) {
    sendFrom(table, sink, kClient, port, 100, kInvite.substr(0, 90), kAck);
  }
  sendFrom(table, sink, kClient, 1, 190, kInvite.substr(90), kAck);
  CHECK((sink.texts() == Texts{kInvite}));
  sendFrom(table, sink, kClient, 4, 100, kBye, kAck);
  CHECK((sink.texts() == Texts{kInvite, kInvite.substr(0, 90), kBye}));
  CHECK(sink.messages[1].sourcePort == 2);
  CHECK(sink.messages[1].isTruncated);
  CHECK(table.counters().connectionsEvicted == 1);
  CHECK(table.connections() == 3);
}

TEST("a closed connection makes room without being counted as lost") {
  TcpTable table(0, {.connections = 1});
  Collector sink;
  sendFrom(table, sink, kClient, 1, 100, kInvite, kAck);
  sendFrom(table, sink, kClient, 1, 100 + static_cast<std::uint32_t>(kInvite.size()), "", kRst);
  sendFrom(table, sink, kClient, 2, 100, kBye, kAck);
  CHECK((sink.texts() == Texts{kInvite, kBye}));
  CHECK(table.counters().connectionsEvicted == 0);
}

TEST("no mix of unfinished messages and holes passes the limit of all buffers") {
  constexpr std::uint64_t kLimit = 100'000;
  TcpTable table(0, {.bufferedBytes = kLimit});
  Collector sink;
  const std::string body(900, 'b');
  const std::string text = request("MESSAGE", "1", body).substr(0, 1000);
  for (std::uint32_t i = 0; i < 2000; ++i) {
    const auto port = static_cast<std::uint16_t>(1 + i % 500);
    sendFrom(table, sink, kClient, port, 100, text, kAck);
    CHECK(table.bufferedBytes() <= kLimit);
    sendFrom(table, sink, kClient, port, 5000 + i * 2000, body, kAck);
    CHECK(table.bufferedBytes() <= kLimit);
  }
  CHECK(table.counters().connectionsEvicted > 0);
  CHECK(table.counters().bytesSkipped > 0);
  table.finish(sink);
  CHECK(table.bufferedBytes() == 0);
  CHECK(table.connections() == 0);
}

TEST("a single connection over the limit of all buffers is given up, and joined again") {
  TcpTable table(0, {.bufferedBytes = 200});
  Collector sink;
  sendFrom(table, sink, kClient, 1, 100,
           request("MESSAGE", "1", std::string(500, 'b')).substr(0, 400), kAck);
  CHECK(table.bufferedBytes() == 0);
  CHECK(table.connections() == 0);
  CHECK(sink.messages.size() == 1);
  CHECK(sink.messages[0].isTruncated);
  sendFrom(table, sink, kClient, 1, 900, kBye, kAck);
  CHECK(sink.messages.size() == 2);
}

TEST("half-open connections with data far ahead of their SYN stay in bounds") {
  TcpTable table(0, {.connections = 1000, .bufferedBytes = 50'000});
  Collector sink;
  const std::string noise(1400, 'n');
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    sendFrom(table, sink, 0x0B000000 + i, 1, i, "", kSyn);
    sendFrom(table, sink, 0x0B000000 + i, 1, i + 500, noise, kAck);
    sendFrom(table, sink, 0x0B000000 + i, 1, i + 0x40000000, noise, kAck);
    CHECK(table.bufferedBytes() <= 50'000);
    CHECK(table.connections() <= 1000);
  }
  CHECK(sink.messages.empty());
}

TEST("a connection that was silent too long is given up at the next segment of any") {
  TcpTable table;
  Collector sink;
  const std::int64_t idleNs = TcpLimits{}.idleNs;
  sendFrom(table, sink, kClient, 1, 100, kInvite.substr(0, 90), kAck, 5);
  sendFrom(table, sink, kClient, 2, 100, "\x16\x03\x01", kAck, 6);
  sendFrom(table, sink, kClient, 3, 100, kBye, kAck, 5 + idleNs);
  CHECK(table.connections() == 3);
  sendFrom(table, sink, kClient, 3, 100, kBye, kAck, 6 + idleNs);
  CHECK(table.connections() == 2);
  CHECK((sink.texts() == Texts{kBye, kInvite.substr(0, 90)}));
  sendFrom(table, sink, kClient, 3, 100, kBye, kAck, INT64_MAX);
  sendFrom(table, sink, kClient, 4, 100, kBye, kAck, INT64_MIN);
  sendFrom(table, sink, kClient, 5, 100, kBye, kAck, INT64_MAX);
  CHECK(table.connections() == 3);  // a clock that was set back makes nothing old
  CHECK(table.counters().connectionsEvicted == 3);
}

// A mix of calls with losses, copies and reordering, the same for every seed.
std::vector<Message> replayed(std::uint64_t seed) {
  TcpTable table(seed, {.connections = 40, .bufferedBytes = 6'000});
  Collector sink;
  std::uint32_t random = 1;
  const auto next = [&random](std::uint32_t below) {
    random = random * 1664525U + 1013904223U;
    return (random >> 8U) % below;
  };
  std::vector<std::uint32_t> sequences(60, 100);
  for (std::uint32_t i = 0; i < 5'000; ++i) {
    const std::uint32_t who = next(60);
    const std::string text = next(2) == 0 ? kInvite : kBye.substr(0, 50 + next(100));
    sequences[who] += next(20) == 0 ? 5 : 0;
    sendFrom(table, sink, 0x0C000000 + who * 3, static_cast<std::uint16_t>(1000 + who),
             sequences[who], text, next(50) == 0 ? kAck | kFin : kAck, i * 10'000'000);
    sequences[who] += static_cast<std::uint32_t>(text.size());
  }
  table.finish(sink);
  CHECK(table.counters().connectionsEvicted > 0);
  return sink.messages;
}

TEST("the seed of the hash changes no result") {
  const std::vector<Message> base = replayed(0);
  CHECK(base.size() > 1000);
  for (const std::uint64_t seed : {1ULL, 0xDEADBEEFULL, UINT64_MAX + 0ULL}) {
    CHECK(replayed(seed) == base);
  }
}

}  // namespace
