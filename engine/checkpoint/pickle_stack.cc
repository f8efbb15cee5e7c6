#include "engine/checkpoint/pickle_stack.h"

#include <algorithm>
#include <utility>

namespace ovi::pickle {
namespace {

bool IsMark(Ref value) { return std::holds_alternative<Mark>(value->data); }

}  // namespace

void Stack::Push(Value value) {
  arena_.push_back(std::move(value));
  values_.push_back(&arena_.back());
}

bool Stack::Pop(Ref& out) {
  if (values_.empty() || IsMark(values_.back())) return false;
  out = values_.back();
  values_.pop_back();
  return true;
}

bool Stack::Pop(std::vector<Ref>& out) {
  return std::all_of(out.rbegin(), out.rend(), [this](Ref& item) { return Pop(item); });
}

bool Stack::PopToMark(std::vector<Ref>& out) {
  const auto mark = std::find_if(values_.rbegin(), values_.rend(), IsMark);
  if (mark == values_.rend()) return false;
  out.assign(mark.base(), values_.end());
  values_.erase(mark.base() - 1, values_.end());
  return true;
}

bool Stack::Remember(uint64_t index) {
  if (values_.empty()) return false;
  memo_[index] = values_.back();
  return true;
}

bool Stack::Recall(uint64_t index) {
  const auto found = memo_.find(index);
  if (found == memo_.end()) return false;
  values_.push_back(found->second);
  return true;
}

}  // namespace ovi::pickle
