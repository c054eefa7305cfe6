// metrics: the counters of the service, in Prometheus' text format (prometheus-cpp). Labels are channels, levels and
// outcomes: never people. Threads: any.
#pragma once
#include <memory>
#include <string>
#include <string_view>

namespace bot {

class Metrics {
 public:
  Metrics();
  ~Metrics();

  // What rises from nothing is seen to rise only where nothing was said before: the counters of a channel, from 0.
  void channel(std::string_view name);
  void update(std::string_view channel,
              std::string_view outcome);  // committed, duplicate, unsaved, spooled, failed, refused_401
  void finding(std::string_view level);   // crisis, danger
  void delivery(std::string_view channel, std::string_view outcome);  // delivered, retry, dead, unknown
  void timer(std::string_view outcome);
  void alarm(std::string_view outcome);  // sent, failed, acknowledged, heartbeat, no_heartbeat
  void gauge_outbox(double waiting, double oldest_seconds);
  void gauge_connections(double open);
  void gauge_spool(double left);
  void gauge_canary(bool well);
  void gauge_pack(bool loaded, bool store_healthy);
  [[nodiscard]] std::string text() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace bot
