#include "net/stream_reader.hpp"

#include "net/sip_start.hpp"

namespace probe::net {

void StreamReader::expect(Content content, const Arrival& arrival, const Outlet& outlet) {
  if (content_ != Content::kUndecided) {
    return;
  }
  content_ = content;
  if (!hints_.isFirstByte || content == Content::kWebSocket) {
    framer_ = SipFramer(SipFramer::Begin::kAnywhere);
    frames_ = WebSocketReader(WebSocketReader::Begin::kAnywhere);
  }
  std::vector<std::uint8_t> opening;
  opening.swap(opening_);
  readContent(opening, arrival, outlet);
}

void StreamReader::read(Bytes bytes, const Arrival& arrival, const Outlet& outlet) {
  if (content_ == Content::kUndecided) {
    readOpening(bytes, arrival, outlet);
  } else {
    readContent(bytes, arrival, outlet);
  }
}

void StreamReader::skip(std::uint64_t missingBytes, const Arrival& arrival, const Outlet& outlet) {
  switch (content_) {
    case Content::kUndecided:
      skipOpening(missingBytes);
      break;
    case Content::kSip:
      framer_.skip(missingBytes);
      break;
    case Content::kWebSocket:
      frames_.skip(missingBytes);
      break;
    case Content::kForeign:
      break;
  }
  handOut(arrival, outlet);
}

bool StreamReader::isBetweenMessages() const noexcept {
  return opening_.empty() && framer_.isBetweenMessages() && frames_.isBetweenMessages();
}

void StreamReader::readOpening(Bytes bytes, const Arrival& arrival, const Outlet& outlet) {
  if (opening_.empty()) {
    bytes = withoutKeepAlives(bytes);
  } else {
    opening_.insert(opening_.end(), bytes.begin(), bytes.end());
    bytes = opening_;
  }
  if (bytes.empty()) {
    return;
  }
  const Opening opening = identifyOpening(bytes, hints_);
  content_ = opening.content;
  if (content_ == Content::kUndecided) {
    if (opening_.empty()) {
      opening_.assign(bytes.begin(), bytes.end());
    }
    return;
  }
  std::vector<std::uint8_t> keep;
  keep.swap(opening_);
  readContent(bytes.subspan(opening.headerBytes), arrival, outlet);
}

void StreamReader::readContent(Bytes bytes, const Arrival& arrival, const Outlet& outlet) {
  if (content_ == Content::kSip) {
    framer_.feed(bytes);
  } else if (content_ == Content::kWebSocket) {
    frames_.feed(bytes);
  }
  handOut(arrival, outlet);
}

// A start line that is cut off still tells that this is SIP; otherwise what follows may.
void StreamReader::skipOpening(std::uint64_t missingBytes) {
  if (missingBytes == 0) {
    return;
  }
  if (beginsWithKnownStart(opening_) == Likeness::kYes) {
    content_ = Content::kSip;
    framer_ = SipFramer(SipFramer::Begin::kAnywhere);
  }
  hints_.isFirstByte = false;
  std::vector<std::uint8_t>().swap(opening_);
}

void StreamReader::handOut(const Arrival& arrival, const Outlet& outlet) {
  if (content_ == Content::kSip) {
    handOutSip(arrival, outlet);
  } else if (content_ == Content::kWebSocket) {
    handOutWebSocket(arrival, outlet);
  }
}

void StreamReader::handOutSip(const Arrival& arrival, const Outlet& outlet) {
  FramedSip message{};
  while (framer_.next(message)) {
    outlet.sink.onSipMessage(outlet.path, Transport::kTcp, arrival.atNs, arrival.frameIndex,
                             message.bytes, message.isTruncated);
  }
  outlet.counters.malformedMessages += framer_.takeMalformed();
}

// Over WebSocket a message is a message, whatever its Content-Length (RFC 7118 section 4.2).
void StreamReader::handOutWebSocket(const Arrival& arrival, const Outlet& outlet) {
  WebSocketMessage message{};
  while (frames_.next(message)) {
    const Bytes sip = withoutKeepAlives(message.payload);
    if (beginsLikeSip(sip) == Likeness::kYes) {
      outlet.sink.onSipMessage(outlet.path, Transport::kWebSocket, arrival.atNs, arrival.frameIndex,
                               sip, message.isTruncated);
    } else if (!sip.empty() && !message.isTruncated) {
      ++outlet.counters.malformedMessages;
    }
  }
  outlet.counters.malformedMessages += frames_.takeMalformed();
}

}  // namespace probe::net
