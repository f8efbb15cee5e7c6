// A result from the server into a file.
#pragma once

#include <string>

#include "client/connection.h"
#include "client/output_file.h"

namespace ovi::client {

// Reads the whole artifact of `job_name` ("jobs/...") into `file`, going on from the last byte when the connection
// breaks, checks its SHA-256 and commits it. Returns the exit code; says on stderr what went wrong.
int DownloadArtifact(Connection& connection, const std::string& job_name, OutputFile& file);

}  // namespace ovi::client
