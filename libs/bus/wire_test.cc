#include "libs/bus/wire.h"

#include <catch2/catch.hpp>

#include "frontdesk/store/v1/engine.pb.h"
#include "frontdesk/ticket/v1/ticket_events.pb.h"
#include "libs/base/error.h"
#include "libs/bus/event_routes.h"
#include "libs/store/txn.h"

using namespace frontdesk;
using namespace frontdesk::bus;

namespace {

Record GoodRecord() {
  return {"frontdesk.ticket.v1",
          3,
          17,
          "acme/t1",
          {{"ce_specversion", "1.0"},
           {"ce_id", "01e"},
           {"ce_source", "/frontdesk/ticket/0"},
           {"ce_type", "frontdesk.ticket.v1.TicketCreated"},
           {"ce_subject", "tenants/acme/tickets/t1"},
           {"ce_time", "2024-05-06T07:08:09.123456Z"},
           {"content-type", "application/protobuf"},
           {"traceparent", "00-1-2-01"},
           {"fd_tenant", "acme"},
           {"fd_epoch", "2"},
           {"fd_seq", "40"},
           {"fd_prev", "38"},
           {"fd_actor", "mia"},
           {"fd_cause", "r-1"},
           {"fd_correlation", "c-1"}},
          "value",
          absl::UnixEpoch()};
}

void SetHeader(Record& record, const std::string& name, const std::string& value) {
  for (auto& header : record.headers) {
    if (header.first == name) header.second = value;
  }
}

}  // namespace

TEST_CASE("headers become the fields of command and delivery") {
  EventInfo info;
  REQUIRE(ParseHeaders(GoodRecord(), &info).ok());
  CHECK(info.time == absl::FromUnixMicros(1714979289123456));
  CHECK(info.subject == "tenants/acme/tickets/t1");
  const store::Delivery delivery = MakeDelivery(GoodRecord(), info, "bus", "topic-id");
  CHECK(delivery.bus_id == "bus");
  CHECK(delivery.topic_id == "topic-id");
  CHECK(delivery.partition == 3);
  CHECK(delivery.offset == 17);
  CHECK(delivery.source == "/frontdesk/ticket/0");
  CHECK(delivery.epoch == 2);
  CHECK(delivery.seq == 40);
  CHECK(delivery.prev == 38);
  CHECK_FALSE(delivery.source_restored);
  CHECK(*delivery.value == "value");
  store::Command command;
  FillCommand(info, delivery, &command);
  CHECK(command.source == store::Command::Source::kEvent);
  CHECK(command.tenant == "acme");
  CHECK(command.actor == "mia");
  CHECK(command.cause == "01e");
  CHECK(command.correlation == "c-1");
  CHECK(command.traceparent == "00-1-2-01");
}

TEST_CASE("bad headers are refused, and the place in the source is still read") {
  struct Case {
    std::string name;
    std::string value;
  };
  const auto bad =
      GENERATE(Case{"ce_id", ""}, Case{"ce_id", std::string(200, 'x')}, Case{"ce_source", ""},
               Case{"ce_type", ""}, Case{"ce_type", "\xff"}, Case{"ce_time", "yesterday"},
               Case{"fd_tenant", ""}, Case{"fd_actor", "\xc0\x80"},
               Case{"ce_subject", std::string(9000, 'x')});
  Record record = GoodRecord();
  SetHeader(record, bad.name, bad.value);
  EventInfo info;
  const absl::Status status = ParseHeaders(record, &info);
  INFO(bad.name);
  CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  CHECK(ReasonOf(status) == "EVENT_UNDECODABLE");
  CHECK(info.epoch == 2);
  CHECK(info.seq == 40);
  CHECK(info.prev == 38);
}

TEST_CASE("numbers of the sequence must be numbers") {
  const std::string value = GENERATE("", "x", "-1", "1x", "99999999999999999999999");
  Record record = GoodRecord();
  SetHeader(record, "fd_seq", value);
  EventInfo info;
  CHECK(ReasonOf(ParseHeaders(record, &info)) == "EVENT_UNDECODABLE");
}

TEST_CASE("a record without our headers is undecodable and has no place in a source") {
  Record record{"t", 0, 1, "", {}, "", absl::UnixEpoch()};
  EventInfo info;
  CHECK(ReasonOf(ParseHeaders(record, &info)) == "EVENT_UNDECODABLE");
  CHECK(MakeDelivery(std::move(record), info, "b", "t").epoch == 0);
}

TEST_CASE("too many headers and too large values are refused") {
  Record record = GoodRecord();
  for (int i = 0; i < 100; ++i) record.headers.emplace_back("x", "y");
  EventInfo info;
  CHECK_FALSE(ParseHeaders(record, &info).ok());
  Record large = GoodRecord();
  large.value.assign(store::kMaxEventBytes + 1, 'x');
  CHECK_FALSE(ParseHeaders(large, &info).ok());
}

TEST_CASE("an outbox row becomes a record that the other side reads back") {
  store::v1::OutboxRow row;
  row.set_topic("t");
  row.set_partition(2);
  row.set_key("k");
  row.set_value("v");
  row.set_time_us(1714979289123456);
  row.set_id("01e");
  row.set_type("x.Y");
  row.set_subject("s");
  row.set_tenant("acme");
  row.set_epoch(3);
  row.set_prev(7);
  row.set_actor("mia");
  row.set_cause("r-1");
  row.set_correlation("c-1");
  row.set_traceparent("00-1-2-01");
  OutboundRecord sent;
  absl::Time appended;
  REQUIRE(
      ParseOutboxRow({9, row.SerializeAsString()}, "/frontdesk/ticket/0", &sent, &appended).ok());
  CHECK(appended == absl::FromUnixMicros(1714979289123456));
  const Record record{sent.topic, sent.partition, 0, sent.key, sent.headers, sent.value, appended};
  EventInfo info;
  REQUIRE(ParseHeaders(record, &info).ok());
  CHECK(record.topic == "t");
  CHECK(record.partition == 2);
  CHECK(record.key == "k");
  CHECK(record.value == "v");
  CHECK(info.id == "01e");
  CHECK(info.source == "/frontdesk/ticket/0");
  CHECK(info.type == "x.Y");
  CHECK(info.subject == "s");
  CHECK(info.time == appended);
  CHECK(info.tenant == "acme");
  CHECK(info.epoch == 3);
  CHECK(info.seq == 9);
  CHECK(info.prev == 7);
  CHECK(info.actor == "mia");
  CHECK(info.cause == "r-1");
  CHECK(info.correlation == "c-1");
  CHECK(info.traceparent == "00-1-2-01");
  CHECK(ParseOutboxRow({9, "\xff"}, "s", &sent, &appended).code() == absl::StatusCode::kDataLoss);
}

TEST_CASE("an event is decoded only when its payload is what its type says") {
  EventRoutes routes;
  const std::string type = ticket::v1::TicketCreated::descriptor()->full_name();
  routes.On<ticket::v1::TicketEvent>(
      "t", type, [](const auto&, const auto&, const auto&, auto&) { return absl::OkStatus(); });
  CHECK(routes.Find("t", "other") == nullptr);
  CHECK(routes.Find("u", type) == nullptr);
  const EventRoutes::Route* route = routes.Find("t", type);
  REQUIRE(route != nullptr);
  ticket::v1::TicketEvent event;
  CHECK(ReasonOf(DecodeEvent(*route, event.SerializeAsString()).status()) == "EVENT_UNDECODABLE");
  event.mutable_ticket_resolved();
  CHECK(ReasonOf(DecodeEvent(*route, event.SerializeAsString()).status()) == "EVENT_UNDECODABLE");
  event.mutable_ticket_created()->set_customer("c");
  const auto decoded = DecodeEvent(*route, event.SerializeAsString());
  REQUIRE(decoded.ok());
  CHECK(static_cast<const ticket::v1::TicketEvent&>(**decoded).ticket_created().customer() == "c");
  CHECK(ReasonOf(DecodeEvent(*route, "\xff\xff").status()) == "EVENT_UNDECODABLE");
}

TEST_CASE("a prepared value is found by its type alone") {
  const Prepared prepared = Prepared::Of(std::string("x"));
  REQUIRE(prepared.Get<std::string>() != nullptr);
  CHECK(*prepared.Get<std::string>() == "x");
  CHECK(prepared.Get<int>() == nullptr);
  CHECK(Prepared().Get<std::string>() == nullptr);
  CHECK(Prepared().empty());
}
