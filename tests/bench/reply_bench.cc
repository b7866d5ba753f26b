// From a customer's message to the bot's answer: chats over WebSocket against a running frontdeskd.
// Open loop: every message has its time on a fixed schedule, whatever became of the ones before it,
// and its latency counts from that time (no coordinated omission).
//
//   bench-reply --http=127.0.0.1:8080 [--rate=200] [--seconds=10] [--warmup=2] [--chats=400]
//               [--tenant=demo] [--account=web]
//
// Prints one line of JSON: sent, answered, rate, p50_ms, p99_ms, max_ms, behind_ms (how late this
// client itself was at worst). What is not answered 10 seconds after the end counts as unanswered.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <nlohmann/json.hpp>

namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using SteadyClock = std::chrono::steady_clock;
using Json = nlohmann::json;

constexpr std::array kQuestions = {
    "How do I cancel my order?",    "How do I change my delivery address?",
    "What are your working hours?", "How do I use a discount code?",
    "How do I delete my account?",  "怎么取消订单？",
    "How do I reset my password?",  "优惠券怎么使用？",
    "How do I return an item?",     "忘记密码怎么办？",
};
constexpr std::chrono::seconds kPatience{10};

// Of the whole run; one thread.
struct Figures {
  std::vector<double> latencies_ms;
  size_t sent = 0;
  size_t waiting = 0;
  double behind_ms = 0;
  bool broken = false;
};

// One customer in the chat. Answers come in the order of the questions.
class Chat {
 public:
  Chat(net::io_context& io, Figures& figures, int number)
      : figures_(figures), number_(number), socket_(io) {}

  // Connects and says hello, blocking.
  void Open(const std::string& host, const std::string& port, const std::string& target) {
    net::ip::tcp::resolver resolver(socket_.get_executor());
    net::connect(socket_.next_layer(), resolver.resolve(host, port));
    socket_.next_layer().set_option(net::ip::tcp::no_delay(true));
    socket_.handshake(host, target);
    socket_.text(true);
    socket_.write(net::buffer(std::string(R"({"type":"hello"})")));
    socket_.read(buffer_);
    const Json welcome = Json::parse(beast::buffers_to_string(buffer_.data()));
    buffer_.consume(buffer_.size());
    if (welcome.value("type", "") != "welcome") Fail(welcome.dump());
    Read();
  }

  void Ask(SteadyClock::time_point due, bool measured) {
    questions_.push_back({due, measured});
    ++figures_.waiting;
    if (measured) ++figures_.sent;
    const Json frame = {
        {"type", "message"},
        {"id", fmt::format("{}-{}", number_, ++asked_)},
        {"text", kQuestions[static_cast<size_t>(number_ + asked_) % kQuestions.size()]}};
    Send(frame.dump());
  }

 private:
  struct Question {
    SteadyClock::time_point due;
    bool measured;
  };

  void Fail(const std::string& why) {
    if (!figures_.broken) std::fprintf(stderr, "bench-reply: %s\n", why.c_str());
    figures_.broken = true;
  }

  void Read() {
    socket_.async_read(buffer_, [this](const boost::system::error_code& error, size_t) {
      if (error) return Fail(error.message());
      const auto now = SteadyClock::now();
      const std::string frame = beast::buffers_to_string(buffer_.data());
      buffer_.consume(buffer_.size());
      OnFrame(Json::parse(frame, nullptr, false), now);
      Read();
    });
  }

  void OnFrame(const Json& frame, SteadyClock::time_point now) {
    const std::string type = frame.value("type", "");
    if (type == "error") return Fail(frame.dump());
    if (type != "message" || frame.value("direction", "") != "outbound") return;
    if (frame.value("author", "") != "bot" || !frame.contains("citations")) {
      return Fail("not answered by the bot from an article: " + frame.dump());
    }
    Send(Json({{"type", "ack"}, {"seq", frame.value("seq", 0)}}).dump());  // as the chat page does
    if (questions_.empty()) return Fail("an answer to no question: " + frame.dump());
    const Question question = questions_.front();
    questions_.pop_front();
    --figures_.waiting;
    if (!question.measured) return;
    figures_.latencies_ms.push_back(
        std::chrono::duration<double, std::milli>(now - question.due).count());
  }

  void Send(std::string frame) {
    out_.push_back(std::move(frame));
    if (out_.size() == 1) Write();
  }

  void Write() {
    socket_.async_write(net::buffer(out_.front()),
                        [this](const boost::system::error_code& error, size_t) {
                          if (error) return Fail(error.message());
                          out_.pop_front();
                          if (!out_.empty()) Write();
                        });
  }

  Figures& figures_;
  const int number_;
  websocket::stream<net::ip::tcp::socket> socket_;
  beast::flat_buffer buffer_;
  std::deque<std::string> out_;
  std::deque<Question> questions_;
  int asked_ = 0;
};

// Sends the n-th message at start + n / rate.
class Schedule {
 public:
  Schedule(net::io_context& io, Figures& figures, std::vector<std::unique_ptr<Chat>>& chats,
           int rate, int warmup_seconds, int seconds)
      : io_(io),
        figures_(figures),
        chats_(chats),
        timer_(io),
        gap_(std::chrono::nanoseconds(1'000'000'000 / rate)),
        warmup_(static_cast<int64_t>(rate) * warmup_seconds),
        total_(warmup_ + static_cast<int64_t>(rate) * seconds),
        start_(SteadyClock::now()) {
    Next();
  }

 private:
  SteadyClock::time_point DueTime(int64_t n) const { return start_ + n * gap_; }

  void Next() {
    const auto due =
        sent_ < total_ ? DueTime(sent_) : SteadyClock::now() + std::chrono::milliseconds(10);
    timer_.expires_at(due);
    timer_.async_wait([this](const boost::system::error_code&) { Tick(); });
  }

  void Tick() {
    const auto now = SteadyClock::now();
    for (; sent_ < total_ && DueTime(sent_) <= now; ++sent_) {
      const double behind = std::chrono::duration<double, std::milli>(now - DueTime(sent_)).count();
      if (sent_ >= warmup_) figures_.behind_ms = std::max(figures_.behind_ms, behind);
      chats_[static_cast<size_t>(sent_) % chats_.size()]->Ask(DueTime(sent_), sent_ >= warmup_);
    }
    const bool done = sent_ == total_ && figures_.waiting == 0;
    if (done || figures_.broken || now > DueTime(total_) + kPatience) return io_.stop();
    Next();
  }

  net::io_context& io_;
  Figures& figures_;
  std::vector<std::unique_ptr<Chat>>& chats_;
  net::steady_timer timer_;
  const std::chrono::nanoseconds gap_;
  const int64_t warmup_;
  const int64_t total_;
  const SteadyClock::time_point start_;
  int64_t sent_ = 0;
};

int Print(Figures& figures, int seconds) {
  std::vector<double>& all = figures.latencies_ms;
  std::sort(all.begin(), all.end());
  const auto quantile = [&](double q) {
    return all.empty() ? 0.0 : all[static_cast<size_t>(q * static_cast<double>(all.size() - 1))];
  };
  fmt::print(
      "{{\"sent\":{},\"answered\":{},\"rate\":{:.1f},\"p50_ms\":{:.3f},\"p99_ms\":{:.3f},"
      "\"max_ms\":{:.3f},\"behind_ms\":{:.3f}}}\n",
      figures.sent, all.size(), static_cast<double>(all.size()) / seconds, quantile(0.5),
      quantile(0.99), quantile(1), figures.behind_ms);
  return figures.broken ? 1 : 0;
}

int Run(std::map<std::string, std::string>& options) {
  const std::string address = options["http"];
  const size_t colon = address.rfind(':');
  net::io_context io(1);
  Figures figures;
  std::vector<std::unique_ptr<Chat>> chats;
  for (int i = 0; i < std::stoi(options["chats"]); ++i) {
    chats.push_back(std::make_unique<Chat>(io, figures, i));
    chats.back()->Open(
        address.substr(0, colon), address.substr(colon + 1),
        fmt::format("/v1/chat?tenant={}&account={}", options["tenant"], options["account"]));
  }
  const int seconds = std::stoi(options["seconds"]);
  const Schedule schedule(io, figures, chats, std::stoi(options["rate"]),
                          std::stoi(options["warmup"]), seconds);
  io.run();
  return Print(figures, seconds);
}

}  // namespace

int main(int argc, char** argv) {
  std::map<std::string, std::string> options = {
      {"http", "127.0.0.1:8080"}, {"rate", "200"},    {"seconds", "10"}, {"warmup", "2"},
      {"chats", "400"},           {"tenant", "demo"}, {"account", "web"}};
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const size_t equals = argument.find('=');
    const std::string name = argument.substr(0, equals);
    if (!name.starts_with("--") || equals == std::string::npos ||
        options.count(name.substr(2)) == 0) {
      std::fprintf(stderr, "bench-reply: unknown argument %s\n", argument.c_str());
      return 2;
    }
    options[name.substr(2)] = argument.substr(equals + 1);
  }
  try {
    return Run(options);
  } catch (const std::exception& error) {  // of Boost and the JSON parser
    std::fprintf(stderr, "bench-reply: %s\n", error.what());
    return 1;
  }
}
