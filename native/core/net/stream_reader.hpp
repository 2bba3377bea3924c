#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bytes.hpp"
#include "net/message_sink.hpp"
#include "net/segment_buffer.hpp"
#include "net/sip_framer.hpp"
#include "net/stream_opening.hpp"
#include "net/tcp_counters.hpp"
#include "net/websocket.hpp"

namespace probe::net {

// Where a stream's messages go to, and whose they are. Borrows all three.
struct Outlet {
  const Path& path;
  MessageSink& sink;
  TcpCounters& counters;
};

// Reads one direction's bytes, in order: finds out what they carry and hands out the SIP in them.
class StreamReader {
 public:
  explicit StreamReader(OpeningHints hints) noexcept : hints_(hints) {}

  [[nodiscard]] Content content() const noexcept { return content_; }
  // Takes the word of the other direction, or of who looked ahead, on what this one carries.
  void expect(Content content, const Arrival& arrival, const Outlet& outlet);
  // The other direction asked for a WebSocket with SIP; the answer to it is awaited here.
  void expectSwitch() noexcept { hints_.awaitsSwitch = true; }

  // `arrival` is when the last of the bytes was there, with all before them.
  void read(Bytes bytes, const Arrival& arrival, const Outlet& outlet);
  // So many bytes are missing here.
  void skip(std::uint64_t missingBytes, const Arrival& arrival, const Outlet& outlet);
  // Nothing follows: what is left of a message is handed out.
  void finish(const Arrival& arrival, const Outlet& outlet) { skip(UINT64_MAX, arrival, outlet); }

  // Whether no part of a message is held.
  [[nodiscard]] bool isBetweenMessages() const noexcept;
  [[nodiscard]] std::size_t bufferedBytes() const noexcept {
    return opening_.capacity() + framer_.bufferedBytes() + frames_.bufferedBytes();
  }

 private:
  void readOpening(Bytes bytes, const Arrival& arrival, const Outlet& outlet);
  void skipOpening(std::uint64_t missingBytes);
  void readContent(Bytes bytes, const Arrival& arrival, const Outlet& outlet);
  void handOutSip(const Arrival& arrival, const Outlet& outlet);
  void handOutWebSocket(const Arrival& arrival, const Outlet& outlet);
  void handOut(const Arrival& arrival, const Outlet& outlet);

  OpeningHints hints_;
  Content content_ = Content::kUndecided;
  std::vector<std::uint8_t> opening_;  // first bytes that do not tell yet
  SipFramer framer_{SipFramer::Begin::kWithAMessage};
  WebSocketReader frames_{WebSocketReader::Begin::kWithAFrame};
};

}  // namespace probe::net
