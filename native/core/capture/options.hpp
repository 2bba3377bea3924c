#pragma once

#include <algorithm>
#include <cstdint>

#include "bytes.hpp"
#include "capture/byte_order.hpp"

namespace probe::capture {

// Gives the options of a pcapng block to `take(code, value)` in turn, until their end or until one
// claims more than there is (draft-ietf-opsawg-pcapng section 3.5).
template <typename Take>
void eachOption(Bytes options, ByteOrder order, Take&& take) noexcept {
  constexpr std::uint16_t kOptionEnd = 0;
  constexpr std::size_t kOptionHeaderBytes = 4;
  constexpr std::size_t kOptionAlignment = 4;
  while (options.size() >= kOptionHeaderBytes) {
    const std::uint16_t code = order.load16(options.data());
    const std::size_t length = order.load16(options.data() + 2);
    options = options.subspan(kOptionHeaderBytes);
    if (code == kOptionEnd || length > options.size()) {
      return;
    }
    take(code, options.first(length));
    const std::size_t padded =
        (length + kOptionAlignment - 1) / kOptionAlignment * kOptionAlignment;
    options = options.subspan(std::min(padded, options.size()));
  }
}

}  // namespace probe::capture
