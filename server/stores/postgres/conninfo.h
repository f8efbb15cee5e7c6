// How --job_store names a PostgreSQL database: a URI or a list of KEYWORD=VALUE, as libpq reads them.
// https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace ovi {

// "postgresql://HOST/DATABASE", "postgres://...", "host=... dbname=...".
bool IsPostgresAddress(std::string_view address);

// InvalidArgument if libpq cannot read it. The message names nothing of it: there may be a password in it.
absl::Status CheckPostgresAddress(const std::string& address);

// "HOST:PORT/DATABASE" as far as the address says so: for the log. Without user and password.
std::string DescribePostgresAddress(const std::string& address);

}  // namespace ovi
