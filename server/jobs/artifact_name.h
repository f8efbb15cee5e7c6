// How artifacts are called, so that whoever finds one knows whose it is: JOB-STORE-CLAIM.EXTENSION, with the store's
// uid and the claim under which the job was made. Two servers that make one job, as the first was given up, write two
// artifacts, and only the one that the record names stays.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/clip.h"
#include "server/jobs/job.h"

namespace ovi {

// The key for what is made of a claimed job.
std::string ArtifactKeyOf(const Job& claimed, std::string_view store_uid);

// The job whose artifact this is, if the store with this uid gave it its key.
std::optional<JobId> JobOfArtifact(std::string_view key, std::string_view store_uid);

// "video/mp4".
std::string MediaTypeOf(OutputFormat format);

}  // namespace ovi
