// Flows that nothing was said about, until they have shown that they are streams.
#include "rtp/stream_table.hpp"

namespace probe::rtp {
namespace {

// How far a candidate's next packet may be ahead or behind, losses included.
constexpr std::uint16_t kPlausibleStep = 32;

}  // namespace

void StreamTable::accountUnknown(const Fact& fact, const StreamKey& key, bool isMedia) {
  const auto known = candidateOf_.find(fact.hash);
  if (known != candidateOf_.end()) {
    Candidate& candidate = candidates_[known->second];
    if (!isMedia && (!candidate.takes(fact) ||
                     (candidate.count == kHeld && candidate.steps < kConfirmingSteps))) {
      counters_.unconfirmed += candidate.count;
      candidate.restart(fact);
    } else if (isMedia || candidate.steps == kConfirmingSteps) {
      const std::uint32_t index = promote(candidate);
      if (index != kNone) {
        accountTo(index, fact);
      }
    } else {
      candidate.facts[candidate.count++] = fact;
    }
    return;
  }
  if (isMedia) {
    const std::uint32_t index = create(fact, key);
    if (index != kNone) {
      accountTo(index, fact);
    }
    return;
  }
  if (candidates_.size() < settings_.maxCandidates) {
    candidates_.emplace_back();
    nextCandidate_ = candidates_.size() - 1;
  } else {
    nextCandidate_ = (nextCandidate_ + 1) % candidates_.size();
    const Candidate& oldest = candidates_[nextCandidate_];
    if (oldest.count != 0) {
      ++counters_.candidatesEvicted;
      counters_.unconfirmed += oldest.count;
      candidateOf_.erase(oldest.hash);
    }
  }
  Candidate& candidate = candidates_[nextCandidate_];
  candidate.hash = fact.hash;
  candidate.key = key;
  candidate.restart(fact);
  candidateOf_[fact.hash] = static_cast<std::uint32_t>(nextCandidate_);
}

void StreamTable::Candidate::restart(const Fact& fact) noexcept {
  facts[0] = fact;
  count = 1;
  steps = 0;
  highest = fact.sequenceNumber;
  timestamp = fact.timestamp;
}

bool StreamTable::Candidate::takes(const Fact& fact) noexcept {
  const auto step = static_cast<std::uint16_t>(fact.sequenceNumber - highest);
  if (step == 0) {
    return fact.timestamp == timestamp;  // a copy, as mirrors make it
  }
  if (step > kPlausibleStep) {
    return static_cast<std::uint16_t>(-step) <= kPlausibleStep;
  }
  ++steps;
  highest = fact.sequenceNumber;
  timestamp = fact.timestamp;
  return true;
}

std::uint32_t StreamTable::promote(Candidate& candidate) {
  const std::uint32_t index = create(candidate.facts[0], candidate.key);
  if (index != kNone) {
    for (std::uint32_t i = 0; i < candidate.count; ++i) {
      accountTo(index, candidate.facts[i]);
    }
  }
  candidateOf_.erase(candidate.hash);
  candidate.count = 0;
  return index;
}

void StreamTable::giveUp(Candidate& candidate) {
  counters_.unconfirmed += candidate.count;
  candidateOf_.erase(candidate.hash);
  candidate.count = 0;
}

void StreamTable::endCandidates(const EndpointKey& destination, std::size_t atMost,
                                std::vector<std::uint64_t>& made) {
  if (candidateOf_.empty()) {
    return;
  }
  for (Candidate& candidate : candidates_) {
    if (candidate.count == 0 || !(destinationOf(candidate.key) == destination)) {
      continue;
    }
    if (!isNamed(endsOf(candidate.key)) || made.size() >= atMost) {
      giveUp(candidate);
    } else if (promote(candidate) != kNone) {
      made.push_back(candidate.hash);
    }
  }
}

void StreamTable::finish() {
  for (Candidate& candidate : candidates_) {
    if (candidate.count == 0) {
      continue;
    }
    if (isNamed(endsOf(candidate.key))) {
      promote(candidate);
    } else {
      giveUp(candidate);
    }
  }
  candidates_.clear();
  candidateOf_.clear();
  for (std::uint32_t i = 0; i < count_; ++i) {
    at(i).finish();
  }
}

}  // namespace probe::rtp
