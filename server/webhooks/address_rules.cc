// Which addresses are of the internet at large: IANA's registries of special-purpose addresses.
#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstdint>
#include <cstring>

#include "server/webhooks/webhook_uri.h"

namespace ovi {
namespace {

constexpr uint32_t V4(uint32_t a, uint32_t b, uint32_t c, uint32_t d) { return a << 24 | b << 16 | c << 8 | d; }

// First addresses and lengths of the prefixes.
constexpr struct {
  uint32_t address;
  int bits;
} kNotPublic[] = {
    {V4(0, 0, 0, 0), 8},      {V4(10, 0, 0, 0), 8},     {V4(100, 64, 0, 0), 10}, {V4(127, 0, 0, 0), 8},
    {V4(169, 254, 0, 0), 16}, {V4(172, 16, 0, 0), 12},  {V4(192, 0, 0, 0), 24},  {V4(192, 0, 2, 0), 24},
    {V4(192, 88, 99, 0), 24}, {V4(192, 168, 0, 0), 16}, {V4(198, 18, 0, 0), 15}, {V4(198, 51, 100, 0), 24},
    {V4(203, 0, 113, 0), 24}, {V4(224, 0, 0, 0), 4},    {V4(240, 0, 0, 0), 4},
};

bool IsPublicV4(uint32_t address) {
  for (const auto& prefix : kNotPublic) {
    if ((address ^ prefix.address) >> (32 - prefix.bits) == 0) return false;
  }
  return true;
}

uint32_t V4At(const uint8_t* bytes) { return V4(bytes[0], bytes[1], bytes[2], bytes[3]); }

bool IsPublicV6(const uint8_t* bytes) {
  constexpr uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};    // ::ffff:0:0/96
  constexpr uint8_t kNat64[12] = {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};  // 64:ff9b::/96
  if (std::memcmp(bytes, kMapped, sizeof(kMapped)) == 0 || std::memcmp(bytes, kNat64, sizeof(kNat64)) == 0) {
    return IsPublicV4(V4At(bytes + 12));
  }
  const auto starts = [&](uint8_t a, uint8_t b, uint8_t c, uint8_t d) {
    return bytes[0] == a && bytes[1] == b && bytes[2] == c && bytes[3] == d;
  };
  if ((bytes[0] & 0xe0) != 0x20) return false;                                   // only 2000::/3 is given out
  if (bytes[0] == 0x20 && bytes[1] == 0x02) return IsPublicV4(V4At(bytes + 2));  // 2002::/16, 6to4
  if (starts(0x20, 0x01, 0x0d, 0xb8)) return false;                              // 2001:db8::/32, documentation
  if (bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] < 2) return false;        // 2001::/23, protocols; Teredo
  return !(bytes[0] == 0x3f && bytes[1] == 0xff && bytes[2] < 0x10);             // 3fff::/20, documentation
}

}  // namespace

bool IsPublicAddress(const sockaddr& address) {
  // Copied, as a sockaddr need not be aligned for what it holds.
  if (address.sa_family == AF_INET) {
    sockaddr_in v4 = {};
    std::memcpy(&v4, &address, sizeof(v4));
    return IsPublicV4(ntohl(v4.sin_addr.s_addr));
  }
  if (address.sa_family != AF_INET6) return false;
  sockaddr_in6 v6 = {};
  std::memcpy(&v6, &address, sizeof(v6));
  return IsPublicV6(v6.sin6_addr.s6_addr);
}

}  // namespace ovi
