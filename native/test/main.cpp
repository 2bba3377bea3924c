#include <cstdio>

#include "check.hpp"

// Runs every registered case; the last line is JSON, for whoever sums up the runners.
int main() {
  int failed = 0;
  const auto& all = probe::test::cases();
  for (const auto& test : all) {
    const int before = probe::test::failures();
    test.run();
    if (probe::test::failures() != before) {
      ++failed;
      std::fprintf(stderr, "FAILED: %s\n", test.name);
    }
  }
  std::printf("{\"passed\":%d,\"failed\":%d}\n", static_cast<int>(all.size()) - failed, failed);
  return failed == 0 ? 0 : 1;
}
