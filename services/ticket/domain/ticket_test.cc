#include "services/ticket/domain/ticket.h"

#include <catch2/catch.hpp>

#include "libs/base/error.h"
#include "services/ticket/domain/proto_time.h"

namespace frontdesk::ticket {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'700'000'000);
const SlaTargets kTargets = {absl::Minutes(15), absl::Hours(4), 8'000};

absl::Time At(absl::Duration since) { return kStart + since; }

TicketRecord NewTicket() {
  v1::Ticket draft;
  draft.set_name("tenants/acme/tickets/t1");
  draft.set_subject("Printer");
  draft.set_priority(common::v1::PRIORITY_P0);
  return MakeTicket(draft, kTargets, kStart);
}

const v1::SlaClock& Clock(const TicketRecord& record, v1::ClockKind kind) {
  return record.ticket().clocks(kind == v1::CLOCK_KIND_FIRST_RESPONSE ? 0 : 1);
}

std::vector<std::string> FieldsOf(const absl::StatusOr<Change>& change) {
  REQUIRE(change.ok());
  std::vector<std::string> fields;
  for (const auto& field : change->fields) fields.push_back(field.field());
  return fields;
}

using Fields = std::vector<std::string>;

TEST_CASE("the first public note of an agent meets the first-response clock, nothing else does") {
  using common::v1::AUTHOR_KIND_AGENT;
  using common::v1::AUTHOR_KIND_SYSTEM;
  TicketRecord record = NewTicket();
  const absl::Time now = At(absl::Minutes(1));
  CHECK(FieldsOf(ApplyNote(record, v1::NOTE_VISIBILITY_INTERNAL, AUTHOR_KIND_AGENT, now)).empty());
  CHECK(FieldsOf(ApplyNote(record, v1::NOTE_VISIBILITY_PUBLIC, AUTHOR_KIND_SYSTEM, now)).empty());
  CHECK(FieldsOf(ApplyNote(record, v1::NOTE_VISIBILITY_PUBLIC, AUTHOR_KIND_AGENT, now)) ==
        Fields{"clocks.first_response"});
  CHECK(Clock(record, v1::CLOCK_KIND_FIRST_RESPONSE).state() == v1::CLOCK_STATE_MET);
  CHECK(Clock(record, v1::CLOCK_KIND_RESOLUTION).state() == v1::CLOCK_STATE_RUNNING);
  CHECK(FieldsOf(ApplyNote(record, v1::NOTE_VISIBILITY_PUBLIC, AUTHOR_KIND_AGENT, now)).empty());
}

TEST_CASE("a hold pauses the resolution clock alone, with the reason") {
  TicketRecord record = NewTicket();
  REQUIRE(ApplyVerb(record, Verb::kStart, At(absl::Minutes(1))).ok());
  CHECK(FieldsOf(HoldTicket(record, "parts ordered", At(absl::Minutes(2)))) ==
        Fields{"state", "hold_reason"});
  CHECK(Clock(record, v1::CLOCK_KIND_RESOLUTION).pause_reason() == "parts ordered");
  CHECK(Clock(record, v1::CLOCK_KIND_FIRST_RESPONSE).state() == v1::CLOCK_STATE_RUNNING);
  REQUIRE(ApplyVerb(record, Verb::kResume, At(absl::Minutes(62))).ok());
  CHECK(record.ticket().hold_reason().empty());
  CHECK(FromProto(Clock(record, v1::CLOCK_KIND_RESOLUTION).due_time()) == At(absl::Hours(5)));
}

TEST_CASE("resolving meets both clocks; reopening runs the resolution clock on") {
  TicketRecord record = NewTicket();
  CHECK(FieldsOf(ResolveTicket(record, "new printer", At(absl::Minutes(10)))) ==
        Fields{"state", "clocks.first_response", "clocks.resolution", "resolution"});
  CHECK(WithinSla(record.ticket()));
  CHECK(NextMark(record) == absl::InfiniteFuture());

  CHECK(FieldsOf(ReopenTicket(record, "burns again", At(absl::Hours(9)))) ==
        Fields{"state", "reopen_count", "reopen_reason"});
  CHECK(record.ticket().reopen_count() == 1);
  CHECK(Clock(record, v1::CLOCK_KIND_FIRST_RESPONSE).state() == v1::CLOCK_STATE_MET);
  CHECK(FromProto(Clock(record, v1::CLOCK_KIND_RESOLUTION).due_time()) ==
        At(absl::Hours(9) + absl::Hours(4) - absl::Minutes(10)));
}

TEST_CASE("time worked leaves out holds and the time it was resolved, also past a breach") {
  TicketRecord record = NewTicket();
  REQUIRE(ApplyVerb(record, Verb::kStart, At(absl::Minutes(5))).ok());
  CHECK(SettleClocks(record, At(absl::Hours(5))).size() == 2);
  REQUIRE(HoldTicket(record, "why", At(absl::Hours(5))).ok());
  REQUIRE(ApplyVerb(record, Verb::kResume, At(absl::Hours(7))).ok());
  REQUIRE(ResolveTicket(record, "", At(absl::Hours(8))).ok());
  CHECK(TimeWorked(record, At(absl::Hours(20))) == absl::Hours(6));
  REQUIRE(ReopenTicket(record, "", At(absl::Hours(20))).ok());
  CHECK(TimeWorked(record, At(absl::Hours(21))) == absl::Hours(7));
  CHECK_FALSE(WithinSla(record.ticket()));
}

TEST_CASE("an update changes what its paths name and says only what differs") {
  TicketRecord record = NewTicket();
  v1::Ticket wanted;
  wanted.set_subject("Printer");
  wanted.set_priority(common::v1::PRIORITY_P2);
  wanted.set_language("de");
  const SlaTargets slower = {absl::Hours(4), absl::Hours(24), 8'000};
  const auto change =
      UpdateTicket(record, wanted, {"subject", "priority"}, slower, At(absl::Minutes(10)));
  CHECK(FieldsOf(change) == Fields{"priority"});
  CHECK(change->fields[0].old_value() == "P0");
  CHECK(change->fields[0].new_value() == "P2");
  CHECK(record.ticket().language().empty());
  CHECK(FromProto(Clock(record, v1::CLOCK_KIND_FIRST_RESPONSE).due_time()) == At(absl::Hours(4)));
}

TEST_CASE("marks come in the order of their times") {
  TicketRecord record = NewTicket();
  const auto marks = SettleClocks(record, At(absl::Hours(3.5)));
  REQUIRE(marks.size() == 2);
  CHECK(marks[0].clock == v1::CLOCK_KIND_FIRST_RESPONSE);
  CHECK(marks[0].breach);
  CHECK(marks[1].clock == v1::CLOCK_KIND_RESOLUTION);
  CHECK_FALSE(marks[1].breach);
}

TEST_CASE("an etag of another version is a conflict") {
  v1::Ticket ticket;
  ticket.set_etag("3");
  CHECK(CheckEtag(ticket, "").ok());
  CHECK(CheckEtag(ticket, "3").ok());
  CHECK(CheckEtag(ticket, "2").code() == absl::StatusCode::kAborted);
  CHECK(ReasonOf(CheckEtag(ticket, "2")) == "ETAG_MISMATCH");
}

}  // namespace
}  // namespace frontdesk::ticket
