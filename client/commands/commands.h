// The verbs. Each adds itself to the command line; when it was chosen, it runs in its callback and leaves its exit
// code.
#pragma once

#include <CLI/CLI.hpp>

#include "client/connection.h"

namespace ovi::client {

// `options` is filled when the callbacks run; both references outlive the parse.
void AddGenerate(CLI::App& app, const Options& options, int& exit_code);
void AddJobs(CLI::App& app, const Options& options, int& exit_code);
void AddWatch(CLI::App& app, const Options& options, int& exit_code);
void AddCancel(CLI::App& app, const Options& options, int& exit_code);
void AddDelete(CLI::App& app, const Options& options, int& exit_code);
void AddDownload(CLI::App& app, const Options& options, int& exit_code);
void AddInfo(CLI::App& app, const Options& options, int& exit_code);

// "abc" and "jobs/abc" name the same job.
std::string JobName(const std::string& given);

}  // namespace ovi::client
