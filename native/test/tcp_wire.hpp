#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "net/tcp_table.hpp"

// Hand-built TCP traffic, and a sink that keeps what comes out of it.
namespace probe::test {

constexpr unsigned kFin = 1;
constexpr unsigned kSyn = 2;
constexpr unsigned kRst = 4;
constexpr unsigned kPsh = 8;
constexpr unsigned kAck = 16;
constexpr std::int64_t kSecondNs = 1'000'000'000;

inline Bytes bytesOf(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string textOf(Bytes bytes) {
  return {bytes.begin(), bytes.end()};
}

struct Message {
  std::string text;
  bool isTruncated = false;
  std::uint16_t sourcePort = 0;
  net::Transport transport = net::Transport::kTcp;
  std::int64_t atNs = 0;
  std::uint64_t frameIndex = 0;

  bool operator==(const Message&) const = default;
};

class Collector final : public net::MessageSink {
 public:
  void onSipMessage(const net::Path& path, net::Transport transport, std::int64_t atNs,
                    std::uint64_t frameIndex, Bytes message, bool truncated) override {
    messages.push_back({textOf(message), truncated, path.sourcePort, transport, atNs, frameIndex});
  }

  [[nodiscard]] std::vector<std::string> texts() const {
    std::vector<std::string> all;
    for (const Message& message : messages) {
      all.push_back(message.text);
    }
    return all;
  }

  std::vector<Message> messages;
};

inline net::Path pathBetween(std::uint32_t source, std::uint16_t sourcePort,
                             std::uint32_t destination, std::uint16_t destinationPort) {
  const auto address = [](std::uint32_t host) {
    return net::Address{static_cast<std::uint8_t>(host >> 24U),
                        static_cast<std::uint8_t>(host >> 16U),
                        static_cast<std::uint8_t>(host >> 8U), static_cast<std::uint8_t>(host)};
  };
  return {.source = address(source),
          .destination = address(destination),
          .sourcePort = sourcePort,
          .destinationPort = destinationPort,
          .family = net::Family::kIpv4,
          .protocol = net::kProtocolTcp};
}

constexpr std::uint32_t kClient = 0x0A000001;
constexpr std::uint32_t kServer = 0x0A000002;
constexpr std::uint16_t kClientPort = 40000;
constexpr std::uint16_t kServerPort = 5060;

// One connection seen by a table. Every segment is a frame of its own, a millisecond after the
// last one unless the clock is moved.
class Wire {
 public:
  explicit Wire(net::TcpTable& to, std::uint16_t clientPort = kClientPort)
      : table(to), clientPort_(clientPort) {}

  void client(std::uint32_t sequence, std::string_view payload, unsigned flags = kAck,
              std::uint32_t cutBytes = 0) {
    push(pathBetween(kClient, clientPort_, kServer, kServerPort), sequence, payload, flags,
         cutBytes);
  }
  void server(std::uint32_t sequence, std::string_view payload, unsigned flags = kAck,
              std::uint32_t cutBytes = 0) {
    push(pathBetween(kServer, kServerPort, kClient, clientPort_), sequence, payload, flags,
         cutBytes);
  }
  // The client's first byte is at `clientIsn` + 1, the server's at `serverIsn` + 1.
  void handshake(std::uint32_t clientIsn, std::uint32_t serverIsn) {
    client(clientIsn, "", kSyn);
    server(serverIsn, "", kSyn | kAck);
    client(clientIsn + 1, "");
  }
  void finish() { table.finish(sink); }

  net::TcpTable& table;
  Collector sink;
  std::int64_t atNs = 1'700'000'000 * kSecondNs;
  std::uint64_t frameIndex = 0;

 private:
  void push(const net::Path& path, std::uint32_t sequence, std::string_view payload, unsigned flags,
            std::uint32_t cutBytes) {
    atNs += 1'000'000;
    ++frameIndex;
    const auto wireBytes = static_cast<std::uint32_t>(payload.size()) + cutBytes;
    table.push({.path = path,
                .payload = bytesOf(payload),
                .payloadWireBytes = wireBytes,
                .ipBytes = wireBytes + 40,
                .sequence = sequence,
                .tcpFlags = static_cast<std::uint8_t>(flags)},
               atNs, frameIndex, sink);
  }

  std::uint16_t clientPort_;
};

// A request that is told from others by `branch`, with `body` as its body.
inline std::string request(std::string_view method, std::string_view branch,
                           std::string_view body = "") {
  std::string text(method);
  text += " sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/TCP 10.0.0.1;branch=z9hG4bK";
  text += branch;
  text += "\r\nCall-ID: a@example.com\r\nCSeq: 1 ";
  text += method;
  text += "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  return text += body;
}

inline std::string response(std::string_view status, std::string_view branch,
                            std::string_view body = "") {
  std::string text = "SIP/2.0 ";
  text += status;
  text += "\r\nVia: SIP/2.0/TCP 10.0.0.1;branch=z9hG4bK";
  text += branch;
  text += "\r\nCall-ID: a@example.com\r\nCSeq: 1 INVITE\r\nl: " + std::to_string(body.size());
  return (text += "\r\n\r\n") += body;
}

// What a message without its end, or with a hole, is written as here.
inline std::vector<std::string> marked(const Collector& sink) {
  std::vector<std::string> all;
  for (const Message& message : sink.messages) {
    all.push_back(message.text + (message.isTruncated ? "#" : ""));
  }
  return all;
}

// `text` cut in `count` segments of nearly the same length.
inline std::vector<std::string> cut(const std::string& text, std::size_t count) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t from = text.size() * i / count;
    parts.push_back(text.substr(from, text.size() * (i + 1) / count - from));
  }
  return parts;
}

constexpr std::uint8_t kFinalText = 0x81;  // FIN and the opcode of a text frame

// A frame of RFC 6455 section 5.2, with the shortest form of its length.
inline std::string frame(std::uint8_t first, std::string_view payload, bool isMasked,
                         std::uint32_t key = 0x37FA213D) {
  const unsigned mask = isMasked ? 0x80U : 0U;
  const auto byte = [](auto value) { return static_cast<char>(value & 0xFFU); };
  std::string text(1, byte(first));
  if (payload.size() < 126) {
    text += byte(mask | payload.size());
  } else if (payload.size() < 65'536) {
    text += {byte(mask | 126U), byte(payload.size() >> 8U), byte(payload.size())};
  } else {
    text += byte(mask | 127U);
    for (unsigned shift = 64; shift != 0; shift -= 8) {
      text += byte(payload.size() >> (shift - 8));
    }
  }
  if (!isMasked) {
    return text.append(payload);
  }
  const std::array<char, 4> keyBytes = {byte(key >> 24U), byte(key >> 16U), byte(key >> 8U),
                                        byte(key)};
  text.append(keyBytes.begin(), keyBytes.end());
  for (std::size_t i = 0; i < payload.size(); ++i) {
    text += static_cast<char>(payload[i] ^ keyBytes[i % keyBytes.size()]);
  }
  return text;
}

}  // namespace probe::test
