#include "rtp/endpoint_map.hpp"

#include <cstdint>
#include <map>

#include "check.hpp"

using namespace probe::rtp;

namespace {

constexpr HashSeed kSeed{.first = 11, .second = 12};

EndpointKey endpoint(std::uint16_t port, bool ipv6 = false) {
  EndpointKey key{};
  key.address = {192, 0, 2, 1};
  key.port = port;
  key.ipv6 = ipv6;
  return key;
}

std::uint64_t hashOf(const EndpointKey& key) {
  return probe::rtp::hashOf(key, kSeed);
}

}  // namespace

TEST("an endpoint has the payload map that it was given last") {
  EndpointMap map(kSeed);
  const EndpointKey key = endpoint(4000);
  CHECK(map.find(key, hashOf(key)) == nullptr);
  map.set(key, hashOf(key), 7);
  map.set(key, hashOf(key), 9);
  CHECK(map.size() == 1);
  CHECK(*map.find(key, hashOf(key)) == 9);
}

TEST("the same bytes are another endpoint in the other address family") {
  EndpointMap map(kSeed);
  const EndpointKey ipv4 = endpoint(4000);
  const EndpointKey ipv6 = endpoint(4000, true);
  map.set(ipv4, hashOf(ipv4), 7);
  CHECK(map.find(ipv6, hashOf(ipv6)) == nullptr);
  map.set(ipv6, hashOf(ipv6), 8);
  CHECK(*map.find(ipv4, hashOf(ipv4)) == 7);
  CHECK(*map.find(ipv6, hashOf(ipv6)) == 8);
}

TEST("endpoints stay what they are while others come and go") {
  EndpointMap map(kSeed);
  std::map<std::uint16_t, std::uint16_t> expected;
  std::uint32_t state = 1;
  for (std::uint32_t step = 0; step < 60'000; ++step) {
    state = state * 1'664'525U + 1'013'904'223U;  // Numerical Recipes
    const auto port = static_cast<std::uint16_t>((state >> 16U) % 5000);
    const EndpointKey key = endpoint(port);
    if ((state >> 8U) % 3 == 0) {
      map.erase(key, hashOf(key));
      expected.erase(port);
    } else {
      const auto value = static_cast<std::uint16_t>(step);
      map.set(key, hashOf(key), value);
      expected[port] = value;
    }
  }
  CHECK(map.size() == expected.size());
  for (std::uint16_t port = 0; port < 5000; ++port) {
    const EndpointKey key = endpoint(port);
    const std::uint16_t* const found = map.find(key, hashOf(key));
    const auto known = expected.find(port);
    CHECK((found != nullptr) == (known != expected.end()));
    CHECK(found == nullptr || *found == known->second);
  }
}
