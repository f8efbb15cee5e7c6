#include <curl/curl.h>
#include <sys/socket.h>

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "base/mutex.h"
#include "server/http/http.h"

namespace ovi {
namespace {

using EasyHandle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using HeaderList = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

// One exchange, as libcurl's callbacks see it.
struct Exchange {
  const HttpRequest& request;
  const HttpPolicy& policy;
  HttpResponse response;
  bool too_long = false, stopped = false, refused = false;
};

size_t TakeBody(char* data, size_t, size_t size, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const int64_t room = exchange.request.max_response_bytes - static_cast<int64_t>(exchange.response.body.size());
  exchange.too_long = static_cast<int64_t>(size) > room;
  if (!exchange.too_long) {
    exchange.response.body.append(data, size);
  } else if (exchange.request.cut_response) {
    exchange.response.body.append(data, static_cast<size_t>(room));
  }
  return exchange.too_long ? 0 : size;  // 0 ends the exchange
}

int AskWhetherToStop(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto& exchange = *static_cast<Exchange*>(user);
  exchange.stopped = exchange.request.should_stop();
  return exchange.stopped ? 1 : 0;
}

curl_socket_t OpenSocket(void* user, curlsocktype, curl_sockaddr* address) {
  auto& exchange = *static_cast<Exchange*>(user);
  if (!exchange.policy.may_connect(address->addr)) {
    exchange.refused = true;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

size_t TakeHeader(char* data, size_t, size_t size, void* user) {
  auto& headers = static_cast<Exchange*>(user)->response.headers;
  const std::string_view line(data, size);
  if (line.substr(0, 5) == "HTTP/") headers.clear();  // those of a "100 Continue" are not the answer's
  if (const size_t colon = line.find(':'); colon != std::string_view::npos) {
    const std::string_view value = line.substr(colon + 1);
    headers[absl::AsciiStrToLower(std::string(line.substr(0, colon)))] =
        std::string(absl::StripAsciiWhitespace({value.data(), value.size()}));
  }
  return size;
}

absl::Status ErrorOf(CURLcode code, const Exchange& exchange, const std::string& detail) {
  if (exchange.stopped) return absl::CancelledError("stopped while it was waiting for an answer");
  if (exchange.too_long) {
    return absl::InternalError(
        absl::StrFormat("the answer is longer than the %d bytes it may have", exchange.request.max_response_bytes));
  }
  // Another address of the same name may have been tried after it: then that one's failure is told.
  if (exchange.refused && code == CURLE_COULDNT_CONNECT) {
    return absl::PermissionDeniedError("its name leads to an address that must not be connected to");
  }
  const std::string why = detail.empty() ? curl_easy_strerror(code) : detail;
  if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE) {
    return absl::FailedPreconditionError(
        absl::StrFormat("%s; add the authority that signed the certificate to this machine's", why));
  }
  return absl::UnavailableError(why);
}

class CurlTransport final : public HttpTransport {
 public:
  CurlTransport(const HttpTimeouts& timeouts, HttpPolicy policy) : timeouts_(timeouts), policy_(std::move(policy)) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
  }
  ~CurlTransport() override {
    {
      MutexLock lock(mutex_);
      idle_.clear();
    }
    curl_global_cleanup();
  }

  absl::StatusOr<HttpResponse> Send(const HttpRequest& request) override {
    EasyHandle handle = Take();
    Exchange exchange{.request = request, .policy = policy_, .response = {}};
    HeaderList headers(nullptr, &curl_slist_free_all);
    const auto add = [&](const std::string& line) {
      headers.reset(curl_slist_append(headers.release(), line.c_str()));
    };
    for (const auto& [name, value] : request.headers) add(absl::StrFormat("%s: %s", name, value));
    add("Expect:");        // a 100 that a server does not send would cost a second
    add("Content-Type:");  // ours if there is one among `headers`, never that of a form
    char detail[CURL_ERROR_SIZE] = "";
    Prepare(handle.get(), request, exchange);
    curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(handle.get(), CURLOPT_ERRORBUFFER, detail);
    const CURLcode code = curl_easy_perform(handle.get());
    long status = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
    Return(std::move(handle));
    const bool cut = exchange.too_long && request.cut_response;
    if (code != CURLE_OK && !cut) return ErrorOf(code, exchange, detail);
    exchange.response.status = static_cast<int>(status);
    return std::move(exchange.response);
  }

 private:
  void Prepare(CURL* handle, const HttpRequest& request, Exchange& exchange) const {
    curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L);  // what was signed
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, policy_.https_only ? "https" : "http,https");
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);  // we have threads
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(absl::ToInt64Milliseconds(timeouts_.connect)));
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, static_cast<long>(absl::ToInt64Seconds(timeouts_.stalled)));
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(absl::ToInt64Milliseconds(timeouts_.whole)));
    if (!policy_.ca_file.empty()) curl_easy_setopt(handle, CURLOPT_CAINFO, policy_.ca_file.c_str());
    if (policy_.may_connect != nullptr) {
      curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, &OpenSocket);
      curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, &exchange);
      curl_easy_setopt(handle, CURLOPT_PROXY, "");
      curl_easy_setopt(handle, CURLOPT_FRESH_CONNECT, 1L);
      curl_easy_setopt(handle, CURLOPT_FORBID_REUSE, 1L);
    }
    if (request.should_stop != nullptr) {
      curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
      curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, &AskWhetherToStop);
      curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &exchange);
    }
    curl_easy_setopt(handle, CURLOPT_NOBODY, request.method == "HEAD" ? 1L : 0L);
    if (request.method == "PUT" || request.method == "POST") {
      // As a form's fields and not as an upload: libcurl can send them again over another connection if an idle one
      // broke.
      curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
      curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.empty() ? "" : request.body.data());
    }
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &TakeBody);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &exchange);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &TakeHeader);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, &exchange);
  }

  EasyHandle Take() {
    MutexLock lock(mutex_);
    if (idle_.empty()) return EasyHandle(curl_easy_init(), &curl_easy_cleanup);
    EasyHandle handle = std::move(idle_.back());
    idle_.pop_back();
    return handle;
  }

  void Return(EasyHandle handle) {
    curl_easy_reset(handle.get());  // forgets the request, keeps the connection
    MutexLock lock(mutex_);
    idle_.push_back(std::move(handle));
  }

  const HttpTimeouts timeouts_;
  const HttpPolicy policy_;
  Mutex mutex_;
  std::vector<EasyHandle> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<HttpTransport> MakeCurlTransport(const HttpTimeouts& timeouts, HttpPolicy policy) {
  return std::make_unique<CurlTransport>(timeouts, std::move(policy));
}

}  // namespace ovi
