#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "net/tcp_table.hpp"

namespace {

using probe::Bytes;
using probe::net::MessageSink;
using probe::net::Packet;
using probe::net::Path;
using probe::net::TcpLimits;
using probe::net::TcpTable;
using probe::net::Transport;

constexpr TcpLimits kLimits = {.connections = 3,
                               .bufferedBytes = 4096,
                               .heldBytes = 1024,
                               .heldSegments = 8,
                               .holeAgeNs = 50,
                               .idleNs = 1000,
                               .examinedSegments = 4};

class Reader final : public MessageSink {
 public:
  void onSipMessage(const Path& path, Transport transport, std::int64_t atNs,
                    std::uint64_t frameIndex, Bytes message, bool truncated) override {
    if (message.empty() || path.protocol != probe::net::kProtocolTcp ||
        transport == Transport::kUdp || frameIndex > lastFrame) {
      std::abort();
    }
    // Reads every byte, so that one that is not there any more is found.
    for (const std::uint8_t byte : message) {
      sum += byte;
    }
    sum += static_cast<std::uint64_t>(atNs) + (truncated ? 1 : 0);
  }

  std::uint64_t sum = 0;
  std::uint64_t lastFrame = 0;
};

// Takes numbers off the front of the input; zeros behind its end.
class Input {
 public:
  explicit Input(Bytes bytes) : rest_(bytes) {}

  std::uint8_t byte() {
    if (rest_.empty()) {
      return 0;
    }
    const std::uint8_t value = rest_.front();
    rest_ = rest_.subspan(1);
    return value;
  }
  Bytes bytes(std::size_t count) {
    const Bytes taken = rest_.first(std::min(count, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  [[nodiscard]] bool isEmpty() const { return rest_.empty(); }

 private:
  Bytes rest_;
};

Path pathOf(std::uint8_t who) {
  Path path{};
  path.family = probe::net::Family::kIpv4;
  path.protocol = probe::net::kProtocolTcp;
  path.source[0] = 1;
  path.destination[0] = 2;
  path.sourcePort = static_cast<std::uint16_t>(1000 + (who >> 1U & 3U));
  path.destinationPort = 5060;
  if ((who & 1U) != 0) {
    std::swap(path.source, path.destination);
    std::swap(path.sourcePort, path.destinationPort);
  }
  return path;
}

// What each sender is at, so that the input needs to say only how far off a segment is.
struct Sender {
  std::uint32_t next = 0xFFFFFF00;
};

}  // namespace

// A segment is: who, flags, a signed step off the expected number (times 2^16 where bit 7 of the
// flags is set), the time since the last one, how much was cut off, its length, its payload.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  TcpTable table(size, kLimits);
  Reader reader;
  Input input(Bytes(data, size));
  std::array<Sender, 8> senders{};
  std::int64_t atNs = 0;
  while (!input.isEmpty()) {
    const std::uint8_t who = input.byte() & 7U;
    const std::uint8_t flags = input.byte();
    const auto step = static_cast<std::int8_t>(input.byte());
    const auto offset = static_cast<std::uint32_t>(step) * ((flags & 0x80U) != 0 ? 0x10000U : 1U);
    atNs += static_cast<std::int8_t>(input.byte());
    const std::uint32_t cutBytes = input.byte();
    const Bytes payload = input.bytes(input.byte());
    Sender& sender = senders[who];
    const Packet packet{.path = pathOf(who),
                        .payload = payload,
                        .payloadWireBytes = static_cast<std::uint32_t>(payload.size()) + cutBytes,
                        .ipBytes = 0,
                        .sequence = sender.next + offset,
                        .tcpFlags = static_cast<std::uint8_t>(flags & 0x1FU)};
    sender.next += static_cast<std::uint32_t>(payload.size()) + cutBytes + ((flags & 2U) >> 1U);
    ++reader.lastFrame;
    table.push(packet, atNs, reader.lastFrame, reader);
    if (table.bufferedBytes() > kLimits.bufferedBytes ||
        table.connections() > kLimits.connections) {
      std::abort();
    }
  }
  table.finish(reader);
  if (table.bufferedBytes() != 0 || table.connections() != 0) {
    std::abort();
  }
  return 0;
}
