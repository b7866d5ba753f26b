#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "frontdesk/knowledge/v1/knowledge_service.pb.h"
#include "libs/rpc/page_token.h"
#include "libs/store/command.h"

// Articles in and out of a knowledge base, in the form they travel in.
namespace frontdesk::knowledge {

// What can be seen from the row alone: its id, its locale, its content.
absl::Status CheckPortable(const v1::PortableArticle& row);

// Makes the article say what the row says, by the commands that people have: nothing that they may
// not do happens here either. An error = the row is refused as it stands, and the caller must not
// commit.
absl::StatusOr<v1::ImportOutcome> ImportPortable(const v1::PortableArticle& row,
                                                 const ::frontdesk::store::Context& context,
                                                 ::frontdesk::store::Txn& txn);

// Of a refusal: reason and field, which begin at the row.
v1::ImportResult RefusedResult(const v1::PortableArticle& row, const absl::Status& status);
// True for what is wrong with the row; false for what went wrong around it and may go right later.
bool IsRefusal(const absl::Status& status);

absl::Status ReadExportPage(const ::frontdesk::store::Reader& reader, const std::string& tenant,
                            const v1::ExportArticlesRequest& request, const rpc::Page& page,
                            v1::ExportArticlesResponse* response);

}  // namespace frontdesk::knowledge
