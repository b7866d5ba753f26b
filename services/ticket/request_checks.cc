#include "services/ticket/request_checks.h"

#include <algorithm>
#include <array>
#include <span>

#include "google/protobuf/field_mask.pb.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/base/utf8.h"
#include "services/ticket/names.h"

namespace frontdesk::ticket {
namespace {

std::string Range(size_t min, size_t max, std::string_view unit) {
  std::string text = "must have ";
  text += min == 0 ? "at most " + std::to_string(max)
                   : std::to_string(min) + " to " + std::to_string(max);
  return text.append(" ").append(unit);
}

size_t CountCharacters(std::string_view utf8) {
  return static_cast<size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

absl::Status CheckPriority(common::v1::Priority priority, bool required, std::string_view field) {
  const bool is_set = priority != common::v1::PRIORITY_UNSPECIFIED;
  if (common::v1::Priority_IsValid(priority) && (is_set || !required)) return absl::OkStatus();
  return InvalidField(field, "must be one of P0 to P3");
}

absl::Status CheckReference(std::string_view tenant, std::string_view name,
                            std::string_view collection, std::string_view field) {
  return ParseReference(tenant, name, collection, field).status();
}

bool IsTagCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

absl::Status CheckLanguage(std::string_view tag, std::string_view field) {
  if (tag.size() <= kMaxLanguageCharacters && std::all_of(tag.begin(), tag.end(), IsTagCharacter)) {
    return absl::OkStatus();
  }
  return InvalidField(field, "must be a language tag such as \"en\" or \"zh-CN\"");
}

// The paths that `allowed` and the mask name; `populated` says which hold without a mask.
template <class IsPopulated>
absl::StatusOr<std::vector<std::string>> Paths(const google::protobuf::FieldMask& mask,
                                               std::span<const std::string_view> allowed,
                                               IsPopulated populated) {
  std::vector<std::string> paths;
  if (mask.paths().empty()) {
    for (std::string_view path : allowed) {
      if (populated(path)) paths.emplace_back(path);
    }
    return paths;
  }
  for (const std::string& path : mask.paths()) {
    if (path == "*" && mask.paths_size() == 1) {
      return std::vector<std::string>(allowed.begin(), allowed.end());
    }
    if (std::find(allowed.begin(), allowed.end(), path) == allowed.end()) {
      return InvalidField("update_mask", "\"" + path.substr(0, 64) + "\" can't be changed here");
    }
    if (std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(path);
  }
  return paths;
}

}  // namespace

absl::Status CheckCharacters(std::string_view text, size_t min, size_t max,
                             std::string_view field) {
  if (!IsValidUtf8(text)) return InvalidField(field, "must be well-formed UTF-8");
  const size_t count = CountCharacters(text);
  if (count >= min && count <= max) return absl::OkStatus();
  return InvalidField(field, Range(min, max, "characters"));
}

absl::Status CheckBytes(std::string_view text, size_t min, size_t max, std::string_view field) {
  if (text.size() < min || text.size() > max) return InvalidField(field, Range(min, max, "bytes"));
  if (!IsValidUtf8(text)) return InvalidField(field, "must be well-formed UTF-8");
  return absl::OkStatus();
}

absl::Status CheckCreate(std::string_view tenant, const v1::CreateTicketRequest& request) {
  FD_RETURN_IF_ERROR(CheckCharacters(request.subject(), 1, kMaxSubjectCharacters, "subject"));
  FD_RETURN_IF_ERROR(CheckBytes(request.description(), 0, kMaxTextBytes, "description"));
  FD_RETURN_IF_ERROR(CheckPriority(request.priority(), /*required=*/false, "priority"));
  FD_RETURN_IF_ERROR(CheckReference(tenant, request.customer(), "customers", "customer"));
  FD_RETURN_IF_ERROR(CheckReference(tenant, request.account(), "accounts", "account"));
  FD_RETURN_IF_ERROR(
      CheckReference(tenant, request.conversation(), "conversations", "conversation"));
  FD_RETURN_IF_ERROR(CheckReference(tenant, request.assignee(), "agents", "assignee"));
  return CheckLanguage(request.language(), "language");
}

absl::Status CheckDraft(std::string_view tenant, const v1::Ticket& draft) {
  FD_RETURN_IF_ERROR(CheckCharacters(draft.subject(), 1, kMaxSubjectCharacters, "subject"));
  FD_RETURN_IF_ERROR(CheckPriority(draft.priority(), /*required=*/true, "priority"));
  FD_RETURN_IF_ERROR(CheckReference(tenant, draft.customer(), "customers", "customer"));
  FD_RETURN_IF_ERROR(CheckReference(tenant, draft.account(), "accounts", "account"));
  FD_RETURN_IF_ERROR(CheckReference(tenant, draft.conversation(), "conversations", "conversation"));
  FD_RETURN_IF_ERROR(CheckReference(tenant, draft.assignee(), "agents", "requester"));
  return CheckLanguage(draft.language(), "language");
}

absl::StatusOr<std::vector<std::string>> UpdatePaths(const v1::UpdateTicketRequest& request) {
  static constexpr std::array<std::string_view, 4> kAllowed = {"subject", "priority", "account",
                                                               "language"};
  const v1::Ticket& ticket = request.ticket();
  return Paths(request.update_mask(), kAllowed, [&](std::string_view path) {
    if (path == "subject") return !ticket.subject().empty();
    if (path == "priority") return ticket.priority() != common::v1::PRIORITY_UNSPECIFIED;
    if (path == "account") return !ticket.account().empty();
    return !ticket.language().empty();
  });
}

absl::Status CheckUpdate(std::string_view tenant, const v1::Ticket& wanted,
                         const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    if (path == "subject") {
      FD_RETURN_IF_ERROR(
          CheckCharacters(wanted.subject(), 1, kMaxSubjectCharacters, "ticket.subject"));
    } else if (path == "priority") {
      FD_RETURN_IF_ERROR(CheckPriority(wanted.priority(), /*required=*/true, "ticket.priority"));
    } else if (path == "account") {
      FD_RETURN_IF_ERROR(CheckReference(tenant, wanted.account(), "accounts", "ticket.account"));
    } else {
      FD_RETURN_IF_ERROR(CheckLanguage(wanted.language(), "ticket.language"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> UpdatePaths(const v1::UpdateSlaPolicyRequest& request) {
  static constexpr std::array<std::string_view, 2> kAllowed = {"targets", "warn_bps"};
  const v1::SlaPolicy& policy = request.sla_policy();
  return Paths(request.update_mask(), kAllowed, [&](std::string_view path) {
    return path == "targets" ? !policy.targets().empty() : policy.warn_bps() != 0;
  });
}

}  // namespace frontdesk::ticket
