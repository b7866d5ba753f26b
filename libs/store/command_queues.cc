#include "libs/store/command_queues.h"

#include "libs/base/error.h"

namespace frontdesk::store {
namespace {

constexpr const char* kInputNames[] = {"rpc", "event", "timer"};
// Shares of a batch when all three inputs are full.
constexpr size_t kWeights[] = {4, 3, 1};
constexpr absl::Duration kRetryDelay = absl::Milliseconds(100);

}  // namespace

CommandQueues::CommandQueues(Limits limits, const Clock& clock, telemetry::Metrics& metrics,
                             const std::string& service)
    : clock_(clock) {
  const size_t sizes[] = {limits.rpc, limits.event, limits.timer};
  for (size_t i = 0; i < 3; ++i) {
    const telemetry::Labels labels = {{"service", service}, {"input", kInputNames[i]}};
    inputs_[i].limit = sizes[i];
    inputs_[i].weight = kWeights[i];
    inputs_[i].depth = metrics.GetGauge("frontdesk_commit_queue_depth",
                                        "Commands that wait for the committer", labels);
    inputs_[i].wait = metrics.GetHistogram("frontdesk_commit_queue_wait_seconds",
                                           "How long a command waited for its batch", labels);
    inputs_[i].rejected = metrics.GetCounter("frontdesk_commit_queue_rejected_total",
                                             "Commands refused because the queue was full", labels);
  }
}

absl::Status CommandQueues::Push(Command& command) {
  const absl::Duration now = clock_.Steady();
  const std::lock_guard lock(mu_);
  Input& in = input(command.source);
  if (closed_) {
    return WithRetryDelay(
        Error(absl::StatusCode::kUnavailable, "SHUTTING_DOWN", "the service is stopping"),
        absl::Seconds(1));
  }
  if (in.size >= in.limit || (command.source == Command::Source::kRpc && OverShare(command))) {
    in.rejected.Increment();
    return WithRetryDelay(Error(absl::StatusCode::kResourceExhausted, "QUEUE_FULL",
                                "too many commands wait; try again"),
                          kRetryDelay);
  }
  ++in.size;
  Entry entry{std::make_unique<Command>(std::move(command)), now};
  switch (entry.command->source) {
    case Command::Source::kRpc: {
      Queue& queue = rpcs_[entry.command->tenant];
      if (queue.empty()) turns_.push_back(entry.command->tenant);
      queue.push_back(std::move(entry));
      break;
    }
    case Command::Source::kEvent:
      events_.push_back(std::move(entry));
      break;
    case Command::Source::kTimer:
      timers_.push_back(std::move(entry));
      break;
  }
  return absl::OkStatus();
}

bool CommandQueues::OverShare(const Command& command) const {
  const Input& in = inputs_[static_cast<size_t>(Command::Source::kRpc)];
  if (2 * in.size < in.limit) return false;
  const auto it = rpcs_.find(command.tenant);
  return it != rpcs_.end() && it->second.size() >= in.limit / (rpcs_.size() + 1);
}

CommandQueues::Entry CommandQueues::PopFront(Command::Source source) {
  --input(source).size;
  if (source != Command::Source::kRpc) {
    Queue& queue = source == Command::Source::kEvent ? events_ : timers_;
    Entry first = std::move(queue.front());
    queue.pop_front();
    return first;
  }
  std::string tenant = std::move(turns_.front());
  turns_.pop_front();
  const auto it = rpcs_.find(tenant);
  Entry first = std::move(it->second.front());
  it->second.pop_front();
  if (it->second.empty()) {
    rpcs_.erase(it);
  } else {
    turns_.push_back(std::move(tenant));
  }
  return first;
}

std::vector<std::unique_ptr<Command>> CommandQueues::Take(size_t commands_max, size_t bytes_max,
                                                          bool rpcs) {
  std::vector<Entry> taken;
  {
    const std::lock_guard lock(mu_);
    size_t bytes = 0;
    bool any = true;
    while (any && taken.size() < commands_max && bytes < bytes_max) {
      any = false;
      for (size_t i = rpcs ? 0 : 1; i < 3; ++i) {
        for (size_t n = 0; n < inputs_[i].weight && inputs_[i].size > 0; ++n) {
          if (taken.size() >= commands_max || bytes >= bytes_max) break;
          taken.push_back(PopFront(static_cast<Command::Source>(i)));
          bytes += taken.back().command->bytes;
          any = true;
        }
      }
    }
    for (Input& in : inputs_) in.depth.Set(static_cast<double>(in.size));
  }
  const absl::Duration now = clock_.Steady();
  std::vector<std::unique_ptr<Command>> commands;
  commands.reserve(taken.size());
  for (Entry& waiting : taken) {
    input(waiting.command->source).wait.Observe(now - waiting.since);
    commands.push_back(std::move(waiting.command));
  }
  return commands;
}

void CommandQueues::Close() {
  const std::lock_guard lock(mu_);
  closed_ = true;
}

bool CommandQueues::empty() const {
  const std::lock_guard lock(mu_);
  return inputs_[0].size + inputs_[1].size + inputs_[2].size == 0;
}

size_t CommandQueues::Waiting(Command::Source source) const {
  const std::lock_guard lock(mu_);
  return inputs_[static_cast<size_t>(source)].size;
}

}  // namespace frontdesk::store
