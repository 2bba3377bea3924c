#pragma once

#include <cstdint>
#include <vector>

#include "engine.hpp"

// What an engine counted, as numbers.
namespace probe::addon {

// All counters in the order that `src/native/engine.ts` reads them.
inline std::vector<double> counterRow(const Engine& engine) {
  const auto& scan = engine.scanner().counters();
  const auto& decoder = engine.scanner().decoderCounters();
  const auto& tcp = engine.scanner().tcpCounters();
  const auto& table = engine.streams().counters();
  std::vector<double> all;
  for (const std::uint64_t count : {scan.frames,
                                    scan.wireBytes,
                                    table.packets,
                                    scan.rtcp,
                                    scan.rtcpEncrypted,
                                    scan.sip,
                                    scan.dtls,
                                    scan.stun,
                                    scan.turnChannelData,
                                    scan.fragments,
                                    scan.ignored,
                                    table.unconfirmed,
                                    scan.malformedRtp,
                                    scan.malformedRtcp,
                                    tcp.malformedMessages,
                                    tcp.bytesSkipped,
                                    decoder.fragmentsEvicted,
                                    tcp.connectionsEvicted,
                                    table.candidatesEvicted,
                                    table.streamsRefused,
                                    table.endpointsRefused,
                                    scan.sipsHandshakes,
                                    scan.cutFrames}) {
    all.push_back(static_cast<double>(count));
  }
  for (const std::uint64_t count : decoder.malformed) {
    all.push_back(static_cast<double>(count));
  }
  all.push_back(static_cast<double>(scan.firstFrameNs) / 1e6);
  all.push_back(static_cast<double>(scan.lastFrameNs) / 1e6);
  return all;
}

// [problem, offset, value, frames, bytesRead, errno, isBlocks, interfaces, linkType, snapLength,
// ticksPerSecond, dropped or -1] for each input.
inline std::vector<double> inputRows(const Engine& engine) {
  std::vector<double> all;
  for (const auto& input : engine.inputs()) {
    const auto& reader = input.reader();
    const auto origin = reader.origin();
    all.insert(
        all.end(),
        {static_cast<double>(reader.problem()), static_cast<double>(reader.problemOffset()),
         static_cast<double>(reader.problemValue()), static_cast<double>(reader.frames()),
         static_cast<double>(input.bytesRead()), static_cast<double>(input.readError()),
         origin.isBlocks ? 1.0 : 0.0, static_cast<double>(origin.interfaces),
         static_cast<double>(origin.linkType), static_cast<double>(origin.snapLength),
         origin.ticksPerSecond, origin.dropped ? static_cast<double>(*origin.dropped) : -1.0});
  }
  return all;
}

}  // namespace probe::addon
