#include "libs/text/encoder/openvino_encoder.h"

#include <sodium.h>

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <numeric>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <openvino/openvino.hpp>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/text/encoder/plain_products.h"
#include "libs/text/encoder/word_piece.h"
#include "libs/text/errors.h"
#include "libs/text/limits.h"

namespace frontdesk::text {
namespace {

// A sub-batch ends at this many texts or tokens, padding counted: past it a pass gets no faster a
// text, and its memory grows.
constexpr size_t kBatchTexts = 16;
constexpr size_t kBatchTokens = 2048;
constexpr size_t kFileBytesMax = size_t{4} << 30;
constexpr size_t kTokenizerBytesMax = size_t{64} << 20;

absl::Status BadModel(std::string_view path, std::string_view what) {
  // The library's messages go on with source files and stack frames on further lines.
  const std::string_view line = what.substr(0, what.find('\n'));
  return WithMetadata(Error(absl::StatusCode::kInvalidArgument, reason::kInvalidConfig,
                            fmt::format("{}: {}", path, line.substr(0, 300))),
                      "path", path);
}

absl::Status FailedModel(std::string_view name, std::string_view what) {
  return Error(absl::StatusCode::kInternal, "INTERNAL",
               fmt::format("encoder {}: {}", name, what.substr(0, what.find('\n'))));
}

absl::StatusOr<std::string> ReadFile(const std::string& path, size_t bytes_max) {
  std::error_code error;
  const uintmax_t size = std::filesystem::file_size(path, error);
  if (error) return WithMetadata(NotFound("file", path), "path", path);
  if (size > bytes_max) return BadModel(path, "is too large");
  std::string bytes(size, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), static_cast<std::streamsize>(size));
  if (!file) return BadModel(path, "can't be read");
  return bytes;
}

// How vectors are made of weights and tokens, beyond what the options say: tokenisation, rewriting of
// the model, pooling, length. Raise it with any change that moves a vector by more than the last bits
// do: whoever keeps vectors, or a model learnt from them, makes them anew. encoder_test.cc holds
// vectors to this number.
constexpr int kVectorsVersion = 1;

// Of everything that a vector depends on.
std::string FingerprintOf(const OpenVinoOptions& options, std::string_view model,
                          std::string_view tokenizer) {
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, 16);
  const std::string rest =
      fmt::format("float weights {}\n{}\n{}\n{}", kVectorsVersion,
                  static_cast<int>(options.pooling), options.tokens_max, options.prefix);
  for (const std::string_view part : {model, tokenizer, std::string_view(rest)}) {
    const std::string head = fmt::format("{}:", part.size());
    for (const std::string_view bytes : {std::string_view(head), part}) {
      crypto_generichash_update(&state, reinterpret_cast<const uint8_t*>(bytes.data()),
                                bytes.size());
    }
  }
  uint8_t hash[16];
  crypto_generichash_final(&state, hash, sizeof hash);
  std::string hex;
  for (const uint8_t byte : hash) fmt::format_to(std::back_inserter(hex), "{:02x}", byte);
  return hex;
}

void ToUnitLength(float* vector, size_t dimensions) {
  double squares = 0;
  for (size_t i = 0; i < dimensions; ++i) squares += static_cast<double>(vector[i]) * vector[i];
  const auto scale = static_cast<float>(squares > 0 ? 1 / std::sqrt(squares) : 0);
  for (size_t i = 0; i < dimensions; ++i) vector[i] *= scale;
}

struct SubBatch {
  std::vector<size_t> rows;  // of the call's texts
  size_t longest = 0;        // tokens
};

// Shortest first, so that texts of like length meet; every text in one sub-batch. At least `least`
// sub-batches, if there are as many texts, so that no thread is idle.
std::vector<SubBatch> Divide(const std::vector<std::vector<int32_t>>& ids, size_t least) {
  std::vector<size_t> order(ids.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, {}, [&](size_t row) { return ids[row].size(); });
  const size_t texts_max = std::clamp<size_t>((ids.size() + least - 1) / least, 1, kBatchTexts);
  std::vector<SubBatch> batches;
  for (const size_t row : order) {
    const size_t length = ids[row].size();
    if (batches.empty() || batches.back().rows.size() >= texts_max ||
        (batches.back().rows.size() + 1) * length > kBatchTokens) {
      batches.emplace_back();
    }
    batches.back().rows.push_back(row);
    batches.back().longest = std::max(batches.back().longest, length);
  }
  // The longest first: they would else be what everyone waits for at the end.
  std::ranges::reverse(batches);
  return batches;
}

}  // namespace

// The compiled model and its infer requests. A request is taken, run and given back by one thread.
struct OpenVinoEncoder::Model {
  ov::Core core;
  ov::CompiledModel compiled;
  WordPiece tokenizer;
  std::string prefix;
  Pooling pooling;
  size_t tokens_max;
  size_t dimensions = 0;
  size_t streams = 1;
  bool token_types = false;
  bool pooled_output = false;  // the model pools by itself

  std::mutex mu;
  std::condition_variable returned;
  std::vector<ov::InferRequest> idle;  // guarded by mu

  Model(WordPiece words, const OpenVinoOptions& options)
      : tokenizer(std::move(words)),
        prefix(options.prefix),
        pooling(options.pooling),
        tokens_max(static_cast<size_t>(options.tokens_max)) {}

  ov::InferRequest Take() {
    std::unique_lock lock(mu);
    returned.wait(lock, [this] { return !idle.empty(); });
    ov::InferRequest request = std::move(idle.back());
    idle.pop_back();
    return request;
  }
  bool TryTake(ov::InferRequest& request) {
    const std::lock_guard lock(mu);
    if (idle.empty()) return false;
    request = std::move(idle.back());
    idle.pop_back();
    return true;
  }
  void Return(ov::InferRequest request) {
    {
      const std::lock_guard lock(mu);
      idle.push_back(std::move(request));
    }
    returned.notify_one();
  }

  void Check(const std::shared_ptr<ov::Model>& model);
  void CheckVocabulary(const std::shared_ptr<ov::Model>& model) const;
  void Compile(const std::shared_ptr<ov::Model>& model, int threads);
  std::vector<int32_t> Ids(std::string_view text) const;
  void Fill(ov::InferRequest& request, const SubBatch& batch,
            const std::vector<std::vector<int32_t>>& ids) const;
  void Collect(ov::InferRequest& request, const SubBatch& batch,
               const std::vector<std::vector<int32_t>>& ids, float* vectors) const;
  void Run(const std::vector<SubBatch>& batches, const std::vector<std::vector<int32_t>>& ids,
           float* vectors);
};

// The library's own exceptions leave this and the functions below; Load and Encode catch them.
void OpenVinoEncoder::Model::Check(const std::shared_ptr<ov::Model>& model) {
  bool ids = false;
  bool mask = false;
  for (const auto& input : model->inputs()) {
    const std::string& name = input.get_any_name();
    ids = ids || name == "input_ids";
    mask = mask || name == "attention_mask";
    token_types = token_types || name == "token_type_ids";
    OPENVINO_ASSERT(name == "input_ids" || name == "attention_mask" || name == "token_type_ids",
                    "unknown input ", name);
    OPENVINO_ASSERT(input.get_element_type() == ov::element::i64, "input ", name,
                    " is not of 64-bit integers");
  }
  OPENVINO_ASSERT(ids && mask, "input_ids or attention_mask is missing");
  const ov::PartialShape shape = model->output(0).get_partial_shape();
  OPENVINO_ASSERT(shape.rank().is_static() && (shape.size() == 2 || shape.size() == 3),
                  "the first output is neither a vector a token nor a vector a text");
  const ov::Dimension last = shape[shape.size() - 1];
  OPENVINO_ASSERT(last.is_static() && last.get_length() > 0 && last.get_length() <= 8192,
                  "the vectors have no fixed number of dimensions");
  pooled_output = shape.size() == 2;
  dimensions = static_cast<size_t>(last.get_length());
}

// The library takes an id behind the table's end for a vector of zeros without a word, so a tokeniser
// of another model would make vectors that look like any.
void OpenVinoEncoder::Model::CheckVocabulary(const std::shared_ptr<ov::Model>& model) const {
  for (const auto& node : model->get_ordered_ops()) {
    if (std::string_view(node->get_type_name()) != "Gather") continue;
    const ov::Node* ids = node->get_input_node_ptr(1);
    while (std::string_view(ids->get_type_name()) == "Convert") ids = ids->get_input_node_ptr(0);
    if (ids->get_friendly_name() != "input_ids") continue;
    const ov::Dimension rows = node->get_input_partial_shape(0)[0];
    if (rows.is_dynamic()) continue;
    OPENVINO_ASSERT(tokenizer.vocabulary_size() <= static_cast<size_t>(rows.get_length()), "knows ",
                    rows.get_length(), " tokens, and tokenizer.json has ",
                    tokenizer.vocabulary_size());
  }
}

void OpenVinoEncoder::Model::Compile(const std::shared_ptr<ov::Model>& model, int threads) {
  // One stream a thread: for short texts two streams give twice what one stream of two threads does.
  compiled =
      core.compile_model(model, "CPU", ov::num_streams(threads), ov::inference_num_threads(threads),
                         ov::hint::enable_cpu_pinning(false));
  streams = static_cast<size_t>(threads);
  for (int i = 0; i < threads; ++i) idle.push_back(compiled.create_infer_request());
}

std::vector<int32_t> OpenVinoEncoder::Model::Ids(std::string_view text) const {
  if (prefix.empty()) return tokenizer.Encode(text, tokens_max);
  return tokenizer.Encode(prefix + std::string(text), tokens_max);
}

void OpenVinoEncoder::Model::Fill(ov::InferRequest& request, const SubBatch& batch,
                                  const std::vector<std::vector<int32_t>>& ids) const {
  const ov::Shape shape{batch.rows.size(), batch.longest};
  ov::Tensor tokens = request.get_tensor("input_ids");
  ov::Tensor mask = request.get_tensor("attention_mask");
  tokens.set_shape(shape);
  mask.set_shape(shape);
  auto* token = tokens.data<int64_t>();
  auto* real = mask.data<int64_t>();
  for (const size_t row : batch.rows) {
    const std::vector<int32_t>& own = ids[row];
    std::copy(own.begin(), own.end(), token);
    std::fill(token + own.size(), token + batch.longest, tokenizer.pad_id());
    std::fill(real, real + own.size(), 1);
    std::fill(real + own.size(), real + batch.longest, 0);
    token += batch.longest;
    real += batch.longest;
  }
  if (!token_types) return;
  ov::Tensor types = request.get_tensor("token_type_ids");
  types.set_shape(shape);
  std::memset(types.data(), 0, types.get_byte_size());
}

void OpenVinoEncoder::Model::Collect(ov::InferRequest& request, const SubBatch& batch,
                                     const std::vector<std::vector<int32_t>>& ids,
                                     float* vectors) const {
  const ov::Tensor output = request.get_output_tensor(0);
  const auto* from = output.data<float>();
  const size_t stride = pooled_output ? dimensions : batch.longest * dimensions;
  for (size_t i = 0; i < batch.rows.size(); ++i) {
    const size_t row = batch.rows[i];
    const float* first = from + i * stride;
    float* to = vectors + row * dimensions;
    std::copy(first, first + dimensions, to);
    if (!pooled_output && pooling == Pooling::kMean) {
      for (size_t t = 1; t < ids[row].size(); ++t) {
        for (size_t d = 0; d < dimensions; ++d) to[d] += first[t * dimensions + d];
      }
    }
    ToUnitLength(to, dimensions);
  }
}

// Starts as many sub-batches as requests are free, at least one, and collects the oldest before it
// waits for another: a caller that holds a request never waits for one, so callers can't block each
// other for good.
void OpenVinoEncoder::Model::Run(const std::vector<SubBatch>& batches,
                                 const std::vector<std::vector<int32_t>>& ids, float* vectors) {
  struct Flight {
    ov::InferRequest request;
    const SubBatch* batch;
  };
  std::vector<Flight> flights;  // oldest first
  size_t next = 0;
  const auto land = [&] {
    Flight flight = std::move(flights.front());
    flights.erase(flights.begin());
    // Whatever the library says, the request goes back.
    struct Back {
      Model& model;
      ov::InferRequest& request;
      ~Back() { model.Return(std::move(request)); }
    } back{*this, flight.request};
    if (batches.size() > 1) flight.request.wait();
    Collect(flight.request, *flight.batch, ids, vectors);
  };
  const auto start = [&](ov::InferRequest request) {
    flights.push_back({std::move(request), &batches[next++]});
    Fill(flights.back().request, *flights.back().batch, ids);
    // One batch alone is run by this very thread, which saves waking another.
    if (batches.size() == 1) {
      flights.back().request.infer();
    } else {
      flights.back().request.start_async();
    }
  };
  try {
    while (next < batches.size() || !flights.empty()) {
      ov::InferRequest request;
      if (next < batches.size() && flights.empty()) {
        start(Take());
      } else if (next < batches.size() && TryTake(request)) {
        start(std::move(request));
      } else {
        land();
      }
    }
  } catch (...) {
    const std::exception_ptr first = std::current_exception();
    while (!flights.empty()) {
      try {
        land();
      } catch (...) {
        continue;  // the first error is the one that is told
      }
    }
    std::rethrow_exception(first);
  }
}

OpenVinoEncoder::OpenVinoEncoder(EncoderInfo info, std::unique_ptr<Model> model)
    : info_(std::move(info)), model_(std::move(model)) {}

OpenVinoEncoder::~OpenVinoEncoder() = default;

absl::StatusOr<std::unique_ptr<OpenVinoEncoder>> OpenVinoEncoder::Load(
    const OpenVinoOptions& options) {
  const std::filesystem::path directory(options.directory);
  const std::string model_path = (directory / "model.onnx").string();
  const std::string tokenizer_path = (directory / "tokenizer.json").string();
  if (sodium_init() < 0) return CryptoLibraryError("initialisation");
  FD_ASSIGN_OR_RETURN(const std::string tokenizer_bytes,
                      ReadFile(tokenizer_path, kTokenizerBytesMax));
  FD_ASSIGN_OR_RETURN(const std::string model_bytes, ReadFile(model_path, kFileBytesMax));
  absl::StatusOr<WordPiece> words = WordPiece::Parse(tokenizer_bytes);
  if (!words.ok()) return BadModel(tokenizer_path, MessageOf(words.status()));
  if (options.tokens_max <= static_cast<int>(words->specials()) || options.tokens_max > 8192) {
    return BadModel(options.directory, fmt::format("tokens_max of {}", options.tokens_max));
  }
  EncoderInfo info;
  info.name =
      options.name.empty() ? directory.lexically_normal().filename().string() : options.name;
  info.fingerprint = FingerprintOf(options, model_bytes, tokenizer_bytes);
  info.language = options.language;
  info.tokens_max = options.tokens_max;
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  auto model = std::make_unique<Model>(*std::move(words), options);
  try {
    const std::shared_ptr<ov::Model> read = model->core.read_model(model_path);
    model->Check(read);
    model->CheckVocabulary(read);
    UsePlainProducts(read);
    model->Compile(read, options.threads > 0 ? options.threads : cores);
  } catch (const std::exception& error) {
    return BadModel(model_path, error.what());
  }
  info.dimensions = static_cast<int>(model->dimensions);
  std::unique_ptr<OpenVinoEncoder> encoder(new OpenVinoEncoder(std::move(info), std::move(model)));
  // A tokeniser of another model shows here and not in a customer's message.
  const absl::StatusOr<std::vector<float>> tried = encoder->Encode({"a"});
  if (!tried.ok()) return BadModel(model_path, MessageOf(tried.status()));
  return encoder;
}

absl::StatusOr<std::vector<float>> OpenVinoEncoder::Encode(
    absl::Span<const std::string_view> texts) {
  FD_RETURN_IF_ERROR(CheckEncodable(texts));
  std::vector<std::vector<int32_t>> ids;
  ids.reserve(texts.size());
  for (const std::string_view text : texts) ids.push_back(model_->Ids(text));
  std::vector<float> vectors(texts.size() * model_->dimensions);
  try {
    model_->Run(Divide(ids, model_->streams), ids, vectors.data());
  } catch (const std::exception& error) {
    return FailedModel(info_.name, error.what());
  }
  return vectors;
}

std::vector<int32_t> OpenVinoEncoder::Tokens(std::string_view text) const {
  return model_->Ids(text);
}

size_t OpenVinoEncoder::CountTokens(std::string_view text, size_t limit) const {
  const WordPiece& words = model_->tokenizer;
  const size_t frame = words.specials() + words.Count(model_->prefix, limit);
  return frame >= limit ? limit : frame + words.Count(text, limit - frame);
}

}  // namespace frontdesk::text
