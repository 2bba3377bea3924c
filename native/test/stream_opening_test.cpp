#include "net/stream_opening.hpp"

#include <string>

#include "check.hpp"
#include "tcp_wire.hpp"

namespace {

using probe::net::Content;
using probe::net::findSipLine;
using probe::net::identifyOpening;
using probe::net::kMaxOpeningBytes;
using probe::net::Opening;
using probe::test::bytesOf;
using probe::test::frame;
using probe::test::kFinalText;
using probe::test::request;

const std::string kBye = request("BYE", "1");
const std::string kGet =
    "GET /ws HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: sip\r\n\r\n";

Opening first(std::string_view text) {
  return identifyOpening(bytesOf(text), {.isFirstByte = true, .awaitsSwitch = false});
}

Opening joined(std::string_view text) {
  return identifyOpening(bytesOf(text), {.isFirstByte = false, .awaitsSwitch = false});
}

TEST("keep-alives before an opening are passed over, and counted as part of a handshake") {
  CHECK(first("\r\n\r\n").content == Content::kUndecided);
  CHECK(first("\r\n\r\n" + kBye).content == Content::kSip);
  const Opening opening = first("\r\n\r\n" + kGet + "frames");
  CHECK(opening.content == Content::kWebSocket);
  CHECK(opening.headerBytes == kGet.size() + 4);
}

TEST("the beginning of any word may become SIP where a stream begins, but not in its middle") {
  for (const std::string_view word : {"I", "INV", "FLY", "x-y sip", "abcdef"}) {
    CHECK(first(word).content == Content::kUndecided);
  }
  CHECK(joined("INV").content == Content::kUndecided);
  CHECK(joined("SIP/2").content == Content::kUndecided);
  CHECK(joined("FLY").content == Content::kForeign);
  CHECK(joined("abcdef").content == Content::kForeign);
  CHECK(joined("FLY sip:a SIP/2.0\r\n").content == Content::kSip);
}

TEST("a frame is an opening only of a stream joined in its middle") {
  const std::string masked = frame(kFinalText, kBye, true);
  CHECK(joined(masked).content == Content::kWebSocket);
  CHECK(joined(masked).headerBytes == 0);
  CHECK(first(masked).content == Content::kForeign);
}

TEST("a handshake is undecided until its header ends, within bounds") {
  for (std::size_t size = 1; size < kGet.size(); ++size) {
    CHECK(first(kGet.substr(0, size)).content == Content::kUndecided);
  }
  std::string longGet = "GET / HTTP/1.1\r\nX: ";
  longGet.resize(kMaxOpeningBytes - 1, 'x');
  CHECK(first(longGet).content == Content::kUndecided);
  CHECK(first(longGet + "x").content == Content::kForeign);
}

TEST("an answer counts by its own subprotocol, or by the request's") {
  const std::string terse = "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n";
  const auto awaited = [](std::string_view text) {
    return identifyOpening(bytesOf(text), {.isFirstByte = true, .awaitsSwitch = true}).content;
  };
  CHECK(first(terse).content == Content::kForeign);
  CHECK(awaited(terse) == Content::kWebSocket);
  CHECK(awaited("HTTP/1.1 403 Forbidden\r\n\r\n") == Content::kForeign);
  CHECK(awaited("HTTP/1.1 10") == Content::kUndecided);
}

TEST("a SIP line inside a segment is one behind CRLF, with a header field after it") {
  CHECK(findSipLine(bytesOf("a=b\r\n" + kBye)) == 5);
  CHECK(findSipLine(bytesOf("{" + kBye)) == kBye.size() + 1);
  CHECK(findSipLine(bytesOf("{" + kBye + "\r\n" + kBye)) == kBye.size() + 3);
  CHECK(findSipLine(bytesOf("a\r\nSIP/2.0 200 OK\r\n\r\n")) == 21);
  CHECK(findSipLine({}) == 0);
}

}  // namespace
