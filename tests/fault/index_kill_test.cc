// frontdeskd is killed with -9 again and again while articles are made, published anew and archived
// and the search index is built anew: what was acknowledged is there, and the index says what the
// store says.
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include <fmt/format.h>

#include "frontdesk/knowledge/v1/knowledge_service.pb.h"
#include "libs/base/absl_interop.h"
#include "libs/base/clock.h"
#include "tests/fault/harness.h"

namespace frontdesk::fault {
namespace {

namespace v1 = knowledge::v1;

constexpr int kKills = 15;
constexpr int kWriters = 2;
constexpr int kWorkBetween = 4;  // acknowledged publications, before a kill may come
constexpr char kParent[] = "tenants/demo";
constexpr char kService[] = "/frontdesk.knowledge.v1.KnowledgeService/";

// A word that no other article and no other version holds, and that no stem changes.
std::string Marker(const std::string& article, int version) {
  std::string word = "xq";
  for (const char c : fmt::format("{}v{}q", article, version)) {
    word += c >= '0' && c <= '9' ? static_cast<char>('b' + 2 * (c - '0') % 20) : c;
    if (c == '-') word.back() = 'z';
  }
  return word + "q";
}

// Authors who write through every crash. Each call is sent again with its request id until it is
// acknowledged, so that at the end everything is known.
class Authors {
 public:
  explicit Authors(Daemon& daemon) : daemon_(daemon) {}

  void Start() {
    for (int i = 0; i < kWriters; ++i) threads_.emplace_back([this, i] { Write(i); });
  }
  void Stop() {
    stopping_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  int published() const { return published_; }
  std::vector<std::string> wrong() const {
    const std::lock_guard lock(mu_);
    return wrong_;
  }
  // Article -> version that is live; 0: it was archived. After Stop.
  const std::map<std::string, int>& live() const { return live_; }
  const std::map<std::string, int>& latest() const { return latest_; }

  template <class Response>
  std::optional<Response> Call(const std::string& method,
                               const google::protobuf::Message& request) {
    while (true) {
      const std::shared_ptr<rpc::Client> client =
          daemon_.client([this] { return stopping_.load(); });
      if (client == nullptr) return {};
      rpc::Outgoing outgoing;
      outgoing.cap = absl::Seconds(5);
      auto response = client->UnaryBlocking<Response>(kService + method, outgoing, request);
      if (response.ok()) return *std::move(response);
      const absl::StatusCode code = response.status().code();
      const bool again = code == absl::StatusCode::kUnavailable ||
                         code == absl::StatusCode::kDeadlineExceeded ||
                         code == absl::StatusCode::kCancelled;
      if (again) continue;
      const std::lock_guard lock(mu_);
      wrong_.push_back(fmt::format("{} was refused: {}\n  {}", method, response.status(),
                                   request.ShortDebugString()));
      return {};
    }
  }

 private:
  void Write(int number) {
    std::mt19937_64 random(static_cast<uint64_t>(number) + 1);
    for (int round = 0; !stopping_; ++round) {
      // A few articles each, again and again: their older versions must not be found.
      const std::string article = fmt::format("w{}-{}", number, random() % 12);
      const auto known = Known(article);
      const std::string id = fmt::format("{}-{}", article, round);
      if (known.has_value() && *known > 0 && random() % 6 == 0) {
        Archive(article, id);
      } else if (known.has_value() && *known == 0) {
        Restore(article, id);
      } else {
        Publish(article, id, !known.has_value());
      }
    }
  }

  std::optional<int> Known(const std::string& article) const {
    const std::lock_guard lock(mu_);
    const auto found = live_.find(article);
    if (found == live_.end()) return std::nullopt;
    return found->second;
  }
  int Latest(const std::string& article) const {
    const std::lock_guard lock(mu_);
    const auto found = latest_.find(article);
    return found == latest_.end() ? 0 : found->second;
  }
  void SetLive(const std::string& article, int version) {
    const std::lock_guard lock(mu_);
    live_[article] = version;
    latest_[article] = std::max(latest_[article], version);
  }

  void Publish(const std::string& article, const std::string& id, bool is_new) {
    const int version = Latest(article) + 1;
    v1::ArticleContent content;
    content.set_title(fmt::format("Article {} {}", article, Marker(article, version)));
    content.set_body(fmt::format("How the {} works: {}.", article, Marker(article, version)));
    if (is_new) {
      v1::CreateArticleRequest request;
      request.set_parent(kParent);
      request.set_article_id(article);
      request.set_request_id(id + "c");
      request.mutable_article()->set_locale("en");
      *request.mutable_article()->mutable_content() = content;
      if (!Call<v1::CreateArticleResponse>("CreateArticle", request).has_value()) return;
    } else {
      v1::UpdateArticleRequest request;
      request.mutable_article()->set_name(fmt::format("{}/articles/{}", kParent, article));
      *request.mutable_article()->mutable_content() = content;
      request.mutable_update_mask()->add_paths("content");
      request.set_request_id(id + "u");
      if (!Call<v1::UpdateArticleResponse>("UpdateArticle", request).has_value()) return;
    }
    v1::PublishArticleRequest request;
    request.set_name(fmt::format("{}/articles/{}", kParent, article));
    request.set_request_id(id + "p");
    if (!Call<v1::PublishArticleResponse>("PublishArticle", request).has_value()) return;
    SetLive(article, version);
    ++published_;
  }
  void Archive(const std::string& article, const std::string& id) {
    v1::ArchiveArticleRequest request;
    request.set_name(fmt::format("{}/articles/{}", kParent, article));
    request.set_request_id(id + "a");
    if (Call<v1::ArchiveArticleResponse>("ArchiveArticle", request).has_value()) {
      SetLive(article, 0);
    }
  }
  void Restore(const std::string& article, const std::string& id) {
    v1::RestoreArticleRequest request;
    request.set_name(fmt::format("{}/articles/{}", kParent, article));
    request.set_request_id(id + "r");
    if (Call<v1::RestoreArticleResponse>("RestoreArticle", request).has_value()) {
      SetLive(article, Latest(article));
    }
  }

  Daemon& daemon_;
  std::vector<std::thread> threads_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> published_{0};
  mutable std::mutex mu_;
  std::map<std::string, int> live_;    // guarded by mu_
  std::map<std::string, int> latest_;  // guarded by mu_
  std::vector<std::string> wrong_;     // guarded by mu_
};

// Started, at work for a while, killed. Half of the lives build the index anew.
absl::Status LiveOnce(Daemon& daemon, Authors& authors, std::mt19937_64& random) {
  if (absl::Status status = daemon.Start(); !status.ok()) return status;
  if (random() % 2 == 0) {
    v1::RebuildIndexRequest request;
    request.set_parent(kParent);
    request.set_request_id(fmt::format("rebuild-{}", random()));
    if (!authors.Call<v1::RebuildIndexResponse>("RebuildIndex", request).has_value()) {
      return absl::InternalError("the index is not built anew");
    }
  }
  const int before = authors.published();
  if (!WaitUntil([&] { return authors.published() >= before + kWorkBetween; }, absl::Seconds(60))) {
    return absl::DeadlineExceededError("nothing is published");
  }
  // Somewhere between two publications, two commits, in a rebuild or behind it.
  const SystemClock clock;
  const absl::Duration until =
      clock.Steady() + absl::Milliseconds(static_cast<int64_t>(random() % 1'500));
  WaitUntil([&] { return clock.Steady() >= until; }, absl::Seconds(2));
  daemon.Signal(SIGKILL);
  if (!daemon.WaitExit(absl::Seconds(10)).has_value()) {
    return absl::DeadlineExceededError("SIGKILL does not end it");
  }
  return absl::OkStatus();
}

std::vector<std::string> Find(Authors& authors, const std::string& word) {
  v1::SearchArticlesRequest request;
  request.set_parent(kParent);
  request.set_query(word);
  request.set_locale("en");
  const auto found = authors.Call<v1::SearchArticlesResponse>("SearchArticles", request);
  std::vector<std::string> versions;
  if (!found.has_value()) return {"no reply"};
  for (const v1::SearchResult& result : found->results()) {
    // Others may be near in meaning.
    if (result.title().find(word) != std::string::npos)
      versions.push_back(result.article_version());
  }
  return versions;
}

void CheckEverything(Authors& authors, std::vector<std::string>& wrong) {
  v1::CheckIndexRequest request;
  request.set_parent(kParent);
  std::optional<v1::CheckIndexResponse> check;
  const bool agree = WaitUntil(
      [&] {
        check = authors.Call<v1::CheckIndexResponse>("CheckIndex", request);
        return check.has_value() && check->index_check().settled() &&
               check->index_check().consistent();
      },
      absl::Seconds(60));
  if (!agree) {
    wrong.push_back("index and store differ: " +
                    check.value_or(v1::CheckIndexResponse()).ShortDebugString());
  }
  for (const auto& [article, version] : authors.live()) {
    v1::GetArticleRequest get;
    get.set_name(fmt::format("{}/articles/{}", kParent, article));
    const auto held = authors.Call<v1::GetArticleResponse>("GetArticle", get);
    const bool archived = held.has_value() && held->article().state() == v1::ARTICLE_STATE_ARCHIVED;
    if (!held.has_value() || archived != (version == 0) ||
        (version != 0 && held->article().published_version() != version)) {
      wrong.push_back(fmt::format("{}: acknowledged as version {}, the store has {}", article,
                                  version, held.has_value() ? held->ShortDebugString() : "none"));
    }
    for (int old = 1; old <= authors.latest().at(article); ++old) {
      const auto found = Find(authors, Marker(article, old));
      const std::vector<std::string> expected =
          old == version ? std::vector<std::string>{fmt::format("{}/articles/{}/versions/{}",
                                                                kParent, article, version)}
                         : std::vector<std::string>{};
      if (found != expected) {
        wrong.push_back(fmt::format("{}: version {} is live, a search for version {} finds {}",
                                    article, version, old, fmt::join(found, " ")));
      }
    }
  }
}

int Main() {
  const Folder folder("index-kill");
  Daemon daemon({folder.path() + "/data", folder.path() + "/log", {}});
  Authors authors(daemon);
  authors.Start();
  std::mt19937_64 random(1);
  absl::Status status;
  int kills = 0;
  for (; kills < kKills && status.ok(); ++kills) status = LiveOnce(daemon, authors, random);
  if (status.ok()) status = daemon.Start();
  std::vector<std::string> wrong;
  if (!status.ok()) {
    // The authors would wait for ever.
    wrong.push_back(fmt::format("{}", status));
    (void)daemon.Start();
  }
  authors.Stop();
  const auto refused = authors.wrong();
  wrong.insert(wrong.end(), refused.begin(), refused.end());
  if (status.ok()) CheckEverything(authors, wrong);
  fmt::print("{} kills, {} publications of {} articles\n", kills, authors.published(),
             authors.live().size());
  if (authors.published() < kKills * kWorkBetween) wrong.push_back("too little was published");
  return Verdict(wrong, daemon);
}

}  // namespace
}  // namespace frontdesk::fault

int main() { return frontdesk::fault::Main(); }
