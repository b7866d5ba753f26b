#pragma once

#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "libs/base/absl_interop.h"
#include "tests/sim/checks.h"

namespace frontdesk::sim {

template <class Item, class Service, class Request, class Response>
std::vector<Item> Checks::ListAll(
    void (Service::*method)(const rpc::Call&, const Request&, Response*, rpc::Finish),
    const char* name, const std::string& tenant, Request request,
    const google::protobuf::RepeatedPtrField<Item>& (Response::*items)() const) {
  std::vector<Item> all;
  request.set_page_size(100);
  do {
    auto page = world_.Read<Service, Request, Response>(method, name, tenant, request);
    if (!page.ok()) {
      Fail(fmt::format("{} of {}: {}", name, tenant, page.status()));
      return all;
    }
    for (const Item& item : ((*page).*items)()) all.push_back(item);
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return all;
}

template <class Message>
std::vector<Message> Checks::EventsOf(std::string_view topic) {
  std::vector<Message> found;
  for (const auto& [id, event] : events_) {
    if (event.topic != topic) continue;
    Message message;
    if (!message.ParseFromString(event.value)) {
      Fail(fmt::format("event {} can't be parsed", id));
    } else {
      if (message.metadata().event_id() != id) {
        Fail(fmt::format("event {} calls itself {}", id, message.metadata().event_id()));
      }
      found.push_back(std::move(message));
    }
  }
  return found;
}

}  // namespace frontdesk::sim
