#include "services/knowledge/xapian_index.h"

#include <filesystem>
#include <fstream>
#include <mutex>
#include <utility>

#include <fmt/core.h>
#include <xapian.h>

#include "libs/base/error.h"
#include "libs/base/hash.h"
#include "libs/base/status_macros.h"
#include "libs/telemetry/log.h"
#include "services/knowledge/analyzer.h"

namespace frontdesk::knowledge {
namespace {

namespace fs = std::filesystem;

constexpr int kTitleWeight = 3;
constexpr int kQuestionWeight = 2;
constexpr Xapian::valueno kArticleSlot = 0;
constexpr const char* kPositionKey = "position";
constexpr size_t kReadersMax = 64;

// Capital first letters are Xapian's for boolean terms; ours of content are lower case.
std::string ArticleTerm(std::string_view tenant, std::string_view article) {
  return fmt::format("Q{}/{}", tenant, article);
}
std::string TenantTerm(std::string_view tenant) { return fmt::format("XT{}", tenant); }
std::string FirstPassageTerm(std::string_view tenant) { return fmt::format("XF{}", tenant); }
std::string LocaleTerm(std::string_view tenant, std::string_view locale) {
  return fmt::format("XL{}/{}", tenant, locale);
}
// Tags may be longer than a term; a collision is sorted out by looking at the hit.
std::string TagTerm(std::string_view tenant, std::string_view tag) {
  return fmt::format("XK{}/{:016x}", tenant, Fingerprint64(tag));
}
std::string WordTerm(std::string_view tenant, std::string_view locale, std::string_view word) {
  return fmt::format("{}/{}:{}", tenant, locale, word);
}

absl::Status FromXapian(const Xapian::Error& error) {
  const std::string what = fmt::format("search index: {}", error.get_description());
  const std::string_view type = error.get_type();
  if (type == "DatabaseCorruptError" || type == "DatabaseVersionError") {
    return Error(absl::StatusCode::kDataLoss, "DATA_LOSS", what);
  }
  return WithRetryDelay(Error(absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE", what),
                        absl::Seconds(1));
}

// Runs `fn`, which gives a Status, and turns what Xapian and the standard library throw into one.
template <class Fn>
absl::Status Guarded(Fn&& fn) {
  try {
    return fn();
  } catch (const Xapian::Error& error) {
    return FromXapian(error);
  } catch (const std::exception& error) {
    return Error(absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE",
                 fmt::format("search index: {}", error.what()));
  }
}

Xapian::Document MakeDocument(std::string_view tenant, std::string_view article,
                              const IndexedPassage& passage, bool first) {
  Xapian::Document document;
  auto add = [&](std::string_view text, int weight) {
    for (const std::string& word : IndexTerms(text)) {
      document.add_term(WordTerm(tenant, passage.locale(), word), weight);
    }
  };
  add(passage.title(), kTitleWeight);
  for (const std::string& question : passage.questions()) add(question, kQuestionWeight);
  add(passage.text(), 1);
  document.add_boolean_term(ArticleTerm(tenant, article));
  document.add_boolean_term(TenantTerm(tenant));
  document.add_boolean_term(LocaleTerm(tenant, passage.locale()));
  if (first) document.add_boolean_term(FirstPassageTerm(tenant));
  for (const std::string& tag : passage.tags()) document.add_boolean_term(TagTerm(tenant, tag));
  document.add_value(kArticleSlot, std::string(article));
  document.set_data(passage.SerializeAsString());
  return document;
}

class XapianIndex final : public SearchIndex {
 public:
  explicit XapianIndex(const std::string& directory)
      : directory_(directory), writer_(directory, Xapian::DB_CREATE_OR_OPEN) {}

  ~XapianIndex() override {
    // Closing commits, which may throw; what was not committed is applied again after opening.
    const absl::Status closed = Guarded([&] {
      writer_.close();
      return absl::OkStatus();
    });
    if (!closed.ok()) {
      telemetry::Log(telemetry::Level::kWarn, "knowledge.index_close_failed", {{"error", closed}});
    }
  }

  absl::Status Put(std::string_view tenant, std::string_view article,
                   const std::vector<IndexedPassage>& passages) override {
    return Guarded([&] {
      writer_.delete_document(ArticleTerm(tenant, article));
      bool first = true;
      for (const IndexedPassage& passage : passages) {
        writer_.add_document(MakeDocument(tenant, article, passage, first));
        first = false;
      }
      return absl::OkStatus();
    });
  }

  absl::Status Remove(std::string_view tenant, std::string_view article) override {
    return Guarded([&] {
      writer_.delete_document(ArticleTerm(tenant, article));
      return absl::OkStatus();
    });
  }

  absl::Status Commit(const IndexPosition& position) override {
    return Guarded([&] {
      writer_.set_metadata(kPositionKey, position.SerializeAsString());
      writer_.commit();
      return absl::OkStatus();
    });
  }

  absl::StatusOr<IndexPosition> Position() const override {
    IndexPosition position;
    FD_RETURN_IF_ERROR(WithReader([&](Xapian::Database& reader) -> absl::Status {
      position.Clear();
      if (!position.ParseFromString(reader.get_metadata(kPositionKey))) {
        return Error(absl::StatusCode::kDataLoss, "DATA_LOSS", "search index: bad position");
      }
      return absl::OkStatus();
    }));
    return position;
  }

  absl::StatusOr<SearchReply> Search(const SearchQuery& query) const override {
    SearchReply reply;
    FD_RETURN_IF_ERROR(WithReader([&](Xapian::Database& reader) {
      reply = SearchReply();
      return SearchWith(reader, query, reply);
    }));
    return reply;
  }

  absl::StatusOr<IndexCounts> Count(std::string_view tenant) const override {
    IndexCounts counts;
    FD_RETURN_IF_ERROR(WithReader([&](Xapian::Database& reader) {
      counts.articles = reader.get_termfreq(FirstPassageTerm(tenant));
      counts.passages = reader.get_termfreq(TenantTerm(tenant));
      return absl::OkStatus();
    }));
    return counts;
  }

 private:
  // Runs `fn` on a reader of the last commit that nobody else uses meanwhile. Once more when the
  // writer has overtaken the reader by two commits.
  template <class Fn>
  absl::Status WithReader(Fn&& fn) const {
    return Guarded([&]() -> absl::Status {
      std::unique_ptr<Xapian::Database> reader = TakeReader();
      reader->reopen();
      absl::Status status;
      try {
        status = fn(*reader);
      } catch (const Xapian::DatabaseModifiedError&) {
        reader->reopen();
        status = fn(*reader);
      }
      GiveBack(std::move(reader));
      return status;
    });
  }

  std::unique_ptr<Xapian::Database> TakeReader() const {
    {
      std::lock_guard lock(mu_);
      if (!readers_.empty()) {
        auto reader = std::move(readers_.back());
        readers_.pop_back();
        return reader;
      }
    }
    return std::make_unique<Xapian::Database>(directory_);
  }

  void GiveBack(std::unique_ptr<Xapian::Database> reader) const {
    std::lock_guard lock(mu_);
    if (readers_.size() < kReadersMax) readers_.push_back(std::move(reader));
  }

  static absl::Status SearchWith(Xapian::Database& reader, const SearchQuery& query,
                                 SearchReply& reply) {
    reply.documents = reader.get_termfreq(LocaleTerm(query.tenant, query.locale));
    std::vector<std::string> terms;
    for (const std::string& word : query.terms) {
      std::string term = WordTerm(query.tenant, query.locale, word);
      const Xapian::doccount holding = reader.get_termfreq(term);
      reply.holding[word] = holding;
      if (holding > 0) terms.push_back(std::move(term));
    }
    if (terms.empty()) return absl::OkStatus();
    Xapian::Query wish(Xapian::Query::OP_OR, terms.begin(), terms.end());
    if (!query.tag.empty()) {
      wish = Xapian::Query(Xapian::Query::OP_FILTER, wish,
                           Xapian::Query(TagTerm(query.tenant, query.tag)));
    }
    Xapian::Enquire enquire(reader);
    enquire.set_weighting_scheme(Xapian::BM25Weight());
    enquire.set_query(wish);
    if (query.one_per_article) enquire.set_collapse_key(kArticleSlot);
    const Xapian::MSet found = enquire.get_mset(0, query.limit);
    for (auto hit = found.begin(); hit != found.end(); ++hit) {
      SearchHit& out = reply.hits.emplace_back();
      if (!out.passage.ParseFromString(hit.get_document().get_data())) {
        return Error(absl::StatusCode::kDataLoss, "DATA_LOSS", "search index: bad document");
      }
      out.score = hit.get_weight();
    }
    return absl::OkStatus();
  }

  const std::string directory_;
  Xapian::WritableDatabase writer_;  // indexer's thread only
  mutable std::mutex mu_;
  mutable std::vector<std::unique_ptr<Xapian::Database>> readers_;  // guarded by mu_; idle ones
};

class XapianHome final : public IndexHome {
 public:
  explicit XapianHome(std::string directory) : directory_(std::move(directory)) {}

  std::unique_ptr<SearchIndex> OpenCurrent() override {
    std::ifstream file(directory_ + "/CURRENT");
    uint64_t number = 0;
    if (!(file >> number)) return nullptr;
    current_ = newest_ = number;
    RemoveOthers();
    std::error_code ignored;
    if (!fs::exists(Path(number), ignored)) return nullptr;
    auto index = OpenXapianIndex(Path(number));
    if (!index.ok()) {
      telemetry::Log(telemetry::Level::kWarn, "knowledge.index_unreadable",
                     {{"directory", Path(number)}, {"error", index.status()}});
      return nullptr;
    }
    return *std::move(index);
  }

  absl::StatusOr<std::unique_ptr<SearchIndex>> MakeNew() override {
    FD_RETURN_IF_ERROR(Guarded([&] {
      fs::create_directories(directory_);
      return absl::OkStatus();
    }));
    RemoveOthers();
    newest_ = std::max(newest_, current_) + 1;
    return OpenXapianIndex(Path(newest_));
  }

  absl::Status Promote() override {
    return Guarded([&]() -> absl::Status {
      const std::string path = directory_ + "/CURRENT";
      {
        std::ofstream file(path + ".new", std::ios::trunc);
        file << newest_ << "\n";
        file.close();
        if (!file) {
          return Error(absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE",
                       "search index: cannot write CURRENT");
        }
      }
      fs::rename(path + ".new", path);
      current_ = newest_;
      return absl::OkStatus();
    });
  }

 private:
  std::string Path(uint64_t number) const { return fmt::format("{}/{}", directory_, number); }

  // Leftovers of earlier rebuilds; what can't be removed now is tried again next time.
  void RemoveOthers() {
    std::error_code error;
    for (fs::directory_iterator it(directory_, error), end; !error && it != end;
         it.increment(error)) {
      if (!it->is_directory(error) || it->path().filename() == fmt::format("{}", current_))
        continue;
      std::error_code ignored;
      fs::remove_all(it->path(), ignored);
    }
  }

  const std::string directory_;
  uint64_t current_ = 0;
  uint64_t newest_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<SearchIndex>> OpenXapianIndex(const std::string& directory) {
  std::unique_ptr<SearchIndex> index;
  FD_RETURN_IF_ERROR(Guarded([&] {
    index = std::make_unique<XapianIndex>(directory);
    return absl::OkStatus();
  }));
  return index;
}

std::unique_ptr<IndexHome> MakeXapianHome(std::string directory) {
  return std::make_unique<XapianHome>(std::move(directory));
}

}  // namespace frontdesk::knowledge
