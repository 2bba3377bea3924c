#include "net/tcp_stream.hpp"

#include <algorithm>
#include <utility>

#include "net/sip_start.hpp"
#include "net/websocket.hpp"

namespace probe::net {
namespace {

// How far apart two instants are, also where the difference would overflow.
std::uint64_t distance(std::int64_t a, std::int64_t b) noexcept {
  const auto low = static_cast<std::uint64_t>(std::min(a, b));
  return static_cast<std::uint64_t>(std::max(a, b)) - low;
}

bool beginsMessage(Bytes bytes, Content content) noexcept {
  return content == Content::kWebSocket ? beginsWithSipFrame(bytes)
                                        : beginsLikeSip(bytes) == Likeness::kYes;
}

}  // namespace

void TcpStream::push(const Segment& segment, const Outlet& outlet) {
  Place place = segments_.place(segment.sequence, segment.wireBytes());
  if (place == Place::kFar && followFar(segment, outlet)) {
    place = segments_.place(segment.sequence, segment.wireBytes());
  }
  if (place == Place::kOld || place == Place::kFar) {
    return;
  }
  if (place == Place::kNext && segments_.isEmpty()) {
    const std::uint32_t known = segments_.next() - segment.sequence;
    const std::uint32_t fresh = segment.wireBytes() - known;
    const Bytes bytes = segment.bytes.subspan(std::min<std::size_t>(known, segment.bytes.size()));
    segments_.advance(fresh);
    read(bytes, fresh - static_cast<std::uint32_t>(bytes.size()), segment.arrival, outlet);
    return;
  }
  segments_.hold(segment);
  readHeld(outlet);
  while (segments_.heldBytes() > limits_.heldBytes ||
         segments_.heldSegments() > limits_.heldSegments) {
    skip(segments_.skipHole(), outlet);
  }
}

void TcpStream::close(std::uint32_t sequence, const Arrival& arrival) {
  if (!end_ && segments_.place(sequence, 0) != Place::kFar) {
    end_ = sequence;
    endSeenNs_ = arrival.atNs;
  }
}

void TcpStream::giveUpOldHoles(std::int64_t nowNs, const Outlet& outlet) {
  while (hasOldHole(nowNs)) {
    giveUpFirstHole(outlet);
  }
}

void TcpStream::giveUpHoles(const Outlet& outlet) {
  while (isWaiting()) {
    giveUpFirstHole(outlet);
  }
}

void TcpStream::finish(const Outlet& outlet) {
  giveUpHoles(outlet);
  reader_.finish(available_, outlet);
}

bool TcpStream::isClosed() const noexcept {
  return end_ && static_cast<std::int32_t>(*end_ - segments_.next()) <= 0;
}

// What fills a hole bit by bit, as a sender that recovers does, keeps it open.
std::int64_t TcpStream::waitingSinceNs() const noexcept {
  const std::int64_t shown = !segments_.isEmpty() ? segments_.front().arrival.atNs
                             : stray_             ? stray_->arrival.atNs
                                                  : endSeenNs_;
  return std::max(shown, available_.atNs);
}

// A clock that was set back counts like one that went on.
bool TcpStream::hasOldHole(std::int64_t nowNs) const noexcept {
  return isWaiting() &&
         distance(nowNs, waitingSinceNs()) > static_cast<std::uint64_t>(limits_.holeAgeNs);
}

std::size_t TcpStream::bufferedBytes() const noexcept {
  return segments_.bufferedBytes() + reader_.bufferedBytes() +
         (stray_ ? stray_->bytes.capacity() : 0);
}

void TcpStream::read(Bytes bytes, std::uint32_t cutBytes, const Arrival& arrival,
                     const Outlet& outlet) {
  if (arrival.frameIndex >= available_.frameIndex) {
    available_ = arrival;
  }
  reader_.read(bytes, available_, outlet);
  if (cutBytes != 0) {
    outlet.counters.bytesSkipped += cutBytes;
    reader_.skip(cutBytes, available_, outlet);
  }
}

void TcpStream::readHeld(const Outlet& outlet) {
  while (const HeldSegment* held = segments_.ready()) {
    read(held->bytes, held->cutBytes, held->arrival, outlet);
    segments_.pop();
  }
}

// A hole is before what is held, before a stray segment, or before the end.
void TcpStream::giveUpFirstHole(const Outlet& outlet) {
  if (!segments_.isEmpty()) {
    skip(segments_.skipHole(), outlet);
  } else if (stray_) {
    resolveStray(outlet);
  } else {
    const std::uint32_t missing = *end_ - segments_.next();
    segments_.advance(missing);
    skip(missing, outlet);
  }
}

void TcpStream::skip(std::uint32_t missing, const Outlet& outlet) {
  outlet.counters.bytesSkipped += missing;
  reader_.skip(missing, available_, outlet);
  readHeld(outlet);
}

// A segment from far off is followed at once when it begins a message and none is under way, else
// when the next one continues it, or when nothing else came for as long as a hole may last. Its
// own distance is not counted as skipped: nothing tells that those bytes were ever sent. Returns
// whether the stream is now where `segment` can be placed.
bool TcpStream::followFar(const Segment& segment, const Outlet& outlet) {
  if (stray_ && segment.sequence == stray_->sequence) {
    return false;
  }
  if (stray_ && segment.sequence == stray_->end()) {
    jumpToStray(outlet);
    return true;
  }
  if (reader_.isBetweenMessages() && beginsMessage(segment.bytes, reader_.content())) {
    jump(segment.sequence, outlet);
    return true;
  }
  dropStray(outlet);
  stray_ =
      HeldSegment{.sequence = segment.sequence,
                  .cutBytes = segment.cutBytes,
                  .arrival = segment.arrival,
                  .bytes = std::vector<std::uint8_t>(segment.bytes.begin(), segment.bytes.end())};
  return false;
}

// Leaves everything behind and goes on elsewhere in the sequence space.
void TcpStream::jump(std::uint32_t sequence, const Outlet& outlet) {
  while (!segments_.isEmpty()) {
    skip(segments_.skipHole(), outlet);
  }
  reader_.skip(UINT64_MAX, available_, outlet);
  segments_ = SegmentBuffer(sequence);
  end_.reset();
  dropStray(outlet);
}

void TcpStream::jumpToStray(const Outlet& outlet) {
  const HeldSegment stray = std::move(*stray_);
  stray_.reset();
  jump(stray.end(), outlet);
  read(stray.bytes, stray.cutBytes, stray.arrival, outlet);
}

void TcpStream::dropStray(const Outlet& outlet) {
  if (stray_) {
    outlet.counters.bytesSkipped += stray_->bytes.size();
    stray_.reset();
  }
}

void TcpStream::resolveStray(const Outlet& outlet) {
  const bool streamWentOn = available_.frameIndex > stray_->arrival.frameIndex;
  if (streamWentOn) {
    dropStray(outlet);
  } else {
    jumpToStray(outlet);
  }
}

}  // namespace probe::net
