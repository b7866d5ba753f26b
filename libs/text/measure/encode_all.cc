#include "libs/text/measure/encode_all.h"

#include <algorithm>
#include <utility>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/text/language.h"

namespace frontdesk::text {
namespace {

// The texts of one encoder.
struct Share {
  Encoder* encoder;
  int block;
  std::vector<size_t> rows;
};

// Two encoders of one fingerprint, as the lexical ones of both languages, make one block.
int BlockOf(const EncoderInfo& info, TextVectors& out) {
  auto block = std::ranges::find(out.blocks, info.fingerprint, &VectorBlock::fingerprint);
  if (block == out.blocks.end()) {
    out.blocks.push_back({info.fingerprint, info.name, static_cast<uint32_t>(info.dimensions)});
    block = out.blocks.end() - 1;
  }
  return static_cast<int>(block - out.blocks.begin());
}

std::vector<Share> ShareOut(absl::Span<const std::string_view> texts, const EncoderFor& encoder_for,
                            TextVectors& out) {
  std::vector<Share> shares;
  for (size_t i = 0; i < texts.size(); ++i) {
    Encoder* encoder = encoder_for(texts[i]);
    if (encoder == nullptr) continue;
    auto share = std::ranges::find(shares, encoder, &Share::encoder);
    if (share == shares.end()) {
      shares.push_back({encoder, BlockOf(encoder->info(), out), {}});
      share = shares.end() - 1;
    }
    share->rows.push_back(i);
  }
  for (Share& share : shares) {
    std::ranges::stable_sort(share.rows, {}, [&texts](size_t row) { return texts[row].size(); });
  }
  return shares;
}

absl::Status EncodeGroup(absl::Span<const std::string_view> texts, const Share& share,
                         absl::Span<const size_t> rows, TextVectors& out) {
  std::vector<std::string_view> group;
  group.reserve(rows.size());
  for (size_t row : rows) group.push_back(texts[row]);
  FD_ASSIGN_OR_RETURN(const std::vector<float> vectors, share.encoder->Encode(group));
  const auto dimensions = static_cast<size_t>(share.encoder->info().dimensions);
  for (size_t i = 0; i < rows.size(); ++i) {
    TextVector& vector = out.rows[rows[i]];
    vector.block = share.block;
    vector.values.assign(vectors.begin() + static_cast<ptrdiff_t>(i * dimensions),
                         vectors.begin() + static_cast<ptrdiff_t>((i + 1) * dimensions));
  }
  return absl::OkStatus();
}

bool Chinese(std::string_view text) { return GuessLanguage(text) == "zh"; }

}  // namespace

EncoderFor ChooseEncoders(absl::Span<const std::string_view> texts, Encoder& english,
                          Encoder& chinese) {
  const auto in_chinese = static_cast<size_t>(std::ranges::count_if(texts, Chinese));
  const auto all = static_cast<double>(texts.size());
  const auto few = [all](size_t count) {
    const auto share = static_cast<double>(count);
    return share <= kStrayShare * all || (count < kStrayTexts && share <= kStrayShareMax * all);
  };
  if (few(in_chinese)) return [&english](std::string_view) { return &english; };
  if (few(texts.size() - in_chinese)) return [&chinese](std::string_view) { return &chinese; };
  return
      [&english, &chinese](std::string_view text) { return Chinese(text) ? &chinese : &english; };
}

EncoderFor EncodersOfModel(const Model& model, Encoder& english, Encoder& chinese) {
  const auto known = [&model](Encoder& encoder) {
    const auto same = [&encoder](const Model::Block& block) {
      return block.of.fingerprint == encoder.info().fingerprint;
    };
    return std::ranges::any_of(model.blocks, same) ? &encoder : nullptr;
  };
  Encoder* const for_english = known(english);
  Encoder* const for_chinese = known(chinese);
  return [for_english, for_chinese](std::string_view text) {
    if (for_english == nullptr || for_chinese == nullptr) {
      return for_english == nullptr ? for_chinese : for_english;
    }
    return Chinese(text) ? for_chinese : for_english;
  };
}

absl::StatusOr<TextVectors> EncodeAll(absl::Span<const std::string_view> texts,
                                      const EncoderFor& encoder_for, const CountProgress& progress,
                                      size_t group) {
  TextVectors out;
  out.rows.resize(texts.size());
  size_t done = 0;
  for (const Share& share : ShareOut(texts, encoder_for, out)) {
    for (size_t at = 0; at < share.rows.size(); at += group) {
      const auto rows = absl::MakeConstSpan(share.rows).subspan(at, group);
      FD_RETURN_IF_ERROR(EncodeGroup(texts, share, rows, out));
      done += rows.size();
      if (progress && !progress(done, texts.size())) {
        return Error(absl::StatusCode::kCancelled, "CANCELLED", "encoding was stopped");
      }
    }
  }
  return out;
}

QueryVector QueryOf(const TextVectors& vectors, size_t row) {
  if (vectors.rows.empty() || vectors.rows[row].block < 0) return {};
  const TextVector& own = vectors.rows[row];
  return {vectors.blocks[static_cast<size_t>(own.block)].fingerprint, own.values};
}

}  // namespace frontdesk::text
