#include "libs/bus/kafka_log.h"

#include <utility>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/base/topics.h"
#include "libs/bus/kafka_admin.h"
#include "libs/bus/kafka_publisher.h"
#include "libs/bus/kafka_subscription.h"

namespace frontdesk::bus {
namespace {

// As `flush.ms`: at least 73 million years, so it flushes as rarely as the default.
constexpr uint64_t kSmallestMark = 1ull << 61;
constexpr absl::Duration kEnsurePause = absl::Milliseconds(300);

}  // namespace

absl::StatusOr<std::unique_ptr<KafkaLog>> KafkaLog::Open(Collaborators collaborators,
                                                         Options options) {
  if (options.brokers.empty()) {
    return WithMetadata(
        Error(absl::StatusCode::kInvalidArgument, "INVALID_CONFIG", "no broker is configured"),
        "key", "brokers");
  }
  FD_ASSIGN_OR_RETURN(auto admin, KafkaAdmin::Open(options));
  return std::unique_ptr<KafkaLog>(
      new KafkaLog(collaborators, std::move(options), std::move(admin)));
}

KafkaLog::KafkaLog(Collaborators collaborators, Options options, std::unique_ptr<KafkaAdmin> admin)
    : in_(collaborators), options_(std::move(options)), admin_(std::move(admin)) {}

KafkaLog::~KafkaLog() = default;

absl::StatusOr<std::string> KafkaLog::Id() {
  {
    const std::lock_guard lock(mu_);
    if (!id_.empty()) return id_;
  }
  FD_ASSIGN_OR_RETURN(std::string id, admin_->ClusterId());
  const std::lock_guard lock(mu_);
  id_ = id;
  return id;
}

absl::StatusOr<TopicInfo> KafkaLog::Describe(std::string_view topic) {
  const std::string name(topic);
  TopicInfo info;
  FD_ASSIGN_OR_RETURN(info.partitions, admin_->Partitions(name));
  FD_ASSIGN_OR_RETURN(info.id, admin_->Mark(name));
  return info;
}

absl::Status KafkaLog::EnsureTopics(uint32_t shard_count) {
  // One after the other: all services of a process start together and ask for the same topics.
  const std::lock_guard lock(ensure_mu_);
  if (ensured_shards_ == shard_count) return absl::OkStatus();
  // Whoever waited while another one's try timed out has its answer.
  if (!ensure_error_.ok() && in_.clock.Steady() < ensure_again_at_) return ensure_error_;
  ensure_error_ = CompareTopics(shard_count);
  if (ensure_error_.ok()) ensured_shards_ = shard_count;
  ensure_again_at_ = in_.clock.Steady() + kEnsurePause;
  return ensure_error_;
}

absl::Status KafkaLog::CompareTopics(uint32_t shard_count) {
  for (const TopicSpec& spec : AllTopics()) {
    const std::string name(spec.name);
    const int wanted = static_cast<int>(shard_count) * spec.partitions_per_shard;
    auto found = admin_->Partitions(name);
    if (found.status().code() == absl::StatusCode::kNotFound) {
      FD_RETURN_IF_ERROR(CreateTopic(name, wanted, spec.retention));
      found = admin_->Partitions(name);
    }
    if (!found.ok()) return found.status();
    if (*found == wanted) continue;
    return WithMetadata(
        Error(absl::StatusCode::kFailedPrecondition, "BUS_MISMATCH",
              fmt::format("{} has {} partitions, the contract says {}", name, *found, wanted)),
        "topic", name);
  }
  return absl::OkStatus();
}

absl::Status KafkaLog::CreateTopic(std::string_view topic, int partitions,
                                   absl::Duration retention) {
  const uint64_t mark = kSmallestMark + in_.random.Uniform(kSmallestMark);
  return admin_->CreateTopic(std::string(topic), partitions, retention, mark);
}

absl::Status KafkaLog::DeleteTopic(std::string_view topic) {
  return admin_->DeleteTopic(std::string(topic));
}

absl::Status KafkaLog::DeleteRecordsBefore(std::string_view topic, int32_t partition,
                                           int64_t offset) {
  return admin_->DeleteRecordsBefore(std::string(topic), partition, offset);
}

absl::StatusOr<std::unique_ptr<Publisher>> KafkaLog::NewPublisher() {
  FD_ASSIGN_OR_RETURN(auto publisher, KafkaPublisher::Open(options_));
  return std::unique_ptr<Publisher>(std::move(publisher));
}

absl::StatusOr<std::unique_ptr<Subscription>> KafkaLog::Subscribe(
    std::string_view name, std::vector<Assignment> assignments) {
  FD_ASSIGN_OR_RETURN(auto subscription,
                      KafkaSubscription::Open(options_, in_.clock, name, std::move(assignments)));
  return std::unique_ptr<Subscription>(std::move(subscription));
}

}  // namespace frontdesk::bus
