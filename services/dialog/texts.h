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

namespace frontdesk::dialog {

inline constexpr size_t kMaxTextBytes = 32 << 10;

// Texts of people on their way in and out. The slow part of RPCs; never used on a committer. Owned
// by the App, thread safe.
class Texts {
 public:
  Texts(process::DataKeys& keys, absl::Duration key_timeout)
      : keys_(keys), key_timeout_(key_timeout) {}

  // The cleaned text, 1 byte to 32 KiB. INVALID_ARGUMENT naming `field`.
  static absl::StatusOr<std::string> Clean(std::string_view text, std::string_view field);
  // The same with personal data replaced.
  static absl::StatusOr<std::string> CleanAndMask(std::string_view text, std::string_view field);

  // The key of one customer. UNAVAILABLE; FAILED_PRECONDITION (KEY_DESTROYED) when there is none.
  // `done` is called once, on any thread, also at once.
  using KeyDone = absl::AnyInvocable<void(absl::StatusOr<process::DataKeys::Key>)>;
  void Key(const std::string& tenant, const std::string& customer, absl::Duration time_left,
           KeyDone done);

  // One text to open; `text` outlives the call's `done`.
  struct Closed {
    std::string resource;
    std::string field;
    const common::v1::SealedText* text;
  };
  // Adds the plain texts to `opened`; what can't be opened is left out.
  void Open(const std::string& tenant, const std::string& customer, std::vector<Closed> closed,
            absl::Duration time_left,
            google::protobuf::RepeatedPtrField<common::v1::OpenedText>* opened,
            absl::AnyInvocable<void()> done);

 private:
  process::DataKeys& keys_;
  const absl::Duration key_timeout_;
};

}  // namespace frontdesk::dialog
