// What the conformance suite of the job stores works with (job_store_conformance.h).
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "base/field_violations.h"
#include "server/jobs/job_store.h"
#include "server/jobs/status_details.h"

namespace ovi {

using JobStoreFactory = std::unique_ptr<JobStore> (*)();

class JobStoreTest : public testing::TestWithParam<JobStoreFactory> {
 protected:
  static constexpr QueueLimits kNoLimit = {};

  static Job NewJob(const std::string& prompt = "a ball") {
    Job job;
    job.id = JobId::Random();
    job.uid = RandomUuid();
    job.create_time = absl::FromUnixSeconds(1000);
    ClipSpec clip;
    clip.prompt = prompt;
    clip.first_frame = "PNG";
    job.spec.clip = std::make_shared<ClipSpec>(clip);
    job.spec.body = {{"job.request.prompt", prompt}};
    job.spec.labels = {{"prompt", prompt}};
    return job;
  }
  static ClipSpec WithoutFirstFrame(const Job& job) {
    ClipSpec clip = *job.spec.clip;
    clip.first_frame.clear();
    return clip;
  }
  Job Insert(const std::string& prompt = "a ball") { return store_->Insert(NewJob(prompt), "", kNoLimit)->job; }
  static JobEnd EndAs(JobState state) {
    JobEnd end;
    end.state = state;
    end.time = absl::FromUnixSeconds(2000);
    end.error = state == JobState::kSucceeded ? absl::OkStatus() : absl::InternalError("broke");
    return end;
  }
  // A job that a worker has.
  Job Claimed() {
    Insert();
    return **store_->Claim(absl::FromUnixSeconds(1500));
  }
  // One that has ended.
  Job Ended(const Job& job, const JobEnd& end) {
    const auto inserted = store_->Insert(job, "", kNoLimit);
    return *store_->End(inserted->job, end);
  }
  std::vector<std::string> Prompts(const JobFilter& filter) {
    std::vector<std::string> prompts;
    const JobPage page = *store_->List({.filter = filter, .principal = {}, .limit = 100});
    for (const Job& job : page.jobs) prompts.push_back(job.spec.clip->prompt);
    return prompts;
  }

  const std::unique_ptr<JobStore> store_ = GetParam()();
};

}  // namespace ovi
