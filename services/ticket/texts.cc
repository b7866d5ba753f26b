#include "services/ticket/texts.h"

#include <algorithm>
#include <utility>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/process/sealing.h"
#include "libs/telemetry/log.h"
#include "libs/text/mask.h"
#include "libs/text/normalize.h"
#include "services/ticket/request_checks.h"

namespace frontdesk::ticket {
namespace {

absl::StatusOr<common::v1::SealedText> SealWith(const text::DataKey* key, const Texts::Place& place,
                                                std::string_view text) {
  return process::SealText(key,
                           {.tenant = place.tenant,
                            .customer = place.customer,
                            .resource = place.resource,
                            .field = place.field,
                            .version = 1},
                           text);
}

}  // namespace

absl::StatusOr<std::string> Texts::Clean(std::string_view text, std::string_view field) {
  auto cleaned = text::CleanMessage(text, kMaxTextBytes);
  if (!cleaned.ok()) return InvalidField(field, MessageOf(cleaned.status()));
  if (cleaned->empty() && !text.empty()) {
    return InvalidField(field, "holds nothing that can be seen");
  }
  return *std::move(cleaned);
}

absl::StatusOr<std::string> Texts::CleanAndMask(std::string_view text, std::string_view field) {
  FD_ASSIGN_OR_RETURN(const std::string cleaned, Clean(text, field));
  FD_ASSIGN_OR_RETURN(text::MaskedText masked, text::MaskPersonalData(cleaned));
  return std::move(masked.text);
}

void Texts::Seal(Place place, std::string text, absl::Duration time_left, Sealed done) {
  if (text.empty()) return done(common::v1::SealedText());
  if (place.customer.empty()) return done(SealWith(nullptr, place, text));
  std::vector<std::string> customers = {place.customer};
  const std::string tenant = place.tenant;
  keys_.Get(tenant, std::move(customers), std::min(key_timeout_, time_left),
            [this, place = std::move(place), text = std::move(text), done = std::move(done)](
                absl::StatusOr<std::vector<process::DataKeys::Key>> keys) mutable {
              if (!keys.ok()) return done(keys.status());
              const text::DataKey* key = keys->empty() ? nullptr : keys->front().get();
              if (key == nullptr) metrics_.texts_unsealed.Increment();
              done(SealWith(key, place, text));
            });
}

void Texts::Open(const std::string& tenant, std::string customer, std::vector<Closed> closed,
                 absl::Duration time_left,
                 google::protobuf::RepeatedPtrField<common::v1::OpenedText>* opened,
                 absl::AnyInvocable<void()> done) {
  std::erase_if(closed, [](const Closed& item) { return item.text->sealed().empty(); });
  if (closed.empty() || customer.empty()) return done();
  std::vector<std::string> customers = {customer};
  keys_.Get(
      tenant, std::move(customers), std::min(key_timeout_, time_left),
      [tenant, customer = std::move(customer), closed = std::move(closed), opened,
       done = std::move(done)](absl::StatusOr<std::vector<process::DataKeys::Key>> keys) mutable {
        // Without the key the reader gets the masked texts, which the reply holds already.
        if (!keys.ok() || keys->empty() || keys->front() == nullptr) return done();
        for (const Closed& item : closed) {
          auto plain = process::OpenText(*keys->front(), tenant, customer, *item.text);
          if (!plain.ok()) {
            telemetry::Log(telemetry::Level::kWarn, "ticket.text_not_opened",
                           {{"resource", item.resource}, {"status", plain.status()}});
            continue;
          }
          common::v1::OpenedText& text = *opened->Add();
          text.set_name(item.resource);
          text.set_field(item.field);
          text.set_text(*std::move(plain));
        }
        done();
      });
}

}  // namespace frontdesk::ticket
