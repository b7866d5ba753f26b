#include "services/dialog/texts.h"

#include <algorithm>
#include <utility>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/process/sealing.h"
#include "libs/telemetry/log.h"
#include "libs/text/mask.h"
#include "libs/text/normalize.h"

namespace frontdesk::dialog {

absl::StatusOr<std::string> Texts::Clean(std::string_view text, std::string_view field) {
  auto cleaned = text::CleanMessage(text, kMaxTextBytes);
  if (!cleaned.ok()) return InvalidField(field, MessageOf(cleaned.status()));
  if (cleaned->find_first_not_of(" \n\t") == std::string::npos) {
    return InvalidField(field, "must hold something that can be seen");
  }
  return *std::move(cleaned);
}

absl::StatusOr<std::string> Texts::CleanAndMask(std::string_view text, std::string_view field) {
  FD_ASSIGN_OR_RETURN(const std::string cleaned, Clean(text, field));
  FD_ASSIGN_OR_RETURN(text::MaskedText masked, text::MaskPersonalData(cleaned));
  return std::move(masked.text);
}

void Texts::Key(const std::string& tenant, const std::string& customer, absl::Duration time_left,
                KeyDone done) {
  keys_.Get(
      tenant, {customer}, std::min(key_timeout_, time_left),
      [done = std::move(done)](absl::StatusOr<std::vector<process::DataKeys::Key>> keys) mutable {
        if (!keys.ok()) return done(keys.status());
        if (!keys->empty() && keys->front() != nullptr) return done(std::move(keys->front()));
        done(Error(absl::StatusCode::kFailedPrecondition, "KEY_DESTROYED",
                   "the customer is not known any more"));
      });
}

void Texts::Open(const std::string& tenant, const std::string& customer, std::vector<Closed> closed,
                 absl::Duration time_left,
                 google::protobuf::RepeatedPtrField<common::v1::OpenedText>* opened,
                 absl::AnyInvocable<void()> done) {
  std::erase_if(closed, [](const Closed& item) { return item.text->sealed().empty(); });
  if (closed.empty()) return done();
  Key(tenant, customer, time_left,
      [tenant, customer, closed = std::move(closed), opened,
       done = std::move(done)](absl::StatusOr<process::DataKeys::Key> key) mutable {
        // Without the key the reader gets the masked texts, which the reply holds already.
        if (!key.ok()) return done();
        for (const Closed& item : closed) {
          auto plain = process::OpenText(**key, tenant, customer, *item.text);
          if (!plain.ok()) {
            telemetry::Log(telemetry::Level::kWarn, "dialog.text_not_opened",
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

}  // namespace frontdesk::dialog
