#include "libs/rpc/service.h"

#include <google/protobuf/descriptor.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/impl/rpc_service_method.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/server_context.h>

#include <set>
#include <utility>
#include <vector>

#include "libs/base/check.h"
#include "libs/rpc/method_state.h"
#include "libs/rpc/stream_call.h"
#include "libs/rpc/unary_call.h"

namespace frontdesk::rpc {

// The methods are registered as raw: gRPC hands over bytes, so that we decide what a malformed
// request is answered with, and request and response can live longer than gRPC's call.
class Service::Impl final : public grpc::Service {
 public:
  Impl(Host& host, std::string_view full_name)
      : host_(host),
        full_name_(full_name),
        descriptor_(
            google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(full_name_)) {
    FD_CHECK(descriptor_ != nullptr, "{} is not linked into this program", full_name_);
  }

  MethodState& Bind(const MethodPolicy& policy, const google::protobuf::Descriptor* request,
                    const google::protobuf::Descriptor* response, bool streaming) {
    const auto* method = descriptor_->FindMethodByName(std::string(policy.name));
    FD_CHECK(method != nullptr, "{} has no method {}", full_name_, policy.name);
    FD_CHECK(method->input_type() == request && method->output_type() == response &&
                 method->server_streaming() == streaming && !method->client_streaming(),
             "{}: the bound function has another signature than the proto", method->full_name());
    FD_CHECK(bound_.insert(method->name()).second, "{} is bound twice", method->full_name());
    methods_.push_back(std::make_unique<MethodState>(host_, full_name_, policy, *request));
    return *methods_.back();
  }

  void Register(MethodState& state, grpc::internal::RpcMethod::RpcType type,
                grpc::internal::MethodHandler* handler) {
    const int index = static_cast<int>(methods_.size()) - 1;
    AddMethod(new grpc::internal::RpcServiceMethod(state.path().c_str(), type, nullptr));
    MarkMethodRawCallback(index, handler);
  }

  void CheckComplete() const {
    for (int i = 0; i < descriptor_->method_count(); ++i) {
      FD_CHECK(bound_.contains(descriptor_->method(i)->name()), "{} is declared but not bound",
               descriptor_->method(i)->full_name());
    }
  }

  const std::string& full_name() const { return full_name_; }
  Host& host() const { return host_; }

 private:
  Host& host_;
  const std::string full_name_;
  const google::protobuf::ServiceDescriptor* const descriptor_;
  std::vector<std::unique_ptr<MethodState>> methods_;
  std::set<std::string> bound_;
};

Service::Service(Host& host, std::string_view full_name)
    : impl_(std::make_unique<Impl>(host, full_name)) {}
Service::~Service() = default;
Service::Service(Service&&) noexcept = default;

const std::string& Service::full_name() const { return impl_->full_name(); }

Host& Service::host() const { return impl_->host(); }

grpc::Service* Service::Complete() {
  impl_->CheckComplete();
  return impl_.get();
}

void Service::AddUnary(const MethodPolicy& policy, const google::protobuf::Descriptor* request,
                       const google::protobuf::Descriptor* response, MakeExchange make) {
  MethodState& state = impl_->Bind(policy, request, response, /*streaming=*/false);
  impl_->Register(state, grpc::internal::RpcMethod::NORMAL_RPC,
                  new grpc::internal::CallbackUnaryHandler<grpc::ByteBuffer, grpc::ByteBuffer>(
                      [&state, make = std::move(make)](grpc::CallbackServerContext* context,
                                                       const grpc::ByteBuffer* request,
                                                       grpc::ByteBuffer* response) {
                        return UnaryCall::Start(state, make(), *context, *request, *response);
                      }));
}

void Service::AddStream(const MethodPolicy& policy, const google::protobuf::Descriptor* request,
                        const google::protobuf::Descriptor* event, const StreamOptions& options,
                        MakeStreamExchange make) {
  MethodState& state = impl_->Bind(policy, request, event, /*streaming=*/true);
  impl_->Register(
      state, grpc::internal::RpcMethod::SERVER_STREAMING,
      new grpc::internal::CallbackServerStreamingHandler<grpc::ByteBuffer, grpc::ByteBuffer>(
          [&state, options, make = std::move(make)](grpc::CallbackServerContext* context,
                                                    const grpc::ByteBuffer* request) {
            const std::unique_ptr<StreamExchange> exchange = make();
            return StreamCall::Start(state, options, *exchange, *context, *request);
          }));
}

}  // namespace frontdesk::rpc
