#include "server/config/command_line.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>

#include "absl/flags/commandlineflag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "base/field_violations.h"
#include "base/log.h"
#include "server/artifacts/posix_file.h"

namespace ovi {
namespace {

constexpr std::string_view kFlagFile = "flagfile";
// What other servers of such models take: here nothing is ever moved off the device, so the reason is the answer.
constexpr std::string_view kOffloadFlags[] = {"offload", "cpu_offload",       "offload_to_cpu", "enable_cpu_offload",
                                              "t5_cpu",  "offload_model",     "vae_on_cpu",     "low_vram",
                                              "lowvram", "sequential_offload"};
// A file that names itself must end.
constexpr int kMaxFiles = 16;

std::string Text(absl::string_view text) { return std::string(text.data(), text.size()); }

// Whether `name` asks for an offload, however it is spelt: --cpu-offload, --nooffload.
bool AsksForOffload(std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  if (name.starts_with("no")) name = name.substr(name.starts_with("no_") ? 3 : 2);
  return std::find(std::begin(kOffloadFlags), std::end(kOffloadFlags), name) != std::end(kOffloadFlags);
}

class Parser {
 public:
  void Parse(const std::vector<std::string>& arguments, std::string_view where) {
    for (size_t i = 0; i < arguments.size(); ++i) {
      const std::string& argument = arguments[i];
      if (!argument.starts_with("--") || argument.size() == 2) {
        Refuse(argument,
               absl::StrFormat("'%s'%s is not a flag; flags begin with --, see --help", log::Escaped(argument), where));
        continue;
      }
      const size_t equals = argument.find('=');
      const std::string name = argument.substr(2, equals == std::string::npos ? equals : equals - 2);
      std::optional<std::string> value;
      if (equals != std::string::npos) value = argument.substr(equals + 1);
      const bool has_next = i + 1 < arguments.size();
      if (Set(name, value, has_next ? &arguments[i + 1] : nullptr, where)) ++i;
    }
  }

  absl::Status ToStatus() const { return unreadable_.ok() ? violations_.ToStatus() : unreadable_; }

 private:
  void Refuse(const std::string& name, const std::string& why) { violations_.Add(name, "INVALID_FLAG", why); }

  // Whether `next` was used up as the value.
  bool Set(const std::string& name, std::optional<std::string> value, const std::string* next, std::string_view where) {
    const bool is_file = name == kFlagFile;
    absl::CommandLineFlag* flag = is_file ? nullptr : absl::FindCommandLineFlag(name);
    if (flag == nullptr && !is_file && name.starts_with("no") && !value.has_value()) {
      flag = absl::FindCommandLineFlag(name.substr(2));
      if (flag != nullptr && flag->IsOfType<bool>()) value = "false";
      if (!value.has_value()) flag = nullptr;
    }
    if (flag == nullptr && AsksForOffload(name)) {
      Refuse(name, absl::StrFormat(
                       "--%s%s: there is no offload switch and no CPU path for a served model: every model stays on "
                       "--device from load to exit, as moving 36 GB of weights for each clip takes longer than it "
                       "saves; leave it out, and where memory is short set --memory_budget_gb",
                       log::Escaped(name), where));
      return false;
    }
    if (flag == nullptr && !is_file) {
      Refuse(name, absl::StrFormat("--%s%s is not a flag of ovi-server; see --help", log::Escaped(name), where));
      return false;
    }
    bool used_next = false;
    if (!value.has_value() && flag != nullptr && flag->IsOfType<bool>()) value = "true";
    if (!value.has_value() && next != nullptr) {
      value = *next;
      used_next = true;
    }
    if (!value.has_value()) {
      Refuse(name, absl::StrFormat("--%s%s has no value; write --%s=VALUE", name, where, name));
    } else if (is_file) {
      ReadFile(*value);
    } else if (std::string error; !flag->ParseFrom(*value, &error)) {
      Refuse(name, absl::StrFormat("--%s%s is '%s', which cannot be read as its type%s%s", name, where,
                                   log::Escaped(*value), error.empty() ? "" : ": ", error));
    }
    return used_next;
  }

  void ReadFile(const std::string& path) {
    if (++files_ > kMaxFiles)
      return Refuse("flagfile", absl::StrFormat("--flagfile %s: more than %d files", path, kMaxFiles));
    std::ifstream file(path);
    std::vector<std::string> arguments;
    std::string line;
    while (std::getline(file, line)) {
      const std::string argument = Text(absl::StripAsciiWhitespace(line));
      if (!argument.empty() && argument[0] != '#') arguments.push_back(argument);
    }
    if (!file.eof()) {  // not opened, or a folder
      const absl::Status why = ErrnoStatus(errno, absl::StrFormat("--flagfile %s cannot be read", log::Escaped(path)));
      if (unreadable_.ok()) unreadable_ = why;
      return;
    }
    Parse(arguments, absl::StrFormat(" (in %s)", path));
  }

  FieldViolations violations_;
  absl::Status unreadable_;
  int files_ = 0;
};

}  // namespace

absl::Status ParseCommandLine(const std::vector<std::string>& arguments) {
  Parser parser;
  parser.Parse(arguments, "");
  return parser.ToStatus();
}

std::string FlagsHelp() {
  std::map<std::string, std::string> lines;
  for (const auto& [name, flag] : absl::GetAllFlags()) {
    const std::string file = flag->Filename();
    if (file.find("server/config/") == std::string::npos) continue;
    const std::string value = flag->DefaultValue();
    lines[Text(name)] =
        absl::StrFormat("  --%s (%s)\n      %s\n", Text(name), value.empty() ? "empty" : value, flag->Help());
  }
  std::string help;
  for (const auto& [name, line] : lines) help += line;
  return help + "  --flagfile\n      a file with one flag a line; # begins a comment\n";
}

}  // namespace ovi
