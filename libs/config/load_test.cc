#include "libs/config/load.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "libs/config/yaml.h"

namespace frontdesk::config {
namespace {

using Catch::Matchers::Contains;

struct StoreConfig {
  ByteSize cache_size = MiB(64);
  bool sync = true;

  void Describe(Fields& fields) {
    fields.Add("cache_size", &cache_size, "Block cache.").Range(MiB(1), GiB(4));
    fields.Add("sync", &sync, "Sync every batch.");
  }
};

struct TestConfig {
  absl::Duration prepare_timeout = absl::Milliseconds(300);
  int64_t max_batch = 256;
  int workers = 2;
  double ratio = 0.5;
  std::string listen = "127.0.0.1:7000";
  std::string log_format = "text";
  std::string auth_key;
  std::vector<std::string> brokers = {"a:1"};
  StoreConfig store;

  void Describe(Fields& fields) {
    fields.Add("prepare_timeout", &prepare_timeout, "Longest preparation.")
        .Range(absl::Milliseconds(10), absl::Seconds(10));
    fields.Add("max_batch", &max_batch, "Commands in a batch.").AtLeast(1);
    fields.Add("workers", &workers, "Worker threads.").Range(1, 64);
    fields.Add("ratio", &ratio, "Share.").Range(0.0, 1.0);
    fields.Add("listen", &listen, "Address.").Required();
    fields.Add("log_format", &log_format, "Form of log lines.").OneOf({"text", "json"});
    fields.Add("auth_key", &auth_key, "Key of tokens.").Secret();
    fields.Add("brokers", &brokers, "Kafka brokers.");
    fields.Section("store", store);
  }
};

// A folder of files that goes with the test.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "fd-config-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path_); }

  std::string Write(const std::string& name, const std::string& text) const {
    const std::string path = path_ / name;
    std::ofstream(path) << text;
    return path;
  }

 private:
  std::filesystem::path path_;
};

struct Outcome {
  TestConfig config;
  absl::StatusOr<Loaded> loaded;

  std::string error() const { return std::string(MessageOf(loaded.status())); }
};

std::unique_ptr<Outcome> LoadWith(std::vector<std::string> args,
                                  std::map<std::string, std::string> env = {},
                                  std::string file = "") {
  auto outcome = std::make_unique<Outcome>();
  Fields fields;
  outcome->config.Describe(fields);
  LoadOptions options;
  options.service = "ticket";
  options.program = "frontdesk-ticket";
  options.summary = "tickets";
  options.args = std::move(args);
  options.env = std::move(env);
  options.default_file = std::move(file);
  outcome->loaded = Load(fields, options);
  return outcome;
}

TEST_CASE("without layers the defaults hold") {
  const auto outcome = LoadWith({});
  REQUIRE(outcome->loaded.ok());
  CHECK(outcome->loaded->print.empty());
  CHECK(outcome->config.prepare_timeout == absl::Milliseconds(300));
  CHECK(outcome->config.store.cache_size == MiB(64));
}

TEST_CASE("the file gives way to the environment and that to flags") {
  const Folder folder;
  const std::string file = folder.Write("ticket.yaml",
                                        "prepare_timeout: 1s\nmax_batch: 10\nworkers: 3\nbrokers: "
                                        "[x:1, y:2]\nstore:\n  sync: false\n");
  const auto outcome = LoadWith({"--workers=5", "--store.cache-size", "2GiB"},
                                {{"FRONTDESK_TICKET_MAX_BATCH", "20"},
                                 {"FRONTDESK_TICKET_WORKERS", "4"},
                                 {"FRONTDESK_DIALOG_WORKERS", "9"},
                                 {"PATH", "/bin"}},
                                file);
  REQUIRE(outcome->loaded.ok());
  CHECK(outcome->config.prepare_timeout == absl::Seconds(1));
  CHECK(outcome->config.max_batch == 20);
  CHECK(outcome->config.workers == 5);
  CHECK(outcome->config.brokers == std::vector<std::string>{"x:1", "y:2"});
  CHECK(outcome->config.store.cache_size == GiB(2));
  CHECK_FALSE(outcome->config.store.sync);
}

TEST_CASE("lists are split at commas outside of the file") {
  CHECK(LoadWith({"--brokers=a:1,b:2"})->config.brokers == std::vector<std::string>{"a:1", "b:2"});
  CHECK(LoadWith({"--brokers="})->config.brokers.empty());
}

TEST_CASE("a bool flag needs no value") {
  CHECK_FALSE(LoadWith({"--store.sync=false"})->config.store.sync);
  CHECK(LoadWith({"--store.sync"}, {{"FRONTDESK_TICKET_STORE_SYNC", "false"}})->config.store.sync);
  CHECK(LoadWith({"--store.sync", "false"})->error() == "unexpected argument 'false'");
}

TEST_CASE("an unknown key or flag names the nearest known one") {
  const Folder folder;
  const std::string file =
      folder.Write("t.yaml", "prepare_timout: 1s\nstore:\n  cachesize: 1MiB\n");
  const auto outcome = LoadWith({"--worker=3"}, {}, file);
  CHECK_THAT(outcome->error(),
             Contains("t.yaml:1:1: unknown key 'prepare_timout', did you mean 'prepare_timeout'?"));
  CHECK_THAT(
      outcome->error(),
      Contains("t.yaml:3:3: unknown key 'store.cachesize', did you mean 'store.cache_size'?"));
  CHECK_THAT(outcome->error(), Contains("unknown flag 'worker', did you mean 'workers'?"));
}

TEST_CASE("every wrong value is reported with where it comes from and leaves the target alone") {
  const Folder folder;
  const std::string file = folder.Write(
      "t.yaml", "prepare_timeout: 5ms\nstore: 3\nlisten: [a]\nmax_batch: 1.5\nratio:\n");
  const auto outcome = LoadWith({"--workers=99", "--log_format=xml", "stray", "--max_batch"},
                                {{"FRONTDESK_TICKET_RATIO", "2"}}, file);
  const std::string error = outcome->error();
  CHECK(outcome->loaded.status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(ReasonOf(outcome->loaded.status()) == "INVALID_CONFIG");
  CHECK_THAT(error,
             Contains("t.yaml:1:1: prepare_timeout: 5ms is out of range, expected 10ms to 10s"));
  CHECK_THAT(error, Contains("t.yaml:2:1: store: expected a map of options"));
  CHECK_THAT(error, Contains("t.yaml:3:1: listen: expected a single value (text)"));
  CHECK_THAT(error, Contains("t.yaml:4:1: max_batch: expected a whole number"));
  CHECK_THAT(error, Contains("t.yaml:5:1: ratio: expected a number"));
  CHECK_THAT(error, Contains("FRONTDESK_TICKET_RATIO: 2 is out of range, expected 0 to 1"));
  CHECK_THAT(error, Contains("--workers: 99 is out of range, expected 1 to 64"));
  CHECK_THAT(error, Contains("--log_format: expected one of text, json"));
  CHECK_THAT(error, Contains("unexpected argument 'stray'"));
  CHECK_THAT(error, Contains("--max_batch: needs a value"));
  CHECK(outcome->config.workers == 2);
  CHECK(outcome->config.prepare_timeout == absl::Milliseconds(300));
}

TEST_CASE("numbers past their type are refused") {
  CHECK_THAT(LoadWith({"--workers=4294967298"})->error(), Contains("expected a whole number"));
  CHECK_THAT(LoadWith({"--max_batch=99999999999999999999"})->error(), Contains("whole number"));
  CHECK_THAT(LoadWith({"--max_batch=0"})->error(), Contains("expected at least 1"));
}

TEST_CASE("a required option cannot be emptied") {
  CHECK(LoadWith({"--listen="})->error() == "listen must be set");
}

TEST_CASE("a secret comes from a file and is never printed") {
  const Folder folder;
  const std::string key = folder.Write("key", "s3cret\n");
  const auto outcome = LoadWith({"--auth_key_file", key, "--print-config"});
  REQUIRE(outcome->loaded.ok());
  CHECK(outcome->config.auth_key == "s3cret");
  CHECK_THAT(outcome->loaded->print, Contains("auth_key_file: \"" + key + "\"  # --auth_key_file"));
  CHECK_THAT(outcome->loaded->print, Contains("# auth_key: \"***\""));
  CHECK_THAT(outcome->loaded->print, !Contains("s3cret"));
}

TEST_CASE("a secret in the open is refused without repeating it") {
  const Folder folder;
  const std::string file = folder.Write("t.yaml", "auth_key: hunter2\n");
  const std::string error = LoadWith({"--auth_key=hunter2"}, {}, file)->error();
  CHECK_THAT(error, Contains("t.yaml:1:1: auth_key is a secret"));
  CHECK_THAT(error, Contains("name that with auth_key_file"));
  CHECK_THAT(error, !Contains("hunter2"));
}

TEST_CASE("a secret's file must be there and hold something; a losing layer's is not opened") {
  const Folder folder;
  const std::string key = folder.Write("key", "k");
  const std::string empty = folder.Write("empty", "\n");
  CHECK_THAT(LoadWith({"--auth_key_file=/nonexistent"})->error(), Contains("cannot open"));
  CHECK_THAT(LoadWith({"--auth_key_file=" + empty})->error(), Contains("is empty"));
  CHECK(LoadWith({"--auth_key_file=" + key}, {{"FRONTDESK_TICKET_AUTH_KEY_FILE", "/nonexistent"}})
            ->loaded.ok());
}

TEST_CASE("the file may be named by flag or variable, and must be there then") {
  const Folder folder;
  const std::string file = folder.Write("other.yaml", "workers: 7\n");
  CHECK(LoadWith({"--config=" + file})->config.workers == 7);
  CHECK(LoadWith({"--config", file})->config.workers == 7);
  CHECK(LoadWith({}, {{"FRONTDESK_TICKET_CONFIG", file}})->config.workers == 7);
  CHECK_FALSE(LoadWith({"--config=/nonexistent.yaml"})->loaded.ok());
  CHECK(LoadWith({}, {}, "/nonexistent.yaml")->loaded.ok());
}

TEST_CASE("variables of the service that name no option are reported, not refused") {
  const auto outcome = LoadWith({}, {{"FRONTDESK_TICKET_SERVICE_HOST", "10.0.0.1"}});
  REQUIRE(outcome->loaded.ok());
  CHECK(outcome->loaded->unknown_env == std::vector<std::string>{"FRONTDESK_TICKET_SERVICE_HOST"});
}

TEST_CASE("the printed configuration is YAML that gives the same one, with its sources") {
  const Folder folder;
  const std::string file = folder.Write("t.yaml", "workers: 3\n");
  const auto first = LoadWith({"--print-config", "--listen=h:\"1\\\n"},
                              {{"FRONTDESK_TICKET_STORE_CACHE_SIZE", "3MiB"}}, file);
  REQUIRE(first->loaded.ok());
  const std::string& print = first->loaded->print;
  CHECK_THAT(print, Contains("workers: 3  # " + file + ":1\n"));
  CHECK_THAT(print, Contains("prepare_timeout: 300ms  # default\n"));
  CHECK_THAT(print, Contains("store:\n  cache_size: 3MiB  # FRONTDESK_TICKET_STORE_CACHE_SIZE\n"));

  const auto second = LoadWith({"--config=" + folder.Write("printed.yaml", print)});
  REQUIRE(second->loaded.ok());
  CHECK(second->config.listen == first->config.listen);
  CHECK(second->config.workers == 3);
  CHECK(second->config.store.cache_size == MiB(3));
  CHECK(second->config.brokers == first->config.brokers);
}

TEST_CASE("help names every option with default and limits, whatever else is wrong") {
  const auto outcome = LoadWith({"--help", "--nonsense"});
  REQUIRE(outcome->loaded.ok());
  const std::string& help = outcome->loaded->print;
  CHECK_THAT(help,
             Contains("--prepare_timeout=duration\n      Longest preparation. Default: 300ms. "
                      "Allowed: 10ms to 10s."));
  CHECK_THAT(help, Contains("--auth_key_file=FILE"));
  CHECK_THAT(help, Contains("--store.cache_size=size"));
  CHECK_THAT(help, Contains("FRONTDESK_TICKET_CONFIG"));
}

}  // namespace
}  // namespace frontdesk::config
