#pragma once

#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "frontdesk/channel/v1/channel.pb.h"
#include "frontdesk/common/v1/sealed_text.pb.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/call.h"
#include "libs/text/seal.h"
#include "services/channel/domain/names.h"
#include "services/channel/keys.h"

// What the two files of ChannelService share: plain texts for replies, and replies made again.
namespace frontdesk::channel {

using OpenedTexts = google::protobuf::RepeatedPtrField<common::v1::OpenedText>;

// Everybody but analysts.
bool MaySeePlainText(const rpc::Call& call);

// Adds the plain texts that the key opens; what can't be opened is left out.
void OpenCustomer(const text::DataKey& key, std::string_view tenant, std::string_view customer_id,
                  const v1::Customer& customer, OpenedTexts& opened);
void OpenMessage(const text::DataKey& key, std::string_view tenant, std::string_view customer_id,
                 const v1::Message& message, OpenedTexts& opened);

// For Command::rebuild of replies that carry a customer.
template <class Response>
auto RebuildCustomer(std::string tenant) {
  return [tenant = std::move(tenant)](const db::Reader& reader, std::string_view resource,
                                      google::protobuf::Message* message) -> absl::Status {
    FD_ASSIGN_OR_RETURN(const std::string id, ParseCustomerName(tenant, resource, "name"));
    FD_ASSIGN_OR_RETURN(auto record, kCustomers.Load(reader, kCustomers.Key(tenant, id), resource));
    *static_cast<Response*>(message)->mutable_customer() = std::move(*record.mutable_customer());
    return absl::OkStatus();
  };
}

}  // namespace frontdesk::channel
