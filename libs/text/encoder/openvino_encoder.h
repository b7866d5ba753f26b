#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "libs/text/encoder/encoder.h"

namespace frontdesk::text {

// How one vector is made of a text's token vectors.
enum class Pooling {
  kCls,   // the first token's: bge
  kMean,  // the mean of all: most of sentence-transformers, MiniLM, e5
};

struct OpenVinoOptions {
  std::string directory{};  // holds model.onnx and tokenizer.json
  std::string name{};       // empty = the last part of `directory`
  std::string language{};   // "en", "zh"; empty = any
  Pooling pooling = Pooling::kCls;
  std::string prefix{};  // put before every text: "query: " for e5
  int tokens_max = 512;  // what the model was trained for; longer texts are cut
  int threads = 0;       // 0 = one a core
};

// A sentence-transformer in ONNX, run by OpenVINO on the CPU: WordPiece tokens, the model, pooling,
// unit length. Takes models with the inputs input_ids, attention_mask and, if they want it,
// token_type_ids, whose first output is one vector a token or one a text.
//
// A call is cut into sub-batches of texts of like length, which run side by side, each on one thread;
// one text alone is one thread's work. At most `threads` sub-batches run at a time in the process;
// further callers wait.
//
// The arithmetic is the processor's best (int8, bfloat16): vectors differ by some ten-thousandths from
// machine to machine. A model with dynamic quantisation is rewritten first (plain_products.h).
//
// Thread safe; owns the model, which is in memory once however many callers there are. Vectors are not
// kept: see vector_cache.h. It does not batch across callers: see batcher.h.
class OpenVinoEncoder final : public Encoder {
 public:
  // Takes seconds. NOT_FOUND when a file is missing, INVALID_ARGUMENT (INVALID_CONFIG) when one is
  // not what it should be; both name the file.
  static absl::StatusOr<std::unique_ptr<OpenVinoEncoder>> Load(const OpenVinoOptions& options);
  ~OpenVinoEncoder() override;

  const EncoderInfo& info() const override { return info_; }
  absl::StatusOr<std::vector<float>> Encode(absl::Span<const std::string_view> texts) override;

  size_t CountTokens(std::string_view text, size_t limit) const override;

  // Token ids as the model gets them, special ones included.
  std::vector<int32_t> Tokens(std::string_view text) const;

 private:
  struct Model;

  OpenVinoEncoder(EncoderInfo info, std::unique_ptr<Model> model);

  const EncoderInfo info_;
  const std::unique_ptr<Model> model_;
};

}  // namespace frontdesk::text
