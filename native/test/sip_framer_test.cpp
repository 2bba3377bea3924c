#include "net/sip_framer.hpp"

#include <string>
#include <vector>

#include "check.hpp"
#include "net/sip_start.hpp"
#include "tcp_wire.hpp"

namespace {

using probe::net::beginsLikeSip;
using probe::net::findSipStart;
using probe::net::FramedSip;
using probe::net::kMaxSipBodyBytes;
using probe::net::kMaxSipHeaderBytes;
using probe::net::kMaxStartLineBytes;
using probe::net::Likeness;
using probe::net::SipFramer;
using probe::test::bytesOf;
using probe::test::request;
using probe::test::response;
using probe::test::textOf;

// A framer together with what it gave out; a message that misses bytes ends in "#".
struct Framed {
  explicit Framed(SipFramer::Begin begin = SipFramer::Begin::kWithAMessage) : framer(begin) {}

  Framed& feed(std::string_view text) {
    // A copy of the exact size, so that a read beyond the chunk is found.
    const std::vector<char> chunk(text.begin(), text.end());
    framer.feed(bytesOf({chunk.data(), chunk.size()}));
    drain();
    return *this;
  }
  Framed& skip(std::uint64_t bytes) {
    framer.skip(bytes);
    drain();
    return *this;
  }
  Framed& finish() {
    framer.finish();
    drain();
    return *this;
  }
  void drain() {
    FramedSip message{};
    while (framer.next(message)) {
      texts.push_back(textOf(message.bytes) + (message.isTruncated ? "#" : ""));
    }
    malformed += framer.takeMalformed();
  }

  SipFramer framer;
  std::vector<std::string> texts;
  std::uint64_t malformed = 0;
};

using Texts = std::vector<std::string>;

const std::string kInvite = request("INVITE", "1", "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\n");
const std::string kRinging = response("180 Ringing", "1");
const std::string kBye = request("BYE", "2");

std::string withHeader(std::string_view lines, std::string_view body) {
  std::string text = "OPTIONS sip:bob@example.com SIP/2.0\r\nCall-ID: a\r\n";
  return ((text += lines) += "\r\n") += body;
}

TEST("a SIP framer gives the same three messages at every pair of split positions") {
  const std::string stream = "\r\n\r\n" + kInvite + kRinging + "\r\n\r\n" + kBye;
  const Texts expected = {kInvite, kRinging, kBye};
  bool areSame = true;
  for (std::size_t first = 0; first <= stream.size(); ++first) {
    for (std::size_t second = first; second <= stream.size(); second += 7) {
      Framed framed;
      framed.feed(stream.substr(0, first));
      framed.feed(stream.substr(first, second - first));
      framed.feed(stream.substr(second));
      areSame = areSame && framed.texts == expected && framed.malformed == 0;
    }
  }
  CHECK(areSame);
}

TEST("a SIP framer gives the same messages when they come byte by byte, and keeps no memory") {
  Framed framed;
  for (const char byte : kInvite + kRinging + kBye) {
    framed.feed(std::string_view(&byte, 1));
  }
  CHECK((framed.texts == Texts{kInvite, kRinging, kBye}));
  CHECK(framed.framer.bufferedBytes() == 0);
  CHECK(framed.framer.isBetweenMessages());
}

TEST("a SIP framer does not copy a message that lies in one chunk") {
  const std::string stream = kInvite + kBye;
  SipFramer framer(SipFramer::Begin::kWithAMessage);
  framer.feed(bytesOf(stream));
  FramedSip message{};
  CHECK(framer.next(message));
  CHECK(message.bytes.data() == bytesOf(stream).data());
  CHECK(framer.next(message));
  CHECK(message.bytes.data() == bytesOf(stream).data() + kInvite.size());
  CHECK(!framer.next(message));
  CHECK(framer.bufferedBytes() == 0);
}

TEST("Content-Length is found in any case, compact, folded, spaced, and stated twice alike") {
  for (const std::string_view lines :
       {"Content-Length: 4\r\n", "CONTENT-LENGTH:4\r\n", "content-length :  4  \r\n", "l:4\r\n",
        "L : 4\r\n", "Content-Length:\r\n 4\r\n", "l:\r\n\t \r\n 0004\r\n", "l: 4\r\nl: 4\r\n",
        "Content-Length: 4\n"}) {
    const std::string message = withHeader(lines, "abcd");
    Framed framed;
    framed.feed(message + kBye);
    CHECK((framed.texts == Texts{message, kBye}));
    CHECK(framed.malformed == 0);
  }
}

TEST("bare LF line ends are as good as CRLF") {
  const std::string message = "OPTIONS sip:bob@example.com SIP/2.0\nCall-ID: a\nl: 4\n\nabcd";
  Framed framed;
  framed.feed(message + kBye);
  CHECK((framed.texts == Texts{message, kBye}));
}

TEST("a field that only looks like Content-Length does not count") {
  const std::string message =
      withHeader("X-Content-Length: 9\r\nl: 2\r\nContent-Lengths: 7\r\n", "ab");
  Framed framed;
  framed.feed(message + kBye);
  CHECK((framed.texts == Texts{message, kBye}));
  CHECK(framed.malformed == 0);
}

TEST("without Content-Length a message has no body and counts as malformed once") {
  for (const std::string_view lines : {"", "l: abc\r\n", "l: -4\r\n", "l:\r\n", "l: 4 4\r\n"}) {
    const std::string header = withHeader(lines, "");
    Framed framed;
    framed.feed(header + "v=0\r\ns=-\r\n" + kBye + kRinging);
    CHECK((framed.texts == Texts{header, kBye, kRinging}));
    CHECK(framed.malformed == 1);
  }
}

TEST("of two different lengths the first one holds, and the message counts as malformed") {
  const std::string message = withHeader("l: 4\r\nContent-Length: 0\r\n", "abcd");
  Framed framed;
  framed.feed(message + kBye);
  CHECK((framed.texts == Texts{message, kBye}));
  CHECK(framed.malformed == 1);
}

TEST("a body over the bound is left out, and the next message found") {
  const std::string header = withHeader("l: " + std::to_string(kMaxSipBodyBytes + 1) + "\r\n", "");
  Framed framed;
  framed.feed(header + std::string(kMaxSipBodyBytes + 1, 'x') + "\r\n" + kBye);
  CHECK((framed.texts == Texts{header + "#", kBye}));
  CHECK(framed.malformed == 1);
  Framed hostile;
  const std::string endless = withHeader("l: 99999999999999999999999999\r\n", "");
  hostile.feed(endless + kBye);
  CHECK((hostile.texts == Texts{endless + "#", kBye}));
}

TEST("a body of the bound and a header just under it are taken") {
  std::string message = withHeader("l: " + std::to_string(kMaxSipBodyBytes) + "\r\nX: ", "");
  message.resize(message.size() - 2);
  message += std::string(kMaxSipHeaderBytes - message.size() - 4, 'y') + "\r\n\r\n";
  CHECK(message.size() == kMaxSipHeaderBytes);
  message += std::string(kMaxSipBodyBytes, 'z');
  Framed framed;
  for (std::size_t at = 0; at < message.size(); at += 1460) {
    framed.feed(message.substr(at, 1460));
  }
  CHECK((framed.texts == Texts{message}));
  CHECK(framed.malformed == 0);
}

TEST("a header that does not end within the bound is passed over with bounded memory") {
  Framed framed;
  framed.feed("INVITE sip:bob@example.com SIP/2.0\r\nX: ");
  std::size_t most = 0;
  for (int i = 0; i < 1000; ++i) {
    framed.feed(std::string(1000, 'x'));
    most = std::max(most, framed.framer.bufferedBytes());
  }
  CHECK(most <= 2 * kMaxSipHeaderBytes + 2000);
  CHECK(framed.texts.empty());
  CHECK(framed.malformed == 1);
  framed.feed("\r\n" + kBye);
  CHECK((framed.texts == Texts{kBye}));
}

TEST("what makes no sense is counted once and passed over, however it is split") {
  const std::string stream = kInvite + "\x01\x02 nonsense\r\nmore of it" + kBye + kRinging;
  for (std::size_t split = 0; split <= stream.size(); ++split) {
    Framed framed;
    framed.feed(stream.substr(0, split)).feed(stream.substr(split));
    CHECK((framed.texts == Texts{kInvite, kBye, kRinging}));
    CHECK(framed.malformed == 1);
  }
}

TEST("a search is not misled by a start line in a body, a Via, or one without a header") {
  const std::string fragment = "SIP/2.0 100 Trying\r\n";
  const std::string stream = "x: SIP/2.0/TCP 10.0.0.1\r\n\r\n" + fragment + kBye;
  for (std::size_t split = 0; split <= stream.size(); ++split) {
    Framed framed(SipFramer::Begin::kAnywhere);
    framed.feed(stream.substr(0, split)).feed(stream.substr(split));
    CHECK((framed.texts == Texts{kBye}));
    CHECK(framed.malformed == 0);
  }
}

TEST("a search finds a request glued to what ends before it") {
  Framed framed(SipFramer::Begin::kAnywhere);
  framed.feed("</presence>" + kBye + "xyz" + kRinging);
  CHECK((framed.texts == Texts{kBye, kRinging}));
}

TEST("a search keeps no more than a start line of what leads nowhere") {
  Framed framed(SipFramer::Begin::kAnywhere);
  for (int i = 0; i < 100; ++i) {
    framed.feed(std::string(1460, 'x'));
    CHECK(framed.framer.bufferedBytes() <= 2 * (kMaxStartLineBytes + 1460));
  }
  framed.feed("\r\n" + kBye);
  CHECK((framed.texts == Texts{kBye}));
}

TEST("a gap inside a body leaves the message whole but for it, and the next one in step") {
  const std::string message = request("INVITE", "1", "0123456789");
  const std::string head = message.substr(0, message.size() - 8);
  Framed framed;
  framed.feed(head).skip(3).feed("56789" + kBye);
  CHECK((framed.texts == Texts{head + "56789#", kBye}));
  CHECK(framed.malformed == 0);
  Framed atEnd;
  const std::string odd = "BYE sip:a SIP/2.0\r\nno header\r\nl: 0\r\n\r\n";  // no search finds it
  atEnd.feed(head).skip(8).feed(odd);
  CHECK((atEnd.texts == Texts{head + "#", odd}));
}

TEST("a gap that reaches beyond a message gives out what there is of it") {
  for (std::size_t split = 1; split < kInvite.size(); ++split) {
    Framed framed;
    framed.feed(kInvite.substr(0, split)).skip(1'000'000).feed("rest of another\r\n" + kBye);
    const bool hasLine = split > kInvite.find('\n') + 1;
    const Texts expected = hasLine ? Texts{kInvite.substr(0, split) + "#", kBye} : Texts{kBye};
    CHECK(framed.texts == expected);
    CHECK(framed.malformed == 0);
  }
}

TEST("the end of the stream gives out an unfinished message, and only that") {
  Framed framed;
  framed.feed(kBye + kInvite.substr(0, kInvite.size() - 1)).finish();
  CHECK((framed.texts == Texts{kBye, kInvite.substr(0, kInvite.size() - 1) + "#"}));
  Framed whole;
  whole.feed(kBye + "\r\n").finish();
  CHECK((whole.texts == Texts{kBye}));
  Framed word;
  word.feed(kBye + "INV").finish();
  CHECK((word.texts == Texts{kBye}));
}

TEST("start lines are told from other protocols by their first bytes") {
  for (const std::string_view line :
       {"INVITE sip:a@b SIP/2.0\r\n", "invite sips:a SIP/2.0\n", "X-NEW tel:+1 SIP/2.0\r\n",
        "REGISTER urn:service:sos sip/2.0\r\n", "SIP/2.0 200 OK\r\n", "sip/2.0 1",
        "!odd-Method0*_+`.%'~ unknown:x SIP/2.0 \r\n"}) {
    CHECK(beginsLikeSip(bytesOf(line)) == Likeness::kYes);
  }
  for (const std::string_view line :
       {"", "I", "SIP", "SIP/2.0", "SIP/2.0 ", "INVITE ", "INVITE si", "INVITE sip:a@b SIP/2.0"}) {
    CHECK(beginsLikeSip(bytesOf(line)) == Likeness::kMaybe);
  }
  for (const std::string_view line :
       {"\x16\x03\x01\x02", "GET / HTTP/1.1\r\n", "HTTP/1.1 200 OK\r\n", "SSH-2.0-OpenSSH_9\r\n",
        "220 mail ESMTP\r\n", "CONNECT a:443 HTTP/1.1\r\n", "DESCRIBE rtsp://a RTSP/1.0\r\n",
        "INVITE sip:a@b SIP/3.0\r\n", "SIP/2.0 OK\r\n", " INVITE sip:a SIP/2.0\r\n", "HEP3\x01\x02",
        "INVITE sip:a@bSIP/2.0\r\n"}) {
    CHECK(beginsLikeSip(bytesOf(line)) == Likeness::kNo);
  }
  CHECK(beginsLikeSip(bytesOf(std::string(65, 'A'))) == Likeness::kNo);
  const std::string endless = "INVITE sip:" + std::string(kMaxStartLineBytes, 'a');
  CHECK(beginsLikeSip(bytesOf(endless)) == Likeness::kNo);
}

TEST("a search that finds nothing says from where on bytes may still matter") {
  const auto keepsFrom = [](std::string_view text) {
    const auto start = findSipStart(bytesOf(text));
    CHECK(!start.isFound);
    return start.position;
  };
  CHECK(keepsFrom("") == 0);
  CHECK(keepsFrom("abc\r\n") == 5);
  CHECK(keepsFrom("abc\r\nINVITE sip") == 5);
  CHECK(keepsFrom("abc\r\nSIP/2.0") == 5);
  CHECK(keepsFrom("abcSIP/2.0 200 OK\r\nVi") == 3);
  CHECK(keepsFrom("abc\nBYE sip:a SIP/2.0\r") == 4);
  CHECK(keepsFrom(std::string(kMaxStartLineBytes + 10, 'a')) == 10);
}

}  // namespace
