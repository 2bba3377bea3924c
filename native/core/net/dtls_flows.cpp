#include "net/dtls_flows.hpp"

namespace probe::net {

void DtlsFlows::noteHandshake(const Path& path) {
  std::uint32_t row = index_.find(path);
  if (row == PathIndex::kNone) {
    if (left_.size() < kMaxFlows) {
      row = static_cast<std::uint32_t>(left_.size());
      left_.emplace_back();
    } else {
      row = oldest_;
      oldest_ = static_cast<std::uint32_t>((oldest_ + 1) % kMaxFlows);
      index_.erase(row);
    }
    index_.insert(path, row);
  }
  left_[row] = Left{};
}

DtlsFlows::Verdict DtlsFlows::judge(const Path& path, Content content) noexcept {
  const std::uint32_t row = index_.find(path);
  if (row == PathIndex::kNone) {
    return Verdict::kUnknownFlow;
  }
  Left& left = left_[row];
  std::uint8_t& count = content == Content::kHandshake ? left.handshake : left.application;
  if (count == 0) {
    return Verdict::kEnough;
  }
  --count;
  return Verdict::kHandOut;
}

}  // namespace probe::net
