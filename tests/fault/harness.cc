#include "tests/fault/harness.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/core.h>
#include <google/protobuf/wrappers.pb.h>

#include "libs/base/absl_interop.h"
#include "libs/base/check.h"
#include "libs/base/notifier.h"

extern char** environ;

namespace frontdesk::fault {
namespace {

constexpr absl::Duration kHttpDeadline = absl::Seconds(10);
constexpr char kChannelToken[] = "demo-channel-token";
constexpr char kAdminToken[] = "demo-admin-token";
constexpr char kOperatorToken[] = "demo-operator-token";

std::string Variable(const char* name, std::string otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::string(value);
}

// Below the range from which outgoing connections take theirs, so that nobody has it when the
// process comes back.
int FreePort() {
  static int next = 20000 + getpid() % 1000 * 12;
  for (int tries = 0; tries < 1000; ++tries) {
    const int port = next++;
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool free = bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
    close(fd);
    if (free) return port;
  }
  return 0;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Only what is safe in a child of a process with threads happens between fork and exec.
pid_t SpawnProcess(std::vector<std::string> arguments, const std::vector<std::string>& environment,
                   int in, int out) {
  std::vector<std::string> variables = environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (strncmp(*entry, "FRONTDESK_FAULT=", 16) != 0) variables.emplace_back(*entry);
  }
  const std::vector<char*> argv = Pointers(arguments);
  const std::vector<char*> envp = Pointers(variables);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid != 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(126);
  dup2(in, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
  execve(argv[0], argv.data(), envp.data());
  _exit(127);
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace

bool WaitUntil(const std::function<bool()>& condition, absl::Duration deadline) {
  const SystemClock clock;
  const absl::Duration end = clock.Steady() + deadline;
  Notifier never;
  while (!condition()) {
    if (clock.Steady() >= end) return false;
    never.WaitFor(absl::Milliseconds(5));
  }
  return true;
}

std::string SourcePath(std::string_view relative) {
  return fmt::format("{}/{}", Variable("FRONTDESK_SOURCE_DIR", "."), relative);
}

std::string BinaryPath(std::string_view relative) {
  return fmt::format("{}/{}", Variable("FRONTDESK_BINARY_DIR", "build/dev"), relative);
}

Folder::Folder(std::string_view name)
    : path_(
          (std::filesystem::temp_directory_path() / fmt::format("frontdesk-{}-{}", name, getpid()))
              .string()) {
  std::filesystem::create_directories(path_);
}

Folder::~Folder() {
  if (std::getenv("FRONTDESK_KEEP") != nullptr) return;
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Finished RunCommand(const std::vector<std::string>& arguments,
                    const std::vector<std::string>& environment, absl::Duration deadline,
                    const std::string& input) {
  const Folder folder("command");
  const std::string in_path = folder.path() + "/in";
  const std::string out_path = folder.path() + "/out";
  std::ofstream(in_path, std::ios::binary) << input;
  const int in = open(in_path.c_str(), O_RDONLY | O_CLOEXEC);
  const int out = open(out_path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  const pid_t pid = SpawnProcess(arguments, environment, in, out);
  close(in);
  close(out);
  Finished finished;
  int status = 0;
  const bool ended = WaitUntil([&] { return waitpid(pid, &status, WNOHANG) == pid; }, deadline);
  if (!ended) {
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
  } else if (WIFEXITED(status)) {
    finished.exit_code = WEXITSTATUS(status);
  }
  finished.output = ReadFile(out_path);
  return finished;
}

Daemon::Daemon(Options options)
    : options_(std::move(options)),
      program_(options_.log_file + ".frontdeskd"),
      grpc_port_(FreePort()),
      metrics_port_(FreePort()),
      http_port_(FreePort()) {
  FD_CHECK(http_port_ != 0);
  // A build that goes on beside the test must not change the program between two of its lives.
  std::filesystem::copy_file(BinaryPath("services/suite/frontdeskd"), program_,
                             std::filesystem::copy_options::overwrite_existing);
  setvbuf(stdout, nullptr, _IOLBF, 0);  // so that a report is read as it goes on
}

Daemon::~Daemon() {
  if (pid_ == 0) return;
  Signal(SIGKILL);
  (void)WaitExit(absl::Seconds(30));
}

std::string Daemon::grpc_address() const { return fmt::format("127.0.0.1:{}", grpc_port_); }

std::string Daemon::Log() const { return ReadFile(options_.log_file); }

void Daemon::Spawn(const std::string& fault) {
  FD_CHECK(pid_ == 0);
  std::vector<std::string> arguments = {
      program_, "--data_dir=" + options_.data_dir,
      "--tenants_file=" + SourcePath("deploy/demo/tenants.yaml"),
      // Encoders take seconds of two cores at each start, and nothing here is about them.
      "--encoder.models_dir=", "--grpc_listen=" + grpc_address(),
      fmt::format("--metrics_listen=127.0.0.1:{}", metrics_port_),
      fmt::format("--channel.http_listen=127.0.0.1:{}", http_port_), "--knowledge.http_listen="};
  arguments.insert(arguments.end(), options_.flags.begin(), options_.flags.end());
  std::vector<std::string> environment;
  if (!fault.empty()) environment.push_back("FRONTDESK_FAULT=" + fault);
  const int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int out = open(options_.log_file.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  spawned_at_ = clock_.Steady();
  pid_ = SpawnProcess(arguments, environment, in, out);
  close(in);
  close(out);
}

absl::Status Daemon::WaitServing(absl::Duration deadline) {
  bool ended = false;
  const auto settled = [&] {
    siginfo_t info = {};
    waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
    ended = info.si_pid == pid_;
    return ended || Serving();
  };
  if (!WaitUntil(settled, deadline)) {
    return absl::DeadlineExceededError("frontdeskd does not become SERVING");
  }
  if (ended) return absl::UnavailableError("frontdeskd ended while starting");
  start_time_ = clock_.Steady() - spawned_at_;
  const std::lock_guard lock(mu_);
  client_ = Connect(kAdminToken);
  serves_.notify_all();
  return absl::OkStatus();
}

void Daemon::Signal(int signal) {
  if (pid_ != 0) kill(pid_, signal);
}

std::optional<Daemon::Exit> Daemon::WaitExit(absl::Duration deadline) {
  int status = 0;
  if (!WaitUntil([&] { return waitpid(pid_, &status, WNOHANG) == pid_; }, deadline)) return {};
  pid_ = 0;
  std::shared_ptr<rpc::Client> old;  // destroyed outside of the lock: it waits for its calls
  {
    const std::lock_guard lock(mu_);
    old = std::move(client_);
    client_ = nullptr;
  }
  Exit exit;
  if (WIFEXITED(status)) exit.code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) exit.signal = WTERMSIG(status);
  return exit;
}

std::unique_ptr<rpc::Client> Daemon::Connect(const std::string& token) {
  rpc::Client::Options options;
  options.target = grpc_address();
  options.token = token;
  options.attempts_max = 1;  // the load repeats by itself, and counts
  return rpc::Client::Connect(options, clock_, random_, metrics_);
}

std::shared_ptr<rpc::Client> Daemon::client(const std::function<bool()>& give_up) {
  std::unique_lock lock(mu_);
  while (client_ == nullptr) {
    if (give_up()) return nullptr;
    serves_.wait_for(lock, std::chrono::milliseconds(20));
  }
  return client_;
}

std::shared_ptr<rpc::Client> Daemon::client() {
  const std::lock_guard lock(mu_);
  FD_CHECK(client_ != nullptr);
  return client_;
}

std::unique_ptr<rpc::Client> Daemon::Operator() { return Connect(kOperatorToken); }

bool Daemon::Serving() {
  const auto client = Connect("");
  google::protobuf::StringValue request;  // HealthCheckRequest{service = 1}
  const auto answer = client->UnaryBlocking<google::protobuf::Int32Value>(
      "/grpc.health.v1.Health/Check", rpc::Outgoing(), request);
  return answer.ok() && answer->value() == 1;
}

HttpAnswer Daemon::Request(int port, std::string_view head, std::string_view body) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval limit = absl::ToTimeval(kHttpDeadline);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) {
    const std::string request = fmt::format(
        "{} HTTP/1.1\r\nHost: frontdesk\r\nAuthorization: Bearer {}\r\nConnection: close\r\n"
        "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
        head, kChannelToken, body.size(), body);
    char buffer[4096];
    ssize_t got = 0;
    if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) ==
        static_cast<ssize_t>(request.size())) {
      while ((got = recv(fd, buffer, sizeof(buffer), 0)) > 0) answer.append(buffer, got);
    }
    // Cut short or timed out: nothing that one may trust.
    if (got < 0) answer.clear();
  }
  close(fd);
  HttpAnswer result;
  const size_t end = answer.find("\r\n\r\n");
  if (end == std::string::npos || answer.size() < 12) return result;
  result.status = std::atoi(answer.c_str() + 9);
  result.body = answer.substr(end + 4);
  return result;
}

HttpAnswer Daemon::Post(std::string_view target, std::string_view json) {
  return Request(http_port_, fmt::format("POST {}", target), json);
}

HttpAnswer Daemon::Get(std::string_view target) {
  return Request(http_port_, fmt::format("GET {}", target), "");
}

std::optional<double> Daemon::Metric(const std::string& series) {
  const std::string text = Request(metrics_port_, "GET /metrics", "").body;
  const size_t at = text.find("\n" + series + " ");
  if (at == std::string::npos) return {};
  return std::atof(text.c_str() + at + series.size() + 2);
}

int Verdict(const std::vector<std::string>& wrong, const Daemon& daemon) {
  for (const std::string& text : wrong) fmt::print("WRONG: {}\n", text);
  if (!wrong.empty()) {
    const std::string log = daemon.Log();
    fmt::print("--- the end of the daemon's log\n{}\n",
               log.substr(log.size() - std::min<size_t>(log.size(), 50'000)));
  }
  fmt::print("{}\n", wrong.empty() ? "nothing lost, nothing twice" : "FAILED");
  return wrong.empty() ? 0 : 1;
}

}  // namespace frontdesk::fault
