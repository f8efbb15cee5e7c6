#include "engine/text/read_file.h"

#include <fstream>
#include <iterator>

#include "absl/strings/str_format.h"

namespace ovi {

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return absl::NotFoundError(absl::StrFormat("cannot open %s", path));
  std::string content(std::istreambuf_iterator<char>(stream), {});
  if (stream.bad()) return absl::DataLossError(absl::StrFormat("reading %s broke off", path));
  return content;
}

}  // namespace ovi
