#include "net/tcp_table.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <string>
#include <vector>

#include "check.hpp"
#include "tcp_wire.hpp"

namespace {

using namespace probe::test;
using probe::net::kSequenceWindowBytes;
using probe::net::TcpLimits;
using probe::net::TcpTable;
using probe::net::Transport;
using Texts = std::vector<std::string>;

constexpr std::uint32_t kClientIsn = 1000;
constexpr std::uint32_t kServerIsn = 5000;

const std::string kInvite = request("INVITE", "1", "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\n");
const std::string kAckRequest = request("ACK", "2");
const std::string kBye = request("BYE", "3");
const std::string kStream = kInvite + kAckRequest + kBye;
const Texts kThree = {kInvite, kAckRequest, kBye};
const std::string kRinging = response("180 Ringing", "1");

TEST("a stream cut in two anywhere gives the same three messages, its start seen or not") {
  bool areSame = true;
  for (std::size_t split = 0; split <= kStream.size(); ++split) {
    for (const bool isSynSeen : {true, false}) {
      TcpTable table;
      Wire wire(table);
      if (isSynSeen) {
        wire.handshake(kClientIsn, kServerIsn);
      }
      wire.client(kClientIsn + 1, kStream.substr(0, split));
      wire.client(kClientIsn + 1 + static_cast<std::uint32_t>(split), kStream.substr(split));
      wire.finish();
      areSame = areSame && wire.sink.texts() == kThree && table.counters().malformedMessages == 0 &&
                table.counters().bytesSkipped == 0;
    }
  }
  CHECK(areSame);
}

TEST("a stream that comes byte by byte gives the same three messages and leaves no buffer") {
  TcpTable table;
  Wire wire(table);
  wire.handshake(kClientIsn, kServerIsn);
  std::uint32_t sequence = kClientIsn;
  for (const char byte : "\r\n\r\n" + kStream) {
    wire.client(++sequence, std::string_view(&byte, 1));
  }
  CHECK(wire.sink.texts() == kThree);
  CHECK(table.bufferedBytes() == 0);
}

// Sends a SYN, the five parts of kStream in `order`, each `copies` times, and the FIN where `finAt`
// of them have come; the sequence numbers wrap inside the third part.
Texts sentInOrder(const std::array<int, 5>& order, int copies, std::size_t finAt) {
  const std::vector<std::string> parts = cut(kStream, 5);
  const auto isn = 0U - static_cast<std::uint32_t>(kStream.size() / 2);
  TcpTable table;
  Wire wire(table);
  wire.handshake(isn, kServerIsn);
  for (std::size_t i = 0; i <= order.size(); ++i) {
    if (i == finAt) {
      wire.client(isn + 1 + static_cast<std::uint32_t>(kStream.size()), "", kFin | kAck);
    }
    if (i == order.size()) {
      break;
    }
    const auto which = static_cast<std::size_t>(order[i]);
    const auto offset = static_cast<std::uint32_t>(kStream.size() * which / parts.size());
    for (int copy = 0; copy < copies; ++copy) {
      wire.client(isn + 1 + offset, parts[which], kAck | kPsh);
    }
  }
  CHECK(table.bufferedBytes() == 0);
  CHECK(table.counters().bytesSkipped == 0);
  CHECK(table.counters().malformedMessages == 0);
  return wire.sink.texts();
}

TEST("every order of five segments, copied or not, and any place of the FIN give the same") {
  std::array<int, 5> order{};
  std::iota(order.begin(), order.end(), 0);
  do {
    for (const std::size_t finAt : {0U, 2U, 5U, 9U}) {
      CHECK(sentInOrder(order, 1, finAt) == kThree);
      CHECK(sentInOrder(order, 2, finAt) == kThree);
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST("a message carries the frame and time of the segment that made it whole") {
  TcpTable table;
  Wire wire(table);
  wire.handshake(kClientIsn, kServerIsn);
  const std::uint32_t first = kClientIsn + 1;
  wire.client(first + 10, kInvite.substr(10) + kBye);  // frame 4
  wire.server(kServerIsn + 1, kRinging);               // frame 5
  wire.client(first, kInvite.substr(0, 10));           // frame 6
  CHECK((wire.sink.texts() == Texts{kRinging, kInvite, kBye}));
  CHECK(wire.sink.messages[0].frameIndex == 5);
  CHECK(wire.sink.messages[0].sourcePort == kServerPort);
  CHECK(wire.sink.messages[1].frameIndex == 6);
  CHECK(wire.sink.messages[1].atNs == wire.atNs);
  CHECK(wire.sink.messages[1].sourcePort == kClientPort);
  CHECK(wire.sink.messages[2].frameIndex == 6);
  CHECK(wire.sink.messages[2].transport == Transport::kTcp);
}

TEST("where segments overlap, the bytes that came first win") {
  const std::string forged(kStream.size(), '!');
  const auto size = static_cast<std::uint32_t>(kStream.size());
  for (std::uint32_t from = 0; from < size; from += 13) {
    for (std::uint32_t length = 1; from + length <= size; length += 17) {
      TcpTable table;
      Wire wire(table);
      wire.handshake(kClientIsn, kServerIsn);
      const std::uint32_t first = kClientIsn + 1;
      wire.client(first + from, kStream.substr(from, length));  // held, or read when from is 0
      if (from != 0) {
        wire.client(first, kStream.substr(0, from));
      }
      wire.client(first, forged.substr(0, from + length));  // all of it is known already
      wire.client(first + from, forged.substr(0, length) + kStream.substr(from + length));
      CHECK(wire.sink.texts() == kThree);
    }
  }
}

TEST("held segments that overlap in every way are put together without a seam") {
  const std::uint32_t first = kClientIsn + 1;
  std::uint32_t random = 7;
  const auto next = [&random](std::uint32_t below) {
    random = random * 1664525U + 1013904223U;
    return (random >> 8U) % below;
  };
  for (int round = 0; round < 500; ++round) {
    TcpTable table;
    Wire wire(table);
    wire.handshake(kClientIsn, kServerIsn);
    const auto size = static_cast<std::uint32_t>(kStream.size());
    for (int i = 0; i < 40; ++i) {
      const std::uint32_t from = 1 + next(size - 1);
      const std::uint32_t length = 1 + next(size - from);
      wire.client(first + from, kStream.substr(from, length));
    }
    wire.client(first, kStream.substr(0, 1 + next(size)));
    wire.client(first, kStream);
    CHECK(wire.sink.texts() == kThree);
    CHECK(table.bufferedBytes() == 0);
  }
}

TEST("keep-alive probes and what lies outside the stream's window change nothing") {
  TcpTable table;
  Wire wire(table);
  wire.handshake(kClientIsn, kServerIsn);
  const std::uint32_t first = kClientIsn + 1;
  const auto half = static_cast<std::uint32_t>(kStream.size() / 2);
  wire.client(first - 1, std::string(1, '\0'));
  wire.client(first, kStream.substr(0, half));
  wire.client(first + half - 1, "x");
  wire.client(first + half - 1, "");
  wire.client(first + half + 3 * kSequenceWindowBytes, "not of this stream");
  wire.client(first + half, kStream.substr(half, 1));  // a zero-window probe
  wire.client(first + half, kStream.substr(half));
  CHECK(wire.sink.texts() == kThree);
}

TEST("a hole waits for a retransmission as long as it may, and no longer") {
  TcpTable table;
  Wire wire(table);
  Wire bystander(table, 41000);
  const std::uint32_t first = kClientIsn + 1;
  const auto inviteEnd = static_cast<std::uint32_t>(kInvite.size());
  const auto ackEnd = inviteEnd + static_cast<std::uint32_t>(kAckRequest.size());
  wire.handshake(kClientIsn, kServerIsn);
  wire.client(first, kInvite);
  wire.client(first + ackEnd, kBye);
  CHECK((wire.sink.texts() == Texts{kInvite}));
  bystander.atNs = wire.atNs + 1'990'000'000;
  bystander.server(1, "hello");
  CHECK(bystander.sink.messages.empty());
  bystander.atNs += 20'000'000;
  bystander.server(6, "hello");  // the clock of any segment counts
  CHECK((bystander.sink.texts() == Texts{kBye}));
  CHECK(bystander.sink.messages[0].frameIndex == 5);  // its own, not the bystander's
  CHECK(bystander.sink.messages[0].atNs == wire.atNs);
  CHECK(table.counters().bytesSkipped == kAckRequest.size());
  wire.client(first + inviteEnd, kAckRequest);  // too late
  wire.client(first + ackEnd + static_cast<std::uint32_t>(kBye.size()), kAckRequest);
  CHECK((wire.sink.texts() == Texts{kInvite, kAckRequest}));
}

TEST("a hole that is filled bit by bit stays open") {
  TcpTable table;
  Wire wire(table);
  wire.handshake(kClientIsn, kServerIsn);
  const std::vector<std::string> parts = cut(kStream, 8);
  const auto offset = [](std::size_t part) {
    return kClientIsn + 1 + static_cast<std::uint32_t>(kStream.size() * part / 8);
  };
  wire.client(offset(7), parts[7]);
  for (std::size_t part = 0; part < 7; ++part) {
    wire.atNs += 1'500'000'000;
    wire.client(offset(part), parts[part]);
  }
  CHECK(wire.sink.texts() == kThree);
}

TEST("a hole that stays open does not keep another connection's from being given up") {
  TcpTable table;
  Wire first(table);
  Wire second(table, 41000);
  first.client(kClientIsn, "", kSyn);
  second.client(kClientIsn, "", kSyn);
  first.client(kClientIsn + 1 + 90, kInvite.substr(90));
  second.client(kClientIsn + 1 + 90, kBye);
  for (std::uint32_t at = 0; at < 90; at += 30) {
    first.atNs += 1'500'000'000;
    first.client(kClientIsn + 1 + at, kInvite.substr(at, 30));
  }
  CHECK((first.sink.texts() == Texts{kBye, kInvite}));
}

TEST("what has been read does not count towards what may be held") {
  TcpTable table(0, {.heldBytes = 1000});
  Wire wire(table);
  wire.handshake(kClientIsn, kServerIsn);
  const std::string text = request("MESSAGE", "1", std::string(3000, 'b'));
  const auto send = [&](std::uint32_t from, std::uint32_t size) {
    wire.client(kClientIsn + 1 + from, text.substr(from, size));
  };
  send(100, 600);
  send(800, 300);
  send(0, 100);
  send(1100, 600);
  CHECK(table.counters().bytesSkipped == 0);
  send(1700, 101);
  CHECK(table.counters().bytesSkipped == 100);
}

TEST("a hole is given up when too many bytes or segments have come after it") {
  const std::uint32_t first = kClientIsn + 1;
  for (const bool areMany : {false, true}) {
    TcpTable table(0, areMany ? TcpLimits{.heldSegments = 20} : TcpLimits{.heldBytes = 20 * 100});
    Wire wire(table);
    wire.handshake(kClientIsn, kServerIsn);
    wire.client(first, kInvite);
    std::uint32_t sequence = first + static_cast<std::uint32_t>(kInvite.size()) + 777;
    std::string rest;
    while (rest.size() < 6000) {
      rest += kBye;
    }
    std::size_t sent = 0;
    for (; wire.sink.messages.size() < 2; sent += 100) {
      wire.client(sequence, rest.substr(sent, 100));
      sequence += 100;
      CHECK(table.bufferedBytes() < 20'000);
    }
    CHECK(sent == 2100);
    CHECK(table.counters().bytesSkipped == 777);
    CHECK(wire.sink.messages[1].text == kBye);
  }
}

TEST("a hole inside a body leaves the message, marked, and the stream in step") {
  TcpTable table;
  Wire wire(table);
  wire.handshake(kClientIsn, kServerIsn);
  const std::uint32_t first = kClientIsn + 1;
  const auto known = static_cast<std::uint32_t>(kInvite.size() - 20);
  wire.client(first, kInvite.substr(0, known));
  wire.client(first + known + 8, kInvite.substr(known + 8) + kBye);
  wire.finish();
  const std::string holed = kInvite.substr(0, known) + kInvite.substr(known + 8) + "#";
  CHECK((marked(wire.sink) == Texts{holed, kBye}));
  CHECK(table.counters().bytesSkipped == 8);
  CHECK(table.connections() == 0);
}

TEST("a hole inside a header gives out its beginning, and the next message after it") {
  TcpTable table;
  Wire wire(table);
  wire.handshake(kClientIsn, kServerIsn);
  wire.client(kClientIsn + 1, kInvite.substr(0, 80));
  wire.client(kClientIsn + 1 + 90, kInvite.substr(90) + kBye);
  wire.finish();
  CHECK((marked(wire.sink) == Texts{kInvite.substr(0, 80) + "#", kBye}));
  CHECK(table.counters().malformedMessages == 0);
}

TEST("a hole before the first byte does not hide what comes after it") {
  TcpTable table;
  Wire wire(table);
  wire.handshake(kClientIsn, kServerIsn);
  wire.client(kClientIsn + 1 + 500, kBye);
  wire.server(kServerIsn + 1 + 300, kRinging);
  CHECK(wire.sink.messages.empty());
  wire.finish();
  CHECK((wire.sink.texts() == Texts{kBye, kRinging}));
  CHECK(table.counters().bytesSkipped == 800);
}

TEST("what the snap length cut off is a hole that nothing is waited for in") {
  TcpTable table;
  Wire wire(table);
  wire.handshake(kClientIsn, kServerIsn);
  std::uint32_t sequence = kClientIsn + 1;
  for (const std::string& text : kThree) {
    const auto captured = static_cast<std::uint32_t>(text.size() - 10);
    wire.client(sequence, text.substr(0, captured), kAck, 10);
    sequence += captured + 10;
  }
  const Texts expected = {kInvite.substr(0, kInvite.size() - 10) + "#",
                          kAckRequest.substr(0, kAckRequest.size() - 10) + "#",
                          kBye.substr(0, kBye.size() - 10) + "#"};
  CHECK(marked(wire.sink) == expected);
  CHECK(table.counters().bytesSkipped == 30);
  CHECK(wire.sink.messages[2].frameIndex == wire.frameIndex);
  CHECK(table.bufferedBytes() == 0);
}

TEST("a start line that the snap length cut off still makes its connection SIP") {
  TcpTable table;
  Wire wire(table);
  wire.handshake(kClientIsn, kServerIsn);
  wire.client(kClientIsn + 1, kInvite.substr(0, 20), kAck,
              static_cast<std::uint32_t>(kInvite.size() - 20));
  wire.server(kServerIsn + 1, kRinging);
  wire.client(kClientIsn + 1 + static_cast<std::uint32_t>(kInvite.size()), kBye);
  CHECK((wire.sink.texts() == Texts{kRinging, kBye}));
  Wire alone(table, 41000);
  alone.handshake(kClientIsn, kServerIsn);
  alone.client(kClientIsn + 1, kInvite.substr(0, 20), kAck,
               static_cast<std::uint32_t>(kInvite.size() - 20));
  alone.client(kClientIsn + 1 + static_cast<std::uint32_t>(kInvite.size()), "a=x\r\n" + kBye);
  CHECK((alone.sink.texts() == Texts{kBye}));
}

}  // namespace
