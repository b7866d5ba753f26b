// A bare gRPC echo server on the callback API, the ceiling that every RPC of ours is compared with.
//   bench-echo-server PORT
#include <cstdio>
#include <string>

#include <grpcpp/grpcpp.h>

#include "tests/bench/bench.grpc.pb.h"

namespace {

class EchoServer final : public frontdesk::bench::v1::EchoService::CallbackService {
  grpc::ServerUnaryReactor* Echo(grpc::CallbackServerContext* context,
                                 const frontdesk::bench::v1::EchoRequest* request,
                                 frontdesk::bench::v1::EchoResponse* response) override {
    response->set_payload(request->payload());
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: bench-echo-server PORT\n");
    return 2;
  }
  EchoServer echo;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:" + std::string(argv[1]), grpc::InsecureServerCredentials());
  builder.RegisterService(&echo);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::printf("ready\n");
  std::fflush(stdout);
  server->Wait();
}
