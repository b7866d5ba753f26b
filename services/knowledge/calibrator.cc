#include "services/knowledge/calibrator.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/core.h>

#include "libs/base/resource_name.h"
#include "libs/base/status_macros.h"
#include "libs/telemetry/log.h"
#include "services/knowledge/answering.h"
#include "services/knowledge/domain/content.h"
#include "services/knowledge/label_handlers.h"
#include "services/knowledge/synonym_store.h"

namespace frontdesk::knowledge {
namespace {

constexpr size_t kQuestionsPerStep = 16;
constexpr absl::Duration kRetryAfter = absl::Seconds(5);
constexpr int kNeverKnown = 10'001;
// The encoders of a process that has begun take seconds to load; where they can't be loaded at all,
// words alone are what customers get, too.
constexpr absl::Duration kEncodersPatience = absl::Minutes(2);

// "tenants/t/articles/a" of "tenants/t/articles/a/versions/3".
std::string ArticleOf(const std::string& version) {
  return version.substr(0, version.rfind("/versions/"));
}

absl::Status ReadLabels(const engine::Reader& reader, const std::string& tenant,
                        std::vector<v1::LabeledQuestion>& labels) {
  absl::Status parsed;
  FD_RETURN_IF_ERROR(
      reader.Scan(kLabels.Key(tenant), {}, [&](std::string_view, std::string_view value) {
        auto label = kLabels.Parse(value);
        parsed = label.status();
        if (parsed.ok()) labels.push_back(std::move(*label->mutable_labeled_question()));
        return parsed.ok() && labels.size() < static_cast<size_t>(kLabelsMax);
      }));
  return parsed;
}

// Leaves out labels that expect an article customers can't find (any more), be it unpublished or for
// agents alone: they say nothing of how good answers are.
absl::Status DropUnanswerable(const engine::Reader& reader, const std::string& tenant,
                              std::vector<v1::LabeledQuestion>& labels) {
  std::map<std::string, bool> findable;
  for (const v1::LabeledQuestion& label : labels) {
    const std::string& name = label.expected_article();
    if (name.empty() || findable.contains(name)) continue;
    FD_ASSIGN_OR_RETURN(const auto ids, ParseResourceName(name, {"tenants", "articles"}, "name"));
    FD_ASSIGN_OR_RETURN(const auto article, kArticles.Find(reader, kArticles.Key(tenant, ids[1])));
    findable[name] = article.has_value() &&
                     article->article().state() == v1::ARTICLE_STATE_PUBLISHED &&
                     AudienceOf(article->live()) <= v1::AUDIENCE_CUSTOMERS;
  }
  std::erase_if(labels, [&](const v1::LabeledQuestion& label) {
    return !label.expected_article().empty() && !findable[label.expected_article()];
  });
  return absl::OkStatus();
}

}  // namespace

int Calibrator::ProgressBps(const std::string& tenant) const {
  const std::lock_guard lock(mu_);
  return running_ == tenant ? progress_bps_ : 0;
}

void Calibrator::ShowProgress(const std::string& tenant, int bps) {
  const std::lock_guard lock(mu_);
  running_ = tenant;
  progress_bps_ = bps;
}

bool Calibrator::Step() {
  {
    const std::lock_guard lock(mu_);
    if (handing_in_) return false;
    if (std::exchange(refused_, false)) not_before_ = in_.clock.Steady() + kRetryAfter;
  }
  if (in_.clock.Steady() < not_before_) return false;
  absl::Status status;
  if (job_ == nullptr) {
    auto job = Begin();
    status = job.status();
    if (job.ok()) job_ = *std::move(job);
    if (job.ok() && job_ == nullptr) return false;
  } else if (in_.indexers[in_.shards.For(job_->tenant).number()]->generation() !=
             job_->generation) {
    // Searches see another index by now: what was asked of the old one says nothing of it.
    job_.reset();
    ShowProgress("", 0);
  } else {
    status = AskSome(*job_);
    if (status.ok() && job_->next >= job_->labels.size()) {
      HandIn(*job_);
      job_.reset();
    }
  }
  if (status.ok()) return true;
  telemetry::Log(telemetry::Level::kWarn, "knowledge.calibration_failed",
                 {{"error", status.ToString()}});
  job_.reset();
  ShowProgress("", 0);
  not_before_ = in_.clock.Steady() + kRetryAfter;
  return false;
}

absl::StatusOr<std::unique_ptr<Calibrator::Job>> Calibrator::Begin() {
  for (size_t i = 0; i < in_.shards.size(); ++i) {
    std::vector<std::string> tenants;
    FD_RETURN_IF_ERROR(
        in_.shards.shard(i).store().Read([&](const engine::Reader& reader) -> absl::Status {
          return reader.Scan(kCalibrationsWanted.Key(), {},
                             [&](std::string_view key, std::string_view) {
                               engine::KeyReader fields(key);
                               std::string tenant;
                               if (fields.Read(&tenant)) tenants.push_back(std::move(tenant));
                               return tenants.empty();
                             });
        }));
    if (!tenants.empty() && Settled(*in_.indexers[i])) return Load(tenants[0]);
  }
  return std::unique_ptr<Job>();
}

bool Calibrator::Settled(const Indexer& indexer) const {
  if (indexer.index() == nullptr || indexer.building()) return false;
  return in_.encoding == nullptr || indexer.encodes() ||
         in_.clock.Steady() > made_ + kEncodersPatience;
}

absl::StatusOr<std::unique_ptr<Calibrator::Job>> Calibrator::Load(const std::string& tenant) {
  auto job = std::make_unique<Job>();
  job->tenant = tenant;
  const Indexer& indexer = *in_.indexers[in_.shards.For(tenant).number()];
  // Before the index, which may only be newer.
  job->result.index_sequence =
      static_cast<uint64_t>(std::max<int64_t>(0, indexer.indexed_sequence()));
  job->generation = indexer.generation();
  job->index = indexer.index();
  FD_RETURN_IF_ERROR(
      in_.shards.For(tenant).store().Read([&](const engine::Reader& reader) -> absl::Status {
        FD_ASSIGN_OR_RETURN(const auto record, kThresholds.Find(reader, kThresholds.Key(tenant)));
        if (record.has_value()) {
          job->result.number = record->wanted_number();
          job->target_bps = record->answer_threshold().target_precision_bps();
        }
        FD_ASSIGN_OR_RETURN(const auto stats, ReadLabelStats(reader, tenant));
        job->result.label_changes = stats.changes();
        FD_ASSIGN_OR_RETURN(const v1::Synonyms synonyms, ReadSynonyms(reader, tenant));
        job->synonyms.emplace(synonyms);
        FD_RETURN_IF_ERROR(ReadLabels(reader, tenant, job->labels));
        DropDoubtful(job->labels);
        return DropUnanswerable(reader, tenant, job->labels);
      }));
  ShowProgress(tenant, 0);
  return job;
}

std::optional<QueryVector> Calibrator::Meaning(const Job& job, const v1::LabeledQuestion& label) {
  if (in_.encoding == nullptr) return std::nullopt;
  if (!in_.indexers[in_.shards.For(job.tenant).number()]->encodes()) return std::nullopt;
  auto encoders = in_.encoding->Load();
  if (!encoders.ok()) return std::nullopt;
  text::Encoder& encoder = (*encoders)->For(label.locale());
  const std::string_view text = label.question();
  auto values = encoder.Encode({&text, 1});
  if (!values.ok()) return std::nullopt;
  return QueryVector{encoder.info().fingerprint, *std::move(values)};
}

absl::Status Calibrator::AskSome(Job& job) {
  const size_t end = std::min(job.labels.size(), job.next + kQuestionsPerStep);
  for (; job.next < end; ++job.next) {
    const v1::LabeledQuestion& label = job.labels[job.next];
    v1::AnswerQuestionRequest request;
    request.set_parent(ResourceName({{"tenants", job.tenant}}));
    request.set_question(label.question());
    request.set_locale(label.locale());
    const std::optional<QueryVector> vector = Meaning(job, label);
    FD_ASSIGN_OR_RETURN(
        const v1::Answer answer,
        AnswerFrom(*job.index,
                   {job.tenant, vector.has_value() ? &*vector : nullptr, &*job.synonyms}, request,
                   kNeverKnown));
    const std::string article =
        answer.citations().empty() ? "" : ArticleOf(answer.citations(0).article_version());
    const Verdict verdict = JudgeAnswer(label, article);
    if (verdict == Verdict::kUnknown) continue;
    ++job.result.questions;
    job.result.no_answer += label.no_answer() ? 1 : 0;
    job.trials.push_back(
        {article.empty() ? 0 : answer.confidence_bps(), verdict == Verdict::kRight});
  }
  ShowProgress(job.tenant,
               static_cast<int>(job.next * 10'000 / std::max<size_t>(1, job.labels.size())));
  return absl::OkStatus();
}

void Calibrator::HandIn(Job& job) {
  job.result.calibration = ChooseThreshold(std::move(job.trials), job.target_bps);
  if (job.result.questions < kLabelsMin) {
    // The curve is shown; nothing is chosen from so little.
    job.result.calibration.threshold_bps = 0;
    job.result.calibration.target_reached = false;
  }
  {
    const std::lock_guard lock(mu_);
    handing_in_ = true;
  }
  engine::Command command;
  command.method = "FinishCalibration";
  command.tenant = job.tenant;
  command.actor = "services/knowledge";
  command.cause = fmt::format("calibration/{}", job.result.number);
  command.bytes = job.result.calibration.curve.size() * sizeof(v1::ThresholdPoint);
  command.handle = [result = std::move(job.result)](const engine::Context& context,
                                                    engine::Txn& txn, engine::Reply&) {
    return FinishCalibration(result, context, txn);
  };
  // Not done: it is still wanted, and is asked again.
  command.done = [this, tenant = job.tenant](const absl::Status& status) {
    in_.done(tenant);
    {
      const std::lock_guard lock(mu_);
      handing_in_ = false;
      refused_ = !status.ok();
      running_.clear();
    }
    work_.Notify();
  };
  in_.shards.For(job.tenant).Submit(std::move(command));
}

}  // namespace frontdesk::knowledge
