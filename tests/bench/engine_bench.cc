// The committer beside bare RocksDB: ticket creation through the real handler, then the very same
// rows in the very same batches written by RocksDB alone, each batch with one sync.
//
//   bench-engine --directory=DIR [--commands=20000] [--rounds=5]
//
// Prints one line of JSON per round: {"committer": commands/s, "rocksdb": commands/s, …}, and the
// processor time of a command on either side, which a busy disk does not change.
#include <rocksdb/write_batch.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "frontdesk/ticket/v1/ticket_service.pb.h"
#include "libs/base/absl_interop.h"
#include "libs/base/check.h"
#include "libs/store/committer.h"
#include "services/ticket/ticket_handlers.h"

namespace frontdesk {
namespace {

constexpr size_t kBatch = 256;

class RecordingCommitter final : public store::Committer {
 public:
  RecordingCommitter(Collaborators collaborators, Options options)
      : Committer(std::move(collaborators), options) {
    FD_CHECK(Load().ok(), "a new store");
  }
  std::vector<std::string> batches;

 private:
  absl::Status Append(std::string_view batch) override {
    batches.emplace_back(batch);
    return absl::OkStatus();
  }
};

class Bench {
 public:
  Bench(std::string directory, size_t commands)
      : directory_(std::move(directory)), commands_(commands) {}

  void Round(int round) {
    std::vector<std::string> batches;
    const Cost committer = RunCommitter(round, &batches);
    const Cost rocksdb = RunRocks(round, batches);
    fmt::print(
        "{{\"committer\":{:.0f},\"rocksdb\":{:.0f},\"committer_cpu_us\":{:.1f},"
        "\"rocksdb_cpu_us\":{:.1f},\"batches\":{},\"bytes_per_command\":{}}}\n",
        committer.rate, rocksdb.rate, committer.cpu_us, rocksdb.cpu_us, batches.size(),
        BytesOf(batches) / commands_);
    std::fflush(stdout);
  }

 private:
  struct Cost {
    double rate = 0;    // commands a second
    double cpu_us = 0;  // of this thread, a command
  };

  // Measures from its making to Read().
  class Meter {
   public:
    Meter(const Clock& clock, size_t commands)
        : clock_(clock), commands_(static_cast<double>(commands)) {}
    Cost Read() const {
      return {commands_ / absl::ToDoubleSeconds(clock_.Steady() - start_),
              (ThreadCpuMicros() - cpu_start_) / commands_};
    }

   private:
    static double ThreadCpuMicros() {
      timespec time{};
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
      return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
    }

    const Clock& clock_;
    const double commands_;
    const absl::Duration start_ = clock_.Steady();
    const double cpu_start_ = ThreadCpuMicros();
  };
  static size_t BytesOf(const std::vector<std::string>& batches) {
    size_t bytes = 0;
    for (const std::string& batch : batches) bytes += batch.size();
    return bytes;
  }

  std::unique_ptr<store::Store> OpenStore(const std::string& directory) {
    std::filesystem::remove_all(directory);
    auto opened = store::Store::Open({directory, {"bench", "ticket", 0, 1}, true}, *environment_,
                                     clock_.Now(), random_);
    FD_CHECK(opened.ok(), "{}", opened.status());
    return *std::move(opened);
  }

  store::Command CreateTicket(uint64_t n, ticket::v1::CreateTicketResponse* response) {
    store::Command command;
    command.method = "CreateTicket";
    command.tenant = "demo";
    command.actor = "bench";
    command.request_id = fmt::format("bench-{}", n);
    command.payload_hash = n;
    command.bytes = 500;
    command.response = response;
    command.handle = [response](const store::Context& context, store::Txn& txn, store::Reply&) {
      ticket::v1::Ticket draft;
      draft.set_subject("Parcel has not arrived");
      draft.mutable_description()->set_masked(
          "Ordered ten days ago, the tracking has not moved since Monday.");
      draft.set_priority(common::v1::PRIORITY_P2);
      const std::string id = context.NewId();
      return ticket::CreateTicket({"demo", id}, std::move(draft), "", context, txn,
                                  response->mutable_ticket());
    };
    command.done = [](const absl::Status& status) { FD_CHECK(status.ok(), "{}", status); };
    return command;
  }

  Cost RunCommitter(int round, std::vector<std::string>* batches) {
    const auto store = OpenStore(fmt::format("{}/committer-{}", directory_, round));
    RecordingCommitter committer(
        {*store, clock_, random_, metrics_, guard_,
         [](const absl::Status& status) { FD_CHECK(false, "{}", status); }},
        {});
    const Meter meter(clock_, commands_);
    std::vector<ticket::v1::CreateTicketResponse> responses(kBatch);
    for (size_t n = 0; n < commands_; n += kBatch) {
      for (size_t i = 0; i < kBatch; ++i) {
        responses[i].Clear();
        committer.Submit(CreateTicket(n + i, &responses[i]));
      }
      while (committer.Step() || committer.DeliverStep()) {
      }
    }
    const Cost cost = meter.Read();
    *batches = std::move(committer.batches);
    return cost;
  }

  Cost RunRocks(int round, const std::vector<std::string>& batches) {
    const auto store = OpenStore(fmt::format("{}/rocksdb-{}", directory_, round));
    const Meter meter(clock_, commands_);
    for (const std::string& bytes : batches) {
      rocksdb::WriteBatch batch(bytes);
      const absl::Status status = store->Write(batch, /*sync=*/true);
      FD_CHECK(status.ok(), "{}", status);
    }
    return meter.Read();
  }

  const std::string directory_;
  const size_t commands_;
  SystemClock clock_;
  SystemRandom random_;
  telemetry::Metrics metrics_;
  store::SpaceGuard guard_{{.directory = "/", .free_bytes = nullptr}, metrics_};
  std::unique_ptr<store::Environment> environment_ = store::Environment::OnDisk({});
};

}  // namespace
}  // namespace frontdesk

int main(int argc, char** argv) {
  std::string directory;
  size_t commands = 20'000;
  int rounds = 5;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const size_t equals = argument.find('=') + 1;
    if (argument.starts_with("--directory=")) directory = argument.substr(equals);
    if (argument.starts_with("--commands=")) commands = std::stoul(argument.substr(equals));
    if (argument.starts_with("--rounds=")) rounds = std::stoi(argument.substr(equals));
  }
  if (directory.empty()) {
    std::fprintf(stderr, "usage: bench-engine --directory=DIR [--commands=N] [--rounds=N]\n");
    return 2;
  }
  commands -= commands % 256;
  frontdesk::Bench bench(directory, commands);
  for (int round = 0; round < rounds; ++round) bench.Round(round);
  std::filesystem::remove_all(directory);
}
