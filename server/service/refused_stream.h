// A stream that ends as it begins, with an error.
#pragma once

#include <memory>

#include "server/service/pull_stream.h"

namespace ovi {

template <typename Response>
class RefusedStream final : public PullStream<Response> {
 public:
  explicit RefusedStream(absl::Status why) : why_(std::move(why)) {}
  bool EndsByItself() const override { return true; }

 private:
  using Turn = typename PullStream<Response>::Turn;
  Turn Produce(Response&, absl::Status& status) override {
    status = why_;
    return Turn::kEnd;
  }

  const absl::Status why_;
};

template <typename Response>
grpc::ServerWriteReactor<Response>* RefuseStream(LiveCalls& live_calls, const absl::Status& why) {
  auto stream = std::make_shared<RefusedStream<Response>>(why);
  stream->Begin(live_calls);
  return stream.get();
}

}  // namespace ovi
