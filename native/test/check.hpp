#pragma once

#include <cstdio>
#include <vector>

// The smallest test runner that says what failed where: TEST registers, CHECK records.
namespace probe::test {

struct Case {
  const char* name;
  void (*run)();
};

inline std::vector<Case>& cases() {
  static std::vector<Case> all;
  return all;
}

inline int& failures() {
  static int count = 0;
  return count;
}

struct Registration {
  Registration(const char* name, void (*run)()) { cases().push_back({name, run}); }
};

inline void check(bool holds, const char* what, const char* file, int line) {
  if (holds) {
    return;
  }
  ++failures();
  std::fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
}

}  // namespace probe::test

#define PROBE_JOIN2(a, b) a##b
#define PROBE_JOIN(a, b) PROBE_JOIN2(a, b)
#define TEST(name)                                                              \
  static void PROBE_JOIN(test_, __LINE__)();                                    \
  static const ::probe::test::Registration PROBE_JOIN(registration_, __LINE__)( \
      name, PROBE_JOIN(test_, __LINE__));                                       \
  static void PROBE_JOIN(test_, __LINE__)()
#define CHECK(condition) ::probe::test::check((condition), #condition, __FILE__, __LINE__)
