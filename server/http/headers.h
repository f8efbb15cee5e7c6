// Headers of an HTTP message, as those who make them pass them on.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace ovi {

// Names in lower case.
using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

}  // namespace ovi
