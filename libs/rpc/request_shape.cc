#include "libs/rpc/request_shape.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <utility>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/base/strong_id.h"

namespace frontdesk::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr std::string_view kTenants = "tenants/";

bool IsString(const FieldDescriptor* field) {
  return field != nullptr && field->type() == FieldDescriptor::TYPE_STRING && !field->is_repeated();
}

bool IsMessage(const FieldDescriptor* field) {
  return field != nullptr && field->type() == FieldDescriptor::TYPE_MESSAGE &&
         !field->is_repeated();
}

std::vector<const FieldDescriptor*> FindPath(const Descriptor& request, std::string_view dotted) {
  std::vector<const FieldDescriptor*> path;
  const Descriptor* at = &request;
  while (true) {
    const size_t dot = dotted.find('.');
    const auto* field = at->FindFieldByName(std::string(dotted.substr(0, dot)));
    path.push_back(field);
    if (dot == std::string_view::npos) break;
    if (!IsMessage(field)) return {};
    at = field->message_type();
    dotted.remove_prefix(dot + 1);
  }
  if (!IsString(path.back())) path.clear();
  return path;
}

std::vector<const FieldDescriptor*> FindTenantPath(const Descriptor& request,
                                                   std::string_view explicit_field) {
  if (!explicit_field.empty()) return FindPath(request, explicit_field);
  for (const char* name : {"parent", "name"}) {
    if (IsString(request.FindFieldByName(name))) return {request.FindFieldByName(name)};
  }
  for (int i = 0; i < request.field_count(); ++i) {
    const FieldDescriptor* field = request.field(i);
    if (!IsMessage(field)) continue;
    const FieldDescriptor* name = field->message_type()->FindFieldByName("name");
    if (IsString(name)) return {field, name};
  }
  return {};
}

// The string at the end of `path`; empty when a message on the way is not set.
const std::string& ValueAt(const Message& request, const std::vector<const FieldDescriptor*>& path,
                           std::string& scratch) {
  const Message* at = &request;
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    at = &at->GetReflection()->GetMessage(*at, path[i]);
  }
  return at->GetReflection()->GetStringReference(*at, path.back(), &scratch);
}

size_t CountCharacters(std::string_view utf8) {
  return static_cast<size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

absl::Status WrongTenant(const Call& call) {
  return WithMetadata(Error(absl::StatusCode::kPermissionDenied, "WRONG_TENANT",
                            "the credential belongs to another tenant"),
                      "tenant", call.caller.tenant);
}

}  // namespace

absl::StatusOr<RequestShape> RequestShape::Make(const Descriptor& request,
                                                const MethodPolicy& policy) {
  const auto mistake = [&](std::string_view what) {
    return Error(absl::StatusCode::kFailedPrecondition, "INTERNAL",
                 request.full_name() + " " + std::string(what));
  };
  RequestShape shape;
  shape.tenant_from_ = policy.tenant_from;
  if (policy.tenant_from == TenantFrom::kName) {
    shape.tenant_path_ = FindTenantPath(request, policy.tenant_field);
    if (shape.tenant_path_.empty()) return mistake("has no field to take the tenant from");
    for (const auto* field : shape.tenant_path_) {
      if (!shape.tenant_name_.empty()) shape.tenant_name_ += '.';
      shape.tenant_name_ += field->name();
    }
  }
  if (policy.mutation) {
    shape.request_id_ = request.FindFieldByName("request_id");
    if (!IsString(shape.request_id_)) return mistake("is a mutation without request_id");
  }
  return shape;
}

absl::Status RequestShape::Check(const Message& request, Call& call) const {
  FD_RETURN_IF_ERROR(ResolveTenant(request, call));
  return request_id_ == nullptr ? absl::OkStatus() : CheckRequestId(request);
}

absl::Status RequestShape::ResolveTenant(const Message& request, Call& call) const {
  const bool platform = call.caller.tenant == kAnyTenant;
  if (tenant_from_ != TenantFrom::kName) {
    if (tenant_from_ == TenantFrom::kPlatform && !platform) return WrongTenant(call);
    call.tenant = call.caller.tenant;
    return absl::OkStatus();
  }
  std::string scratch;
  const std::string_view name = ValueAt(request, tenant_path_, scratch);
  if (name.substr(0, kTenants.size()) != kTenants) {
    return InvalidField(tenant_name_, "must begin with tenants/{tenant}");
  }
  std::string_view tenant = name.substr(kTenants.size());
  tenant = tenant.substr(0, tenant.find('/'));
  if (!platform && tenant != call.caller.tenant) return WrongTenant(call);
  FD_RETURN_IF_ERROR(ValidateId(tenant, tenant_name_));
  call.tenant = std::string(tenant);
  return absl::OkStatus();
}

absl::Status RequestShape::CheckRequestId(const Message& request) const {
  std::string scratch;
  const std::string& id =
      request.GetReflection()->GetStringReference(request, request_id_, &scratch);
  if (!id.empty() && CountCharacters(id) <= kMaxRequestIdCharacters) return absl::OkStatus();
  const std::string_view reason = id.empty() ? "MISSING_REQUEST_ID" : "REQUEST_ID_TOO_LONG";
  const std::string_view why = id.empty() ? "is required: 1 to 64 characters, your own choice, the "
                                            "same when you try again"
                                          : "must have at most 64 characters";
  absl::Status status =
      Error(absl::StatusCode::kInvalidArgument, reason, "request_id " + std::string(why));
  return WithMetadata(WithField(std::move(status), "request_id", why), "field", "request_id");
}

}  // namespace frontdesk::rpc
