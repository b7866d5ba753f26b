#include "tools/demo/server_process.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libs/base/status_macros.h"
#include "tools/demo/wait.h"

namespace frontdesk::demo {
namespace {

constexpr absl::Duration kStartMax = absl::Seconds(60);
constexpr size_t kTailBytes = 2000;

// The word after `label` on a line of its own; empty when there is none.
std::string WordAfter(const std::string& text, const std::string& label) {
  const size_t at = text.find("\n" + label);
  if (at == std::string::npos) return "";
  const size_t from = text.find_first_not_of(' ', at + 1 + label.size());
  return text.substr(from, text.find_first_of(" \n", from) - from);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServerProcess>> ServerProcess::Start(Options options) {
  std::unique_ptr<ServerProcess> server(new ServerProcess(std::move(options)));
  FD_RETURN_IF_ERROR(server->Spawn());
  FD_RETURN_IF_ERROR(server->ReadAddresses());
  return server;
}

absl::Status ServerProcess::Spawn() {
  std::error_code error;
  std::filesystem::create_directories(options_.data_dir, error);
  if (error) {
    return absl::InvalidArgumentError(
        fmt::format("{} can't be made: {}", options_.data_dir, error.message()));
  }
  std::vector<std::string> words = {options_.binary, "--data_dir=" + options_.data_dir,
                                    "--tenants_file=" + options_.tenants_file};
  words.insert(words.end(), options_.arguments.begin(), options_.arguments.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const int log = open(options_.log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (log < 0) return absl::InvalidArgumentError("can't write to " + options_.log_file);
  log_start_ = std::filesystem::file_size(options_.log_file, error);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) {
    // Only what is safe between fork and exec. A parent that is gone already sends no signal.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  close(log);
  if (pid_ < 0) return absl::ResourceExhaustedError("can't start a process");
  return absl::OkStatus();
}

std::string ServerProcess::Printed() const {
  std::ifstream file(options_.log_file, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(log_start_));
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

absl::Status ServerProcess::ReadAddresses() {
  return WaitUntil("frontdeskd says that it is ready", kStartMax, [this]() -> absl::StatusOr<bool> {
    const bool ended = HasEnded();
    const std::string printed = Printed();
    if (printed.find("Ctrl-C stops it.") != std::string::npos) {
      const std::string page = WordAfter(printed, "  chat page");
      constexpr std::string_view kScheme = "http://";
      http_ = page.substr(kScheme.size(), page.rfind('/') - kScheme.size());
      grpc_ = WordAfter(printed, "  gRPC");
      metrics_ = WordAfter(printed, "  metrics");
      return true;
    }
    if (!ended) return false;
    const size_t tail = printed.size() - std::min(printed.size(), kTailBytes);
    return absl::UnavailableError(fmt::format("frontdeskd ended with {} while starting:\n{}",
                                              exit_code_, printed.substr(tail)));
  });
}

bool ServerProcess::HasEnded() {
  if (ended_ || pid_ < 0) return true;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return false;
  ended_ = true;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return true;
}

absl::StatusOr<int> ServerProcess::Stop(absl::Duration longest) {
  if (!HasEnded()) kill(pid_, SIGTERM);
  const absl::Status ended =
      WaitUntil("frontdeskd ends after SIGTERM", longest, [this] { return HasEnded(); });
  if (!ended.ok()) {
    Kill();
    return ended;
  }
  return exit_code_;
}

void ServerProcess::Kill() {
  if (HasEnded()) return;
  kill(pid_, SIGKILL);
  int status = 0;
  waitpid(pid_, &status, 0);
  ended_ = true;
  exit_code_ = -SIGKILL;
}

ServerProcess::~ServerProcess() { Kill(); }

}  // namespace frontdesk::demo
