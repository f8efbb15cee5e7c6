// The enums of the API and of the engine, one table each way. An API value this server does not know gives nothing.
#pragma once

#include <optional>

#include "engine/clip.h"
#include "engine/observer.h"
#include "ovi/v1/clip.pb.h"
#include "ovi/v1/job.pb.h"
#include "ovi/v1/memory.pb.h"
#include "ovi/v1/progress.pb.h"
#include "server/jobs/job.h"

namespace ovi {

v1::Solver ToProto(Solver solver);
v1::NoiseSource ToProto(NoiseSource source);
v1::OutputFormat ToProto(OutputFormat format);
v1::ImageFit ToProto(ImageFit fit);
v1::Stage ToProto(Stage stage);
v1::MemoryPoint ToProto(MemoryPoint point);
v1::Job::State ToProto(JobState state);
v1::Job::Priority ToProto(JobPriority priority);

std::optional<Solver> FromProto(v1::Solver solver);
std::optional<NoiseSource> FromProto(v1::NoiseSource source);
std::optional<OutputFormat> FromProto(v1::OutputFormat format);
std::optional<ImageFit> FromProto(v1::ImageFit fit);
std::optional<JobPriority> FromProto(v1::Job::Priority priority);

}  // namespace ovi
