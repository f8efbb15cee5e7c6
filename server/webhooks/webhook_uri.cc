#include "server/webhooks/webhook_uri.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"

namespace ovi {
namespace {

constexpr std::string_view kScheme = "https://";
constexpr size_t kMaxUri = 2048;
constexpr size_t kMinSecret = 16, kMaxSecret = 256;
constexpr char kUri[] = "job.webhook.uri", kSecret[] = "job.webhook.secret";

struct Authority {
  std::string_view host, port;  // an IPv6 address without its brackets; the port with its colon
  bool is_v6 = false;
};

// What cannot be split has no host.
Authority Split(std::string_view authority) {
  Authority parts;
  parts.is_v6 = authority.starts_with("[");
  size_t end = parts.is_v6 ? authority.find(']') : authority.rfind(':');
  if (parts.is_v6 && end == std::string_view::npos) return parts;
  end = std::min(end, authority.size());
  parts.host = parts.is_v6 ? authority.substr(1, end - 1) : authority.substr(0, end);
  parts.port = authority.substr(parts.is_v6 ? end + 1 : end);
  return parts;
}

// "", or ":" and a port.
bool IsPort(std::string_view text) {
  if (text.empty()) return true;
  int port = 0;
  return text[0] == ':' && absl::SimpleAtoi(std::string(text.substr(1)), &port) && port >= 1 && port <= 65535 &&
         std::all_of(text.begin() + 1, text.end(), [](unsigned char c) { return absl::ascii_isdigit(c); });
}

bool IsHost(const Authority& authority) {
  if (authority.is_v6) {
    in6_addr address;
    return inet_pton(AF_INET6, std::string(authority.host).c_str(), &address) == 1;
  }
  return !authority.host.empty() && authority.host.size() <= 253 &&
         std::all_of(authority.host.begin(), authority.host.end(),
                     [](unsigned char c) { return absl::ascii_isalnum(c) || c == '.' || c == '-' || c == '_'; });
}

// Of a host that is an address already.
bool IsPrivateLiteral(const Authority& authority) {
  const std::string host(authority.host);
  if (authority.is_v6) {
    sockaddr_in6 v6 = {};
    v6.sin6_family = AF_INET6;
    sockaddr_storage storage = {};
    if (inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) != 1) return false;
    std::memcpy(&storage, &v6, sizeof(v6));
    return !IsPublicAddress(reinterpret_cast<const sockaddr&>(storage));
  }
  sockaddr_in v4 = {};
  v4.sin_family = AF_INET;
  if (inet_pton(AF_INET, host.c_str(), &v4.sin_addr) != 1) return host == "localhost";
  sockaddr_storage storage = {};
  std::memcpy(&storage, &v4, sizeof(v4));
  return !IsPublicAddress(reinterpret_cast<const sockaddr&>(storage));
}

}  // namespace

std::string_view OriginOf(std::string_view uri) {
  const size_t start = uri.find("://");
  return start == std::string_view::npos ? "" : uri.substr(0, uri.find_first_of("/?#", start + 3));
}

void CheckWebhook(const Webhook& webhook, PrivateAddresses private_addresses, FieldViolations& violations) {
  const std::string& uri = webhook.uri;
  const auto refuse = [&](std::string_view why) {
    // It is not repeated: it may hold a password.
    violations.Add(kUri, "INVALID_WEBHOOK_URI",
                   absl::StrFormat("%s %s; use https://HOST/PATH, such as https://example.org/ovi", kUri, why));
  };
  if (!webhook.secret.empty() && (webhook.secret.size() < kMinSecret || webhook.secret.size() > kMaxSecret)) {
    violations.Add(kSecret, "INVALID_WEBHOOK_SECRET",
                   absl::StrFormat("%s has %d bytes; use %d to %d random ones, or leave it out for no signature",
                                   kSecret, webhook.secret.size(), kMinSecret, kMaxSecret));
  }
  if (uri.empty()) return refuse("is empty");
  if (uri.size() > kMaxUri) return refuse(absl::StrFormat("has %d characters; %d are allowed", uri.size(), kMaxUri));
  if (!std::all_of(uri.begin(), uri.end(), [](unsigned char c) { return absl::ascii_isgraph(c) && c != '\\'; })) {
    return refuse("has a blank, a control character, a backslash or a letter beyond ASCII, which must be encoded");
  }
  if (absl::AsciiStrToLower(uri.substr(0, kScheme.size())) != kScheme) return refuse("does not begin with https://");
  if (uri.find('#') != std::string::npos) return refuse("has a fragment (#), which no server is sent");
  const std::string_view text = OriginOf(uri).substr(kScheme.size());
  if (text.find('@') != std::string_view::npos) {
    return refuse("has a user or a password; let the signature tell who calls");
  }
  const Authority authority = Split(text);
  if (!IsHost(authority)) return refuse("has no proper host");
  if (!IsPort(authority.port)) return refuse("has no proper port");
  if (private_addresses == PrivateAddresses::kRefused && IsPrivateLiteral(authority)) {
    violations.Add(kUri, "WEBHOOK_ADDRESS_REFUSED",
                   absl::StrFormat("%s leads to an address of this machine, a private network or one set aside; use a "
                                   "public one, or have the server started with --webhook_allow_private",
                                   kUri));
  }
}

}  // namespace ovi
