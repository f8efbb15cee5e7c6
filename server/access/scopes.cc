#include "server/access/scopes.h"

#include <vector>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/log.h"

namespace ovi {
namespace {

constexpr Scope kAll[] = {Scope::kSubmit, Scope::kRead, Scope::kReadAll, Scope::kAdmin};
// Of a wrong word, as much as an error repeats.
constexpr size_t kShown = 20;

}  // namespace

std::string_view ScopeName(Scope scope) {
  switch (scope) {
    case Scope::kSubmit:
      return "submit";
    case Scope::kRead:
      return "read";
    case Scope::kReadAll:
      return "read_all";
    case Scope::kAdmin:
      return "admin";
  }
  return "admin";
}

Scopes::Scopes(std::initializer_list<Scope> scopes) {
  for (const Scope scope : scopes) Add(scope);
}

void Scopes::Add(Scope scope) {
  bits_ |= Bit(scope);
  if (scope == Scope::kReadAll) bits_ |= Bit(Scope::kRead);
  if (scope != Scope::kAdmin) return;
  for (const Scope each : kAll) bits_ |= Bit(each);
}

std::string Scopes::ToString() const {
  if (Has(Scope::kAdmin)) return std::string(ScopeName(Scope::kAdmin));
  std::vector<std::string> names;
  for (const Scope scope : kAll) {
    const bool implied = scope == Scope::kRead && Has(Scope::kReadAll);
    if (Has(scope) && !implied) names.emplace_back(ScopeName(scope));
  }
  return absl::StrJoin(names, ",");
}

absl::StatusOr<Scopes> ParseScopes(std::string_view text) {
  Scopes scopes;
  const std::vector<std::string> words = absl::StrSplit(std::string(text), ',');
  for (const std::string& word : words) {
    bool known = false;
    for (const Scope scope : kAll) {
      if (word != ScopeName(scope)) continue;
      scopes.Add(scope);
      known = true;
    }
    if (!known) {
      return absl::InvalidArgumentError(
          absl::StrFormat("'%s' is not a scope; take submit, read, read_all or admin, with commas between",
                          log::Escaped(std::string_view(word).substr(0, kShown))));
    }
  }
  return scopes;
}

}  // namespace ovi
