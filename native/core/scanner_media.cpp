// The part of the scan that nearly every frame of a call goes through.
#include "media_fact.hpp"
#include "scanner.hpp"

namespace probe {

// Flattened: whoever is called is inlined, for either address family.
[[gnu::flatten]] void Scanner::scanMedia(capture::Reader& reader, std::size_t mostFacts,
                                         Batch& batch) {
  capture::RecordWalk records = reader.walk();
  if (!reader.isWalkable() || !records.order.isNative() ||
      records.linkType != net::kLinkTypeEthernet || counters_.frames == 0) {
    return;
  }
  records.order = capture::ByteOrder::native();  // said once more, so that no load asks
  FactSupply supply{.seed = seed_, .ipv6 = batch.ipv6.get(), .ipv6Count = batch.ipv6Count};
  rtp::Fact* const first = batch.facts.get() + batch.factCount;
  const rtp::Fact* const end = batch.facts.get() + mostFacts;
  rtp::Fact* fact = first;
  auto frameInBatch = static_cast<std::uint32_t>(counters_.frames - batch.firstFrame);
  std::uint64_t wireBytes = 0;
  std::uint64_t cutFrames = 0;
  for (capture::RecordWalk next = records; fact < end; records = next) {
    capture::Frame frame{};
    if (!next.next(frame) || !takeMedia(frame, frameInBatch, supply, *fact)) {
      break;
    }
    ++fact;
    ++frameInBatch;
    wireBytes += frame.wireLength;
    cutFrames += frame.bytes.size() < frame.wireLength ? 1U : 0U;
  }
  const auto frames = static_cast<std::uint64_t>(fact - first);
  if (frames == 0) {
    return;
  }
  reader.rejoin(records, frames);
  batch.factCount += frames;
  batch.ipv6Count = supply.ipv6Count;
  counters_.frames += frames;
  counters_.wireBytes += wireBytes;
  counters_.cutFrames += cutFrames;
  counters_.lastFrameNs = fact[-1].atNs;
}

void Scanner::scan(const capture::Frame& frame, Batch& batch) {
  batch_ = &batch;
  if (counters_.frames == 0) [[unlikely]] {
    counters_.firstFrameNs = frame.atNs;
  }
  counters_.lastFrameNs = frame.atNs;
  ++counters_.frames;
  counters_.wireBytes += frame.wireLength;
  counters_.cutFrames += frame.bytes.size() < frame.wireLength ? 1U : 0U;
  FactSupply supply{.seed = seed_, .ipv6 = batch.ipv6.get(), .ipv6Count = batch.ipv6Count};
  if (frame.linkType == net::kLinkTypeEthernet &&
      takeMedia(frame, static_cast<std::uint32_t>(counters_.frames - 1 - batch.firstFrame), supply,
                batch.facts[batch.factCount])) {
    ++batch.factCount;
    batch.ipv6Count = supply.ipv6Count;
    return;
  }
  scanSlowly(frame);
}

}  // namespace probe
