// A job with something in every kind of field: zeros, bytes that are no UTF-8, the largest seed, nanoseconds.
#pragma once

#include <memory>
#include <string>

#include "server/jobs/job.h"
#include "server/jobs/job_id.h"

namespace ovi {

inline Job FullJob(const std::string& prompt) {
  Job job;
  job.id = JobId::Random();
  job.uid = RandomUuid();
  job.create_time = absl::FromUnixNanos(1'700'000'000'123'456'789);
  auto clip = std::make_shared<ClipSpec>();
  clip->prompt = prompt;
  clip->first_frame = std::string("\0\xFFPNG", 5);
  clip->warnings = {"a warning"};
  clip->seed = ~uint64_t{0};
  job.spec.clip = clip;
  job.spec.first_frame_bytes = 5;
  job.spec.labels = {{"album", "night"}};
  job.spec.start_timeout = absl::Seconds(5);
  job.spec.principal = "me";
  job.spec.body = {{"prompt", prompt}};
  return job;
}

}  // namespace ovi
