#include "engine/parity/compare.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/isfinite.h>

#include <algorithm>
#include <cmath>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace ovi {
namespace {

std::string ShapeText(const at::Tensor& tensor) { return absl::StrFormat("[%s]", absl::StrJoin(tensor.sizes(), ", ")); }

// Difference as a share of its limit; a limit of zero allows nothing.
double Share(double value, double limit) {
  if (value == 0) return 0;
  return limit > 0 ? value / limit : INFINITY;
}

TensorReport CompareTensor(const std::string& name, const at::Tensor& expected, const Tolerance& tolerance,
                           const at::Tensor* actual) {
  TensorReport report;
  report.name = name;
  report.tolerance = tolerance;
  if (actual == nullptr || !actual->defined()) {
    report.problem = "not computed";
    return report;
  }
  if (actual->sizes() != expected.sizes()) {
    report.problem = absl::StrFormat("shape %s, expected %s", ShapeText(*actual), ShapeText(expected));
    return report;
  }
  const at::Tensor x = actual->cpu().to(at::kDouble), e = expected.to(at::kDouble);
  if (!x.isfinite().all().item<bool>() || !e.isfinite().all().item<bool>()) {
    report.problem = "not finite";
    return report;
  }
  const at::Tensor difference = x.sub(e).abs();
  if (difference.numel() == 0) {
    report.ok = true;
    return report;
  }
  report.max_abs = difference.max().item<double>();
  const double norm = e.square().mean().sqrt().item<double>();
  const double error = difference.square().mean().sqrt().item<double>();
  report.rel_rms = norm > 0 ? error / norm : (error > 0 ? INFINITY : 0);
  report.differing = difference.gt(0).to(at::kDouble).mean().item<double>();
  const Tolerance& limit = report.tolerance;
  if (limit.max_abs >= 0) report.used = std::max(report.used, Share(report.max_abs, limit.max_abs));
  if (limit.rel_rms >= 0) report.used = std::max(report.used, Share(report.rel_rms, limit.rel_rms));
  if (limit.differing >= 0) report.used = std::max(report.used, Share(report.differing, limit.differing));
  report.ok = report.used <= 1;
  return report;
}

std::string Limits(const Tolerance& tolerance) {
  std::vector<std::string> parts;
  if (tolerance.max_abs >= 0) parts.push_back(absl::StrFormat("max %.2g", tolerance.max_abs));
  if (tolerance.rel_rms >= 0) parts.push_back(absl::StrFormat("rms %.2g", tolerance.rel_rms));
  if (tolerance.differing >= 0) parts.push_back(absl::StrFormat("differing %.2g", tolerance.differing));
  return absl::StrJoin(parts, ", ");
}

std::string Figures(const TensorReport& tensor) {
  if (!tensor.problem.empty()) return tensor.problem;
  return absl::StrFormat("max %.2e  rms %.2e  (limits %s)", tensor.max_abs, tensor.rel_rms, Limits(tensor.tolerance));
}

}  // namespace

CaseReport Compare(const ParityCase& parity_case, const CaseOutcome& outcome, at::ScalarType dtype) {
  CaseReport report;
  report.name = parity_case.name;
  report.ok = true;
  report.rows = outcome.rows;
  report.wrong_rows = outcome.wrong_rows;
  for (const auto& [name, expected] : parity_case.expected) {
    const auto found = outcome.tensors.find(name);
    const Tolerance tolerance = ToleranceFor(parity_case.kind, expected.tolerance, dtype);
    report.tensors.push_back(
        CompareTensor(name, expected.value, tolerance, found == outcome.tensors.end() ? nullptr : &found->second));
    report.ok = report.ok && report.tensors.back().ok;
  }
  if (outcome.wrong_rows > 0) {
    report.ok = false;
    report.problem = absl::StrFormat("%d of %d rows differ; the first: %s", outcome.wrong_rows, outcome.rows,
                                     outcome.first_wrong_row);
  }
  if (report.tensors.empty() && outcome.rows == 0) {
    report.ok = false;
    report.problem = "nothing was compared";
  }
  return report;
}

const TensorReport* Tightest(const CaseReport& report) {
  const auto tightest =
      std::max_element(report.tensors.begin(), report.tensors.end(), [](const TensorReport& a, const TensorReport& b) {
        return std::pair(!a.problem.empty(), a.used) < std::pair(!b.problem.empty(), b.used);
      });
  return tightest == report.tensors.end() ? nullptr : &*tightest;
}

std::string FormatReport(const CaseReport& report, bool verbose) {
  std::string line = absl::StrFormat("%-28s ", report.name);
  if (const TensorReport* const tightest = Tightest(report)) {
    line += absl::StrFormat("%s: %s", tightest->name, Figures(*tightest));
  } else if (report.rows > 0) {
    line += absl::StrFormat("%d rows, %d differ", report.rows, report.wrong_rows);
  }
  line += report.ok ? "  ok" : "  FAIL";
  if (!report.problem.empty()) line += "\n    " + report.problem;
  for (const TensorReport& tensor : report.tensors) {
    if (tensor.ok && !verbose) continue;
    line += absl::StrFormat("\n    %s: %s%s", tensor.name, Figures(tensor), tensor.ok ? "" : "  FAIL");
  }
  return line;
}

}  // namespace ovi
