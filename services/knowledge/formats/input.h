#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/knowledge/formats/rows.h"

namespace frontdesk::knowledge::formats {

struct Input {
  std::vector<std::string> paths;  // files, folders with all below them, ZIP files of folders
  std::optional<Format> format{};  // absent = each by its name's ending; others in folders are left
  Defaults defaults{};
};

// All rows of all files, in the order of paths and names; of two rows with one id the second is
// refused. A file that is too long or can't be read is refused like a row. Blocks. INVALID_ARGUMENT
// or NOT_FOUND when a path can't be read at all, or nothing is found.
absl::StatusOr<Rows> ReadInput(const Input& input);

// One file's bytes.
void ReadBytesAs(Format format, std::string_view bytes, std::string_view file,
                 const Defaults& defaults, Rows& rows);

}  // namespace frontdesk::knowledge::formats
