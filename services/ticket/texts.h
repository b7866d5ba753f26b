#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "frontdesk/common/v1/sealed_text.pb.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "libs/process/peers.h"
#include "services/ticket/metrics.h"

namespace frontdesk::ticket {

// Texts of people on their way in and out: cleaned, masked, sealed under the customer's key; opened
// for those who may read them. The slow part of prepare and of reads; never used on a committer.
// Owned by the App, thread safe.
class Texts {
 public:
  Texts(process::DataKeys& keys, absl::Duration key_timeout, const Metrics& metrics)
      : keys_(keys), key_timeout_(key_timeout), metrics_(metrics) {}

  // The cleaned text of one line or more. INVALID_ARGUMENT naming `field`.
  static absl::StatusOr<std::string> Clean(std::string_view text, std::string_view field);
  // The same with personal data replaced, for texts that are kept in masked form only.
  static absl::StatusOr<std::string> CleanAndMask(std::string_view text, std::string_view field);

  // Where a text belongs.
  struct Place {
    std::string tenant;    // id
    std::string customer;  // id, or empty: only masked
    std::string resource;  // resource name
    std::string field;
  };
  // `done` is called once, on any thread, also at once. UNAVAILABLE without the customer's key.
  using Sealed = absl::AnyInvocable<void(absl::StatusOr<common::v1::SealedText>)>;
  void Seal(Place place, std::string text, absl::Duration time_left, Sealed done);

  // One text to open; `text` outlives the call's `done`.
  struct Closed {
    std::string resource;
    std::string field;
    const common::v1::SealedText* text;
  };
  // Adds the plain texts to `opened`; what can't be opened is left out. `done` as of Seal.
  void Open(const std::string& tenant, std::string customer, std::vector<Closed> closed,
            absl::Duration time_left,
            google::protobuf::RepeatedPtrField<common::v1::OpenedText>* opened,
            absl::AnyInvocable<void()> done);

 private:
  process::DataKeys& keys_;
  const absl::Duration key_timeout_;
  const Metrics& metrics_;
};

}  // namespace frontdesk::ticket
