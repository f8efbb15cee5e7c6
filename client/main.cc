// ovi-client: the command line in front of ovi-server.
#include <CLI/CLI.hpp>

#include "client/commands/commands.h"

namespace ovi::client {
namespace {

void AddCredentials(CLI::App& app, Options& options) {
  Credentials& credentials = options.credentials;
  app.add_flag("--tls", credentials.tls, "Encrypt, and trust who the system trusts")->envname("OVI_TLS");
  app.add_option("--ca", credentials.ca, "PEM file of who signed the server's certificate; means --tls")
      ->envname("OVI_CA");
  app.add_option("--cert", credentials.certificate, "PEM file of the client's own certificate, where the server asks")
      ->envname("OVI_CERT");
  app.add_option("--key", credentials.key, "PEM file of its key")->envname("OVI_KEY");
  app.add_option("--token", credentials.token,
                 "Token to call with; others on this machine can see it here, so prefer the file")
      ->envname("OVI_TOKEN");
  app.add_option("--token-file", credentials.token_file, "File with the token; - is stdin")->envname("OVI_TOKEN_FILE");
}

}  // namespace
}  // namespace ovi::client

int main(int argc, char** argv) {
  using namespace ovi::client;  // NOLINT: one binary, one namespace
  Options options;
  int exit_code = kOk;
  CLI::App app("ovi-client: prompts in, clips with picture, speech and sound out");
  app.set_version_flag("--version", OVI_VERSION);
  app.require_subcommand(1);
  app.add_option("--server", options.server, "Address of ovi-server")->envname("OVI_SERVER")->capture_default_str();
  AddCredentials(app, options);
  app.add_flag("--json", options.json, "One JSON object per line on stdout, for machines");
  app.add_flag("-q,--quiet", options.quiet, "No progress");
  app.add_flag("--no-color", options.no_color, "No colours; NO_COLOR does the same");
  app.add_option("--timeout", options.timeout_seconds, "Seconds to reach the server and for each short call")
      ->check(CLI::Range(0.1, 3600.0))
      ->capture_default_str();
  app.add_option("--reconnect-timeout", options.reconnect_seconds,
                 "Seconds to go on watching a job whose server is away, as when it restarts")
      ->check(CLI::Range(0.0, 86400.0))
      ->capture_default_str();
  app.footer(
      "Exit status: 0 done, 1 the job failed, 2 wrong usage, 3 cancelled, 64 + gRPC code when a call was refused.");
  AddGenerate(app, options, exit_code);
  AddJobs(app, options, exit_code);
  AddWatch(app, options, exit_code);
  AddCancel(app, options, exit_code);
  AddDelete(app, options, exit_code);
  AddDownload(app, options, exit_code);
  AddInfo(app, options, exit_code);
  app.parse_complete_callback([&options] {
    const absl::Status status = Complete(options.credentials, options.server);
    if (!status.ok()) throw CLI::ValidationError("ovi-client", std::string(status.message()));
  });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kOk : kUsage;
  }
  return exit_code;
}
