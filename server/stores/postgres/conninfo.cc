#include "server/stores/postgres/conninfo.h"

#include <libpq-fe.h>

#include <map>
#include <memory>

#include "absl/strings/str_format.h"

namespace ovi {
namespace {

// Null if it cannot be read. What libpq says then may repeat a part of it, so nobody is told.
std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> Parse(const std::string& address) {
  char* error = nullptr;
  std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options(PQconninfoParse(address.c_str(), &error),
                                                                         &PQconninfoFree);
  PQfreemem(error);
  return options;
}

}  // namespace

bool IsPostgresAddress(std::string_view address) {
  return address.starts_with("postgresql://") || address.starts_with("postgres://") ||
         (address.find('=') != std::string_view::npos && address.find("://") == std::string_view::npos);
}

absl::Status CheckPostgresAddress(const std::string& address) {
  if (Parse(address) != nullptr) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "begins like the address of a PostgreSQL database and cannot be read as one (it is not repeated here, as there "
      "may "
      "be a password in it); write postgresql://USER@HOST:PORT/DATABASE, with the password in the file that PGPASSFILE "
      "names");
}

std::string DescribePostgresAddress(const std::string& address) {
  const auto options = Parse(address);
  if (options == nullptr) return "?";
  std::map<std::string, std::string> values;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) values[option->keyword] = option->val;
  }
  const auto value = [&](const char* keyword, const char* otherwise) {
    const auto found = values.find(keyword);
    return found == values.end() ? std::string(otherwise) : found->second;
  };
  return absl::StrFormat("%s:%s/%s", value("host", value("hostaddr", "localhost").c_str()), value("port", "5432"),
                         value("dbname", ""));
}

}  // namespace ovi
