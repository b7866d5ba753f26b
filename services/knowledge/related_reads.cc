#include "services/knowledge/related_reads.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "services/knowledge/domain/article.h"
#include "services/knowledge/store.h"

namespace frontdesk::knowledge {
namespace {

constexpr int kDefaultRelated = 10;
constexpr int kMaxRelated = 50;
// Bounds of one reply: rows of one index, and nodes looked at.
constexpr size_t kMaxRows = 100;
constexpr size_t kMaxNodes = 32;

std::string IdOf(std::string_view name) { return std::string(name.substr(name.rfind('/') + 1)); }

// An article and its translations are one: what is known by the id of the source.
std::string FamilyOf(const v1::Article& article) {
  return IdOf(article.translation_of().empty() ? article.name() : article.translation_of());
}

bool Links(const v1::ArticleContent& content, const std::string& target,
           std::initializer_list<v1::ArticleLinkKind> kinds) {
  return std::any_of(content.links().begin(), content.links().end(), [&](const auto& link) {
    return IdOf(link.article()) == target &&
           std::find(kinds.begin(), kinds.end(), link.kind()) != kinds.end();
  });
}

bool Names(const v1::ArticleContent& content, const std::string& node) {
  return content.product() == node || content.product_module() == node ||
         content.error_type() == node || content.solution_kind() == node;
}

// Gathers related articles, best first, until there are enough.
class Related {
 public:
  Related(const engine::Reader& reader, const std::string& tenant, std::string article,
          const v1::ListRelatedArticlesRequest& request, v1::ListRelatedArticlesResponse* response)
      : reader_(reader),
        tenant_(tenant),
        article_(std::move(article)),
        audience_(request.audience() == v1::AUDIENCE_UNSPECIFIED ? v1::AUDIENCE_CUSTOMERS
                                                                 : request.audience()),
        limit_(request.page_size() == 0 ? kDefaultRelated
                                        : std::min(request.page_size(), kMaxRelated)),
        response_(response) {}

  absl::Status Gather(const std::string& wanted_locale) {
    FD_ASSIGN_OR_RETURN(const auto record, LoadArticle(reader_, tenant_, article_));
    locale_ = wanted_locale.empty() ? record.article().locale() : wanted_locale;
    seen_.insert(FamilyOf(record.article()));
    const v1::ArticleContent& content =
        record.has_live() ? record.live() : record.article().content();
    FD_RETURN_IF_ERROR(GatherLinks(content));
    FD_RETURN_IF_ERROR(GatherErrors(content.error_type()));
    FD_RETURN_IF_ERROR(GatherNode(v1::RELATION_REASON_SAME_MODULE, content.product_module()));
    FD_ASSIGN_OR_RETURN(const std::vector<std::string> above,
                        Above(content.product_module(), content.product()));
    for (const std::string& node : above) {
      FD_RETURN_IF_ERROR(GatherNode(v1::RELATION_REASON_PARENT_PRODUCT, node));
    }
    return GatherTags(content);
  }

 private:
  bool full() const { return response_->related_articles_size() >= limit_; }

  absl::Status GatherLinks(const v1::ArticleContent& content) {
    FD_ASSIGN_OR_RETURN(const std::vector<std::string> from,
                        ScanIds(reader_, kArticlesByLink.Key(tenant_, article_), kMaxRows));
    const auto add_from = [&](v1::RelationReason reason,
                              std::initializer_list<v1::ArticleLinkKind> kinds) -> absl::Status {
      for (const std::string& id : from) {
        FD_RETURN_IF_ERROR(Add(reason, id, "", [&](const v1::ArticleContent& other) {
          return Links(other, article_, kinds);
        }));
      }
      return absl::OkStatus();
    };
    const auto add_to = [&](v1::RelationReason reason,
                            std::initializer_list<v1::ArticleLinkKind> kinds) -> absl::Status {
      for (const v1::ArticleLink& link : content.links()) {
        if (std::find(kinds.begin(), kinds.end(), link.kind()) == kinds.end()) continue;
        FD_RETURN_IF_ERROR(
            Add(reason, IdOf(link.article()), "", [](const v1::ArticleContent&) { return true; }));
      }
      return absl::OkStatus();
    };
    FD_RETURN_IF_ERROR(
        add_from(v1::RELATION_REASON_SUPERSEDED_BY, {v1::ARTICLE_LINK_KIND_SUPERSEDES}));
    FD_RETURN_IF_ERROR(
        add_to(v1::RELATION_REASON_PREREQUISITE, {v1::ARTICLE_LINK_KIND_PREREQUISITE}));
    FD_RETURN_IF_ERROR(add_to(v1::RELATION_REASON_LINKED,
                              {v1::ARTICLE_LINK_KIND_RELATED, v1::ARTICLE_LINK_KIND_SUPERSEDES}));
    return add_from(v1::RELATION_REASON_LINKED,
                    {v1::ARTICLE_LINK_KIND_RELATED, v1::ARTICLE_LINK_KIND_PREREQUISITE});
  }

  absl::Status GatherErrors(const std::string& error) {
    if (error.empty()) return absl::OkStatus();
    FD_RETURN_IF_ERROR(GatherNode(v1::RELATION_REASON_SAME_ERROR, error));
    if (full()) return absl::OkStatus();
    FD_ASSIGN_OR_RETURN(const auto node, LoadNode(reader_, tenant_, error));
    std::vector<std::string> near(node.knowledge_node().related_nodes().begin(),
                                  node.knowledge_node().related_nodes().end());
    for (const std::string& prefix :
         {kNodesByRelated.Key(tenant_, error), kNodesByParent.Key(tenant_, error)}) {
      FD_ASSIGN_OR_RETURN(const auto ids, ScanIds(reader_, prefix, kMaxNodes));
      near.insert(near.end(), ids.begin(), ids.end());
    }
    if (!node.knowledge_node().parent_node().empty()) {
      near.push_back(node.knowledge_node().parent_node());
    }
    if (near.size() > kMaxNodes) near.resize(kMaxNodes);
    for (const std::string& id : near) {
      FD_ASSIGN_OR_RETURN(const auto other, LoadNode(reader_, tenant_, id));
      // Its parent may be a product, and it may be related to anything.
      if (other.knowledge_node().kind() != v1::KNOWLEDGE_NODE_KIND_ERROR) continue;
      FD_RETURN_IF_ERROR(GatherNode(v1::RELATION_REASON_RELATED_ERROR, id));
    }
    return absl::OkStatus();
  }

  // Modules and products above the module, then the product and those above it; each once.
  absl::StatusOr<std::vector<std::string>> Above(const std::string& module,
                                                 const std::string& product) {
    std::vector<std::string> above;
    const auto add = [&](const std::string& id) {
      if (std::find(above.begin(), above.end(), id) == above.end()) above.push_back(id);
    };
    for (const std::string* start : {&module, &product}) {
      if (!product.empty() && start == &product) add(product);
      std::string at = *start;
      for (size_t level = 0; level < kMaxNodes && !at.empty(); ++level) {
        FD_ASSIGN_OR_RETURN(const auto node, LoadNode(reader_, tenant_, at));
        at = node.knowledge_node().parent_node();
        if (!at.empty()) add(at);
      }
    }
    return above;
  }

  absl::Status GatherNode(v1::RelationReason reason, const std::string& node) {
    if (node.empty() || full()) return absl::OkStatus();
    FD_ASSIGN_OR_RETURN(const std::vector<std::string> ids,
                        ScanIds(reader_, kArticlesByNode.Key(tenant_, node), kMaxRows));
    for (const std::string& id : ids) {
      FD_RETURN_IF_ERROR(Add(reason, id, node, [&](const v1::ArticleContent& content) {
        return Names(content, node);
      }));
    }
    return absl::OkStatus();
  }

  // A tag says the more the fewer articles have it.
  absl::Status GatherTags(const v1::ArticleContent& content) {
    std::map<std::string, double> weights;
    for (const std::string& tag : content.tags()) {
      if (full()) return absl::OkStatus();
      FD_ASSIGN_OR_RETURN(const std::vector<std::string> ids,
                          ScanIds(reader_, kArticlesByTag.Key(tenant_, tag), kMaxRows));
      for (const std::string& id : ids) weights[id] += 1.0 / static_cast<double>(ids.size());
    }
    std::vector<std::pair<double, std::string>> best;
    for (const auto& [id, weight] : weights) best.emplace_back(-weight, id);
    std::sort(best.begin(), best.end());
    for (const auto& [weight, id] : best) {
      FD_RETURN_IF_ERROR(
          Add(v1::RELATION_REASON_SAME_TAG, id, "", [&](const v1::ArticleContent& other) {
            return std::ranges::any_of(content.tags(), [&](const std::string& tag) {
              return std::ranges::find(other.tags(), tag) != other.tags().end();
            });
          }));
    }
    return absl::OkStatus();
  }

  // Adds an article whose published version `fits`, unless it stands there already.
  template <class Fits>
  absl::Status Add(v1::RelationReason reason, const std::string& id, const std::string& node,
                   Fits fits) {
    if (full()) return absl::OkStatus();
    FD_ASSIGN_OR_RETURN(auto record, LoadArticle(reader_, tenant_, id));
    if (!record.has_live() || !fits(record.live())) return absl::OkStatus();
    const std::string family = FamilyOf(record.article());
    if (seen_.contains(family)) return absl::OkStatus();
    bool fallback = false;
    if (record.article().locale() != locale_) {
      FD_ASSIGN_OR_RETURN(const std::string other,
                          ResolveLocale(reader_, tenant_, id, locale_, audience_, &fallback));
      FD_ASSIGN_OR_RETURN(record, LoadArticle(reader_, tenant_, other));
    }
    if (!IsLiveFor(record, audience_)) return absl::OkStatus();
    seen_.insert(family);
    v1::RelatedArticle& related = *response_->add_related_articles();
    related.set_article(record.article().name());
    related.set_article_version(
        VersionName(tenant_, IdOf(record.article().name()), record.article().published_version()));
    related.set_title(record.live().title());
    related.set_locale(record.article().locale());
    related.set_reason(reason);
    related.set_node(node);
    related.set_locale_fallback(fallback);
    return absl::OkStatus();
  }

  const engine::Reader& reader_;
  const std::string& tenant_;
  const std::string article_;
  const v1::Audience audience_;
  const int limit_;
  v1::ListRelatedArticlesResponse* const response_;
  std::string locale_;
  std::set<std::string> seen_;  // families
};

}  // namespace

absl::Status ReadRelated(const engine::Reader& reader, const std::string& tenant,
                         const std::string& article, const v1::ListRelatedArticlesRequest& request,
                         v1::ListRelatedArticlesResponse* response) {
  response->Clear();
  return Related(reader, tenant, article, request, response).Gather(request.locale());
}

absl::StatusOr<std::string> ResolveLocale(const engine::Reader& reader, const std::string& tenant,
                                          const std::string& article, const std::string& locale,
                                          v1::Audience audience, bool* fallback) {
  *fallback = false;
  FD_ASSIGN_OR_RETURN(const auto named, LoadArticle(reader, tenant, article));
  if (locale.empty() || named.article().locale() == locale) return article;
  const std::string source_id = FamilyOf(named.article());
  FD_ASSIGN_OR_RETURN(const auto source, LoadArticle(reader, tenant, source_id));
  // Where nothing can be read, the source stands for the rest.
  const bool by_source = IsLiveFor(source, audience) || !IsLiveFor(named, audience);
  if (by_source && source.article().locale() == locale) return source_id;
  FD_ASSIGN_OR_RETURN(const std::vector<std::string> translations,
                      ScanIds(reader, kTranslations.Key(tenant, source_id, locale), kMaxRows));
  for (const std::string& id : translations) {
    FD_ASSIGN_OR_RETURN(const auto translation, LoadArticle(reader, tenant, id));
    if (IsLiveFor(translation, audience)) return id;
  }
  *fallback = true;
  return by_source ? source_id : article;
}

absl::Status ReadPublicArticle(const engine::Reader& reader, const std::string& tenant,
                               const std::string& article, const std::string& locale,
                               v1::GetArticleResponse* response) {
  FD_ASSIGN_OR_RETURN(auto record, LoadArticle(reader, tenant, article));
  if (!IsLiveFor(record, v1::AUDIENCE_PUBLIC))
    return NotFound("article", ArticleName(tenant, article));
  bool fallback = false;
  FD_ASSIGN_OR_RETURN(const std::string id, ResolveLocale(reader, tenant, article, locale,
                                                          v1::AUDIENCE_PUBLIC, &fallback));
  if (id != article) {
    FD_ASSIGN_OR_RETURN(record, LoadArticle(reader, tenant, id));
  }
  *response->mutable_article() = std::move(*record.mutable_article());
  *response->mutable_article()->mutable_content() = std::move(*record.mutable_live());
  response->set_locale_fallback(fallback);
  return absl::OkStatus();
}

}  // namespace frontdesk::knowledge
