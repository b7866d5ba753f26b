// A data folder on a small tmpfs runs full. First the guard refuses changes while reads go on; with
// space again the daemon serves again; at the hard limit it ends with a clear message, and what it
// has acknowledged is there when it is started with space.
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sysexits.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "frontdesk/ticket/v1/ticket_service.pb.h"
#include "libs/base/absl_interop.h"
#include "libs/base/error.h"
#include "tests/fault/harness.h"
#include "tests/fault/load.h"
#include "tests/fault/oracle.h"

namespace frontdesk::fault {
namespace {

constexpr int kSkipped = 77;  // SKIP_RETURN_CODE of this test
constexpr int64_t kMiB = 1 << 20;
constexpr int64_t kSoft = 64 * kMiB;
constexpr int64_t kHard = 32 * kMiB;
constexpr absl::Duration kNoticed = absl::Seconds(15);

// A mount that only this process and its children see, so that it goes with them.
std::string MountTmpfs(const std::string& path) {
  std::filesystem::create_directories(path);
  if (unshare(CLONE_NEWNS) != 0) return fmt::format("unshare: {}", strerror(errno));
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return fmt::format("making mounts private: {}", strerror(errno));
  }
  if (mount("tmpfs", path.c_str(), "tmpfs", 0, "size=320m") != 0) {
    return fmt::format("mount: {}", strerror(errno));
  }
  return "";
}

// Takes space on the volume of the data.
class Filler {
 public:
  explicit Filler(std::string volume) : volume_(std::move(volume)), path_(volume_ + "/filler") {}

  int64_t Free() const {
    struct statvfs space = {};
    statvfs(volume_.c_str(), &space);
    return static_cast<int64_t>(space.f_bavail * space.f_frsize);
  }
  // Leaves about `bytes`.
  void FillTo(int64_t bytes) {
    std::ofstream file(path_, std::ios::binary | std::ios::app);
    const std::string chunk(64 << 10, 'x');
    while (Free() > bytes && file.write(chunk.data(), static_cast<int64_t>(chunk.size())).flush()) {
    }
  }
  void Remove() { std::filesystem::remove(path_); }

 private:
  const std::string volume_;
  const std::string path_;
};

class DiskFull {
 public:
  DiskFull(Daemon& daemon, Load& load, Filler& filler)
      : daemon_(daemon), load_(load), filler_(filler) {}

  std::vector<std::string> Run() {
    Expect(daemon_.Start().ok(), "it starts");
    load_.Start();
    Expect(Acknowledges(100), "it takes work while there is space");
    if (wrong_.empty()) SoftLimit();
    if (wrong_.empty()) SpaceAgain();
    if (wrong_.empty()) HardLimit();
    load_.Stop();
    return wrong_;
  }

 private:
  void Expect(bool holds, const std::string& what) {
    fmt::print("  {} {}\n", holds ? "ok   " : "WRONG", what);
    if (!holds) wrong_.push_back("does not hold: " + what);
  }
  bool Acknowledges(int more) {
    const int before = load_.acknowledged();
    return WaitUntil([&] { return load_.acknowledged() >= before + more; }, absl::Seconds(30));
  }
  absl::StatusOr<ticket::v1::CreateTicketResponse> Create(const std::string& id) {
    ticket::v1::CreateTicketRequest request;
    request.set_parent("tenants/demo");
    request.set_subject("disk " + id);
    request.set_request_id(id);
    return daemon_.client()->UnaryBlocking<ticket::v1::CreateTicketResponse>(
        "/frontdesk.ticket.v1.TicketService/CreateTicket", rpc::Outgoing(), request);
  }
  bool Reads(const std::string& ticket) {
    ticket::v1::GetTicketRequest get;
    get.set_name(ticket);
    ticket::v1::ListTicketsRequest list;
    list.set_parent("tenants/demo");
    const auto client = daemon_.client();
    return client
               ->UnaryBlocking<ticket::v1::GetTicketResponse>(
                   "/frontdesk.ticket.v1.TicketService/GetTicket", rpc::Outgoing(), get)
               .ok() &&
           client
               ->UnaryBlocking<ticket::v1::ListTicketsResponse>(
                   "/frontdesk.ticket.v1.TicketService/ListTickets", rpc::Outgoing(), list)
               .ok();
  }

  void SoftLimit() {
    const auto before = Create("before");
    Expect(before.ok(), "a ticket is made before");
    if (!before.ok()) return;
    filler_.FillTo(kSoft - 4 * kMiB);
    Expect(WaitUntil([&] { return !daemon_.Serving(); }, kNoticed),
           "below the soft limit readiness is off");
    const absl::Status refused = Create("during").status();
    Expect(refused.code() == absl::StatusCode::kResourceExhausted &&
               ReasonOf(refused) == "DISK_SPACE_LOW",
           fmt::format("a change is refused with RESOURCE_EXHAUSTED, DISK_SPACE_LOW: {}", refused));
    const HttpAnswer message = daemon_.Post(
        "/v1/messages", R"({"account":"app","customer":"disk","message_id":"d1","text":"hello"})");
    Expect(message.status == 429 && message.body.find("DISK_SPACE_LOW") != std::string::npos,
           fmt::format("a message is refused, too: {} {}", message.status, message.body));
    Expect(Reads(before->ticket().name()), "reads go on");
    Expect(daemon_.Metric(
               fmt::format("frontdesk_disk_guard_state{{directory=\"{}\"}}", directory())) == 1.0,
           "the guard's metric says so");
  }
  void SpaceAgain() {
    filler_.Remove();
    Expect(WaitUntil([&] { return daemon_.Serving(); }, kNoticed), "with space it serves again");
    Expect(Create("during").ok(), "the refused request is taken when it is repeated");
    Expect(Acknowledges(100), "the load gets on");
  }
  void HardLimit() {
    // Whoever fills a disk goes on doing so: what the daemon frees meanwhile is taken, too.
    std::optional<Daemon::Exit> exit;
    WaitUntil(
        [&] {
          filler_.FillTo(kHard - 8 * kMiB);
          exit = daemon_.WaitExit(absl::Milliseconds(100));
          return exit.has_value();
        },
        absl::Seconds(30));
    Expect(exit.has_value() && exit->code == EX_IOERR,
           fmt::format("below the hard limit it exits by itself with {}: code {}, signal {}",
                       EX_IOERR, exit ? exit->code : -1, exit ? exit->signal : -1));
    Expect(daemon_.Log().find("disk.full") != std::string::npos, "and says why");
    if (!exit.has_value()) return;
    filler_.FillTo(kHard - 8 * kMiB);
    daemon_.Spawn();
    const auto again = daemon_.WaitExit(absl::Seconds(60));
    Expect(again.has_value() && again->code == EX_IOERR &&
               daemon_.Log().find("is full") != std::string::npos,
           fmt::format("started without space it says so and ends: code {}, signal {}",
                       again ? again->code : -1, again ? again->signal : -1));
    if (!again.has_value()) return;
    filler_.Remove();
    Expect(daemon_.Start().ok(), "with space it starts");
    Expect(Acknowledges(50), "and takes work");
  }
  std::string directory() const { return daemon_.data_dir(); }

  Daemon& daemon_;
  Load& load_;
  Filler& filler_;
  std::vector<std::string> wrong_;
};

int Main() {
  const Folder folder("disk");
  const std::string volume = folder.path() + "/volume";
  if (const std::string error = MountTmpfs(volume); !error.empty()) {
    fmt::print("SKIPPED: this user may not mount a tmpfs ({}); run it as root\n", error);
    return kSkipped;
  }
  std::vector<std::string> wrong;
  int code = 0;
  {
    Daemon daemon(
        {volume + "/data",
         folder.path() + "/log",
         {fmt::format("--disk_soft_limit={}MiB", kSoft / kMiB),
          fmt::format("--disk_hard_limit={}MiB", kHard / kMiB), "--write_buffers=8MiB",
          "--dialog.prepare_deadline=2s", "--dialog.retries_max=10", "--dialog.failures_max=10"}});
    Load load(daemon, {});
    Filler filler(volume);
    wrong = DiskFull(daemon, load, filler).Run();
    if (wrong.empty()) {
      Oracle oracle(daemon, load);
      wrong = oracle.Check();
      fmt::print("checked: {}; {} refusals for space\n", oracle.summary(), load.space_refusals());
      if (load.space_refusals() == 0) wrong.push_back("the load never met the guard");
    }
    code = Verdict(wrong, daemon);
  }
  umount2(volume.c_str(), MNT_DETACH);
  return code;
}

}  // namespace
}  // namespace frontdesk::fault

int main() { return frontdesk::fault::Main(); }
