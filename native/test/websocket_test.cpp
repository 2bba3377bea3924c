#include "net/websocket.hpp"

#include <string>
#include <vector>

#include "check.hpp"
#include "tcp_wire.hpp"

namespace {

using probe::net::beginsWithSipFrame;
using probe::net::FrameHead;
using probe::net::kMaxWebSocketMessageBytes;
using probe::net::readFrameHead;
using probe::net::WebSocketFrame;
using probe::net::WebSocketMessage;
using probe::net::WebSocketReader;
using probe::test::bytesOf;
using probe::test::frame;
using probe::test::kFinalText;
using probe::test::request;
using probe::test::response;
using probe::test::textOf;
using Texts = std::vector<std::string>;

constexpr std::uint8_t kOpenText = 0x01;
constexpr std::uint8_t kOpenBinary = 0x02;
constexpr std::uint8_t kOpenContinuation = 0x00;
constexpr std::uint8_t kFinalContinuation = 0x80;
constexpr std::uint8_t kFinalBinary = 0x82;
constexpr std::uint8_t kClose = 0x88;
constexpr std::uint8_t kPing = 0x89;
constexpr std::uint8_t kPong = 0x8A;
constexpr std::uint8_t kRsv1 = 0x40;

// A reader together with what it gave out; a message that misses bytes ends in "#".
struct Read {
  explicit Read(WebSocketReader::Begin begin = WebSocketReader::Begin::kWithAFrame)
      : reader(begin) {}

  Read& feed(std::string_view text) {
    const std::vector<char> chunk(text.begin(), text.end());
    reader.feed(bytesOf({chunk.data(), chunk.size()}));
    drain();
    return *this;
  }
  Read& skip(std::uint64_t bytes) {
    reader.skip(bytes);
    drain();
    return *this;
  }
  void drain() {
    WebSocketMessage message{};
    while (reader.next(message)) {
      texts.push_back(textOf(message.payload) + (message.isTruncated ? "#" : ""));
    }
    malformed += reader.takeMalformed();
  }

  WebSocketReader reader;
  Texts texts;
  std::uint64_t malformed = 0;
};

// Every way to cut `stream` in two must give `expected`.
bool isSameAtEverySplit(const std::string& stream, const Texts& expected, std::uint64_t malformed) {
  for (std::size_t split = 0; split <= stream.size(); ++split) {
    Read read;
    read.feed(stream.substr(0, split)).feed(stream.substr(split));
    if (read.texts != expected || read.malformed != malformed) {
      return false;
    }
  }
  Read bytewise;
  for (const char byte : stream) {
    bytewise.feed({&byte, 1});
  }
  return bytewise.texts == expected && bytewise.malformed == malformed &&
         bytewise.reader.bufferedBytes() == 0;
}

TEST("the examples of RFC 6455 section 5.7 are read") {
  const std::string unmasked = "\x81\x05Hello";
  const std::string masked = "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
  const std::string fragments = std::string("\x01\x03Hel\x80\x02", 7) + "lo";
  const std::string ping = "\x89\x05Hello";
  CHECK((Read().feed(unmasked).texts == Texts{"Hello"}));
  CHECK((Read().feed(masked).texts == Texts{"Hello"}));
  CHECK((Read().feed(fragments).texts == Texts{"Hello"}));
  CHECK(Read().feed(ping).texts.empty());
  CHECK(frame(kFinalText, "Hello", true) == masked);
}

TEST("lengths of 7, 16 and 64 bits are read at their borders, masked or not") {
  for (const std::size_t length : {0U, 1U, 125U, 126U, 65'535U, 65'536U, 131'072U}) {
    for (const bool isMasked : {false, true}) {
      const std::string text(length, 'a');
      Read read;
      read.feed(frame(kFinalBinary, text, isMasked) + frame(kFinalText, "next", isMasked));
      CHECK((read.texts == Texts{text, "next"}));
      CHECK(read.malformed == 0);
    }
  }
}

TEST("a message in fragments with control frames between them is one message at every split") {
  for (const bool isMasked : {false, true}) {
    const std::string stream =
        frame(kOpenText, "abc", isMasked) + frame(kPing, "p?", isMasked) +
        frame(kOpenContinuation, "", isMasked, 0x01020304) + frame(kPong, "", isMasked) +
        frame(kOpenContinuation, "defgh", isMasked, 0xFFFF0001) +
        frame(kFinalContinuation, "ij", isMasked, 0x00000000) +
        frame(kFinalBinary, "second", isMasked) + frame(kClose, "\x03\xE8", isMasked);
    CHECK(isSameAtEverySplit(stream, {"abcdefghij", "second"}, 0));
  }
}

TEST("a compressed message is counted once and passed over with all its fragments") {
  const std::string stream = frame(kOpenText | kRsv1, "zip", true) + frame(kPing, "", true) +
                             frame(kOpenContinuation, "ped", true) +
                             frame(kFinalContinuation, "!", true) + frame(kFinalText, "ok", true) +
                             frame(kFinalText | kRsv1, "zip", true) + frame(kFinalText, "ok", true);
  CHECK(isSameAtEverySplit(stream, {"ok", "ok"}, 2));
}

TEST("a compressed message that never ends is counted once") {
  CHECK(isSameAtEverySplit(frame(kOpenText | kRsv1, "zip", true) + frame(kFinalText, "ok", true),
                           {"ok"}, 1));
}

TEST("fragments that belong to nothing, and messages that never end, are counted") {
  CHECK(isSameAtEverySplit(
      frame(kFinalContinuation, "lost", false) + frame(kFinalText, "ok", false), {"ok"}, 1));
  CHECK(isSameAtEverySplit(frame(kOpenText, "never", true) + frame(kFinalText, "ok", true), {"ok"},
                           1));
  CHECK(isSameAtEverySplit(
      frame(0x83, "reserved", true) + frame(0x8B, "too", true) + frame(kFinalText, "ok", true),
      {"ok"}, 2));
  CHECK(isSameAtEverySplit(frame(kOpenText, "a", true) + frame(0x83, "reserved", true) +
                               frame(kFinalContinuation, "b", true),
                           {"ab"}, 1));
}

TEST("a message that grows over the bound is refused, and costs no more than the bound") {
  Read read;
  read.feed(frame(kOpenBinary, std::string(100'000, 'a'), true));
  CHECK(read.reader.bufferedBytes() <= 2 * kMaxWebSocketMessageBytes);
  read.feed(frame(kOpenContinuation, std::string(100'000, 'b'), true));
  CHECK(read.reader.bufferedBytes() == 0);
  read.feed(frame(kFinalContinuation, "c", true) + frame(kFinalText, "ok", true));
  CHECK((read.texts == Texts{"ok"}));
  CHECK(read.malformed == 1);
}

TEST("a frame that cannot be followed leads to the next one that holds SIP") {
  const std::string sip = request("BYE", "1");
  const std::string tooLong = std::string("\x82\x7F\x00\x00\x00\x00\x00\x02\x00\x01", 10);
  const std::string negative = "\x82\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF";
  const std::string longPing = std::string("\x89\x7E\x00\x80", 4);
  const std::string openPing = std::string("\x09\x00", 2);
  for (const std::string& nonsense : {tooLong, negative, longPing, openPing}) {
    for (const bool isMasked : {false, true}) {
      Read read;
      read.feed(frame(kFinalText, "a", isMasked) + nonsense + "whatever" +
                frame(kFinalText, "no SIP", isMasked) + frame(kFinalText, sip, isMasked) +
                frame(kFinalText, "b", isMasked));
      CHECK((read.texts == Texts{"a", sip, "b"}));
      CHECK(read.malformed == 1);
    }
  }
}

TEST("a stream joined in its middle is read from the first frame that begins like SIP") {
  const std::string sip = response("200 OK", "1");
  for (const bool isMasked : {false, true}) {
    Read read(WebSocketReader::Begin::kAnywhere);
    read.feed("tail of a frame" + frame(kFinalText, sip, isMasked) +
              frame(kFinalText, "x", isMasked));
    CHECK((read.texts == Texts{sip, "x"}));
    Read bySegment(WebSocketReader::Begin::kAnywhere);
    bySegment.feed(std::string(700, 'q'));
    CHECK(bySegment.reader.bufferedBytes() == 0);
    const std::string whole = frame(kFinalBinary, sip, isMasked);
    bySegment.feed(whole.substr(0, 40)).feed(whole.substr(40));
    CHECK((bySegment.texts == Texts{sip}));
  }
  CHECK(!beginsWithSipFrame(bytesOf(frame(kPing, "BYE sip:", false))));
  CHECK(!beginsWithSipFrame(bytesOf(frame(kFinalText | kRsv1, sip, false))));
  CHECK(beginsWithSipFrame(bytesOf(frame(kOpenText, "\r\n" + sip, true))));
}

TEST("a gap inside a payload keeps the masking and the next frame in step") {
  const std::string text = "0123456789";
  for (std::size_t missing = 1; missing <= text.size(); ++missing) {
    for (std::size_t from = 0; from + missing <= text.size(); ++from) {
      const std::string stream = frame(kFinalText, text, true);
      const std::size_t head = stream.size() - text.size();
      Read read;
      read.feed(stream.substr(0, head + from)).skip(missing);
      read.feed(stream.substr(head + from + missing) + frame(kFinalText, "ok", true));
      CHECK((read.texts == Texts{text.substr(0, from) + text.substr(from + missing) + "#", "ok"}));
    }
  }
}

TEST("a gap inside a control frame does not touch the message around it") {
  Read read;
  read.feed(frame(kOpenText, "ab", true) + frame(kPing, "12345", true).substr(0, 7)).skip(4);
  read.feed(frame(kFinalContinuation, "cd", true));
  CHECK((read.texts == Texts{"abcd"}));
}

TEST("a gap over the end of a frame gives out what there is, and searches") {
  const std::string sip = request("INFO", "1");
  Read read;
  read.feed(frame(kFinalText, "0123456789", true).substr(0, 10)).skip(100);
  read.feed("rubbish" + frame(kFinalText, sip, true));
  CHECK((read.texts == Texts{"0123#", sip}));
  CHECK(read.malformed == 0);
  Read atHead;
  atHead.feed(frame(kOpenText, "ab", true) + "\x80").skip(3).feed(frame(kFinalText, sip, true));
  CHECK((atHead.texts == Texts{"ab#", sip}));
}

TEST("the head of a frame is incomplete until its last byte") {
  for (const std::size_t length : {5U, 200U, 70'000U}) {
    const std::string whole = frame(kFinalText, std::string(length, 'a'), true);
    const std::size_t head = whole.size() - length;
    WebSocketFrame parsed{};
    for (std::size_t size = 0; size < head; ++size) {
      CHECK(readFrameHead(bytesOf(whole.substr(0, size)), parsed) == FrameHead::kIncomplete);
    }
    CHECK(readFrameHead(bytesOf(whole.substr(0, head)), parsed) == FrameHead::kComplete);
    CHECK(parsed.headerBytes == head);
    CHECK(parsed.payloadBytes == length);
    CHECK(parsed.isMasked);
    CHECK(parsed.isFinal);
    CHECK(parsed.opcode == 1);
  }
}

}  // namespace
