#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>

#include <fmt/core.h>

#include "libs/base/error.h"
#include "libs/base/hash.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/mutation.h"
#include "libs/rpc/page_token.h"
#include "services/knowledge/article_transfer.h"
#include "services/knowledge/domain/article.h"
#include "services/knowledge/knowledge_service.h"
#include "services/knowledge/request_checks.h"

// ImportArticles and ExportArticles.
namespace frontdesk::knowledge {
namespace {

constexpr int kImportRowsMax = 100;
constexpr int kExportRowsMax = 100;

// Makes the committer drop what a row of a dry run has written.
absl::Status DryRun() { return absl::CancelledError("dry run"); }

// Rows under way. Each is a command of its own: one that is refused leaves the others alone.
struct ArticleImport {
  std::mutex mu;
  size_t left = 0;      // guarded by mu
  absl::Status status;  // guarded by mu; the first error that is no refusal
  rpc::Finish finish;

  void Ended(absl::Status one) {
    {
      const std::lock_guard lock(mu);
      if (status.ok()) status = std::move(one);
      if (--left > 0) return;
    }
    finish(status);
  }
};

// What `done` of a row's command was told, as its result; an error when it's no answer to the row.
// The reply of a command that was not committed is empty, so a dry run brings its `outcome` along.
absl::Status TakeRow(const v1::PortableArticle& row, bool dry_run, v1::ImportOutcome outcome,
                     const absl::Status& status, v1::ImportResult* result) {
  if (dry_run && status == DryRun()) {
    result->set_article_id(row.article_id());
    result->set_outcome(outcome);
    return absl::OkStatus();
  }
  if (status.ok() || !IsRefusal(status)) return status;
  *result = RefusedResult(row, status);
  return absl::OkStatus();
}

}  // namespace

void KnowledgeService::ImportArticles(const rpc::Call& call,
                                      const v1::ImportArticlesRequest& request,
                                      v1::ImportArticlesResponse* response, rpc::Finish finish) {
  if (absl::Status status = CheckParent(call, request.parent()); !status.ok()) {
    return finish(status);
  }
  if (request.articles_size() < 1 || request.articles_size() > kImportRowsMax) {
    return finish(InvalidField("articles", fmt::format("must be 1 to {}", kImportRowsMax)));
  }
  auto batch = std::make_shared<ArticleImport>();
  batch->left = static_cast<size_t>(request.articles_size());
  batch->finish = [this, tenant = call.tenant,
                   finish = std::move(finish)](absl::Status status) mutable {
    WakeIndexer(tenant);
    finish(std::move(status));
  };
  // The request may be gone once its last row has ended.
  const int rows = request.articles_size();
  for (int i = 0; i < rows; ++i) response->add_results();
  for (int i = 0; i < rows; ++i) {
    const v1::PortableArticle& row = request.articles(i);
    v1::ImportResult* result = response->mutable_results(i);
    if (absl::Status status = CheckPortable(row); !status.ok()) {
      *result = RefusedResult(row, status);
      batch->Ended(absl::OkStatus());
      continue;
    }
    engine::Command command = rpc::MakeCommand(call, request, result);
    // A repeated request finds what became of each of its rows, also when only some got through.
    command.request_id = request.dry_run() || request.request_id().empty()
                             ? std::string()
                             : fmt::format("{:016x}-{}", Fingerprint64(request.request_id()), i);
    command.payload_hash = rpc::PayloadHash(row);
    command.bytes = row.ByteSizeLong();
    auto outcome = std::make_shared<v1::ImportOutcome>();
    command.handle = [&row, result, outcome, dry_run = request.dry_run()](
                         const engine::Context& context, engine::Txn& txn,
                         engine::Reply&) -> absl::Status {
      FD_ASSIGN_OR_RETURN(*outcome, ImportPortable(row, context, txn));
      result->set_article_id(row.article_id());
      result->set_outcome(*outcome);
      return dry_run ? DryRun() : absl::OkStatus();
    };
    command.done = [batch, &row, result, outcome,
                    dry_run = request.dry_run()](absl::Status status) {
      batch->Ended(TakeRow(row, dry_run, *outcome, status, result));
    };
    in_.shards.For(call.tenant).Submit(std::move(command));
  }
}

void KnowledgeService::ExportArticles(const rpc::Call& call,
                                      const v1::ExportArticlesRequest& request,
                                      v1::ExportArticlesResponse* response, rpc::Finish finish) {
  absl::Status status = CheckParent(call, request.parent());
  if (status.ok() && !request.locale().empty()) {
    status = ValidateLocale(request.locale(), "locale");
  }
  if (!status.ok()) return finish(status);
  auto page = rpc::ParsePage(request);
  if (!page.ok()) return finish(page.status());
  page->size = std::min(page->size, kExportRowsMax);
  Read(
      call, true,
      [tenant = call.tenant, &request, page = *std::move(page),
       response](const engine::Reader& reader) {
        return ReadExportPage(reader, tenant, request, page, response);
      },
      std::move(finish));
}

}  // namespace frontdesk::knowledge
