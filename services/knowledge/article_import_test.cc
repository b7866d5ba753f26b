#include "services/knowledge/article_import.h"

#include <catch2/catch.hpp>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <fmt/core.h>

#include "services/knowledge/testing/knowledge_world.h"

using namespace frontdesk;
using namespace frontdesk::knowledge;
using knowledge::testing::KnowledgeWorld;

namespace {

// A tenant whose articles are files.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "fd-articles-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    directory_ = name;
  }
  ~Folder() { std::filesystem::remove_all(directory_); }

  void Write(const std::string& file, const std::string& head, const std::string& body) {
    std::ofstream(directory_ + "/" + file) << "---\n" << head << "\n---\n" << body << "\n";
  }
  absl::Status Load() {
    rpc::TenantsFile file;
    rpc::TenantEntry& tenant = file.tenants.emplace_back();
    tenant.id = "acme";
    tenant.default_locale = "en";
    tenant.articles_dir = directory_;
    return world.LoadTenants(file);
  }

  KnowledgeWorld world;

 private:
  std::string directory_;
};

}  // namespace

TEST_CASE_METHOD(Folder, "a file that is a translation becomes one, wherever its source stands") {
  Write("1.md", "id: a-zh\nlocale: zh\ntranslation_of: a\ntitle: 一", "正文");
  Write("2.md", "id: a\nlocale: en\ntitle: One", "Body");
  REQUIRE(Load().ok());
  CHECK(world.Get("a-zh").translation_of() == world.Name("a"));
  CHECK_FALSE(world.Get("a-zh").translation_stale());
  Write("2.md", "id: a\nlocale: en\ntitle: One", "Another body");
  REQUIRE(Load().ok());
  CHECK(world.Get("a-zh").translation_stale());
  Write("1.md", "id: a-zh\nlocale: zh\ntranslation_of: a\ntitle: 一", "另外的正文");
  REQUIRE(Load().ok());
  CHECK_FALSE(world.Get("a-zh").translation_stale());
  CHECK(world.Get("a-zh").translated_version() == 2);
}

TEST_CASE_METHOD(Folder, "an article that was imported before learns what it is a translation of") {
  Write("1.md", "id: a\nlocale: en\ntitle: One", "Body");
  Write("2.md", "id: a-zh\nlocale: zh\ntitle: 一", "正文");
  REQUIRE(Load().ok());
  CHECK(world.Get("a-zh").translation_of().empty());
  Write("2.md", "id: a-zh\nlocale: zh\ntranslation_of: a\ntitle: 一", "正文");
  REQUIRE(Load().ok());
  CHECK(world.Get("a-zh").translation_of() == world.Name("a"));
  CHECK(world.Get("a-zh").latest_version() == 1);
}

TEST_CASE_METHOD(Folder, "a translation of nothing is refused by the name of its field") {
  Write("1.md", "id: a-zh\nlocale: zh\ntranslation_of: a\ntitle: 一", "正文");
  const absl::Status status = Load();
  CHECK(ReasonOf(status) == "INVALID_FIELD");
  REQUIRE_FALSE(DetailsOf(status).fields.empty());
  CHECK(DetailsOf(status).fields.front().first == "article.translation_of");
}
