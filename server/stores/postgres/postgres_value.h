// What a statement is given and what it gives back, without libpq's C interface.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct pg_result;

namespace ovi {

// A parameter. Text and bytes must stay until the statement has run.
class PostgresValue {
 public:
  PostgresValue(int64_t number) : own_(std::to_string(number)) {}  // NOLINT: literals and columns as they are
  PostgresValue(std::optional<int64_t> number) {                   // NOLINT
    if (number.has_value()) own_ = std::to_string(*number);
  }
  PostgresValue(std::string_view text) : bytes_(text) {}  // NOLINT
  static PostgresValue Bytes(std::string_view bytes) {
    PostgresValue value(bytes);
    value.binary_ = true;
    return value;
  }
  static PostgresValue Null() { return PostgresValue(std::optional<int64_t>()); }

  bool is_null() const { return !own_.has_value() && bytes_.data() == nullptr; }
  bool is_binary() const { return binary_; }
  // Text of libpq ends with a 0.
  std::string Text() const { return own_.has_value() ? *own_ : std::string(bytes_); }
  std::string_view bytes() const { return bytes_; }

 private:
  std::optional<std::string> own_;
  std::string_view bytes_;
  bool binary_ = false;
};

// One row of a result, which must outlive it. Columns count from 0; numbers are bigint or smaller.
class PostgresRow {
 public:
  PostgresRow(const pg_result* result, int row) : result_(result), row_(row) {}
  int64_t Integer(int column) const;
  std::optional<int64_t> IntegerOrNull(int column) const;
  std::string_view Bytes(int column) const;  // of text too
  bool IsNull(int column) const;

 private:
  const pg_result* result_;
  int row_;
};

// All rows of a result.
class PostgresRows {
 public:
  explicit PostgresRows(pg_result* result) : result_(result) {}
  ~PostgresRows();
  PostgresRows(PostgresRows&& other) noexcept;
  PostgresRows& operator=(PostgresRows&& other) noexcept;

  int size() const;
  bool empty() const { return size() == 0; }
  PostgresRow operator[](int row) const { return PostgresRow(result_, row); }

 private:
  pg_result* result_;
};

}  // namespace ovi
