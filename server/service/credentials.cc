#include "server/service/credentials.h"

#include <grpcpp/security/auth_context.h>

namespace ovi {

CallCredentials CredentialsOf(const grpc::ServerContextBase& context) {
  CallCredentials credentials;
  credentials.peer = context.peer();
  const auto [begin, end] = context.client_metadata().equal_range("authorization");
  for (auto value = begin; value != end; ++value) {
    credentials.authorization.emplace_back(value->second.data(), value->second.size());
  }
  const auto transport = context.auth_context();
  if (transport == nullptr || !transport->IsPeerAuthenticated()) return credentials;
  // gRPC takes the alternative names for the identity, and the common name where there is none.
  const std::vector<grpc::string_ref> names = transport->GetPeerIdentity();
  if (!names.empty()) credentials.certificate_name.assign(names.front().data(), names.front().size());
  return credentials;
}

}  // namespace ovi
