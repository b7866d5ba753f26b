// What knowledge drafts out of conversations and tickets that people resolved.
#include <fmt/core.h>

#include "tests/sim/checks.h"
#include "tests/sim/list_all.h"

namespace frontdesk::sim {

// A source is drafted from once, whatever came again and whenever the power was cut, and none is
// drafted from that nobody knows.
void Checks::CheckProposals(const std::string& tenant) {
  knowledge::v1::ListArticleProposalsRequest request;
  request.set_parent("tenants/" + tenant);
  std::map<std::string, std::string> proposed;  // source -> proposal
  for (const auto& proposal : ListAll<knowledge::v1::ArticleProposal, knowledge::KnowledgeService>(
           &knowledge::KnowledgeService::ListArticleProposals, "ListArticleProposals", tenant,
           request, &knowledge::v1::ListArticleProposalsResponse::article_proposals)) {
    if (!proposal.automatic()) Fail(fmt::format("{}: nobody asked for it", proposal.name()));
    if (proposal.source_count() < proposal.sources_size()) {
      Fail(fmt::format("{} counts {} sources and names {}", proposal.name(),
                       proposal.source_count(), proposal.sources_size()));
    }
    for (const std::string& source : proposal.sources()) {
      ++world_.proposed;
      const auto [first, fresh] = proposed.emplace(source, proposal.name());
      if (!fresh) {
        Fail(fmt::format("{} is in {} and in {}", source, first->second, proposal.name()));
      }
      // What was made after a backup that was brought back is gone.
      const bool forgotten =
          model_.Restored(ServiceId::kDialog) || model_.Restored(ServiceId::kTicket);
      if (!forgotten && !conversations_.contains(source) && !tickets_.contains(source)) {
        Fail(fmt::format("{} was drafted from {}, which there is not", proposal.name(), source));
      }
    }
  }
}

}  // namespace frontdesk::sim
