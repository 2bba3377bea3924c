#pragma once

#include <cstdint>

#include "bytes.hpp"
#include "net/packet.hpp"

namespace probe::net {

enum class Transport : std::uint8_t { kUdp, kTcp, kWebSocket };

// Takes whole SIP messages as they are found. Borrowed bytes: copy what is kept.
class MessageSink {
 public:
  MessageSink() = default;
  MessageSink(const MessageSink&) = delete;
  MessageSink& operator=(const MessageSink&) = delete;
  virtual ~MessageSink() = default;
  // `frameIndex` and `atNs` are those of the frame that completed the message. `truncated`: bytes
  // are missing at its end or inside it (snap length, lost segments).
  virtual void onSipMessage(const Path& path, Transport transport, std::int64_t atNs,
                            std::uint64_t frameIndex, Bytes message, bool truncated) = 0;
};

}  // namespace probe::net
