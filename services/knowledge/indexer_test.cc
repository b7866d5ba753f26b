#include "services/knowledge/indexer.h"

#include <catch2/catch.hpp>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include <fmt/core.h>

#include "libs/store/committer.h"
#include "libs/store/simulated_disk.h"
#include "services/knowledge/analyzer.h"
#include "services/knowledge/article_handlers.h"
#include "services/knowledge/index_check.h"
#include "services/knowledge/xapian_index.h"

using namespace frontdesk;
using namespace frontdesk::knowledge;

namespace {

// A store on a simulated disk, and a Xapian index in a temporary directory that outlives indexers.
class IndexWorld {
 public:
  IndexWorld() {
    std::string name = (std::filesystem::temp_directory_path() / "fd-index-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    directory = name;
    OpenStore("/data/a");
    OpenIndexer();
  }
  ~IndexWorld() {
    indexer.reset();
    committer_.reset();
    store.reset();
    std::filesystem::remove_all(directory);
  }

  void OpenStore(const std::string& path) {
    indexer.reset();
    committer_.reset();
    store.reset();
    auto opened = engine::Store::Open({path, {"installation", "knowledge", 0, 1}, true},
                                      disk_.environment(), clock.Now(), random_);
    INFO(opened.status());
    REQUIRE(opened.ok());
    store = *std::move(opened);
    committer_ = *engine::Committer::Open(
        {*store, clock, random_, telemetry_, guard_, [](const absl::Status&) {}}, {});
  }
  void OpenIndexer(int batch = 4, std::shared_ptr<text::Encoders> encoders = nullptr) {
    indexer.reset();
    Indexer::Options options{.batch_articles = batch};
    if (encoders != nullptr) options.load_encoders = [encoders] { return encoders; };
    indexer = std::make_unique<Indexer>(*store, MakeXapianHome(directory + "/index"), clock,
                                        metrics, std::move(options));
  }
  void Run(engine::Handler handler) {
    engine::Command command;
    command.method = "Test";
    command.tenant = "t1";
    command.actor = "mia";
    command.handle = std::move(handler);
    absl::Status result = absl::UnknownError("not ended");
    command.done = [&](absl::Status status) { result = std::move(status); };
    committer_->Submit(std::move(command));
    while (committer_->Step() || committer_->DeliverStep()) {
    }
    INFO(result);
    REQUIRE(result.ok());
  }
  void Publish(const std::string& id, const std::string& body) {
    ArticleFile file{.id = id, .locale = "en", .content = {}, .hash = ++hash_};
    file.content.set_title("Article " + id);
    file.content.set_body(body);
    Run([file](const engine::Context& context, engine::Txn& txn, engine::Reply&) {
      return ImportArticle(file, context, txn);
    });
  }
  void AskForRebuild() {
    Run([](const engine::Context&, engine::Txn& txn, engine::Reply&) {
      return RequestRebuild(txn);
    });
  }
  int Settle() {
    int steps = 0;
    while (indexer->Step(clock.Now())) ++steps;
    return steps;
  }
  size_t Found(const std::string& words) {
    auto found = indexer->index()->Search(
        {.tenant = "t1", .locale = "en", .terms = IndexTerms(words), .limit = 100});
    INFO(found.status());
    REQUIRE(found.ok());
    return found->hits.size();
  }
  double Rebuilds() { return metrics.index_rebuilds.Value(); }

  SimulatedClock clock;
  std::string directory;
  std::unique_ptr<engine::Store> store;
  std::unique_ptr<Indexer> indexer;

 private:
  SeededRandom random_{7};
  telemetry::Metrics telemetry_;
  engine::SimulatedDisk disk_;
  engine::SpaceGuard guard_{
      {.directory = "/data", .free_bytes = [](const std::string&) { return 1ull << 40; }},
      telemetry_};
  std::unique_ptr<engine::Committer> committer_;
  uint64_t hash_ = 0;

 public:
  KnowledgeMetrics metrics{telemetry_};
};

}  // namespace

TEST_CASE("the index follows the store in batches") {
  IndexWorld world;
  world.Settle();
  CHECK(world.Rebuilds() == 1);
  for (int i = 0; i < 10; ++i) world.Publish(fmt::format("a{}", i), "Everything about parking.");
  CHECK(world.Found("parking") == 0);
  CHECK(world.Settle() >= 3);
  CHECK(world.Found("parking") == 10);
  world.Publish("a3", "Everything about bicycles.");
  world.Settle();
  CHECK(world.Found("parking") == 9);
  CHECK(world.Found("bicycle") == 1);
  CHECK(world.Rebuilds() == 1);
}

TEST_CASE("an index of this store is taken up where it stood") {
  IndexWorld world;
  world.Publish("a", "Everything about parking.");
  world.Settle();
  world.OpenIndexer();
  world.Publish("b", "More about parking.");
  world.Settle();
  CHECK(world.Found("parking") == 2);
  CHECK(world.Rebuilds() == 1);
}

TEST_CASE("an index of another store is built anew") {
  IndexWorld world;
  world.Publish("a", "Everything about parking.");
  world.Settle();
  world.OpenStore("/data/b");
  world.OpenIndexer();
  world.Settle();
  CHECK(world.Found("parking") == 0);
  CHECK(world.Rebuilds() == 2);
}

TEST_CASE("an index that cannot be read is built anew") {
  IndexWorld world;
  world.Publish("a", "Everything about parking.");
  world.Settle();
  world.indexer.reset();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(world.directory)) {
    if (entry.path().filename() == "iamglass") std::ofstream(entry.path()) << "garbage";
  }
  world.OpenIndexer();
  world.Settle();
  CHECK(world.Found("parking") == 1);
  CHECK(world.Rebuilds() == 2);
}

TEST_CASE("a rebuild leaves the old index in use until the new one is complete") {
  IndexWorld world;
  for (int i = 0; i < 10; ++i) world.Publish(fmt::format("a{}", i), "Everything about parking.");
  world.Settle();
  world.AskForRebuild();
  REQUIRE(world.indexer->Step(world.clock.Now()));
  CHECK(world.indexer->building());
  CHECK(world.Found("parking") == 10);
  const auto old_index = world.indexer->index();
  world.Settle();
  CHECK_FALSE(world.indexer->building());
  CHECK(world.indexer->index() != old_index);
  CHECK(world.Found("parking") == 10);
  CHECK(world.Rebuilds() == 2);
  // Who still holds the old one can go on reading.
  CHECK(old_index->Count("t1")->articles == 10);
  // A rebuild that was interrupted begins again.
  world.AskForRebuild();
  REQUIRE(world.indexer->Step(world.clock.Now()));
  world.OpenIndexer();
  world.Settle();
  CHECK(world.Rebuilds() == 3);
  CHECK(world.Found("parking") == 10);
}

TEST_CASE("who waits for many articles can search them by words before they have vectors") {
  const char* root = std::getenv("FRONTDESK_SOURCE_DIR");
  auto encoders = text::Encoders::Load(
      {.models_dir = fmt::format("{}/{}", root == nullptr ? "." : root, text::kModelsDirectory)});
  INFO(encoders.status());
  REQUIRE(encoders.ok());
  REQUIRE_FALSE((*encoders)->health()[0].lexical);
  IndexWorld world;
  world.OpenIndexer(4, *encoders);
  world.Settle();
  REQUIRE(world.indexer->encodes());
  for (int i = 0; i < 10; ++i) world.Publish(fmt::format("a{}", i), "Everything about parking.");
  REQUIRE(world.indexer->ExpectStored().ok());
  for (int steps = 0; !world.indexer->abreast(); ++steps) {
    REQUIRE(steps < 10);
    REQUIRE(world.indexer->Step(world.clock.Now()));
  }
  CHECK(world.Found("parking") == 10);
  CHECK(world.metrics.vectors_made.Value() == 0);
  world.Settle();
  CHECK(world.Found("parking") == 10);
  CHECK(world.indexer->index()->Vectors("t1", "a0").units_size() > 0);
  CHECK(world.metrics.vectors_made.Value() > 0);
  // One more is no backlog: it gets its vectors at once.
  const double rebuilds = world.Rebuilds();
  const double made = world.metrics.vectors_made.Value();
  world.Publish("b", "Everything about bicycles.");
  REQUIRE(world.indexer->ExpectStored().ok());
  world.Settle();
  CHECK(world.metrics.vectors_made.Value() > made);
  CHECK(world.Rebuilds() == rebuilds);
}

TEST_CASE("what is published while an index is being built is found at once") {
  IndexWorld world;
  for (int i = 0; i < 10; ++i) world.Publish(fmt::format("a{}", i), "Everything about parking.");
  world.Settle();
  world.AskForRebuild();
  REQUIRE(world.indexer->Step(world.clock.Now()));
  world.Publish("b", "Everything about bicycles.");
  REQUIRE(world.indexer->Step(world.clock.Now()));
  CHECK(world.indexer->building());
  CHECK(world.Found("bicycle") == 1);
  world.Settle();
  CHECK_FALSE(world.indexer->building());
  CHECK(world.Found("bicycle") == 1);
  CHECK(world.Found("parking") == 10);
}

TEST_CASE("counts are those of one tenant, and terms of another are not seen") {
  IndexWorld world;
  world.Publish("a", "Everything about parking.");
  world.Settle();
  CHECK(world.indexer->index()->Count("t1")->articles == 1);
  CHECK(world.indexer->index()->Count("t1")->passages == 1);
  CHECK(world.indexer->index()->Count("t2")->articles == 0);
  auto found = world.indexer->index()->Search(
      {.tenant = "t2", .locale = "en", .terms = {"park"}, .limit = 10});
  REQUIRE(found.ok());
  CHECK(found->hits.empty());
  CHECK(found->holding["park"] == 0);
}

TEST_CASE("the check names what the index lacks and what it holds in vain") {
  IndexWorld world;
  world.Publish("a", "Everything about parking.");
  world.Settle();
  world.Publish("b", "Not indexed yet.");
  auto check = CompareIndex(*world.store, *world.indexer->index(), "t1");
  REQUIRE(check.ok());
  CHECK(check->missing_count() == 1);
  REQUIRE(check->missing_size() == 1);
  CHECK(check->missing(0) == "tenants/t1/articles/b/versions/1");
  CHECK(check->superfluous_count() == 0);
  // A newer version in the store: the old one is there in vain.
  world.Settle();
  world.Publish("a", "Everything about bicycles.");
  check = CompareIndex(*world.store, *world.indexer->index(), "t1");
  REQUIRE(check.ok());
  CHECK(check->missing(0) == "tenants/t1/articles/a/versions/2");
  CHECK(check->superfluous(0) == "tenants/t1/articles/a/versions/1");
  world.Settle();
  check = CompareIndex(*world.store, *world.indexer->index(), "t1");
  REQUIRE(check.ok());
  CHECK(check->missing_count() + check->superfluous_count() == 0);
}

TEST_CASE("an index that somebody could not read is built anew while searches go on") {
  IndexWorld world;
  world.Publish("a", "Everything about parking.");
  world.Settle();
  world.indexer->ReportCorrupt();
  REQUIRE(world.indexer->Step(world.clock.Now()));
  CHECK(world.Found("parking") == 1);
  world.Settle();
  CHECK(world.Found("parking") == 1);
  CHECK(world.Rebuilds() == 2);
}

TEST_CASE("an index whose folder is removed while it is in use is built anew") {
  IndexWorld world;
  world.Publish("a", "Everything about parking.");
  world.Settle();
  std::filesystem::remove_all(world.directory + "/index");
  const auto found = world.indexer->index()->Search(
      {.tenant = "t1", .locale = "en", .terms = IndexTerms("parking"), .limit = 10});
  REQUIRE(absl::IsDataLoss(found.status()));
  world.indexer->ReportCorrupt();
  world.Settle();
  CHECK(world.Found("parking") == 1);
}

TEST_CASE("after kill -9 in the middle of building, index and store agree") {
  IndexWorld world;
  for (int i = 0; i < 12; ++i) world.Publish(fmt::format("a{}", i), "Everything about parking.");
  world.Settle();
  std::mt19937 random(5);
  for (int round = 0; round < 8; ++round) {
    world.indexer.reset();
    int pipe_ends[2];
    REQUIRE(::pipe(pipe_ends) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      // Builds again and again, and says so after each step.
      world.OpenIndexer(1);
      while (true) {
        world.AskForRebuild();
        while (world.indexer->Step(world.clock.Now())) {
          if (::write(pipe_ends[1], "s", 1) != 1) ::_exit(1);
        }
      }
    }
    ::close(pipe_ends[1]);
    char step = 0;
    for (size_t left = 1 + random() % 30; left > 0; --left) {
      REQUIRE(::read(pipe_ends[0], &step, 1) == 1);
    }
    REQUIRE(::kill(child, SIGKILL) == 0);
    int how = 0;
    REQUIRE(::waitpid(child, &how, 0) == child);
    CHECK(WIFSIGNALED(how));
    ::close(pipe_ends[0]);
    world.OpenIndexer();
    world.Publish(fmt::format("b{}", round), "Everything about parking.");
    world.Settle();
    const auto check = CompareIndex(*world.store, *world.indexer->index(), "t1");
    REQUIRE(check.ok());
    INFO(check->ShortDebugString());
    CHECK(check->missing_count() + check->superfluous_count() == 0);
    CHECK(check->indexed_articles() == 13 + round);
    CHECK(world.Found("parking") == static_cast<size_t>(13 + round));
  }
}

TEST_CASE("passages carry the attributes of the published version") {
  IndexWorld world;
  world.Run([](const engine::Context& context, engine::Txn& txn, engine::Reply&) -> absl::Status {
    const std::pair<const char*, v1::KnowledgeNodeKind> kNodesThere[] = {
        {"lamp", v1::KNOWLEDGE_NODE_KIND_PRODUCT},
        {"app", v1::KNOWLEDGE_NODE_KIND_PRODUCT_MODULE},
        {"e42", v1::KNOWLEDGE_NODE_KIND_ERROR},
        {"reset", v1::KNOWLEDGE_NODE_KIND_SOLUTION}};
    for (const auto& [id, kind] : kNodesThere) {
      records::KnowledgeNodeRecord node;
      node.mutable_knowledge_node()->set_kind(kind);
      if (kind == v1::KNOWLEDGE_NODE_KIND_PRODUCT_MODULE) {
        node.mutable_knowledge_node()->set_parent_node("lamp");
      }
      PutNode(txn, "t1", id, nullptr, node);
    }
    v1::CreateArticleRequest create;
    create.set_article_id("a");
    create.mutable_article()->set_locale("en");
    v1::ArticleContent& content = *create.mutable_article()->mutable_content();
    content.set_title("Pairing");
    content.set_body("Hold the button.");
    content.set_product("lamp");
    content.set_product_module("app");
    content.set_error_type("e42");
    content.set_solution_kind("reset");
    content.add_product_versions()->set_max_version("2.9");
    v1::CreateArticleResponse created;
    if (auto status = CreateArticle(create, context, txn, &created); !status.ok()) return status;
    v1::PublishArticleRequest publish;
    v1::PublishArticleResponse published;
    return PublishArticle(publish, {"t1", "a"}, context, txn, &published);
  });
  world.Settle();
  const auto found = world.indexer->index()->Search(
      {.tenant = "t1", .locale = "en", .filter = {}, .terms = IndexTerms("button"), .limit = 10});
  REQUIRE(found.ok());
  REQUIRE(found->hits.size() == 1);
  const IndexedPassage& passage = found->hits[0].passage;
  CHECK(passage.product() == "lamp");
  CHECK(passage.product_module() == "app");
  CHECK(passage.error_type() == "e42");
  CHECK(passage.solution_kind() == "reset");
  REQUIRE(passage.product_versions_size() == 1);
  CHECK(passage.product_versions(0).max_version() == "2.9");
  CHECK(passage.audience() == v1::AUDIENCE_PUBLIC);
}
