#include "server/jobs/memory_job_store.h"
#include "tests/unit/job_store_conformance.h"

namespace ovi {
namespace {

std::unique_ptr<JobStore> MakeMemoryStore() { return std::make_unique<MemoryJobStore>(); }
INSTANTIATE_TEST_SUITE_P(Memory, JobStoreTest, testing::Values(&MakeMemoryStore));

}  // namespace
}  // namespace ovi
