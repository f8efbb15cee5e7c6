// What S3's refusals mean: the one place that translates its codes into ours.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "server/http/http.h"

namespace ovi {

// Whether S3 did what it was asked. A 200 is not enough: CompleteMultipartUpload sends one before it knows.
bool Succeeded(const HttpRequest& request, const HttpResponse& response);

// The error in an answer that did not succeed. Unavailable: the same request may succeed later; no other code says so.
// `what` says what was tried: "PUT s3://clips/a.mp4".
absl::Status S3Status(const HttpResponse& response, const std::string& what);

// The text of the first <element> of S3's XML, its entities replaced; empty if there is none.
std::string XmlText(std::string_view xml, const std::string& element);

// What stands inside each <element>, as it is. An element is not looked for inside another of its name.
std::vector<std::string_view> XmlElements(std::string_view xml, const std::string& element);

}  // namespace ovi
