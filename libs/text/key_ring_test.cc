#include "libs/text/key_ring.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "libs/base/error.h"

namespace frontdesk::text {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "fd-key-ring-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }

  std::string ring() const { return (path_ / "keys").string(); }
  const fs::path& path() const { return path_; }

  void Write(const std::string& content, mode_t mode = 0600) const {
    std::ofstream(ring()) << content;
    REQUIRE(chmod(ring().c_str(), mode) == 0);
  }
  std::string Read() const {
    std::ifstream in(ring());
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  fs::path path_;
};

const std::string kHex1(64, 'a');
const std::string kHex2(64, 'b');

absl::StatusOr<std::unique_ptr<KeyRing>> OpenRing(const Folder& folder, RandomSource& random,
                                                  bool create = false) {
  return KeyRing::Open({.path = folder.ring(), .create_if_missing = create}, random);
}

absl::Status OpenError(const Folder& folder) {
  SeededRandom random(1);
  return OpenRing(folder, random).status();
}

TEST_CASE("a generated key is in the file, private, and there after a restart") {
  const Folder folder;
  SystemRandom random;
  std::string key_id;
  std::string bytes;
  {
    auto ring = OpenRing(folder, random, true);
    REQUIRE(ring.ok());
    REQUIRE((*ring)->Active("t1").status().code() == absl::StatusCode::kNotFound);
    const absl::StatusOr<TenantKey> key = (*ring)->GenerateFor("t1");
    REQUIRE(key.ok());
    key_id = key->key_id;
    bytes = key->key.ExposeBytes();
    REQUIRE((*ring)->GenerateFor("t1")->key_id == key_id);
    REQUIRE((*ring)->GenerateFor("t2")->key_id != key_id);
  }
  struct stat info;
  REQUIRE(stat(folder.ring().c_str(), &info) == 0);
  REQUIRE((info.st_mode & 0777) == 0600);
  REQUIRE_FALSE(fs::exists(folder.ring() + ".tmp"));

  auto ring = OpenRing(folder, random);
  REQUIRE(ring.ok());
  REQUIRE((*ring)->Active("t1")->key_id == key_id);
  REQUIRE((*ring)->Active("t1")->key.ExposeBytes() == bytes);
  REQUIRE((*ring)->Find("t1", key_id)->key.ExposeBytes() == bytes);
  REQUIRE((*ring)->Find("t2", key_id).status().code() == absl::StatusCode::kNotFound);
}

TEST_CASE("a missing ring is an error unless it is the first start") {
  const Folder folder;
  REQUIRE(OpenError(folder).code() == absl::StatusCode::kFailedPrecondition);
  REQUIRE_FALSE(fs::exists(folder.ring()));
}

TEST_CASE("a ring that others can read is refused") {
  const Folder folder;
  const std::string line = "t1 tk-1 " + kHex1 + "\n";
  for (mode_t mode : {0644, 0640, 0620, 0604, 0666, 0610}) {
    folder.Write(line, mode);
    const absl::Status status = OpenError(folder);
    REQUIRE(status.code() == absl::StatusCode::kFailedPrecondition);
    REQUIRE(ReasonOf(status) == "INVALID_CONFIG");
  }
  for (mode_t mode : {0600, 0400}) {
    folder.Write(line, mode);
    REQUIRE(OpenError(folder).ok());
    REQUIRE(chmod(folder.ring().c_str(), 0600) == 0);
  }
}

TEST_CASE("a malformed line is named by its number and its content stays secret") {
  const Folder folder;
  const std::string good = "# keys\n\nt1 tk-1 " + kHex1 + "\n";
  for (const std::string& bad : std::vector<std::string>{
           "t1", "t1 tk-2", "t1 tk-2 " + std::string(63, 'c'), "t1 tk-2 " + std::string(65, 'c'),
           "t1 tk-2 " + std::string(64, 'z'), "T1 tk-2 " + kHex2, "t1 TK " + kHex2,
           "t1  tk-2 " + kHex2, "t1 tk-2 " + kHex2 + " ", "t1 tk-1 " + kHex2}) {
    CAPTURE(bad);
    folder.Write(good + bad + "\n");
    const absl::Status status = OpenError(folder);
    REQUIRE(status.code() == absl::StatusCode::kFailedPrecondition);
    REQUIRE(status.ToString().find("line 4") != std::string::npos);
    for (const char* secret : {"ccc", "bbb", "zzz"}) {
      REQUIRE(status.ToString().find(secret) == std::string::npos);
    }
  }
  folder.Write(std::string(KeyRing::kMaxFileBytes + 1, '#'));
  REQUIRE(OpenError(folder).code() == absl::StatusCode::kFailedPrecondition);
}

TEST_CASE("a folder in place of the file is refused") {
  const Folder folder;
  fs::create_directory(folder.ring());
  REQUIRE(chmod(folder.ring().c_str(), 0700) == 0);
  REQUIRE(OpenError(folder).code() == absl::StatusCode::kFailedPrecondition);
}

TEST_CASE("of several keys the last one wraps, the first one keys look-ups") {
  const Folder folder;
  folder.Write("t1 tk-1 " + kHex1 + "\nt2 tk-9 " + kHex1 + "\nt1 tk-2 " + kHex2);
  SeededRandom random(1);
  auto ring = OpenRing(folder, random);
  REQUIRE(ring.ok());
  REQUIRE((*ring)->Active("t1")->key_id == "tk-2");
  REQUIRE((*ring)->LookupKey("t1")->key_id == "tk-1");
  REQUIRE((*ring)->Find("t1", "tk-1")->key.ExposeBytes() == std::string(32, '\xaa'));
  REQUIRE((*ring)->LookupKey("t3").status().code() == absl::StatusCode::kNotFound);
}

TEST_CASE("adding a key keeps what was in the file") {
  const Folder folder;
  const std::string before = "# mine\n\nt1 tk-1 " + kHex1;  // no newline at the end
  folder.Write(before);
  SeededRandom random(1);
  auto ring = OpenRing(folder, random);
  REQUIRE(ring.ok());
  REQUIRE((*ring)->GenerateFor("t2").ok());
  REQUIRE(folder.Read().substr(0, before.size() + 4) == before + "\nt2 ");
}

TEST_CASE("rings that share a file take each other's keys instead of overwriting them") {
  const Folder folder;
  SystemRandom random;
  auto first = OpenRing(folder, random, true);
  auto second = OpenRing(folder, random, true);
  REQUIRE(first.ok());
  REQUIRE(second.ok());
  const std::string key_id = (*first)->GenerateFor("t1")->key_id;
  REQUIRE((*second)->GenerateFor("t2").ok());
  REQUIRE((*second)->Active("t1")->key_id == key_id);
  REQUIRE((*first)->GenerateFor("t2")->key_id == (*second)->Active("t2")->key_id);
}

TEST_CASE("threads that ask for the same tenants get the same keys") {
  const Folder folder;
  SystemRandom random;
  auto ring = OpenRing(folder, random, true);
  auto other = OpenRing(folder, random, true);
  REQUIRE(ring.ok());
  REQUIRE(other.ok());
  std::vector<std::vector<std::string>> seen(4);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < seen.size(); ++t) {
    threads.emplace_back([&, t] {
      KeyRing& mine = t % 2 == 0 ? **ring : **other;
      for (int i = 0; i < 5; ++i) {
        absl::StatusOr<TenantKey> key = mine.GenerateFor(fmt::format("t{}", i));
        seen[t].push_back(key.ok() ? key->key_id : key.status().ToString());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& ids : seen) REQUIRE(ids == seen[0]);
  REQUIRE(std::set<std::string>(seen[0].begin(), seen[0].end()).size() == 5);
}

TEST_CASE("a tenant that is no id gets no key") {
  SeededRandom random(1);
  const auto ring = KeyRing::InMemory(random);
  for (const std::string& tenant : {std::string(), std::string("a b"), std::string("A"),
                                    std::string("a\nb"), std::string(64, 'a')}) {
    REQUIRE(ring->GenerateFor(tenant).status().code() == absl::StatusCode::kInvalidArgument);
  }
}

TEST_CASE("a write that fails leaves the old ring in force") {
  const Folder folder;
  SeededRandom random(1);
  auto ring = OpenRing(folder, random, true);
  REQUIRE(ring.ok());
  REQUIRE((*ring)->GenerateFor("t1").ok());
  const std::string before = folder.Read();
  // A folder where the temporary file would go: it can't be replaced, not even by root.
  fs::create_directories(folder.ring() + ".tmp/x");
  REQUIRE((*ring)->GenerateFor("t2").status().code() == absl::StatusCode::kUnavailable);
  REQUIRE((*ring)->Active("t2").status().code() == absl::StatusCode::kNotFound);
  REQUIRE(folder.Read() == before);
  fs::remove_all(folder.ring() + ".tmp");
  REQUIRE((*ring)->GenerateFor("t2").ok());
}

TEST_CASE("a ring in memory gives the same keys for the same seed") {
  SeededRandom a(42);
  SeededRandom b(42);
  const auto first = KeyRing::InMemory(a);
  const auto second = KeyRing::InMemory(b);
  REQUIRE(first->GenerateFor("t1")->key.ExposeBytes() ==
          second->GenerateFor("t1")->key.ExposeBytes());
  REQUIRE(first->GenerateFor("t1")->key_id == first->Active("t1")->key_id);
}

}  // namespace
}  // namespace frontdesk::text
