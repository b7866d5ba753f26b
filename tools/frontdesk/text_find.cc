#include <algorithm>
#include <array>
#include <map>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/text/entities/finder.h"
#include "libs/text/language.h"
#include "libs/text/similar/near_duplicates.h"
#include "tools/frontdesk/text_commands.h"
#include "tools/frontdesk/text_input.h"

namespace frontdesk::command {
namespace {

using nlohmann::ordered_json;

text::EncoderFor ByLanguage(const EncodersAtHand& hand) {
  return [&hand](std::string_view text) { return &hand.encoders->ForText(text); };
}

std::vector<std::string_view> Views(const std::vector<TextLine>& lines) {
  std::vector<std::string_view> texts;
  for (const TextLine& line : lines) texts.push_back(line.text);
  return texts;
}

absl::Status EmbedCommand(const Flags& flags, rpc::Client*) {
  FD_ASSIGN_OR_RETURN(const std::vector<TextLine> lines, ReadTexts(flags));
  FD_ASSIGN_OR_RETURN(const EncodersAtHand hand, LoadEncoders(flags));
  ProgressLine progress;
  // In groups, so that memory does not grow with the file.
  constexpr size_t kGroup = 4096;
  for (size_t at = 0; at < lines.size(); at += kGroup) {
    const std::vector<TextLine> group(
        lines.begin() + static_cast<ptrdiff_t>(at),
        lines.begin() + static_cast<ptrdiff_t>(std::min(at + kGroup, lines.size())));
    FD_ASSIGN_OR_RETURN(const text::TextVectors vectors,
                        text::EncodeAll(Views(group), ByLanguage(hand), [&](size_t done, size_t) {
                          return lines.size() < 2 ||
                                 progress.Show("encoding", static_cast<double>(at + done) /
                                                               static_cast<double>(lines.size()));
                        }));
    for (size_t i = 0; i < group.size(); ++i) {
      const text::VectorBlock& block = vectors.blocks[static_cast<size_t>(vectors.rows[i].block)];
      PrintRow(ordered_json{{"line", group[i].line},
                            {"encoder", block.name},
                            {"fingerprint", block.fingerprint},
                            {"vector", vectors.rows[i].values}});
    }
  }
  return absl::OkStatus();
}

// What a locale says about ambiguous texts; en-US where none is given.
struct Locale {
  std::string_view name;
  bool day_first;
  std::string_view dollar;
  std::string_view yen;
  std::string_view region;
};
constexpr std::array<Locale, 9> kLocales = {{{"en-US", false, "USD", "JPY", "US"},
                                             {"en-GB", true, "USD", "JPY", "GB"},
                                             {"en-AU", true, "AUD", "JPY", "AU"},
                                             {"en-CA", false, "CAD", "JPY", "CA"},
                                             {"en-SG", true, "SGD", "CNY", "SG"},
                                             {"en", false, "USD", "CNY", "US"},
                                             {"zh-CN", false, "USD", "CNY", "CN"},
                                             {"zh-HK", true, "HKD", "CNY", "HK"},
                                             {"zh", false, "USD", "CNY", "CN"}}};

absl::StatusOr<text::EntityContext> ContextOf(const Flags& flags) {
  text::EntityContext context;
  const std::string zone = flags.Text("zone", "UTC");
  if (!absl::LoadTimeZone(zone, &context.zone)) {
    return InvalidField("--zone", "is no time zone, as Asia/Shanghai");
  }
  context.now = SystemClock().Now();
  if (const std::string now = flags.Text("now"); !now.empty()) {
    std::string problem;
    if (!absl::ParseTime(absl::RFC3339_full, now, &context.now, &problem) &&
        !absl::ParseTime("%Y-%m-%dT%H:%M:%S", now, context.zone, &context.now, &problem)) {
      return InvalidField("--now", "must be as 2026-11-22T09:00:00+08:00");
    }
  }
  const std::string name = flags.Text("locale", "zh-CN");
  const auto locale = std::ranges::find(kLocales, name, &Locale::name);
  if (locale == kLocales.end()) {
    std::string known;
    for (const Locale& one : kLocales) known += fmt::format(" {}", one.name);
    return InvalidField("--locale", "must be one of" + known);
  }
  context.day_first = locale->day_first;
  context.dollar = locale->dollar;
  context.yen = locale->yen;
  context.phone_region = locale->region;
  context.lean_past = flags.Has("past");
  return context;
}

// NAME:EXPRESSION.
absl::Status AddPatterns(const Flags& flags, const std::string& flag,
                         std::vector<text::Pattern::Options>& out) {
  for (const std::string& given : flags.All(flag)) {
    const size_t colon = given.find(':');
    if (colon == std::string::npos) return InvalidField("--" + flag, "must be NAME:EXPRESSION");
    out.push_back({.name = given.substr(0, colon), .expression = given.substr(colon + 1)});
  }
  return absl::OkStatus();
}

// A table whose first column is what is meant and whose second one another way to write it.
absl::StatusOr<text::Dictionary::Options> ReadDictionary(const std::string& path) {
  const auto format = text::TableFormatOfPath(path).value_or(text::TableFormat::kCsv);
  FD_ASSIGN_OR_RETURN(const std::string bytes, text::ReadBytes(path, text::kTableBytesMax));
  text::TableOptions options{.format = format, .header = false, .columns = {"1", "2"}};
  if (format == text::TableFormat::kJsonLines) options.columns = {"canonical", "alias"};
  FD_ASSIGN_OR_RETURN(text::Table table, text::ParseTable(bytes, options));
  TellRefused(path, table.refused);
  std::map<std::string, std::vector<std::string>> entries;
  for (text::TableRow& row : table.rows) {
    std::vector<std::string>& aliases = entries[row.fields[0]];
    if (!row.fields[1].empty() && row.fields[1] != row.fields[0]) {
      aliases.push_back(std::move(row.fields[1]));
    }
  }
  text::Dictionary::Options out;
  out.name = "dictionary";
  for (auto& [canonical, aliases] : entries) {
    out.entries.push_back({canonical, std::move(aliases)});
  }
  return out;
}

absl::Status EntitiesCommand(const Flags& flags, rpc::Client*) {
  FD_ASSIGN_OR_RETURN(const text::EntityContext context, ContextOf(flags));
  text::EntityFinder::Options options;
  FD_RETURN_IF_ERROR(AddPatterns(flags, "pattern", options.patterns));
  FD_RETURN_IF_ERROR(AddPatterns(flags, "order_number", options.order_numbers));
  for (const std::string& path : flags.All("dictionary")) {
    FD_ASSIGN_OR_RETURN(text::Dictionary::Options dictionary, ReadDictionary(path));
    options.dictionaries.push_back(std::move(dictionary));
  }
  FD_ASSIGN_OR_RETURN(const text::EntityFinder finder, text::EntityFinder::Create(options));
  FD_ASSIGN_OR_RETURN(const std::vector<TextLine> lines, ReadTexts(flags));
  for (const TextLine& line : lines) {
    ordered_json entities = ordered_json::array();
    const auto found = finder.Find(line.text, context);
    if (!found.ok()) {
      fmt::print(stderr, "line {}: {}\n", line.line, found.status().ToString());
      continue;
    }
    for (const text::Entity& entity : *found) {
      ordered_json one = {{"type", text::NameOf(entity.type)},
                          {"begin", entity.begin},
                          {"end", entity.end},
                          {"text", entity.text},
                          {"value", entity.value}};
      if (!entity.name.empty()) one["name"] = entity.name;
      if (entity.confidence < 1) one["confidence"] = entity.confidence;
      entities.push_back(std::move(one));
    }
    PrintRow(ordered_json{{"line", line.line}, {"text", line.text}, {"entities", entities}});
  }
  return absl::OkStatus();
}

// Near-duplicates of texts in several languages: vectors of two encoders are never compared.
class Groups {
 public:
  explicit Groups(double least) : least_(least) {}

  text::NearDuplicates& Of(const text::TextVectors& vectors, size_t row) {
    const int block = vectors.rows.empty() ? -1 : vectors.rows[row].block;
    text::NearDuplicates::Options options;
    std::string key;
    if (block >= 0) {
      const text::VectorBlock& of = vectors.blocks[static_cast<size_t>(block)];
      options.dimensions = of.dimensions;
      key = of.fingerprint;
    }
    if (least_ > 0) options.cosine_min = options.jaccard_min = least_;
    return groups_.try_emplace(key, options).first->second;
  }

 private:
  const double least_;
  std::map<std::string, text::NearDuplicates> groups_;
};

struct Texts {
  std::vector<TextLine> lines;
  text::TextVectors vectors;

  absl::Span<const float> vector(size_t row) const {
    return vectors.rows.empty() ? absl::Span<const float>() : vectors.rows[row].values;
  }
};

absl::StatusOr<Texts> ReadForSimilar(const Flags& flags, const std::string& path,
                                     const EncodersAtHand& hand, ProgressLine& progress) {
  Texts out;
  FD_ASSIGN_OR_RETURN(out.lines, ReadTextsOf(flags, path));
  if (!hand.usable) return out;
  FD_ASSIGN_OR_RETURN(out.vectors, text::EncodeAll(Views(out.lines), ByLanguage(hand),
                                                   progress.Counting("encoding")));
  return out;
}

absl::Status AddTo(Groups& groups, const Texts& texts, size_t row, size_t& skipped) {
  const absl::Status added =
      groups.Of(texts.vectors, row)
          .Add(std::to_string(row), texts.lines[row].text, texts.vector(row));
  // A text without a letter is like nothing.
  if (added.code() == absl::StatusCode::kInvalidArgument) {
    ++skipped;
    return absl::OkStatus();
  }
  return added;
}

absl::Status SimilarCommand(const Flags& flags, rpc::Client*) {
  FD_ASSIGN_OR_RETURN(const std::string path, OneFile(flags));
  FD_ASSIGN_OR_RETURN(const double least, flags.Decimal("min", 0));
  if (least < 0 || least > 1) return InvalidField("--min", "must be 0 to 1");
  FD_ASSIGN_OR_RETURN(const int64_t limit, flags.Number("limit", 10));
  if (limit < 1) return InvalidField("--limit", "must be 1 or more");
  FD_ASSIGN_OR_RETURN(const EncodersAtHand hand, LoadEncoders(flags));
  ProgressLine progress;
  FD_ASSIGN_OR_RETURN(const Texts texts, ReadForSimilar(flags, path, hand, progress));
  Groups groups(least);
  Texts others;
  const bool within = !flags.Has("against");
  size_t skipped = 0;
  if (!within) {
    FD_ASSIGN_OR_RETURN(others, ReadForSimilar(flags, flags.Text("against"), hand, progress));
    for (size_t i = 0; i < others.lines.size(); ++i) {
      FD_RETURN_IF_ERROR(AddTo(groups, others, i, skipped));
    }
  }
  const Texts& known = within ? texts : others;
  for (size_t i = 0; i < texts.lines.size(); ++i) {
    FD_ASSIGN_OR_RETURN(const auto matches, groups.Of(texts.vectors, i)
                                                .Find(texts.lines[i].text,
                                                      static_cast<size_t>(limit), texts.vector(i)));
    for (const text::NearDuplicates::Match& match : matches) {
      const TextLine& other = known.lines[std::stoul(match.id)];
      PrintRow(ordered_json{{"line", texts.lines[i].line},
                            {"other_line", other.line},
                            {"score", match.score},
                            {"jaccard", match.jaccard},
                            {"by_vector", match.by_vector},
                            {"text", texts.lines[i].text},
                            {"other_text", other.text}});
    }
    // Behind its own question, so that every pair is told once.
    if (within) FD_RETURN_IF_ERROR(AddTo(groups, texts, i, skipped));
  }
  if (skipped > 0) fmt::print(stderr, "{} texts have nothing to compare\n", skipped);
  return absl::OkStatus();
}

}  // namespace

std::vector<OperatorCommand> FindCommands() {
  const FlagHelp text{"text", "instead of FILE; may be repeated"};
  return {
      {"text embed", "vectors, as JSON lines", Joined({{text}, TextTableFlags(), EncoderFlags()}),
       true, EmbedCommand, "FILE"},
      {"text entities", "times, amounts, phones, addresses, numbers …, as JSON lines",
       Joined({{text,
                {"now", "what \"tomorrow\" is counted from, as 2026-11-22T09:00:00+08:00"},
                {"zone", "as Asia/Shanghai; default UTC"},
                {"locale", "as zh-CN (default), en-US, en-GB: dates, currencies, phones"},
                {"past", "what is left open lies in the past", true},
                {"pattern", "NAME:EXPRESSION of one's own (RE2); may be repeated"},
                {"order_number", "NAME:EXPRESSION of order numbers; may be repeated"},
                {"dictionary", "file of name,other spelling; may be repeated"}},
               TextTableFlags()}),
       true, EntitiesCommand, "FILE"},
      {"text similar", "near-duplicates within a file, or of another one, as JSON lines",
       Joined({{{"against", "a file of the same columns"},
                {"min", "least score; default 0.85 of vectors, 0.5 of letters"},
                {"limit", "for one text, default 10"}},
               TextTableFlags(),
               EncoderFlags()}),
       true, SimilarCommand, "FILE"},
  };
}

}  // namespace frontdesk::command
