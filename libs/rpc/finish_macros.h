#pragma once

#include <utility>

#include "libs/base/status_macros.h"

// FD_RETURN_IF_ERROR and FD_ASSIGN_OR_RETURN for a method that ends its call by `finish`.

#define FD_FINISH_IF_ERROR(...)                                        \
  do {                                                                 \
    if (::absl::Status fd_status_ = (__VA_ARGS__); !fd_status_.ok()) { \
      return finish(std::move(fd_status_));                            \
    }                                                                  \
  } while (false)

#define FD_ASSIGN_OR_FINISH(lhs, ...)                                \
  auto FD_CONCAT_(fd_or_, __LINE__) = (__VA_ARGS__);                 \
  if (!FD_CONCAT_(fd_or_, __LINE__).ok()) {                          \
    return finish(std::move(FD_CONCAT_(fd_or_, __LINE__)).status()); \
  }                                                                  \
  lhs = *std::move(FD_CONCAT_(fd_or_, __LINE__))
