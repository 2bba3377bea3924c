#include <string>
#include <vector>

#include "check.hpp"
#include "net/tcp_table.hpp"
#include "tcp_wire.hpp"

namespace {

using namespace probe::test;
using probe::net::TcpTable;
using probe::net::Transport;
using Texts = std::vector<std::string>;

constexpr std::uint32_t kClientIsn = 0xFFFFFF00;  // wraps inside the handshake
constexpr std::uint32_t kServerIsn = 5000;
constexpr std::uint8_t kPing = 0x89;
constexpr std::uint8_t kOpenText = 0x01;
constexpr std::uint8_t kFinalContinuation = 0x80;

// RFC 7118 section 8.1, with another address.
const std::string kGet =
    "GET / HTTP/1.1\r\nHost: sip-ws.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://www.example.com\r\n"
    "Sec-WebSocket-Protocol: sip\r\nSec-WebSocket-Version: 13\r\n\r\n";
const std::string kSwitch =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: sip\r\n\r\n";
const std::string kInvite = request("INVITE", "1", "v=0\r\n");
const std::string kRinging = response("180 Ringing", "1");

std::uint32_t length(std::string_view text) {
  return static_cast<std::uint32_t>(text.size());
}

std::string with(std::string text, std::string_view from, std::string_view to) {
  return text.replace(text.find(from), from.size(), to);
}

TEST("SIP over WebSocket is read from the handshake on, at every split position") {
  const std::string fromClient =
      kGet + frame(kFinalText, "\r\n\r\n", true) + frame(kOpenText, kInvite.substr(0, 30), true) +
      frame(kPing, "", true) + frame(kFinalContinuation, kInvite.substr(30), true, 99);
  const std::string fromServer = kSwitch + frame(kFinalText, kRinging, false);
  bool areSame = true;
  for (std::size_t split = 0; split <= fromClient.size(); ++split) {
    const std::size_t serverSplit = std::min(split, fromServer.size());
    TcpTable table;
    Wire wire(table);
    wire.handshake(kClientIsn, kServerIsn);
    wire.client(kClientIsn + 1, fromClient.substr(0, split));
    wire.server(kServerIsn + 1, fromServer.substr(0, serverSplit));
    wire.client(kClientIsn + 1 + static_cast<std::uint32_t>(split), fromClient.substr(split));
    wire.server(kServerIsn + 1 + static_cast<std::uint32_t>(serverSplit),
                fromServer.substr(serverSplit));
    areSame = areSame && wire.sink.messages.size() == 2 && table.bufferedBytes() == 0 &&
              table.counters().malformedMessages == 0;
    for (const Message& message : wire.sink.messages) {
      const bool isRequest = message.sourcePort == kClientPort;
      areSame = areSame && message.text == (isRequest ? kInvite : kRinging) &&
                message.transport == Transport::kWebSocket && !message.isTruncated;
    }
  }
  CHECK(areSame);
}

TEST("a handshake is told by its fields in any case, in lists and in more than one line") {
  for (const std::string& get :
       {with(kGet, "Upgrade: websocket", "UPGRADE:h2c, WebSocket"),
        with(kGet, "Sec-WebSocket-Protocol: sip", "sec-websocket-protocol: xmpp , SIP"),
        with(kGet, "Sec-WebSocket-Protocol: sip",
             "Sec-WebSocket-Protocol: msrp\r\nSec-WebSocket-Protocol: sip")}) {
    TcpTable table;
    Wire wire(table);
    wire.handshake(kClientIsn, kServerIsn);
    wire.client(kClientIsn + 1, get);
    wire.server(kServerIsn + 1, kSwitch);
    wire.client(kClientIsn + 1 + length(get), frame(kFinalText, kInvite, true));
    CHECK((wire.sink.texts() == Texts{kInvite}));
  }
}

TEST("a WebSocket for something else, and plain HTTP, are not SIP and hold nothing") {
  for (const std::string& get :
       {with(kGet, "Sec-WebSocket-Protocol: sip", "Sec-WebSocket-Protocol: sipx, mqtt"),
        with(kGet, "Upgrade: websocket", "Upgrade: h2c"), with(kGet, "HTTP/1.1", "HTTP/1.0")}) {
    TcpTable table;
    Wire wire(table);
    wire.handshake(kClientIsn, kServerIsn);
    wire.client(kClientIsn + 1, get);
    CHECK(table.bufferedBytes() == 0);
    wire.server(kServerIsn + 1, "HTTP/1.1 200 OK\r\n\r\n");
    CHECK(wire.sink.messages.empty());
  }
  TcpTable table;
  Wire wire(table);
  wire.handshake(kClientIsn, kServerIsn);
  std::uint32_t sequence = kClientIsn + 1;
  wire.client(sequence, "GET / HTTP/1.1\r\nCookie: ");
  sequence += 24;
  std::uint64_t most = 0;
  for (int i = 0; i < 100; ++i, sequence += 1000) {
    wire.client(sequence, std::string(1000, 'c'));
    most = std::max(most, table.bufferedBytes());
  }
  CHECK(most < 40'000);
  CHECK(table.bufferedBytes() == 0);
}

TEST("a refused handshake is followed by another try on the same connection") {
  TcpTable table;
  Wire wire(table);
  wire.handshake(kClientIsn, kServerIsn);
  const std::string refusal = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";
  wire.client(kClientIsn + 1, kGet);
  wire.server(kServerIsn + 1, refusal);
  wire.client(kClientIsn + 1 + length(kGet), kGet);
  wire.server(kServerIsn + 1 + length(refusal), kSwitch + frame(kFinalText, kRinging, false));
  wire.client(kClientIsn + 1 + 2 * length(kGet), frame(kFinalText, kInvite, true));
  CHECK((wire.sink.texts() == Texts{kRinging, kInvite}));
}

TEST("a connection whose handshake was refused is the first to go when the table is full") {
  TcpTable table(0, {.connections = 2});
  Wire call(table);
  Wire refused(table, 41000);
  Wire third(table, 42000);
  call.handshake(kClientIsn, kServerIsn);
  call.client(kClientIsn + 1, kInvite.substr(0, 50));
  call.client(kClientIsn + 51, kInvite.substr(50) + kInvite.substr(0, 50));
  refused.handshake(kClientIsn, kServerIsn);
  refused.client(kClientIsn + 1, kGet);
  refused.server(kServerIsn + 1, "HTTP/1.1 403 Forbidden\r\n\r\n");
  third.handshake(kClientIsn, kServerIsn);
  call.client(kClientIsn + 51 + length(kInvite), kInvite.substr(50));
  CHECK((call.sink.texts() == Texts{kInvite, kInvite}));
}

TEST("an answer seen before its request, without the subprotocol, is taken by the request's word") {
  TcpTable table;
  Wire wire(table);
  wire.handshake(kClientIsn, kServerIsn);
  const std::string terse = with(kSwitch, "Sec-WebSocket-Protocol: sip\r\n", "");
  wire.server(kServerIsn + 1, terse.substr(0, 40));
  wire.client(kClientIsn + 1, kGet);
  wire.server(kServerIsn + 41, terse.substr(40) + frame(kFinalText, kRinging, false));
  CHECK((wire.sink.texts() == Texts{kRinging}));
}

TEST("a handshake that was not captured does not hide the frames behind it") {
  TcpTable table;
  Wire wire(table);
  wire.handshake(kClientIsn, kServerIsn);
  wire.client(kClientIsn + 1 + length(kGet), frame(kFinalText, kInvite, true));
  wire.finish();
  CHECK((wire.sink.texts() == Texts{kInvite}));
}

TEST("one direction of a WebSocket is enough") {
  TcpTable table;
  Wire client(table);
  client.client(kClientIsn, "", kSyn);
  client.client(kClientIsn + 1, kGet);
  client.client(kClientIsn + 1 + length(kGet), frame(kFinalText, kInvite, true));
  CHECK((client.sink.texts() == Texts{kInvite}));
  Wire server(table, 41000);
  server.server(kServerIsn, "", kSyn | kAck);
  server.server(kServerIsn + 1, kSwitch);
  server.server(kServerIsn + 1 + length(kSwitch), frame(kFinalText, kRinging, false));
  CHECK((server.sink.texts() == Texts{kRinging}));
}

TEST("a WebSocket joined in its middle is read from a frame that begins like SIP") {
  TcpTable table;
  Wire wire(table);
  const std::string junk = "\x7Fmiddle of a frame";
  wire.client(1, junk);
  const std::string invite = frame(kFinalText, kInvite, true);
  wire.client(1 + length(junk), invite.substr(0, 60));
  wire.server(9, frame(kPing, "abc", false) + frame(kFinalText, kRinging, false));
  wire.client(1 + length(junk) + 60, invite.substr(60));
  CHECK((wire.sink.texts() == Texts{kRinging, kInvite}));
  CHECK(wire.sink.messages[0].transport == Transport::kWebSocket);
}

TEST("a hole in a WebSocket stream costs the frames it touches") {
  TcpTable table;
  Wire wire(table);
  wire.handshake(kClientIsn, kServerIsn);
  wire.client(kClientIsn + 1, kGet);
  wire.server(kServerIsn + 1, kSwitch);
  std::uint32_t sequence = kClientIsn + 1 + length(kGet);
  const std::string invite = frame(kFinalText, kInvite, true);
  wire.client(sequence, invite.substr(0, invite.size() - 5));
  sequence += length(invite);
  wire.client(sequence, frame(kFinalText, "0123456789", true).substr(0, 8), kAck, 8);
  sequence += 16;
  wire.client(sequence + 10, frame(kFinalText, "not to be placed", true));
  sequence += 10 + length(frame(kFinalText, "not to be placed", true));
  wire.client(sequence, frame(kFinalText, kInvite, true) + frame(kFinalText, "no SIP", true));
  wire.finish();
  CHECK((wire.sink.texts() == Texts{kInvite.substr(0, kInvite.size() - 5), kInvite}));
  CHECK(wire.sink.messages[0].isTruncated);
  CHECK(!wire.sink.messages[1].isTruncated);
  CHECK(table.counters().bytesSkipped == 23);
  CHECK(table.counters().malformedMessages == 1);
}

TEST("a compressed message counts as malformed, and the next one is read") {
  TcpTable table;
  Wire wire(table);
  wire.handshake(kClientIsn, kServerIsn);
  wire.client(kClientIsn + 1, kGet);
  wire.server(kServerIsn + 1, kSwitch + frame(kFinalText | 0x40, "\x8A\x28", false) +
                                  frame(kFinalText, kRinging, false));
  CHECK((wire.sink.texts() == Texts{kRinging}));
  CHECK(table.counters().malformedMessages == 1);
}

}  // namespace
