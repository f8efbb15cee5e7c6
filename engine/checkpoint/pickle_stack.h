// What a pickle has built so far: its stack, and what it wrote down to come back to. Private to engine/checkpoint.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "engine/checkpoint/pickle_value.h"

namespace ovi::pickle {

// Values live as long as the stack, whether they are on it or not. Returns false, or nothing, where there is too little
// on the stack.
class Stack {
 public:
  void Push(Value value);
  bool Pop(Ref& out);
  // The last `out.size()` values, in the order in which they were pushed.
  bool Pop(std::vector<Ref>& out);
  // All above the last mark, and the mark itself, which `out` does not hold.
  bool PopToMark(std::vector<Ref>& out);
  Ref Top() const { return values_.empty() ? nullptr : values_.back(); }
  size_t size() const { return values_.size(); }

  // Writes down the top.
  bool Remember(uint64_t index);
  // Pushes what was written down.
  bool Recall(uint64_t index);
  uint64_t remembered() const { return memo_.size(); }

 private:
  std::deque<Value> arena_;
  std::vector<Ref> values_;
  std::map<uint64_t, Ref> memo_;
};

}  // namespace ovi::pickle
