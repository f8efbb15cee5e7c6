#include "engine/device/attention_selection.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace ovi {
namespace {

using Milliseconds = double AttentionTrial::*;

const AttentionTrial* Find(const std::vector<AttentionTrial>& trials, AttentionBackend backend) {
  const auto found =
      std::find_if(trials.begin(), trials.end(), [&](const auto& trial) { return trial.backend == backend; });
  return found == trials.end() ? nullptr : &*found;
}

// Null where none can serve.
const AttentionTrial* Fastest(const std::vector<AttentionTrial>& trials, Milliseconds time) {
  const AttentionTrial* best = nullptr;
  for (const AttentionTrial& trial : trials) {
    if (trial.problem.empty() && (best == nullptr || trial.*time < best->*time)) best = &trial;
  }
  return best;
}

std::string Usable(const std::vector<AttentionTrial>& trials) {
  std::string names = "auto";
  for (const AttentionTrial& trial : trials) {
    if (trial.problem.empty()) names += absl::StrFormat(", %s", AttentionBackendName(trial.backend));
  }
  return names;
}

std::string Problems(const std::vector<AttentionTrial>& trials) {
  return absl::StrJoin(trials, "; ", [](std::string* out, const AttentionTrial& trial) {
    *out += absl::StrFormat("%s: %s", AttentionBackendName(trial.backend), trial.problem);
  });
}

// " (flash 1.8x, efficient 2.4x slower)"; "times" where the one in force is not the fastest.
std::string Rivals(const std::vector<AttentionTrial>& trials, const AttentionTrial& chosen, Milliseconds time) {
  std::vector<std::string> rivals;
  bool fastest = true;
  for (const AttentionTrial& trial : trials) {
    if (&trial == &chosen || !trial.problem.empty() || !(chosen.*time > 0)) continue;
    rivals.push_back(absl::StrFormat("%s %.1fx", AttentionBackendName(trial.backend), trial.*time / chosen.*time));
    fastest = fastest && trial.*time >= chosen.*time;
  }
  if (rivals.empty()) return "";
  return absl::StrFormat(" (%s %s)", absl::StrJoin(rivals, ", "), fastest ? "slower" : "as long");
}

std::string Describe(const AttentionSelection& selection) {
  const AttentionTrial& many = *Find(selection.trials, selection.choice.many_queries);
  const AttentionTrial& few = *Find(selection.trials, selection.choice.few_queries);
  std::string line = absl::StrFormat("attention: %s", AttentionBackendName(many.backend));
  if (many.many_queries_ms > 0) {
    line += absl::StrFormat(", %.2f ms for 4096 x 4096%s", many.many_queries_ms,
                            Rivals(selection.trials, many, &AttentionTrial::many_queries_ms));
    line += absl::StrFormat("; for up to %d queries %s, %.2f ms for 157 x 8192%s", AttentionChoice::kFewQueries,
                            AttentionBackendName(few.backend), few.few_queries_ms,
                            Rivals(selection.trials, few, &AttentionTrial::few_queries_ms));
  }
  for (const AttentionTrial& trial : selection.trials) {
    if (!trial.problem.empty()) line += absl::StrFormat("; %s: %s", AttentionBackendName(trial.backend), trial.problem);
  }
  return absl::StrFormat("%s; checked against math", line);
}

absl::Status NothingWorks(c10::Device device, const std::vector<AttentionTrial>& trials) {
  return absl::FailedPreconditionError(absl::StrFormat(
      "no fused attention works on %s (%s), and math would hold every score at once: use a LibTorch built with "
      "AOTriton "
      "(AMD; before 0.12 also set TORCH_ROCM_AOTRITON_ENABLE_EXPERIMENTAL=1) or with flash attention (NVIDIA)",
      device.str(), Problems(trials)));
}

absl::StatusOr<AttentionChoice> ChooseFastest(c10::Device device, const std::vector<AttentionTrial>& trials) {
  const AttentionTrial* const many = Fastest(trials, &AttentionTrial::many_queries_ms);
  const AttentionTrial* const few = Fastest(trials, &AttentionTrial::few_queries_ms);
  if (many == nullptr || few == nullptr) return NothingWorks(device, trials);
  return AttentionChoice{.many_queries = many->backend, .few_queries = few->backend};
}

// Why it cannot serve; empty: it can.
std::string ProblemOf(AttentionBackend backend, c10::Device device, const std::vector<AttentionTrial>& trials) {
  if (const AttentionTrial* const trial = Find(trials, backend)) return trial->problem;
  if (backend == AttentionBackend::kMath) return "it would hold every score at once, 145 GB for a 10-second clip";
  if (backend == AttentionBackend::kNative) return "it may fall to math without a word";
  return absl::StrFormat("%s has no such kernel", device.str());
}

absl::StatusOr<AttentionChoice> ChooseByName(c10::Device device, const std::string& name,
                                             const std::vector<AttentionTrial>& trials) {
  const std::optional<AttentionBackend> backend = ParseAttentionBackend(name);
  if (!backend.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrFormat("attention is \"%s\"; use auto, cudnn, flash, efficient, math or native", name));
  }
  const std::string problem = ProblemOf(*backend, device, trials);
  if (!problem.empty()) {
    return absl::FailedPreconditionError(
        absl::StrFormat("attention is \"%s\", which cannot serve on %s: %s; use one of: %s", name, device.str(),
                        problem, Usable(trials)));
  }
  return AttentionChoice{.many_queries = *backend, .few_queries = *backend};
}

}  // namespace

std::vector<AttentionBackend> AttentionCandidates(c10::Device device) {
  if (device.is_cpu()) return {AttentionBackend::kNative, AttentionBackend::kMath};
  return {AttentionBackend::kCudnn, AttentionBackend::kFlash, AttentionBackend::kEfficient};
}

absl::StatusOr<AttentionSelection> SelectAttention(c10::Device device, std::string_view requested,
                                                   std::vector<AttentionTrial> trials) {
  const absl::StatusOr<AttentionChoice> choice =
      requested == "auto" ? ChooseFastest(device, trials) : ChooseByName(device, std::string(requested), trials);
  if (!choice.ok()) return choice.status();
  AttentionSelection selection = {.choice = *choice, .trials = std::move(trials), .line = ""};
  selection.line = Describe(selection);
  return selection;
}

absl::StatusOr<AttentionSelection> ChooseAttention(const AttentionNeed& need, std::string_view requested) {
  std::vector<AttentionTrial> trials;
  for (const AttentionBackend backend : AttentionCandidates(need.device)) {
    trials.push_back(TryAttention(need, backend, [&](const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
      return RunAttention(backend, q, k, v);
    }));
  }
  return SelectAttention(need.device, requested, std::move(trials));
}

}  // namespace ovi
