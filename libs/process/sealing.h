#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "frontdesk/common/v1/sealed_text.pb.h"
#include "libs/text/seal.h"

// The one convention by which all services seal customer text, so that whoever holds the customer's
// key can open it wherever it has travelled: the seal's customer is the customer's id, its resource
// and field stand in SealedText.sealed_for as "{resource name}#{field}". Pure and thread safe.
namespace frontdesk::process {

struct SealFor {
  std::string_view tenant;    // id
  std::string_view customer;  // id
  std::string_view resource;  // resource name
  std::string_view field;     // path in it
  uint64_t version = 0;
};

// Masks and seals, and says in sealed_for what for. Without a key (`key` null) only the masked form
// is kept. INVALID_ARGUMENT for ill-formed UTF-8, RESOURCE_EXHAUSTED above text::kMaxTextBytes.
absl::StatusOr<common::v1::SealedText> SealText(const text::DataKey* key, const SealFor& where,
                                                std::string_view plaintext);

// The plain text. FAILED_PRECONDITION (KEY_MISMATCH) when another key sealed it or nothing is
// sealed; DATA_LOSS when it is forged, corrupt or another customer's.
absl::StatusOr<std::string> OpenText(const text::DataKey& key, std::string_view tenant,
                                     std::string_view customer,
                                     const common::v1::SealedText& sealed);

}  // namespace frontdesk::process
