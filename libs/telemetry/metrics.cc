#include "libs/telemetry/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <exception>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <sstream>
#include <thread>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "libs/base/check.h"
#include "libs/base/error.h"
#include "libs/base/utf8.h"

namespace frontdesk::telemetry {
namespace {

constexpr size_t kMaxLabelBytes = 128;
constexpr std::string_view kOther = "other";

template <class T>
struct SeriesFamily {
  prometheus::Family<T>* family = nullptr;
  std::map<prometheus::Labels, T*> series;
};

using AnyFamily = std::variant<SeriesFamily<prometheus::Counter>, SeriesFamily<prometheus::Gauge>,
                               SeriesFamily<prometheus::Histogram>>;

// Bytes that are no UTF-8 would make the whole scrape unreadable.
prometheus::Labels Clean(const Labels& labels) {
  prometheus::Labels clean;
  for (const auto& [name, value] : labels) {
    clean[name] = IsValidUtf8(value) ? std::string(TruncateUtf8(value, kMaxLabelBytes)) : "invalid";
  }
  return clean;
}

template <class T>
prometheus::Family<T>& Register(prometheus::Registry& registry, const std::string& name,
                                const std::string& help, const prometheus::Labels& constant) {
  if constexpr (std::is_same_v<T, prometheus::Counter>) {
    return prometheus::BuildCounter().Name(name).Help(help).Labels(constant).Register(registry);
  } else if constexpr (std::is_same_v<T, prometheus::Gauge>) {
    return prometheus::BuildGauge().Name(name).Help(help).Labels(constant).Register(registry);
  } else {
    return prometheus::BuildHistogram().Name(name).Help(help).Labels(constant).Register(registry);
  }
}

}  // namespace

struct Metrics::Impl : public prometheus::Collectable {
  explicit Impl(Options from)
      : options(std::move(from)), constant_labels(Clean(options.constant_labels)) {}

  template <class T, class... Args>
  T* Series(const std::string& name, const std::string& help, const Labels& labels,
            const Args&... args) {
    std::lock_guard lock(mu);
    // Names are written in the code, so a wrong one is a broken build, not a condition to handle.
    try {
      auto found = families.find(name);
      if (found == families.end()) {
        SeriesFamily<T> family;
        family.family = &Register<T>(registry, name, help, constant_labels);
        found = families.emplace(name, std::move(family)).first;
      }
      auto* family = std::get_if<SeriesFamily<T>>(&found->second);
      FD_CHECK(family != nullptr, "metric {} is already there as another kind", name);
      return SeriesOf(*family, Clean(labels), args...);
    } catch (const std::exception& error) {
      FD_CHECK(false, "metric {}: {}", name, error.what());
    }
  }

  template <class T, class... Args>
  T* SeriesOf(SeriesFamily<T>& family, prometheus::Labels labels, const Args&... args) {
    auto found = family.series.find(labels);
    if (found == family.series.end() && family.series.size() >= options.max_series_per_family) {
      for (auto& [name, value] : labels) value = kOther;
      found = family.series.find(labels);
    }
    if (found != family.series.end()) return found->second;
    T* series = &family.family->Add(labels, args...);
    family.series.emplace(std::move(labels), series);
    return series;
  }

  std::vector<prometheus::MetricFamily> Collect() const override {
    std::vector<std::function<void()>> to_call;
    {
      std::lock_guard lock(mu);
      to_call = hooks;
    }
    // Without the lock: a hook may well ask for a handle.
    for (const auto& hook : to_call) hook();
    return registry.Collect();
  }

  const Options options;
  const prometheus::Labels constant_labels;
  prometheus::Registry registry;

  mutable std::mutex mu;
  std::unordered_map<std::string, AnyFamily> families;  // guarded by mu
  std::vector<std::function<void()>> hooks;             // guarded by mu
};

void Counter::Increment(double by) const {
  if (series_ != nullptr) series_->Increment(by);
}

double Counter::Value() const { return series_ != nullptr ? series_->Value() : 0; }

void Gauge::Set(double value) const {
  if (series_ != nullptr) series_->Set(value);
}

void Gauge::Add(double by) const {
  if (series_ != nullptr) series_->Increment(by);
}

double Gauge::Value() const { return series_ != nullptr ? series_->Value() : 0; }

void Histogram::Observe(double value) const {
  if (series_ != nullptr) series_->Observe(value);
}

void Histogram::Observe(absl::Duration duration) const { Observe(absl::ToDoubleSeconds(duration)); }

const Buckets& LatencyBuckets() {
  static const Buckets& buckets =
      *new Buckets{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                   0.05,   0.1,     0.25,   0.5,   1,      2.5,   5,    10};
  return buckets;
}

const Buckets& SizeBuckets() {
  static const Buckets& buckets = *new Buckets{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};
  return buckets;
}

Metrics::Metrics(Options options) : impl_(std::make_shared<Impl>(std::move(options))) {}

Metrics::~Metrics() = default;

Counter Metrics::GetCounter(const std::string& name, const std::string& help,
                            const Labels& labels) {
  return Counter(impl_->Series<prometheus::Counter>(name, help, labels));
}

Gauge Metrics::GetGauge(const std::string& name, const std::string& help, const Labels& labels) {
  return Gauge(impl_->Series<prometheus::Gauge>(name, help, labels));
}

Histogram Metrics::GetHistogram(const std::string& name, const std::string& help,
                                const Labels& labels, const Buckets& buckets) {
  return Histogram(impl_->Series<prometheus::Histogram>(name, help, labels, buckets));
}

void Metrics::BeforeScrape(std::function<void()> hook) {
  std::lock_guard lock(impl_->mu);
  impl_->hooks.push_back(std::move(hook));
}

std::string Metrics::Text() const {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, impl_->Collect());
  return out.str();
}

QueueMetrics::QueueMetrics(Metrics& metrics, const std::string& queue)
    : depth_(metrics.GetGauge("frontdesk_queue_depth", "Items waiting in a queue.",
                              {{"queue", queue}})),
      rejected_(metrics.GetCounter("frontdesk_queue_rejected_total",
                                   "Items refused because a queue was full or closed.",
                                   {{"queue", queue}})),
      wait_(metrics.GetHistogram("frontdesk_queue_wait_seconds",
                                 "How long items waited in a queue.", {{"queue", queue}})) {}

void QueueMetrics::OnDepth(size_t depth) { depth_.Set(static_cast<double>(depth)); }

void QueueMetrics::OnRejected() { rejected_.Increment(); }

void QueueMetrics::OnWaited(absl::Duration waited) { wait_.Observe(waited); }

namespace {

// Connects and hangs up.
void Knock(std::string host, int port) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  addrinfo hints = {};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* address = nullptr;
  if (getaddrinfo(host.empty() ? nullptr : host.c_str(), std::to_string(port).c_str(), &hints,
                  &address) != 0) {
    return;
  }
  const int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd >= 0) {
    // Whether it comes through does not matter: it is tried again.
    (void)connect(fd, address->ai_addr, address->ai_addrlen);
    close(fd);
  }
  freeaddrinfo(address);
}

}  // namespace

struct MetricsServer::Impl {
  Impl(std::string host, std::vector<std::string> options)
      : host(std::move(host)), exposer(std::in_place, std::move(options)) {}
  const std::string host;
  std::optional<prometheus::Exposer> exposer;
};

absl::StatusOr<std::unique_ptr<MetricsServer>> MetricsServer::Start(const std::string& address,
                                                                    Metrics& metrics) {
  // The HTTP server takes addresses, no names.
  std::string bind = address;
  if (bind.rfind("localhost:", 0) == 0) bind.replace(0, 9, "127.0.0.1");
  try {
    const size_t colon = bind.rfind(':');
    auto impl =
        std::make_unique<Impl>(colon == std::string::npos ? "" : bind.substr(0, colon),
                               std::vector<std::string>{"listening_ports", bind, "num_threads", "2",
                                                        "request_timeout_ms", "5000"});
    impl->exposer->RegisterCollectable(metrics.impl_);
    return std::unique_ptr<MetricsServer>(new MetricsServer(std::move(impl)));
  } catch (const std::exception& error) {
    return Error(absl::StatusCode::kUnavailable, reason::kAddressInUse,
                 fmt::format("cannot serve metrics on {}: {}", address, error.what()));
  }
}

MetricsServer::MetricsServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

MetricsServer::~MetricsServer() {
  // The HTTP server's thread looks every two seconds whether it shall stop, and when somebody
  // connects; no option of it changes that. Nobody's SIGTERM should wait so long.
  const int listening = port();
  std::promise<void> closed;
  std::future<void> done = closed.get_future();
  std::thread closing([this, &closed] {
    impl_->exposer.reset();
    closed.set_value();
  });
  do {
    Knock(impl_->host, listening);
  } while (done.wait_for(std::chrono::milliseconds(10)) != std::future_status::ready);
  closing.join();
}

int MetricsServer::port() const {
  const std::vector<int> ports = impl_->exposer->GetListeningPorts();
  return ports.empty() ? 0 : ports.front();
}

}  // namespace frontdesk::telemetry
