#include "engine/checkpoint/pickle_input.h"

#include "absl/strings/str_format.h"

namespace ovi::pickle {

absl::Status Input::Bad(std::string_view what) const {
  return absl::InvalidArgumentError(absl::StrFormat("pickle byte %d: %s", at_, what));
}

absl::Status Input::Bytes(uint64_t count, std::string_view& out) {
  if (count > pickle_.size() - at_) return Bad("ends early");
  out = pickle_.substr(at_, count);
  at_ += count;
  return absl::OkStatus();
}

absl::Status Input::Line(std::string_view& out) {
  const size_t end = pickle_.find('\n', at_);
  if (end == std::string_view::npos) return Bad("ends early");
  out = pickle_.substr(at_, end - at_);
  at_ = end + 1;
  return absl::OkStatus();
}

}  // namespace ovi::pickle
