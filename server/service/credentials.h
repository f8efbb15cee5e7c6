// What a call shows of who makes it, out of gRPC's hands.
#pragma once

#include <grpcpp/server_context.h>

#include "server/access/door.h"

namespace ovi {

CallCredentials CredentialsOf(const grpc::ServerContextBase& context);

}  // namespace ovi
