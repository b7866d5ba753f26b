#include <atomic>
#include <thread>

#include <fmt/core.h>

#include "absl/strings/match.h"
#include "frontdesk/channel/v1/channel_service.pb.h"
#include "frontdesk/knowledge/v1/knowledge_service.pb.h"
#include "services/channel/app.h"
#include "services/dialog/app.h"
#include "services/knowledge/pending_transcripts.h"
#include "services/knowledge/transcript_client.h"
#include "services/suite/local_transcripts.h"
#include "services/ticket/app.h"
#include "tests/component/fixture.h"

// Transcripts as knowledge gets them from the real dialog and ticket: by function calls in one
// process, and over gRPC.
namespace frontdesk::component {
namespace {

constexpr char kMia[] = "mia-token";
constexpr char kService[] = "service-token";
constexpr absl::Duration kPatience = absl::Seconds(20);

class NoAnswers final : public process::Answers {
 public:
  void Answer(const knowledge::v1::AnswerQuestionRequest&, absl::Duration, Done done) override {
    done(absl::UnavailableError("nobody is asked in this test"));
  }
};

// Channel's keys, as they are once a person was erased: the key is gone.
class ErasableKeys final : public process::DataKeys {
 public:
  void Get(std::string_view tenant, std::vector<std::string> customers, absl::Duration deadline,
           Done done) override {
    if (!erased) return inner->Get(tenant, std::move(customers), deadline, std::move(done));
    done(std::vector<Key>(customers.size()));
  }

  process::DataKeys* inner = nullptr;
  std::atomic<bool> erased{false};
};

// Channel, dialog and ticket in one process.
class Three final : public process::App {
 public:
  static absl::StatusOr<std::unique_ptr<process::App>> Open(const bus::AppDeps& deps,
                                                            rpc::Host* host, ErasableKeys& keys,
                                                            suite::LocalTranscripts& local) {
    auto three = std::make_unique<Three>();
    three->ring_ = text::KeyRing::InMemory(deps.random);
    channel::Config config;
    config.http_listen = "";
    three->channel_ = channel::App::Open(deps, config, *three->ring_, host).value();
    keys.inner = &three->channel_->data_keys();
    three->ticket_ = ticket::App::Open(deps, ticket::Config(), keys, host).value();
    three->dialog_ =
        dialog::App::Open(deps, dialog::Config(), keys, three->answers_, nullptr, host).value();
    local.Bind(three->dialog_->service(), three->ticket_->service());
    return three;
  }

  bus::ShardSet& shards() override { return channel_->shards(); }
  std::vector<rpc::Service*> rpc_services() override {
    std::vector<rpc::Service*> all;
    for (process::App* app : apps()) {
      for (rpc::Service* service : app->rpc_services()) all.push_back(service);
    }
    return all;
  }
  void LoadTenants(const rpc::TenantsFile& tenants,
                   absl::AnyInvocable<void(absl::Status)> done) override {
    channel_->LoadTenants(tenants, [this, tenants, done = std::move(done)](absl::Status) mutable {
      dialog_->LoadTenants(tenants, [this, tenants, done = std::move(done)](absl::Status) mutable {
        ticket_->LoadTenants(tenants, std::move(done));
      });
    });
  }
  void Start() override {
    for (process::App* app : apps()) app->Start();
  }
  void Stop(absl::Duration deadline) override {
    for (process::App* app : apps()) app->Stop(deadline);
  }

 private:
  std::vector<process::App*> apps() { return {channel_.get(), ticket_.get(), dialog_.get()}; }

  NoAnswers answers_;
  std::unique_ptr<text::KeyRing> ring_;
  std::unique_ptr<channel::App> channel_;
  std::unique_ptr<ticket::App> ticket_;
  std::unique_ptr<dialog::App> dialog_;
};

rpc::TenantsFile TenantsOfThree() {
  rpc::TenantsFile file = Tenants();
  file.platform_tokens.push_back({"suite", rpc::Role::kService, rpc::TokenSha256(kService)});
  rpc::TenantEntry& tenant = file.tenants[0];
  tenant.tokens.push_back({"mia", rpc::Role::kAgent, rpc::TokenSha256(kMia)});
  rpc::AgentEntry& mia = tenant.agents.emplace_back();
  mia.id = "mia";
  mia.display_name = "Mia";
  rpc::ChannelAccountEntry& account = tenant.channel_accounts.emplace_back();
  account.id = "api";
  account.kind = "open_api";
  account.display_name = "API";
  rpc::TenantEntry& other = file.tenants.emplace_back();
  other.id = "other";
  return file;
}

class World {
 public:
  World() {
    client_ = std::make_unique<knowledge::TranscriptClient>(*service_, *service_);
    remote = std::make_unique<process::TranscriptReader>(*client_, clock);
  }

  template <class Response>
  Response Must(const std::string& token, const std::string& method,
                const google::protobuf::Message& request) {
    const auto client = three_.Connect(token);
    rpc::Outgoing outgoing;
    outgoing.cap = kPatience;
    auto response = client->UnaryBlocking<Response>("/frontdesk." + method, outgoing, request);
    INFO(method << ": " << response.status().ToString());
    REQUIRE(response.ok());
    return *std::move(response);
  }
  // The conversation that begins with what Ada writes.
  dialog::v1::Conversation Write(const std::string& text) {
    channel::v1::IngestMessageRequest request;
    request.set_parent("tenants/acme/channelAccounts/api");
    request.set_channel_message_id("m-1");
    request.set_sender_id("ada");
    request.set_text(text);
    request.set_request_id("r-1");
    Must<channel::v1::IngestMessageResponse>(kChannel, "channel.v1.ChannelService/IngestMessage",
                                             request);
    const absl::Duration give_up_at = clock.Steady() + kPatience;
    dialog::v1::ListConversationsRequest list;
    list.set_parent("tenants/acme");
    list.set_state(dialog::v1::CONVERSATION_STATE_WAITING);
    while (true) {
      const auto found = Must<dialog::v1::ListConversationsResponse>(
          kMia, "dialog.v1.DialogService/ListConversations", list);
      if (found.conversations_size() > 0) return found.conversations(0);
      REQUIRE(clock.Steady() < give_up_at);
      // lint-allow(sleep): the poll interval of a loop with a deadline.
      absl::SleepFor(absl::Milliseconds(10));
    }
  }
  void Reply(const std::string& conversation, const std::string& text) {
    dialog::v1::TakeOverConversationRequest take;
    take.set_name(conversation);
    take.set_request_id("r-2");
    const auto taken = Must<dialog::v1::TakeOverConversationResponse>(
        kMia, "dialog.v1.DialogService/TakeOverConversation", take);
    dialog::v1::ReplyToConversationRequest reply;
    reply.set_name(conversation);
    reply.set_text(text);
    reply.set_speaker_token(taken.conversation().speaker_lease().token());
    reply.set_request_id("r-3");
    Must<dialog::v1::ReplyToConversationResponse>(
        kMia, "dialog.v1.DialogService/ReplyToConversation", reply);
  }
  std::string Ticket(const dialog::v1::Conversation& conversation) {
    ticket::v1::CreateTicketRequest create;
    create.set_parent("tenants/acme");
    create.set_subject("Lamp");
    create.set_description("Ada asks, 138 1234 5678");
    create.set_customer(conversation.customer());
    create.set_conversation(conversation.name());
    create.set_request_id("r-4");
    const std::string name =
        Must<ticket::v1::CreateTicketResponse>(kMia, "ticket.v1.TicketService/CreateTicket", create)
            .ticket()
            .name();
    ticket::v1::AddNoteRequest note;
    note.set_parent(name);
    note.set_text("Her button is stuck.");
    note.set_request_id("r-5");
    Must<ticket::v1::AddNoteResponse>(kMia, "ticket.v1.TicketService/AddNote", note);
    return name;
  }
  void Resolve(const std::string& ticket) {
    ticket::v1::ResolveTicketRequest resolve;
    resolve.set_name(ticket);
    resolve.set_resolution("A new button.");
    resolve.set_request_id("r-6");
    Must<ticket::v1::ResolveTicketResponse>(kMia, "ticket.v1.TicketService/ResolveTicket", resolve);
  }

  absl::StatusOr<process::Transcript> Get(process::Transcripts& transcripts,
                                          const std::string& source,
                                          absl::Duration deadline = absl::Seconds(10),
                                          const std::string& tenant = "acme") {
    std::promise<absl::StatusOr<process::Transcript>> got;
    transcripts.Get(tenant, source, deadline, [&](absl::StatusOr<process::Transcript> transcript) {
      got.set_value(std::move(transcript));
    });
    return got.get_future().get();
  }
  // "C" customer, "A" agent, "B" bot.
  std::string Said(process::Transcripts& transcripts, const std::string& source) {
    const auto transcript = Get(transcripts, source);
    INFO(transcript.status());
    REQUIRE(transcript.ok());
    std::string said;
    for (const auto& turn : transcript->turns) {
      said += fmt::format("{}:{} ", "CAB"[static_cast<int>(turn.author)], turn.text);
    }
    return said;
  }

  std::unique_ptr<rpc::Client> Connect(const std::string& token) { return three_.Connect(token); }

  ErasableKeys keys;
  SystemClock clock;
  SystemRandom random;
  telemetry::Metrics metrics;
  suite::LocalTranscripts local_peers{clock};
  process::TranscriptReader local{local_peers, clock};
  std::unique_ptr<process::TranscriptReader> remote;

 private:
  ServiceUnderTest three_{"",
                          [this](const bus::AppDeps& deps, rpc::Host* host) {
                            return Three::Open(deps, host, keys, local_peers);
                          },
                          TenantsOfThree()};
  std::unique_ptr<rpc::Client> service_ = three_.Connect(kService);
  std::unique_ptr<knowledge::TranscriptClient> client_;
};

TEST_CASE("transcripts: conversations and tickets, read in the process and over gRPC alike") {
  World world;
  const auto conversation = world.Write("Let me talk to a person, call 138 1234 5678");
  world.Reply(conversation.name(), "Press the button.");
  const std::string ticket = world.Ticket(conversation);
  for (process::TranscriptReader* transcripts : {&world.local, world.remote.get()}) {
    INFO((transcripts == &world.local ? "local" : "remote"));
    CHECK(world.Said(*transcripts, conversation.name()) ==
          "C:Let me talk to a person, call 138 1234 5678 A:Press the button. ");
    CHECK(world.Said(*transcripts, ticket) ==
          "C:Let me talk to a person, call 138 1234 5678 A:Press the button. "
          "C:Ada asks, 138 1234 5678 A:Her button is stuck. ");
    const auto open = world.Get(*transcripts, ticket);
    CHECK(open->subject == "Lamp");
    CHECK(open->source == ticket);
    CHECK(!open->resolved);

    // Another tenant's name, another tenant's reader, and what is nowhere.
    CHECK(absl::IsInvalidArgument(
        world.Get(*transcripts, conversation.name(), absl::Seconds(10), "other").status()));
    const std::string id = conversation.name().substr(conversation.name().rfind('/') + 1);
    CHECK(absl::IsNotFound(
        world.Get(*transcripts, "tenants/other/conversations/" + id, absl::Seconds(10), "other")
            .status()));
    CHECK(absl::IsNotFound(world.Get(*transcripts, "tenants/acme/conversations/nobody").status()));
    CHECK(absl::IsNotFound(world.Get(*transcripts, "tenants/acme/tickets/none").status()));
    CHECK(absl::IsDeadlineExceeded(
        world.Get(*transcripts, conversation.name(), absl::Nanoseconds(1)).status()));
  }
  world.Resolve(ticket);
  CHECK(world.Get(*world.remote, ticket)->resolved);
  CHECK(absl::StrContains(world.Said(world.local, ticket), "A:A new button. "));

  // Once Ada is erased nothing of hers can be read but what was masked.
  world.keys.erased = true;
  for (process::TranscriptReader* transcripts : {&world.local, world.remote.get()}) {
    CHECK(world.Said(*transcripts, conversation.name()) ==
          "C:Let me talk to a person, call [phone] A:Press the button. ");
    CHECK(!absl::StrContains(world.Said(*transcripts, ticket), "1234"));
  }
}

TEST_CASE("transcripts: a process that is not there is UNAVAILABLE, not the caller's fault") {
  World world;
  rpc::Client::Options options;
  options.target = "127.0.0.1:1";
  const auto nowhere =
      rpc::Client::Connect(std::move(options), world.clock, world.random, world.metrics);
  knowledge::TranscriptClient client(*nowhere, *nowhere);
  process::TranscriptReader reader(client, world.clock);
  const absl::Duration begin = world.clock.Steady();
  const absl::Status status =
      world.Get(reader, "tenants/acme/tickets/t1", absl::Seconds(2)).status();
  INFO(status);
  CHECK((absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status)));
  CHECK(world.clock.Steady() - begin < absl::Seconds(10));

  // Nor is it that the peer does not know our credential.
  const auto stranger = world.Connect("no such token");
  knowledge::TranscriptClient unknown(*stranger, *stranger);
  process::TranscriptReader refused(unknown, world.clock);
  CHECK(ReasonOf(world.Get(refused, "tenants/acme/tickets/t1").status()) ==
        "DEPENDENCY_UNAVAILABLE");
}

TEST_CASE("transcripts: closing waits for what was asked, and refuses what comes later") {
  struct Held final : process::Transcripts {
    void Get(std::string_view, std::string, absl::Duration, Done done) override {
      held.push_back(std::move(done));
    }
    std::vector<Done> held;
  } held;
  const SystemClock clock;
  knowledge::PendingTranscripts pending(held);
  std::atomic<int> replies{0};
  for (int i = 0; i < 2; ++i) {
    pending.Get("acme", "tenants/acme/tickets/t1", absl::Seconds(1),
                [&](absl::StatusOr<process::Transcript>) { ++replies; });
  }
  const absl::Duration begin = clock.Steady();
  std::thread late([&] {
    // lint-allow(sleep): the reply comes while Close waits for it.
    absl::SleepFor(absl::Milliseconds(50));
    held.held[0](process::Transcript());
    held.held.clear();  // the second one is dropped
  });
  pending.Close(kPatience);
  CHECK(clock.Steady() - begin >= absl::Milliseconds(50));
  CHECK(clock.Steady() - begin < kPatience);
  CHECK(replies == 1);
  late.join();
  absl::Status status;
  pending.Get("acme", "tenants/acme/tickets/t1", absl::Seconds(1),
              [&](absl::StatusOr<process::Transcript> reply) { status = reply.status(); });
  CHECK(ReasonOf(status) == "SHUTTING_DOWN");
}

}  // namespace
}  // namespace frontdesk::component
