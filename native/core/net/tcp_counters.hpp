#pragma once

#include <cstdint>

namespace probe::net {

struct TcpCounters {
  std::uint64_t connectionsEvicted;  // table full or idle
  std::uint64_t bytesSkipped;        // missing segments given up, or buffers over their limit
  std::uint64_t malformedMessages;   // SIP or WebSocket framing that made no sense
};

}  // namespace probe::net
