#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Leaves the function with the error of an expression of type absl::Status.
#define FD_RETURN_IF_ERROR(...)                                        \
  do {                                                                 \
    if (::absl::Status fd_status_ = (__VA_ARGS__); !fd_status_.ok()) { \
      return fd_status_;                                               \
    }                                                                  \
  } while (false)

// FD_ASSIGN_OR_RETURN(auto ticket, LoadTicket(id)): unwraps a StatusOr or leaves with its error.
#define FD_ASSIGN_OR_RETURN(lhs, ...) \
  FD_ASSIGN_OR_RETURN_IMPL_(FD_CONCAT_(fd_status_or_, __LINE__), lhs, (__VA_ARGS__))

#define FD_ASSIGN_OR_RETURN_IMPL_(tmp, lhs, expr) \
  auto tmp = expr;                                \
  if (!tmp.ok()) {                                \
    return std::move(tmp).status();               \
  }                                               \
  lhs = *std::move(tmp)

#define FD_CONCAT_(a, b) FD_CONCAT_IMPL_(a, b)
#define FD_CONCAT_IMPL_(a, b) a##b
