// The name of a job inside the server; `jobs/{id}` outside.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace ovi {

class JobId {
 public:
  JobId() = default;
  // A new id nobody can guess: a letter and 15 of [a-z2-7], 75 random bits.
  static JobId Random();
  // Nothing if `text` cannot be an id.
  static std::optional<JobId> Parse(std::string_view text);

  const std::string& value() const { return value_; }
  auto operator<=>(const JobId&) const = default;

  template <typename H>
  friend H AbslHashValue(H hash, const JobId& id) {
    return H::combine(std::move(hash), id.value_);
  }

 private:
  explicit JobId(std::string value) : value_(std::move(value)) {}
  std::string value_;
};

// A random UUID (version 4), as the API's `uid`.
std::string RandomUuid();

}  // namespace ovi
