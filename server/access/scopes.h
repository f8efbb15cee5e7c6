// What a caller may do, as a set of named permissions.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace ovi {

enum class Scope {
  kSubmit,   // submit jobs; cancel and delete one's own
  kRead,     // look at one's own jobs and fetch their results
  kReadAll,  // the same of everybody's
  kAdmin,    // everything, cancel and delete of everybody's jobs too
};

// "read_all", as the token file spells it.
std::string_view ScopeName(Scope scope);

// A value. A wider scope holds the narrower ones: read_all holds read, admin holds all.
class Scopes {
 public:
  Scopes() = default;
  Scopes(std::initializer_list<Scope> scopes);

  void Add(Scope scope);
  bool Has(Scope scope) const { return (bits_ & Bit(scope)) != 0; }
  bool empty() const { return bits_ == 0; }
  // "submit,read": what ParseScopes reads back to the same set.
  std::string ToString() const;
  bool operator==(const Scopes&) const = default;

 private:
  static unsigned Bit(Scope scope) { return 1U << static_cast<unsigned>(scope); }
  unsigned bits_ = 0;
};

// "submit,read" as a set. InvalidArgument if there is no scope in it or an unknown one.
absl::StatusOr<Scopes> ParseScopes(std::string_view text);

}  // namespace ovi
