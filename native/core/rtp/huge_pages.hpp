#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>

namespace probe::rtp {

constexpr std::size_t kHugePage = 2UL * 1024 * 1024;

// Memory in whole huge pages where the system has them: with many streams the translation of their
// addresses costs more than their data. Null when there is none; given back with std::free().
[[nodiscard]] inline void* allocateHugePages(std::size_t bytes) noexcept {
  const std::size_t whole = (bytes + kHugePage - 1) / kHugePage * kHugePage;
  // NOLINTNEXTLINE(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory): as it is named
  void* const memory = std::aligned_alloc(kHugePage, whole);
#ifdef MADV_HUGEPAGE
  if (memory != nullptr) {
    ::madvise(memory, whole, MADV_HUGEPAGE);
  }
#endif
  return memory;
}

// For a vector that is looked into at random: in huge pages as soon as it fills one.
template <typename Value>
struct TableAllocator {
  using value_type = Value;

  TableAllocator() = default;
  template <typename Other>
  // NOLINTNEXTLINE(google-explicit-constructor): as the standard asks for
  TableAllocator(const TableAllocator<Other>& /*other*/) noexcept {}

  [[nodiscard]] Value* allocate(std::size_t count) noexcept {
    const std::size_t bytes = count * sizeof(Value);
    // NOLINTNEXTLINE(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory): for deallocate()
    void* const memory = bytes < kHugePage ? std::malloc(bytes) : allocateHugePages(bytes);
    if (memory == nullptr) {
      std::abort();  // as the standard allocator does where there are no exceptions
    }
    return static_cast<Value*>(memory);
  }
  void deallocate(Value* memory, std::size_t /*count*/) noexcept {
    // NOLINTNEXTLINE(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory): of allocate()
    std::free(memory);
  }
  bool operator==(const TableAllocator& /*other*/) const noexcept { return true; }
};

}  // namespace probe::rtp
