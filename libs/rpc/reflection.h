#pragma once

#include <memory>
#include <string>
#include <vector>

namespace grpc {
class Service;
}

namespace frontdesk::rpc {

// Server reflection (v1 and v1alpha) for tools such as grpcurl: tells the contract of `services`
// to whoever asks, without a credential. Each returned service outlives the server.
std::vector<std::unique_ptr<grpc::Service>> MakeReflectionServices(
    std::vector<std::string> services);

}  // namespace frontdesk::rpc
