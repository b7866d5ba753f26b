#include "services/knowledge/xapian_index.h"

#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include <fmt/core.h>
#include <xapian.h>

#include "libs/base/error.h"
#include "libs/base/hash.h"
#include "libs/base/status_macros.h"
#include "libs/base/utf8.h"
#include "libs/telemetry/log.h"
#include "libs/text/normalize.h"
#include "services/knowledge/analyzer.h"
#include "services/knowledge/article_table.h"
#include "services/knowledge/index_parts.h"

namespace frontdesk::knowledge {
namespace {

namespace fs = std::filesystem;

constexpr int kTitleWeight = 3;
constexpr int kQuestionWeight = 2;
constexpr Xapian::valueno kArticleSlot = 0;
constexpr const char* kPositionKey = "position";
constexpr size_t kReadersMax = 64;
// What lies in the index of each article for ArticleTable: under a key of its own, which is read at
// opening; a document would count in the weights of words.
constexpr const char* kArticleKeyPrefix = "article/";
// Matching passages that facets look at.
constexpr Xapian::doccount kFacetPassagesMax = 10'000;
constexpr size_t kSuggestKeyBytes = 100;
constexpr int kSuggestTermsMax = 200;
constexpr int kSuggestCandidates = 20;
constexpr Xapian::termcount kCompletionsMax = 50;
constexpr size_t kLoadAtOnce = 1000;
constexpr int kSpellingTermsMax = 50'000;

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
std::string AttributeTerm(std::string_view tenant, std::string_view field, std::string_view value) {
  return fmt::format("XA{}/{}/{:016x}", tenant, field, Fingerprint64(value));
}
std::string AudienceTerm(std::string_view tenant, v1::Audience audience) {
  return fmt::format("XU{}/{}", tenant, static_cast<int>(audience));
}
// Titles and questions as they are typed.
std::string SuggestTerm(std::string_view tenant, std::string_view locale, std::string_view key) {
  return fmt::format("XG{}/{}:{}", tenant, locale, TruncateUtf8(key, kSuggestKeyBytes));
}
// Apart by audience: what a correction or completion shows must not tell of articles that are hidden.
std::string SpellingTerm(std::string_view tenant, std::string_view locale, v1::Audience audience,
                         std::string_view word) {
  return fmt::format("XW{}/{}/{}:{}", tenant, locale, static_cast<int>(audience), word);
}
// The audiences whose articles `asker` sees.
std::vector<v1::Audience> SeenBy(v1::Audience asker) {
  std::vector<v1::Audience> seen;
  for (const v1::Audience one :
       {v1::AUDIENCE_PUBLIC, v1::AUDIENCE_CUSTOMERS, v1::AUDIENCE_AGENTS}) {
    if (one <= asker) seen.push_back(one);
  }
  return seen;
}
std::string ArticleKey(std::string_view tenant, std::string_view article) {
  return fmt::format("{}{}/{}", kArticleKeyPrefix, tenant, article);
}
std::string WordTerm(std::string_view tenant, std::string_view locale, std::string_view word) {
  return fmt::format("{}/{}:{}", tenant, locale, word);
}

absl::Status FromXapian(const Xapian::Error& error) {
  const std::string what = fmt::format("search index: {}", error.get_description());
  const std::string_view type = error.get_type();
  // What is not there is built anew like what can't be read.
  if (type == "DatabaseCorruptError" || type == "DatabaseVersionError" ||
      type == "DatabaseNotFoundError" || type == "DatabaseOpeningError") {
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

void AddFilterTerms(std::string_view tenant, const IndexedPassage& passage,
                    Xapian::Document& document) {
  for (const std::string& tag : passage.tags()) document.add_boolean_term(TagTerm(tenant, tag));
  const auto add = [&](std::string_view field, const std::string& value) {
    if (!value.empty()) document.add_boolean_term(AttributeTerm(tenant, field, value));
  };
  add("p", passage.product());
  add("m", passage.product_module());
  add("e", passage.error_type());
  add("s", passage.solution_kind());
  document.add_boolean_term(AudienceTerm(tenant, AudienceOf(passage)));
}

// What the first passage says for the whole article.
void AddArticleTerms(std::string_view tenant, const IndexedPassage& passage,
                     Xapian::Document& document) {
  document.add_boolean_term(FirstPassageTerm(tenant));
  const auto add = [&](const std::string& text) {
    const std::string key = text::MatchKey(text);
    if (!key.empty()) document.add_boolean_term(SuggestTerm(tenant, passage.locale(), key));
  };
  add(passage.title());
  for (const std::string& question : passage.questions()) add(question);
  for (const std::string& word : SpellingWords(passage)) {
    if (word.size() <= kSuggestKeyBytes) {
      document.add_boolean_term(SpellingTerm(tenant, passage.locale(), AudienceOf(passage), word));
    }
  }
}

Xapian::Document MakeDocument(std::string_view tenant, const IndexedPassage& passage, bool first) {
  Xapian::Document document;
  auto add = [&](std::string_view text, int weight) {
    for (const std::string& word : IndexTerms(text)) {
      document.add_term(WordTerm(tenant, passage.locale(), word), weight);
    }
  };
  add(passage.title(), kTitleWeight);
  for (const std::string& question : passage.questions()) add(question, kQuestionWeight);
  add(passage.text(), 1);
  document.add_boolean_term(ArticleTerm(tenant, passage.article()));
  document.add_boolean_term(TenantTerm(tenant));
  document.add_boolean_term(LocaleTerm(tenant, passage.locale()));
  if (first) AddArticleTerms(tenant, passage, document);
  AddFilterTerms(tenant, passage, document);
  document.add_value(kArticleSlot, passage.article());
  document.set_data(passage.SerializeAsString());
  return document;
}

// The part of a filter that terms can say.
Xapian::Query WithFilter(const Xapian::Query& wish, const std::string& tenant,
                         const SearchFilter& filter) {
  std::vector<Xapian::Query> parts;
  if (!filter.tag.empty()) parts.emplace_back(TagTerm(tenant, filter.tag));
  const auto add = [&](std::string_view field, const std::string& value) {
    if (!value.empty()) parts.emplace_back(AttributeTerm(tenant, field, value));
  };
  add("p", filter.product);
  add("m", filter.product_module);
  add("e", filter.error_type);
  add("s", filter.solution_kind);
  if (filter.audience < v1::AUDIENCE_AGENTS) {
    Xapian::Query circles(AudienceTerm(tenant, v1::AUDIENCE_PUBLIC));
    if (filter.audience >= v1::AUDIENCE_CUSTOMERS) {
      circles |= Xapian::Query(AudienceTerm(tenant, v1::AUDIENCE_CUSTOMERS));
    }
    parts.push_back(std::move(circles));
  }
  if (parts.empty()) return wish;
  return Xapian::Query(Xapian::Query::OP_FILTER, wish,
                       Xapian::Query(Xapian::Query::OP_AND, parts.begin(), parts.end()));
}

// The part that they can't: ranges of versions.
class VersionDecider final : public Xapian::MatchDecider {
 public:
  VersionDecider(const ArticleTable& table, const std::string& tenant, const SearchFilter& filter)
      : table_(table), tenant_(tenant), filter_(filter) {}
  bool operator()(const Xapian::Document& document) const override {
    return table_.Allows(tenant_, document.get_value(kArticleSlot), filter_);
  }

 private:
  const ArticleTable& table_;
  const std::string& tenant_;
  const SearchFilter& filter_;
};

// Which articles match at all.
class ArticleSpy final : public Xapian::MatchSpy {
 public:
  void operator()(const Xapian::Document& document, double) override {
    articles_.insert(document.get_value(kArticleSlot));
  }
  std::vector<std::string> articles() const { return {articles_.begin(), articles_.end()}; }

 private:
  std::set<std::string> articles_;
};

absl::Status ParsePassage(const Xapian::Document& document, IndexedPassage& passage) {
  if (passage.ParseFromString(document.get_data())) return absl::OkStatus();
  return Error(absl::StatusCode::kDataLoss, "DATA_LOSS", "search index: bad document");
}

class XapianIndex final : public SearchIndex {
 public:
  explicit XapianIndex(const std::string& directory)
      : directory_(directory), writer_(directory, Xapian::DB_CREATE_OR_OPEN) {}

  // Reads what is kept in memory; once, before anything else.
  absl::Status Load() {
    std::vector<ArticleTable::Change> changes;
    return Guarded([&]() -> absl::Status {
      for (auto key = writer_.metadata_keys_begin(kArticleKeyPrefix);
           key != writer_.metadata_keys_end(kArticleKeyPrefix); ++key) {
        auto article = std::make_unique<IndexedArticle>();
        const std::string name = (*key).substr(std::string_view(kArticleKeyPrefix).size());
        if (!article->ParseFromString(writer_.get_metadata(*key)) ||
            name.find('/') == std::string::npos) {
          return Error(absl::StatusCode::kDataLoss, "DATA_LOSS", "search index: bad article");
        }
        changes.push_back({name.substr(0, name.find('/')), article->article(), std::move(article)});
        if (changes.size() >= kLoadAtOnce) {
          table_.Apply(changes);
          changes.clear();
        }
      }
      table_.Apply(changes);
      return absl::OkStatus();
    });
  }

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

  absl::Status Put(std::string_view tenant, const IndexedArticle& article,
                   const std::vector<IndexedPassage>& passages) override {
    return Guarded([&] {
      writer_.delete_document(ArticleTerm(tenant, article.article()));
      bool first = true;
      for (const IndexedPassage& passage : passages) {
        writer_.add_document(MakeDocument(tenant, passage, first));
        first = false;
      }
      writer_.set_metadata(ArticleKey(tenant, article.article()), article.SerializeAsString());
      staged_.push_back(
          {std::string(tenant), article.article(), std::make_unique<IndexedArticle>(article)});
      return absl::OkStatus();
    });
  }

  absl::Status Remove(std::string_view tenant, std::string_view article) override {
    return Guarded([&] {
      writer_.delete_document(ArticleTerm(tenant, article));
      writer_.set_metadata(ArticleKey(tenant, article), "");
      staged_.push_back({std::string(tenant), std::string(article), nullptr});
      return absl::OkStatus();
    });
  }

  absl::Status Commit(const IndexPosition& position) override {
    return Guarded([&] {
      writer_.set_metadata(kPositionKey, position.SerializeAsString());
      writer_.commit();
      table_.Apply(staged_);
      staged_.clear();
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
    table_.Count(tenant, counts);
    return counts;
  }

  absl::StatusOr<std::vector<Suggested>> Suggest(const SuggestQuery& query) const override {
    std::vector<Suggested> found;
    FD_RETURN_IF_ERROR(WithReader([&](Xapian::Database& reader) {
      found.clear();
      return SuggestWith(reader, query, found);
    }));
    return found;
  }

  absl::StatusOr<std::string> NearestWord(std::string_view tenant, std::string_view locale,
                                          v1::Audience audience,
                                          std::string_view word) const override {
    NearestPick pick(word);
    if (pick.hopeless()) return std::string();
    FD_RETURN_IF_ERROR(WithReader([&](Xapian::Database& reader) {
      pick = NearestPick(word);
      int left = kSpellingTermsMax;
      for (const v1::Audience seen : SeenBy(audience)) {
        const std::string all = SpellingTerm(tenant, locale, seen, "");
        for (auto term = reader.allterms_begin(all); term != reader.allterms_end(all) && left > 0;
             ++term, --left) {
          pick.Offer((*term).substr(all.size()), term.get_termfreq());
        }
      }
      return absl::OkStatus();
    }));
    return pick.best();
  }

  absl::Status List(
      std::string_view tenant,
      const std::function<void(std::string_view, std::string_view)>& visit) const override {
    return WithReader([&](Xapian::Database& reader) -> absl::Status {
      const std::string term = FirstPassageTerm(tenant);
      for (auto id = reader.postlist_begin(term); id != reader.postlist_end(term); ++id) {
        IndexedPassage passage;
        FD_RETURN_IF_ERROR(ParsePassage(reader.get_document(*id), passage));
        visit(passage.article(), passage.article_version());
      }
      return absl::OkStatus();
    });
  }

  IndexedArticle Vectors(std::string_view tenant, std::string_view article) const override {
    return table_.Vectors(tenant, article);
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

  absl::Status SearchWith(Xapian::Database& reader, const SearchQuery& query,
                          SearchReply& reply) const {
    reply.documents = reader.get_termfreq(LocaleTerm(query.tenant, query.locale));
    std::vector<std::string> terms;
    for (const std::string& word : query.terms) {
      std::string term = WordTerm(query.tenant, query.locale, word);
      const Xapian::doccount holding = reader.get_termfreq(term);
      reply.holding[word] = holding;
      if (holding > 0) terms.push_back(std::move(term));
    }
    if (!terms.empty()) FD_RETURN_IF_ERROR(FindWords(reader, query, terms, reply));
    if (query.vector == nullptr) return absl::OkStatus();
    const auto near = table_.Nearest(query.tenant, query.locale, *query.vector, query.filter,
                                     static_cast<size_t>(query.vector_limit));
    AddMeaning(query, table_, near, reply, [&](const std::string& article, size_t passage) {
      return FetchPassage(reader, ArticleTerm(query.tenant, article), passage);
    });
    return absl::OkStatus();
  }

  absl::Status FindWords(Xapian::Database& reader, const SearchQuery& query,
                         const std::vector<std::string>& terms, SearchReply& reply) const {
    Xapian::Enquire enquire(reader);
    enquire.set_weighting_scheme(Xapian::BM25Weight());
    enquire.set_query(WithFilter(Xapian::Query(Xapian::Query::OP_OR, terms.begin(), terms.end()),
                                 query.tenant, query.filter));
    if (query.one_per_article) enquire.set_collapse_key(kArticleSlot);
    ArticleSpy spy;
    if (query.with_facets) enquire.add_matchspy(&spy);
    const VersionDecider versions(table_, query.tenant, query.filter);
    const Xapian::MSet found =
        enquire.get_mset(0, query.limit, query.with_facets ? kFacetPassagesMax : 0, nullptr,
                         query.filter.product_version.empty() ? nullptr : &versions);
    for (auto hit = found.begin(); hit != found.end(); ++hit) {
      SearchHit& out = reply.hits.emplace_back();
      FD_RETURN_IF_ERROR(ParsePassage(hit.get_document(), out.passage));
      out.score = hit.get_weight();
    }
    if (query.with_facets) reply.facets = table_.CountFacets(query.tenant, spy.articles());
    return absl::OkStatus();
  }

  // Passages of an article lie in their order.
  static std::optional<IndexedPassage> FetchPassage(Xapian::Database& reader,
                                                    const std::string& article_term,
                                                    size_t number) {
    auto id = reader.postlist_begin(article_term);
    const auto end = reader.postlist_end(article_term);
    for (; id != end && number > 0; --number) ++id;
    IndexedPassage passage;
    if (id == end || !passage.ParseFromString(reader.get_document(*id).get_data())) {
      return std::nullopt;
    }
    return passage;
  }

  absl::Status SuggestWith(Xapian::Database& reader, const SuggestQuery& query,
                           std::vector<Suggested>& found) const {
    std::set<std::string> seen;
    const auto offer = [&](const IndexedPassage& passage, const std::string* text) {
      if (text == nullptr || !table_.Allows(query.tenant, passage.article(), query.filter)) return;
      if (seen.insert(passage.article()).second) {
        found.push_back({*text, passage.article_version()});
      }
    };
    const auto full = [&] { return found.size() >= static_cast<size_t>(query.limit); };
    const std::string begin = SuggestTerm(query.tenant, query.locale, query.prefix);
    int left = kSuggestTermsMax;
    for (auto term = reader.allterms_begin(begin);
         term != reader.allterms_end(begin) && !full() && left > 0; ++term, --left) {
      for (auto id = reader.postlist_begin(*term); id != reader.postlist_end(*term) && !full();
           ++id) {
        IndexedPassage passage;
        FD_RETURN_IF_ERROR(ParsePassage(reader.get_document(*id), passage));
        offer(passage, TextWithPrefix(passage, query.prefix));
      }
    }
    if (full() || (query.words.empty() && query.last.empty())) return absl::OkStatus();
    std::vector<Xapian::Query> parts{Xapian::Query(FirstPassageTerm(query.tenant))};
    for (const std::string& word : query.words) {
      parts.emplace_back(WordTerm(query.tenant, query.locale, word));
    }
    if (!query.last.empty()) {
      Xapian::Query begun;
      for (const v1::Audience seen : SeenBy(query.filter.audience)) {
        begun |= Xapian::Query(Xapian::Query::OP_WILDCARD,
                               SpellingTerm(query.tenant, query.locale, seen, query.last),
                               kCompletionsMax, Xapian::Query::WILDCARD_LIMIT_MOST_FREQUENT);
      }
      parts.push_back(std::move(begun));
    }
    Xapian::Enquire enquire(reader);
    enquire.set_query(WithFilter(Xapian::Query(Xapian::Query::OP_AND, parts.begin(), parts.end()),
                                 query.tenant, query.filter));
    const Xapian::MSet candidates = enquire.get_mset(0, kSuggestCandidates);
    for (auto hit = candidates.begin(); hit != candidates.end() && !full(); ++hit) {
      IndexedPassage passage;
      FD_RETURN_IF_ERROR(ParsePassage(hit.get_document(), passage));
      offer(passage, TextWithWords(passage, query));
    }
    return absl::OkStatus();
  }

  const std::string directory_;
  Xapian::WritableDatabase writer_;           // indexer's thread only
  std::vector<ArticleTable::Change> staged_;  // likewise
  ArticleTable table_;
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
  FD_RETURN_IF_ERROR(Guarded([&]() -> absl::Status {
    auto opened = std::make_unique<XapianIndex>(directory);
    FD_RETURN_IF_ERROR(opened->Load());
    index = std::move(opened);
    return absl::OkStatus();
  }));
  return index;
}

std::unique_ptr<IndexHome> MakeXapianHome(std::string directory) {
  return std::make_unique<XapianHome>(std::move(directory));
}

}  // namespace frontdesk::knowledge
