#include "libs/rpc/mutation.h"

#include <google/protobuf/descriptor.h>

#include "libs/rpc/fingerprint.h"

namespace frontdesk::rpc {
namespace {

// What a waiting command holds besides its request.
constexpr size_t kCommandOverheadBytes = 512;

std::string RequestId(const google::protobuf::Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByName("request_id");
  if (field == nullptr || field->is_repeated() ||
      field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
    return {};
  }
  return request.GetReflection()->GetString(request, field);
}

// Request ids are kept per method, and short names may meet: v1 and v2 of a service in one store, or
// two of its services. Each method has a request type of its own, declared beside its service.
std::string_view FullMethodName(const Call& call, const google::protobuf::Message& request) {
  const google::protobuf::Descriptor* type = request.GetDescriptor();
  const google::protobuf::FileDescriptor* file = type->file();
  for (int i = 0; i < file->service_count(); ++i) {
    const google::protobuf::ServiceDescriptor* service = file->service(i);
    for (int k = 0; k < service->method_count(); ++k) {
      if (service->method(k)->input_type() == type) return service->method(k)->full_name();
    }
  }
  return call.method;
}

}  // namespace

uint64_t PayloadHash(const google::protobuf::Message& request) {
  return FingerprintWithout(request, {"request_id"});
}

store::Command MakeCommand(const Call& call, const google::protobuf::Message& request,
                           google::protobuf::Message* response) {
  store::Command command;
  command.source = store::Command::Source::kRpc;
  command.method = FullMethodName(call, request);
  command.tenant = call.tenant;
  command.actor = ActorName(call);
  command.request_id = RequestId(request);
  command.payload_hash = PayloadHash(request);
  // Calls from within the process may have no request id; an event always names its cause.
  command.cause = command.request_id.empty() ? std::string(call.method) : command.request_id;
  command.traceparent = call.traceparent;
  command.bytes = request.ByteSizeLong() + kCommandOverheadBytes;
  command.give_up_at = call.give_up_at;
  command.frees_space = call.frees_space;
  command.response = response;
  return command;
}

void Submit(store::Committer& committer, const Call& call, const google::protobuf::Message& request,
            google::protobuf::Message* response, store::Handler handler, Finish finish) {
  store::Command command = MakeCommand(call, request, response);
  command.handle = std::move(handler);
  command.done = std::move(finish);
  committer.Submit(std::move(command));
}

}  // namespace frontdesk::rpc
