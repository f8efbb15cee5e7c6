// The flags that are about who may come in, and how.
#pragma once

#include <string>

#include "base/field_violations.h"
#include "server/access/door.h"
#include "server/access/tls_files.h"

namespace ovi {

struct AccessConfig {
  TlsFiles tls;  // without a certificate: in the clear
  DoorRules door;
  bool insecure_listen = false;

  bool encrypted() const { return !tls.certificate.empty(); }
  bool asks_who() const { return !door.token_file.empty() || door.ask_certificates; }
};

// The flags as they are now; the files are not looked at. What is wrong is added to `violations`.
AccessConfig AccessFromFlags(FieldViolations& violations);

// Adds to `violations` if `listen`, the value of `flag`, is no address, or one that others can reach without what
// keeps strangers out, unless --insecure_listen allows it.
void CheckListen(std::string_view flag, const std::string& listen, const AccessConfig& access,
                 FieldViolations& violations);

// What others can do, in words, if the address can be reached by them and something is missing; else empty.
std::string WhatIsMissing(const std::string& listen, const AccessConfig& access);

// PRINCIPAL:SCOPES of a token to be made; empty if none is.
std::string WhomToMakeATokenFor();

}  // namespace ovi
