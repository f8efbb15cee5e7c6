#include "server/artifacts/s3/s3_settings.h"

#include <cstdlib>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "server/artifacts/s3/s3_names.h"

namespace ovi {
namespace {

// A value that was set, and by which variable, for errors.
struct Variable {
  std::string name, value;
};

Variable FirstSet(const Environment& environment, const char* name, const char* fallback) {
  if (std::string value = environment(name); !value.empty()) return {name, value};
  return {fallback, environment(fallback)};
}

absl::Status CheckCredentials(const S3Credentials& credentials) {
  const auto check = [](const char* name, const std::string& value, bool needed) {
    if (value.empty() && needed) {
      return absl::InvalidArgumentError(absl::StrFormat("%s is not set; storing clips in S3 needs it", name));
    }
    // A line break at the end is what `export X=$(cat file)` in some shells, and most secret files, leave.
    if (IsPrintableWord(value)) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrFormat("%s holds a blank, a line break or a character that no key has; set it again", name));
  };
  OVI_RETURN_IF_ERROR(check("AWS_ACCESS_KEY_ID", credentials.access_key_id, true));
  OVI_RETURN_IF_ERROR(check("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key, true));
  return check("AWS_SESSION_TOKEN", credentials.session_token, false);
}

absl::StatusOr<bool> UsePath(const Environment& environment, bool by_default) {
  const std::string addressing = environment("OVI_S3_ADDRESSING");
  if (addressing.empty()) return by_default;
  if (addressing == "path" || addressing == "virtual") return addressing == "path";
  return absl::InvalidArgumentError(
      absl::StrFormat("OVI_S3_ADDRESSING is '%s'; use path or virtual", log::Escaped(addressing)));
}

}  // namespace

std::string ProcessEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

absl::StatusOr<S3Settings> ReadS3Settings(std::string_view address, const Environment& environment) {
  S3Settings settings;
  OVI_ASSIGN_OR_RETURN(const S3Location location, ParseS3Location(address));
  settings.bucket = location.bucket;
  settings.key_prefix = location.key_prefix;
  settings.credentials = {.access_key_id = environment("AWS_ACCESS_KEY_ID"),
                          .secret_access_key = environment("AWS_SECRET_ACCESS_KEY"),
                          .session_token = environment("AWS_SESSION_TOKEN")};
  OVI_RETURN_IF_ERROR(CheckCredentials(settings.credentials));

  const Variable endpoint = FirstSet(environment, "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL");
  const Variable region = FirstSet(environment, "AWS_REGION", "AWS_DEFAULT_REGION");
  settings.region = region.value.empty() && !endpoint.value.empty() ? "us-east-1" : region.value;
  if (settings.region.empty()) {
    return absl::InvalidArgumentError(
        "AWS_REGION is not set; set it to the bucket's region, or AWS_ENDPOINT_URL_S3 for a server of your own");
  }
  if (!IsHostName(settings.region)) {
    return absl::InvalidArgumentError(
        absl::StrFormat("%s is '%s'; use a region like eu-central-1", region.name, log::Escaped(settings.region)));
  }
  Endpoint parsed{.scheme = "https", .host = absl::StrFormat("s3.%s.amazonaws.com", settings.region)};
  // China's regions are another partition of AWS, with a domain of its own.
  if (absl::StartsWith(settings.region, "cn-")) parsed.host += ".cn";
  if (!endpoint.value.empty()) {
    OVI_ASSIGN_OR_RETURN(parsed, ParseEndpoint(endpoint.name, endpoint.value));
  }
  const bool dotted = settings.bucket.find('.') != std::string::npos;
  OVI_ASSIGN_OR_RETURN(const bool use_path, UsePath(environment, !endpoint.value.empty() || dotted));
  settings.host = use_path ? parsed.host : settings.bucket + "." + parsed.host;
  settings.base_url = absl::StrFormat("%s://%s", parsed.scheme, settings.host);
  settings.path_prefix = use_path ? "/" + settings.bucket + "/" : "/";
  return settings;
}

}  // namespace ovi
