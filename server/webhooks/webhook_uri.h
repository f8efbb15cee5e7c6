// Where a webhook may lead: checked when a job is submitted, and once more when the server is about to connect.
#pragma once

#include <sys/socket.h>

#include <string_view>

#include "base/field_violations.h"
#include "server/jobs/job.h"

namespace ovi {

// Whether a webhook may lead into a network of one's own: --webhook_allow_private.
enum class PrivateAddresses { kRefused, kAllowed };

// Notes what is wrong with a webhook, by field: job.webhook.uri must be https://HOST[:PORT][/PATH][?QUERY] of 2048
// characters at most, without a user, a password or a fragment; a secret has 16 to 256 bytes. Host names are looked up
// only when the job has ended.
void CheckWebhook(const Webhook& webhook, PrivateAddresses private_addresses, FieldViolations& violations);

// Whether the address is one of the internet at large: not of this machine, a link, a private or shared network, a
// group, documentation, or set aside; nor an IPv6 address that leads to such an IPv4 address.
bool IsPublicAddress(const sockaddr& address);

// For the log: scheme, host and port. Paths and queries of such addresses often are secrets.
std::string_view OriginOf(std::string_view uri);

}  // namespace ovi
