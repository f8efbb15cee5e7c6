// The advisory locks of the job database: one class for all of ovi, so that they do not meet another program's.
#pragma once

namespace ovi {

constexpr int kLockClass = 0x6f7669;  // "ovi"
constexpr int kSchemaLock = 1;        // who changes the tables
constexpr int kInsertLock = 2;        // who inserts a job

}  // namespace ovi
