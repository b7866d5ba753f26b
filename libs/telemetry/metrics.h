#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/bounded_queue.h"

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace frontdesk::telemetry {

// Handles to one time series. Cheap to copy and to use from any thread; a default-constructed one
// does nothing, so that metrics stay optional. They must not be used after their Metrics is gone.
class Counter {
 public:
  Counter() = default;
  explicit Counter(prometheus::Counter* series) : series_(series) {}
  void Increment(double by = 1) const;
  double Value() const;

 private:
  prometheus::Counter* series_ = nullptr;
};

class Gauge {
 public:
  Gauge() = default;
  explicit Gauge(prometheus::Gauge* series) : series_(series) {}
  void Set(double value) const;
  void Add(double by) const;
  double Value() const;

 private:
  prometheus::Gauge* series_ = nullptr;
};

class Histogram {
 public:
  Histogram() = default;
  explicit Histogram(prometheus::Histogram* series) : series_(series) {}
  void Observe(double value) const;
  void Observe(absl::Duration duration) const;  // in seconds

 private:
  prometheus::Histogram* series_ = nullptr;
};

using Labels = std::vector<std::pair<std::string, std::string>>;
using Buckets = std::vector<double>;

// Seconds, 100 µs to 10 s.
const Buckets& LatencyBuckets();
// Counts of things taken together, 1 to 1024.
const Buckets& SizeBuckets();

// The metrics of a process. Owned by its App, passed by reference. Thread-safe. Getting a handle
// takes a lock and a look-up: get it once and keep it. A name has one kind, help and set of label
// names; the same name and labels give the same series. Past `max_series_per_family` label sets,
// further ones are counted together under the label value "other", so that no caller can grow the
// process by inventing labels. It does not serve anything: MetricsServer does.
class Metrics {
 public:
  struct Options {
    size_t max_series_per_family = 200;
    // On every series; for what tells processes apart.
    Labels constant_labels;
  };

  Metrics() : Metrics(Options{}) {}
  explicit Metrics(Options options);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  Counter GetCounter(const std::string& name, const std::string& help, const Labels& labels = {});
  Gauge GetGauge(const std::string& name, const std::string& help, const Labels& labels = {});
  Histogram GetHistogram(const std::string& name, const std::string& help,
                         const Labels& labels = {}, const Buckets& buckets = LatencyBuckets());

  // Called before each scrape, for gauges that are cheaper to compute when asked. Must not block.
  // Stays for the life of Metrics: what `hook` refers to must live as long.
  void BeforeScrape(std::function<void()> hook);

  // Everything, in the text format of Prometheus.
  std::string Text() const;

 private:
  friend class MetricsServer;
  struct Impl;
  const std::shared_ptr<Impl> impl_;
};

// Depth, waits and refusals of one queue as metrics: frontdesk_queue_depth, _wait_seconds and
// _rejected_total with the label queue=<name>.
class QueueMetrics : public QueueObserver {
 public:
  QueueMetrics(Metrics& metrics, const std::string& queue);
  void OnDepth(size_t depth) override;
  void OnRejected() override;
  void OnWaited(absl::Duration waited) override;

 private:
  const Gauge depth_;
  const Counter rejected_;
  const Histogram wait_;
};

// Serves /metrics over HTTP with two threads of its own, from Start until destroyed. Health is
// gRPC's matter. `metrics` must outlive it.
class MetricsServer {
 public:
  // `address` is host:port. UNAVAILABLE when it cannot be bound.
  static absl::StatusOr<std::unique_ptr<MetricsServer>> Start(const std::string& address,
                                                              Metrics& metrics);
  ~MetricsServer();
  MetricsServer(const MetricsServer&) = delete;
  MetricsServer& operator=(const MetricsServer&) = delete;

  // The port in use, also when 0 was asked for.
  int port() const;

 private:
  struct Impl;
  explicit MetricsServer(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace frontdesk::telemetry
