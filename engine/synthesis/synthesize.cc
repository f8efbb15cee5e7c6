#include "engine/synthesis/synthesize.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/guard.h"
#include "engine/synthesis/file_layout.h"
#include "engine/synthesis/file_writer.h"
#include "engine/synthesis/network_shapes.h"
#include "engine/synthesis/tokenizer_model.h"
#include "engine/synthesis/write_files.h"
#include "engine/video_vae/vae_stage.h"

namespace ovi {
namespace {

namespace fs = std::filesystem;

// Upstream names the type in the file's name.
at::ScalarType FusionDtype(const std::string& path) {
  return fs::path(path).filename().string().find("fp8") != std::string::npos ? at::kFloat8_e4m3fn : at::kBFloat16;
}

absl::StatusOr<std::vector<PlannedFile>> Plan(const BundleConfig& bundle) {
  OVI_RETURN_IF_ERROR(CheckVideoVaeConfig(bundle.video_vae));
  const BundleShapes shapes = ShapesOf(bundle);
  std::vector<PlannedFile> files;
  const auto add = [&](const std::string& path, const TensorShapes& tensors, at::ScalarType dtype,
                       const std::string& wrapper = "") -> absl::Status {
    OVI_ASSIGN_OR_RETURN(FileLayout layout, LayoutFor(path, tensors, dtype, wrapper));
    files.push_back({path, std::move(layout)});
    return absl::OkStatus();
  };
  std::set<std::string> towers;  // checkpoints may share a file
  for (const CheckpointConfig& checkpoint : bundle.checkpoints) towers.insert(checkpoint.fusion_file);
  for (const std::string& path : towers) OVI_RETURN_IF_ERROR(add(path, shapes.fusion, FusionDtype(path)));
  OVI_RETURN_IF_ERROR(add(bundle.text_encoder_file, shapes.text_encoder, at::kBFloat16));
  OVI_RETURN_IF_ERROR(add(bundle.video_vae_file, shapes.video_vae, at::kFloat));
  OVI_RETURN_IF_ERROR(add(bundle.audio_vae_file, shapes.audio_vae, at::kFloat));
  OVI_RETURN_IF_ERROR(add(bundle.vocoder_file, shapes.vocoder, at::kFloat, "generator"));
  return files;
}

absl::Status CheckVocabulary(const TextEncoderConfig& config) {
  if (config.vocab_size >= kTokenizerPieces) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrFormat("text_encoder.vocab_size is %d; the synthetic tokenizer needs %d ids: raise it",
                      config.vocab_size, kTokenizerPieces));
}

absl::Status CheckFree(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(folder, error)) return absl::OkStatus();
  if (fs::is_directory(folder, error) && fs::is_empty(folder, error) && !error) return absl::OkStatus();
  return absl::AlreadyExistsError(
      absl::StrFormat("%s is not an empty folder; name one that is, or a new one", folder.string()));
}

// What has to go if the work fails: the outermost folder that it has to make, or what is in the one that was there.
fs::path NearestExisting(fs::path folder, fs::path& outermost_new) {
  std::error_code error;
  for (; !fs::exists(folder, error); folder = folder.parent_path()) outermost_new = folder;
  return folder;
}

void RemoveWhatWasMade(const fs::path& outermost_new, const fs::path& folder) {
  std::error_code ignored;
  if (!outermost_new.empty()) {
    fs::remove_all(outermost_new, ignored);
    return;
  }
  std::vector<fs::path> made;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) made.push_back(entry.path());
  for (const fs::path& path : made) fs::remove_all(path, ignored);
}

absl::Status CheckRoom(const std::vector<PlannedFile>& files, const fs::path& disk) {
  uint64_t needed = 0;
  for (const PlannedFile& file : files) needed += file.layout.bytes;
  std::error_code error;
  const fs::space_info space = fs::space(disk, error);
  if (error || space.available >= needed) return absl::OkStatus();  // unknown: the write will tell
  constexpr double kGigabyte = 1e9;
  return absl::ResourceExhaustedError(absl::StrFormat(
      "the bundle needs %.1f GB and %s has %.1f GB free: make room, or name another disk",
      static_cast<double>(needed) / kGigabyte, disk.string(), static_cast<double>(space.available) / kGigabyte));
}

absl::Status WriteTokenizer(const std::string& named) {
  const fs::path path(named);
  const std::string file = path.extension() == ".model" ? named : (path / "spiece.model").string();
  const std::string bytes = MakeTokenizerModel();
  OVI_ASSIGN_OR_RETURN(const std::unique_ptr<FileWriter> writer, FileWriter::Create(file));
  OVI_RETURN_IF_ERROR(writer->Write(0, bytes.data(), bytes.size()));
  return writer->Finish();
}

}  // namespace

absl::Status Synthesize(const BundleConfig& bundle, const std::string& folder_name, uint64_t seed) {
  const fs::path folder = fs::absolute(folder_name).lexically_normal();
  OVI_RETURN_IF_ERROR(CheckFree(folder));
  OVI_RETURN_IF_ERROR(CheckVocabulary(bundle.text_encoder));
  OVI_ASSIGN_OR_RETURN(const std::vector<PlannedFile> files, Guard("planning", [&] { return Plan(bundle); }));
  fs::path outermost_new;
  OVI_RETURN_IF_ERROR(CheckRoom(files, NearestExisting(folder, outermost_new)));
  absl::Cleanup undo = [&] { RemoveWhatWasMade(outermost_new, folder); };
  // More threads than this do not write faster.
  const unsigned threads = std::clamp(std::thread::hardware_concurrency(), 1u, 32u);
  OVI_RETURN_IF_ERROR(WriteFiles(files, seed, threads));
  OVI_RETURN_IF_ERROR(WriteTokenizer(bundle.tokenizer_file));
  std::move(undo).Cancel();
  return absl::OkStatus();
}

}  // namespace ovi
