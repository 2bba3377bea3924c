#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "bytes.hpp"
#include "rtcp/decode.hpp"
#include "rtcp/framing.hpp"
#include "rtcp/record.hpp"

namespace probe::rtcp {

// What decoding one datagram gathers.
class Gathering {
 public:
  explicit Gathering(std::vector<Record>& records) noexcept
      : records_(records), before_(records.size()) {}

  // The new record to fill in, or nothing where the datagram has had its share.
  Record* append(RecordKind kind, std::uint8_t packetType, std::uint32_t senderSsrc,
                 std::uint32_t subjectSsrc) {
    if (records_.size() - before_ == kMaxRecordsPerDatagram) {
      ++outcome.droppedRecords;
      return nullptr;
    }
    records_.push_back({kind, packetType, senderSsrc, subjectSsrc});
    return &records_.back();
  }

  Outcome outcome{};
  bool malformed = false;

 private:
  std::vector<Record>& records_;
  std::size_t before_;
};

// One packet of a plain compound: what was captured of it, without padding. Offsets count from its
// first byte; a read must lie within what reaches() has confirmed.
class Packet {
 public:
  // `header.length` is without padding; fewer `bytes` are there only if the capture cut the packet.
  Packet(const Header& header, Bytes bytes, std::size_t begin, Gathering& gathering) noexcept
      : header_(header), bytes_(bytes), begin_(begin), gathering_(gathering) {}

  [[nodiscard]] std::size_t count() const noexcept { return header_.count; }
  [[nodiscard]] std::size_t length() const noexcept { return header_.length; }
  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }
  [[nodiscard]] bool isCut() const noexcept { return bytes_.size() < header_.length; }

  // Whether the packet reaches to `end`. If not, it is malformed, unless only the capture cut it.
  bool reaches(std::size_t end) noexcept {
    const bool does = end <= bytes_.size();
    gathering_.malformed = gathering_.malformed || (!does && !isCut());
    return does;
  }

  [[nodiscard]] std::uint8_t byte(std::size_t offset) const noexcept { return bytes_[offset]; }
  [[nodiscard]] std::uint16_t half(std::size_t offset) const noexcept {
    return load16be(bytes_.data() + offset);
  }
  [[nodiscard]] std::uint32_t threeBytes(std::size_t offset) const noexcept {
    return load24be(bytes_.data() + offset);
  }
  [[nodiscard]] std::uint32_t word(std::size_t offset) const noexcept {
    return load32be(bytes_.data() + offset);
  }
  [[nodiscard]] std::uint32_t senderSsrc() const noexcept { return word(kHeaderBytes); }

  // Where `offset` lies in the payload.
  [[nodiscard]] double inPayload(std::size_t offset) const noexcept {
    return static_cast<double>(begin_ + offset);
  }

  Record* append(RecordKind kind, std::uint32_t subjectSsrc) {
    return gathering_.append(kind, header_.type, senderSsrc(), subjectSsrc);
  }
  void setMalformed() noexcept { gathering_.malformed = true; }
  void countSkippedBlock() noexcept { ++gathering_.outcome.skippedBlocks; }

 private:
  Header header_;
  Bytes bytes_;
  std::size_t begin_;
  Gathering& gathering_;
};

// A field of 8 bits that stands for a share of 256.
[[nodiscard]] inline double shareOf256(std::uint8_t field) noexcept {
  return field / 256.0;
}

[[nodiscard]] inline double knownOr(bool isKnown, double value) noexcept {
  return isKnown ? value : std::numeric_limits<double>::quiet_NaN();
}

// Records the blocks of an XR packet (RFC 3611).
void takeExtendedReport(Packet& packet);

}  // namespace probe::rtcp
