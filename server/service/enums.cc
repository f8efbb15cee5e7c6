#include "server/service/enums.h"

#include <array>
#include <utility>

namespace ovi {
namespace {

constexpr std::array kSolvers = {
    std::pair{Solver::kUniPc, v1::SOLVER_UNI_PC},
    std::pair{Solver::kDpmPlusPlus, v1::SOLVER_DPM_PLUS_PLUS},
    std::pair{Solver::kEuler, v1::SOLVER_EULER},
};
constexpr std::array kNoiseSources = {
    std::pair{NoiseSource::kCpu, v1::NOISE_SOURCE_CPU},
    std::pair{NoiseSource::kDevice, v1::NOISE_SOURCE_DEVICE},
};
constexpr std::array kOutputFormats = {
    std::pair{OutputFormat::kMp4, v1::OUTPUT_FORMAT_MP4},
    std::pair{OutputFormat::kMkvLossless, v1::OUTPUT_FORMAT_MKV_LOSSLESS},
    std::pair{OutputFormat::kWav, v1::OUTPUT_FORMAT_WAV},
    std::pair{OutputFormat::kPngZip, v1::OUTPUT_FORMAT_PNG_ZIP},
};
constexpr std::array kImageFits = {
    std::pair{ImageFit::kStretch, v1::IMAGE_FIT_STRETCH},
    std::pair{ImageFit::kCenterCrop, v1::IMAGE_FIT_CENTER_CROP},
};
constexpr std::array kStages = {
    std::pair{Stage::kTextEncode, v1::STAGE_TEXT_ENCODE},
    std::pair{Stage::kFirstFrameEncode, v1::STAGE_FIRST_FRAME_ENCODE},
    std::pair{Stage::kDiffusion, v1::STAGE_DIFFUSION},
    std::pair{Stage::kCleanup, v1::STAGE_CLEANUP},
    std::pair{Stage::kAudioDecode, v1::STAGE_AUDIO_DECODE},
    std::pair{Stage::kVideoDecode, v1::STAGE_VIDEO_DECODE},
    std::pair{Stage::kFinish, v1::STAGE_FINISH},
};
constexpr std::array kMemoryPoints = {
    std::pair{MemoryPoint::kLoaded, v1::MEMORY_POINT_LOADED},
    std::pair{MemoryPoint::kTextEncoded, v1::MEMORY_POINT_TEXT_ENCODED},
    std::pair{MemoryPoint::kDiffusionPeak, v1::MEMORY_POINT_DIFFUSION_PEAK},
    std::pair{MemoryPoint::kAfterCleanup, v1::MEMORY_POINT_AFTER_CLEANUP},
    std::pair{MemoryPoint::kDecodePeak, v1::MEMORY_POINT_DECODE_PEAK},
    std::pair{MemoryPoint::kDone, v1::MEMORY_POINT_DONE},
};
constexpr std::array kStates = {
    std::pair{JobState::kQueued, v1::Job::QUEUED},       std::pair{JobState::kRunning, v1::Job::RUNNING},
    std::pair{JobState::kSucceeded, v1::Job::SUCCEEDED}, std::pair{JobState::kFailed, v1::Job::FAILED},
    std::pair{JobState::kCancelled, v1::Job::CANCELLED}, std::pair{JobState::kExpired, v1::Job::EXPIRED},
};

constexpr std::array kPriorities = {
    std::pair{JobPriority::kLow, v1::Job::LOW},
    std::pair{JobPriority::kNormal, v1::Job::NORMAL},
    std::pair{JobPriority::kHigh, v1::Job::HIGH},
};

template <typename Table, typename Ours>
auto Theirs(const Table& table, Ours ours) -> typename Table::value_type::second_type {
  for (const auto& [one, other] : table) {
    if (one == ours) return other;
  }
  return {};  // every table is complete: not reached
}

template <typename Table, typename Value>
auto Ours(const Table& table, Value theirs) -> std::optional<typename Table::value_type::first_type> {
  for (const auto& [one, other] : table) {
    if (other == theirs) return one;
  }
  return std::nullopt;
}

}  // namespace

v1::Solver ToProto(Solver solver) { return Theirs(kSolvers, solver); }
v1::NoiseSource ToProto(NoiseSource source) { return Theirs(kNoiseSources, source); }
v1::OutputFormat ToProto(OutputFormat format) { return Theirs(kOutputFormats, format); }
v1::ImageFit ToProto(ImageFit fit) { return Theirs(kImageFits, fit); }
v1::Stage ToProto(Stage stage) { return Theirs(kStages, stage); }
v1::MemoryPoint ToProto(MemoryPoint point) { return Theirs(kMemoryPoints, point); }
v1::Job::State ToProto(JobState state) { return Theirs(kStates, state); }
v1::Job::Priority ToProto(JobPriority priority) { return Theirs(kPriorities, priority); }

std::optional<Solver> FromProto(v1::Solver solver) { return Ours(kSolvers, solver); }
std::optional<NoiseSource> FromProto(v1::NoiseSource source) { return Ours(kNoiseSources, source); }
std::optional<OutputFormat> FromProto(v1::OutputFormat format) { return Ours(kOutputFormats, format); }
std::optional<ImageFit> FromProto(v1::ImageFit fit) { return Ours(kImageFits, fit); }
std::optional<JobPriority> FromProto(v1::Job::Priority priority) { return Ours(kPriorities, priority); }

}  // namespace ovi
