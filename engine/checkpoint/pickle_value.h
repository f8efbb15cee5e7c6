// What a pickle can build here. Values lie in the reader's arena and point at each other, as a pickle's memo lets them:
// cycles and deep nesting cost nothing to destroy. Private to engine/checkpoint.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/checkpoint/pickle.h"

namespace ovi::pickle {

struct Value;
using Ref = Value*;

struct None {};
struct Mark {};
struct Global {  // a callable by name: "torch._utils._rebuild_tensor_v2"
  std::string name;
};
struct Storage {
  std::string key;
  at::ScalarType dtype = at::kFloat;
};
struct Sequence {  // tuple or list
  std::vector<Ref> items;
};
struct Dictionary {
  std::vector<std::pair<Ref, Ref>> items;
};

struct Value {
  std::variant<None, Mark, bool, int64_t, double, std::string, Global, Storage, PickledTensor, Sequence, Dictionary>
      data;
};

}  // namespace ovi::pickle
