#include "server/stores/postgres/postgres_value.h"

#include <libpq-fe.h>

#include <utility>

namespace ovi {

// Results are asked for in binary: big-endian numbers, text and bytea as they are.
int64_t PostgresRow::Integer(int column) const {
  const std::string_view bytes = Bytes(column);
  if (bytes.empty()) return 0;
  uint64_t value = static_cast<signed char>(bytes[0]) < 0 ? ~uint64_t{0} : 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return static_cast<int64_t>(value);
}

std::optional<int64_t> PostgresRow::IntegerOrNull(int column) const {
  return IsNull(column) ? std::nullopt : std::optional(Integer(column));
}

std::string_view PostgresRow::Bytes(int column) const {
  return {PQgetvalue(result_, row_, column), static_cast<size_t>(PQgetlength(result_, row_, column))};
}

bool PostgresRow::IsNull(int column) const { return PQgetisnull(result_, row_, column) == 1; }

PostgresRows::~PostgresRows() { PQclear(result_); }
PostgresRows::PostgresRows(PostgresRows&& other) noexcept : result_(std::exchange(other.result_, nullptr)) {}
PostgresRows& PostgresRows::operator=(PostgresRows&& other) noexcept {
  std::swap(result_, other.result_);
  return *this;
}

int PostgresRows::size() const { return PQntuples(result_); }

}  // namespace ovi
