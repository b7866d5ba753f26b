#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "google/protobuf/message.h"
#include "libs/rpc/call.h"
#include "libs/rpc/host.h"
#include "libs/rpc/method.h"
#include "libs/rpc/stream.h"

namespace grpc {
class Service;
}

namespace frontdesk::rpc {

// Request, response and the code of one running unary call.
class Exchange {
 public:
  virtual ~Exchange() = default;
  virtual google::protobuf::Message& request() = 0;
  virtual google::protobuf::Message& response() = 0;
  virtual void Run(const Call& call, Finish finish) = 0;
};

// The same for a server stream.
class StreamExchange {
 public:
  virtual ~StreamExchange() = default;
  virtual google::protobuf::Message& request() = 0;
  virtual void Run(const Call& call, std::shared_ptr<StreamSink> sink) = 0;
};

// The gRPC surface of one proto service: binds each RPC to a member function of an implementation
// that knows nothing of gRPC. Authentication, roles, tenant, request id, deadline, metrics, trace
// and the single finish are done here for every method alike:
//
//   rpc::Service MakeTicketRpc(rpc::Host& host, TicketService& tickets) {
//     rpc::Service service(host, "frontdesk.ticket.v1.TicketService");
//     service.Unary(tickets, &TicketService::CreateTicket,
//                   {.name = "CreateTicket", .roles = rpc::kAgents, .mutation = true});
//     service.Unary(tickets, &TicketService::GetTicket,
//                   {.name = "GetTicket", .roles = rpc::kReaders});
//     return service;
//   }
//   void TicketService::CreateTicket(const rpc::Call&, const v1::CreateTicketRequest&,
//                                    v1::CreateTicketResponse*, rpc::Finish);
//
// The functions run on gRPC's two handler threads and must not block. Owned by the App, outlives
// the Server it is added to; the implementation outlives it. Mistakes in the table (unknown method,
// wrong types, no field to take the tenant from, a method left out) abort at start-up.
class Service {
 public:
  Service(Host& host, std::string_view full_name);
  ~Service();
  Service(Service&&) noexcept;

  template <class Impl, class Req, class Resp>
  Service& Unary(Impl& impl, void (Impl::*fn)(const Call&, const Req&, Resp*, Finish),
                 const MethodPolicy& policy) {
    class Typed final : public Exchange {
     public:
      Typed(Impl& impl, decltype(fn) fn) : impl_(impl), fn_(fn) {}
      google::protobuf::Message& request() override { return request_; }
      google::protobuf::Message& response() override { return response_; }
      void Run(const Call& call, Finish finish) override {
        (impl_.*fn_)(call, request_, &response_, std::move(finish));
      }

     private:
      Impl& impl_;
      decltype(fn) fn_;
      Req request_;
      Resp response_;
    };
    AddUnary(policy, Req::descriptor(), Resp::descriptor(),
             [&impl, fn] { return std::unique_ptr<Exchange>(new Typed(impl, fn)); });
    return *this;
  }

  // void TicketService::WatchTickets(const Call&, const Req&, StreamWriter<Event>);
  // The request dies when the function returns.
  template <class Impl, class Req, class Event>
  Service& ServerStream(Impl& impl, void (Impl::*fn)(const Call&, const Req&, StreamWriter<Event>),
                        const MethodPolicy& policy, const StreamOptions& options = {}) {
    class Typed final : public StreamExchange {
     public:
      Typed(Impl& impl, decltype(fn) fn) : impl_(impl), fn_(fn) {}
      google::protobuf::Message& request() override { return request_; }
      void Run(const Call& call, std::shared_ptr<StreamSink> sink) override {
        (impl_.*fn_)(call, request_, StreamWriter<Event>(std::move(sink)));
      }

     private:
      Impl& impl_;
      decltype(fn) fn_;
      Req request_;
    };
    AddStream(policy, Req::descriptor(), Event::descriptor(), options,
              [&impl, fn] { return std::unique_ptr<StreamExchange>(new Typed(impl, fn)); });
    return *this;
  }

  const std::string& full_name() const;  // "frontdesk.ticket.v1.TicketService"

  Host& host() const;

  // For Server: aborts when a method of the proto service was not bound.
  grpc::Service* Complete();

 private:
  using MakeExchange = std::function<std::unique_ptr<Exchange>()>;
  using MakeStreamExchange = std::function<std::unique_ptr<StreamExchange>()>;
  void AddUnary(const MethodPolicy& policy, const google::protobuf::Descriptor* request,
                const google::protobuf::Descriptor* response, MakeExchange make);
  void AddStream(const MethodPolicy& policy, const google::protobuf::Descriptor* request,
                 const google::protobuf::Descriptor* event, const StreamOptions& options,
                 MakeStreamExchange make);

  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace frontdesk::rpc
