#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "frontdesk/ticket/v1/ticket.pb.h"
#include "frontdesk/ticket/v1/ticket_service.pb.h"

// The shape of what comes from outside: lengths, forms and references, before anything is
// submitted. Every error is INVALID_ARGUMENT (INVALID_FIELD) naming the field.
namespace frontdesk::ticket {

inline constexpr size_t kMaxSubjectCharacters = 200;
inline constexpr size_t kMaxReasonCharacters = 200;
inline constexpr size_t kMaxResolutionCharacters = 2'000;
inline constexpr size_t kMaxTextBytes = 32 << 10;
inline constexpr size_t kMaxLanguageCharacters = 35;  // longest tag of RFC 5646 without extensions

// Well-formed UTF-8 of `min` to `max` characters.
absl::Status CheckCharacters(std::string_view text, size_t min, size_t max, std::string_view field);
// Well-formed UTF-8 of `min` to `max` bytes.
absl::Status CheckBytes(std::string_view text, size_t min, size_t max, std::string_view field);

absl::Status CheckCreate(std::string_view tenant, const v1::CreateTicketRequest& request);
// Subject, priority and references of a ticket that is to be made from an event.
absl::Status CheckDraft(std::string_view tenant, const v1::Ticket& draft);

// The fields that UpdateTicket shall change: of the mask, or those that are populated.
absl::StatusOr<std::vector<std::string>> UpdatePaths(const v1::UpdateTicketRequest& request);
absl::Status CheckUpdate(std::string_view tenant, const v1::Ticket& wanted,
                         const std::vector<std::string>& paths);
absl::StatusOr<std::vector<std::string>> UpdatePaths(const v1::UpdateSlaPolicyRequest& request);

}  // namespace frontdesk::ticket
