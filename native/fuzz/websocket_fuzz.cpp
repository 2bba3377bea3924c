#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "net/websocket.hpp"

namespace {

using probe::Bytes;
using probe::net::kMaxWebSocketMessageBytes;
using probe::net::WebSocketMessage;
using probe::net::WebSocketReader;

struct Result {
  std::vector<std::string> messages;
  std::uint64_t malformed = 0;

  bool operator==(const Result&) const = default;
};

void drain(WebSocketReader& reader, Result& result) {
  WebSocketMessage message{};
  while (reader.next(message)) {
    if (message.payload.size() > kMaxWebSocketMessageBytes) {
      std::abort();
    }
    result.messages.emplace_back(message.payload.begin(), message.payload.end());
    result.messages.back() += message.isTruncated ? '#' : '.';
  }
  result.malformed += reader.takeMalformed();
  if (reader.bufferedBytes() > 2 * kMaxWebSocketMessageBytes) {
    std::abort();
  }
}

// Feeds `bytes` in chunks of `chunkBytes`; every `gapEvery`th one is missing, none if it is 0.
Result readInChunks(Bytes bytes, std::size_t chunkBytes, std::size_t gapEvery,
                    WebSocketReader::Begin begin) {
  WebSocketReader reader(begin);
  Result result;
  for (std::size_t at = 0, chunk = 1; at < bytes.size(); at += chunkBytes, ++chunk) {
    const Bytes part = bytes.subspan(at, std::min(chunkBytes, bytes.size() - at));
    if (gapEvery != 0 && chunk % gapEvery == 0) {
      reader.skip(part.size());
    } else {
      reader.feed(part);
    }
    drain(reader, result);
  }
  reader.finish();
  drain(reader, result);
  return result;
}

}  // namespace

// The first byte chooses the chunks, the second the gaps. A reader that keeps step gives the same
// messages however its bytes are cut; one that lost it may find its way back at another frame.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kChoices = 2;
  if (size < kChoices) {
    return 0;
  }
  const Bytes bytes(data + kChoices, size - kChoices);
  const std::size_t chunkBytes = 1U + data[0];
  const Result whole =
      readInChunks(bytes, std::max<std::size_t>(size, 1), 0, WebSocketReader::Begin::kWithAFrame);
  const Result cut = readInChunks(bytes, chunkBytes, 0, WebSocketReader::Begin::kWithAFrame);
  if (whole.malformed == 0 && !(whole == cut)) {
    std::abort();
  }
  (void)readInChunks(bytes, chunkBytes, data[1], WebSocketReader::Begin::kWithAFrame);
  (void)readInChunks(bytes, chunkBytes, data[1], WebSocketReader::Begin::kAnywhere);
  return 0;
}
