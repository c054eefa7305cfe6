#include "bot/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <mutex>

namespace bot {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::Counter;
using prometheus::Family;

struct Metrics::Parts {
  prometheus::Registry registry;
  Family<Counter>& updates =
      BuildCounter().Name("steady_updates_total").Help("Updates taken from platforms, by outcome").Register(registry);
  Family<Counter>& findings =
      BuildCounter().Name("steady_findings_total").Help("Safety replies, by level").Register(registry);
  Family<Counter>& deliveries =
      BuildCounter().Name("steady_deliveries_total").Help("Outgoing messages, by outcome").Register(registry);
  Family<Counter>& alarms =
      BuildCounter().Name("steady_alarms_total").Help("Alarms to people on call, by outcome").Register(registry);
  Family<Counter>& timers =
      BuildCounter().Name("steady_timers_total").Help("Timers that ran out, by outcome").Register(registry);
  Family<prometheus::Gauge>& gauges = BuildGauge().Name("steady_state").Help("State of the service").Register(registry);
  prometheus::Gauge& waiting = gauges.Add({{"what", "outbox_waiting"}});
  prometheus::Gauge& oldest = gauges.Add({{"what", "outbox_oldest_seconds"}});
  prometheus::Gauge& connections = gauges.Add({{"what", "connections"}});
  prometheus::Gauge& canary = gauges.Add({{"what", "canary"}});
  prometheus::Gauge& spool = gauges.Add({{"what", "spool_waiting"}});
  prometheus::Gauge& pack = gauges.Add({{"what", "pack_loaded"}});
  prometheus::Gauge& store = gauges.Add({{"what", "store_healthy"}});

  // Family::Add hashes its labels under a lock: the counter of a pair is kept by a cheaper key.
  std::mutex mutex;
  std::map<std::string, Counter*, std::less<>> known;
  void count(Family<Counter>& family, const char* a, std::string_view x, const char* b, std::string_view y,
             double by = 1) {
    std::string key = std::string(a) + b + std::string(x) + "\n" + std::string(y) +
                      std::to_string(reinterpret_cast<std::uintptr_t>(&family));  // NOLINT: an identity
    std::lock_guard lock(mutex);
    auto it = known.find(key);
    if (it == known.end()) {
      prometheus::Labels labels{{a, std::string(x)}};
      if (b[0] != '\0') labels.emplace(b, std::string(y));
      it = known.emplace(std::move(key), &family.Add(labels)).first;
    }
    it->second->Increment(by);
  }
};

Metrics::Metrics() : parts_(std::make_unique<Parts>()) {
  for (const char* outcome : {"sent", "failed"}) parts_->count(parts_->alarms, "outcome", outcome, "", "", 0);
}
Metrics::~Metrics() = default;

void Metrics::channel(std::string_view name) {
  for (const char* outcome : {"delivered", "dead"})
    parts_->count(parts_->deliveries, "channel", name, "outcome", outcome, 0);
}

void Metrics::update(std::string_view channel, std::string_view outcome) {
  parts_->count(parts_->updates, "channel", channel, "outcome", outcome);
}
void Metrics::finding(std::string_view level) { parts_->count(parts_->findings, "level", level, "", ""); }
void Metrics::delivery(std::string_view channel, std::string_view outcome) {
  parts_->count(parts_->deliveries, "channel", channel, "outcome", outcome);
}
void Metrics::alarm(std::string_view outcome) { parts_->count(parts_->alarms, "outcome", outcome, "", ""); }
void Metrics::timer(std::string_view outcome) { parts_->count(parts_->timers, "outcome", outcome, "", ""); }
void Metrics::gauge_outbox(double waiting, double oldest_seconds) {
  parts_->waiting.Set(waiting);
  parts_->oldest.Set(oldest_seconds);
}
void Metrics::gauge_connections(double open) { parts_->connections.Set(open); }
void Metrics::gauge_canary(bool well) { parts_->canary.Set(well ? 1 : 0); }
void Metrics::gauge_spool(double left) { parts_->spool.Set(left); }
void Metrics::gauge_pack(bool loaded, bool store_healthy) {
  parts_->pack.Set(loaded ? 1 : 0);
  parts_->store.Set(store_healthy ? 1 : 0);
}
std::string Metrics::text() const { return prometheus::TextSerializer().Serialize(parts_->registry.Collect()); }

}  // namespace bot
