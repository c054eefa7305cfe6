#include "bot/command_doctor.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

#include "adapters/call.hpp"
#include "adapters/registry.hpp"
#include "bot/command_backup.hpp"
#include "bot/command_channel.hpp"
#include "bot/command_rules.hpp"
#include "bot/config.hpp"
#include "bot/sqlite.hpp"
#include "bot/store_open.hpp"
#include "bot/vault.hpp"
#include "rules/pack.hpp"

namespace bot {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLittleDisk = std::uintmax_t{1} << 30, kNoDisk = std::uintmax_t{100} << 20;
constexpr std::int64_t kDay = 86'400, kOldBackup = 7 * kDay, kOldQueue = 15 * 60;
constexpr std::string_view kUnknown = "unknown";

class Doctor {
 public:
  explicit Doctor(const DoctorOptions& options) : options_(options) {}
  explicit Doctor(const Config& config) : config_(config) {}

  std::vector<DoctorFinding> look() {
    if (!configuration()) return std::move(seen_);
    words();
    clock();
    if (disk()) database();
    public_address();
    channels();
    people_on_call();
    backups();
    return std::move(seen_);
  }
  std::vector<DoctorFinding> glance(const rules::Directory& known) {
    directory(known);
    clock();
    disk();
    people_on_call();
    backups();
    return std::move(seen_);
  }

 private:
  void ok(std::string name, std::string what) { seen_.push_back({std::move(name), Health::ok, std::move(what), ""}); }
  void warn(std::string name, std::string what, std::string to_do) {
    seen_.push_back({std::move(name), Health::warn, std::move(what), std::move(to_do)});
  }
  void fail(std::string name, std::string what, std::string to_do) {
    seen_.push_back({std::move(name), Health::fail, std::move(what), std::move(to_do)});
  }

  static bool others_may_read(const fs::path& file) {
    struct stat s {};
    return ::stat(file.c_str(), &s) == 0 && (s.st_mode & (S_IRWXG | S_IRWXO)) != 0;
  }

  bool configuration() {
    std::string file = options_.config.empty() && fs::exists("steady.yaml") ? "steady.yaml" : options_.config;
    auto config = load_config(file);
    if (!config) {
      for (const auto& problem : config.error()) fail("configuration", problem.text(), "mend that line");
      return false;
    }
    config_ = std::move(*config);
    if (!options_.rules.empty()) config_.rules = options_.rules;
    bool secrets = std::any_of(config_.channels.begin(), config_.channels.end(),
                               [](const auto& channel) { return !channel.secrets.empty(); });
    if (secrets && !file.empty() && others_may_read(file)) {
      warn("configuration", file + " holds secrets and others may read it", "chmod 600 " + file);
    } else {
      ok("configuration",
         (file.empty() ? "none: the defaults" : file) + ", " + std::to_string(config_.channels.size()) + " channels");
    }
    return true;
  }

  void words() {
    auto folder = config_.rules.empty() ? rules_folder("") : config_.rules;
    auto pack = rules::load_pack(folder, false);
    if (!pack) {
      fail("words", pack.error().front().text() + " (" + std::to_string(pack.error().size()) + " problems)",
           "steady rules check says all; until then every message gets only the help lines");
      return;
    }
    ok("words", std::to_string((*pack)->detectors.size()) + " languages, version " + (*pack)->version);
    directory((*pack)->directory);
  }

  // Where help lines are said most: in the channels' countries; with none named, in all.
  void directory(const rules::Directory& directory) {
    std::size_t all = 0, undated = 0;
    std::set<std::string> ours;
    for (const auto& channel : config_.channels)
      if (const auto& code = channel.setting("country"); !code.empty()) ours.insert(code);
    for (const auto& [code, country] : directory.countries()) {
      if (!ours.empty() && !ours.contains(code)) continue;
      for (const auto& service : country.services) {
        ++all;
        undated += service.checked.empty() || service.checked == kUnknown ? 1U : 0U;
      }
    }
    if (undated > 0) {
      warn("directory", std::to_string(undated) + " of " + std::to_string(all) + " services carry no date of a check",
           "ring or open those of your country, and write the date as checked in " +
               (config_.rules.empty() ? rules_folder("") : config_.rules).string() + "/directory");
    } else {
      ok("directory", std::to_string(all) + " services, each with the date of its check");
    }
  }

  void clock() {
    timex state{};
    if (int known = ::adjtimex(&state); known < 0 || known == TIME_ERROR || (state.status & STA_UNSYNC) != 0) {
      warn("clock", "the system does not keep it in step with the world",
           "run systemd-timesyncd or chrony: signed webhooks and check-ins need the right time");
    } else {
      ok("clock", "in step");
    }
  }

  bool disk() {
    std::error_code ec;
    if (!fs::exists(config_.data, ec)) {
      warn("data", config_.data.string() + " is not there yet", "it is made at the first start");
      return false;
    }
    fs::path probe = config_.data / ".doctor";
    int file = ::open(probe.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
    bool kept = file >= 0 && ::write(file, "x", 1) == 1 && ::fsync(file) == 0;
    if (file >= 0) ::close(file);
    fs::remove(probe, ec);
    auto space = fs::space(config_.data, ec);
    std::string free = std::to_string(space.available >> 20) + " MB free in " + config_.data.string();
    if (!kept) {
      fail("data", config_.data.string() + " cannot be written to", "give the folder to the user that runs Steady");
    } else if (space.available < kNoDisk) {
      fail("data", free, "make room: what people write cannot be kept");
    } else if (space.available < kLittleDisk) {
      warn("data", free, "make room soon");
    } else {
      ok("data", free);
    }
    return kept;
  }

  void database() {
    if (!config_.store.empty()) {
      auto store = open_for_command(config_.store, config_.data);
      if (store == nullptr)
        return fail("database", "PostgreSQL does not let us in", "see the line above; is store right?");
      return ok("database", "PostgreSQL, and the master key opens it");
    }
    fs::path file = config_.data / "steady.db";
    if (!fs::exists(file)) return warn("database", "none yet", "it is made at the first start");
    try {
      SqliteDatabase db(file.string());
      auto text = [&](const char* sql) {
        SqliteStatement s(db.handle.get(), sql);
        return s.step() ? s.text(0) : std::string();
      };
      auto number = [&](const char* sql) { return std::atoll(text(sql).c_str()); };
      if (std::string whole = text("PRAGMA quick_check"); whole != "ok")
        return fail("database", whole, "stop the service, and steady restore the last backup");
      ok("database", std::to_string(number("SELECT count(*) FROM person WHERE channel NOT LIKE '.%'")) + " people");
      auto now = SystemEnvironment().now().time_since_epoch().count();
      std::int64_t oldest = number("SELECT min(created) FROM outbox"), dead = number("SELECT count(*) FROM dead");
      if (oldest > 0 && now - oldest > kOldQueue) {
        warn("outbox", "the oldest reply has waited " + std::to_string((now - oldest) / 60) + " minutes",
             "is the service running, and does steady channel check pass?");
      } else {
        ok("outbox", std::to_string(number("SELECT count(*) FROM outbox")) + " replies wait, " + std::to_string(dead) +
                         " were given up");
      }
      keys(db);
    } catch (const std::exception& e) {
      fail("database", e.what(), "is " + file.string() + " a database of Steady, and yours to write?");
    }
  }

  void keys(SqliteDatabase& db) {
    std::error_code ec;
    for (const auto& entry : fs::directory_iterator(config_.data / "keys", ec))
      if (others_may_read(entry.path()))
        return fail("keys", entry.path().string() + " can be read by others", "chmod 400 " + entry.path().string());
    auto sample = db.a_wrapped_key();
    if (!sample) return ok("keys", "nobody's yet");
    if (!fs::exists(config_.data / "keys" / "master") && std::getenv("CREDENTIALS_DIRECTORY") == nullptr)
      return fail("keys", "there is no master key, so nothing kept of people opens", "bring it back: steady restore");
    Vault vault(master_key(config_.data, SystemEnvironment()));
    if (!vault.ready() || !vault.unwrap(sample->second, identity_of("person", sample->first)))
      return fail("keys", "the master key does not open what is kept of people",
                  "bring back the keys that belong to this database: steady restore");
    ok("keys", "the master key opens what is kept");
  }

  void public_address() {
    bool page_only = std::all_of(config_.channels.begin(), config_.channels.end(),
                                 [](const auto& channel) { return channel.platform == "web"; });
    if (config_.public_url.empty() && page_only) return ok("public address", "none; the page is for this machine");
    if (config_.public_url.empty())
      return warn("public address", "none", "set public_url, or platforms cannot reach this machine");
    auto answer = call_once(adapters::get_call(config_.public_url + "/healthz", {}), false);
    if (answer.status == 200) return ok("public address", config_.public_url + " answers");
    fail("public address",
         config_.public_url + (answer.status == 0 ? " gives no answer" : " answers " + std::to_string(answer.status)),
         answer.status == 0 ? "look at its name (DNS), its certificate, and the proxy in front"
                            : "is the service running behind the proxy?");
  }

  void channels() {
    for (const auto& channel : config_.channels) {
      std::string problem = channel_trouble(channel);
      std::string name = "channel " + channel.name;
      if (problem.empty()) {
        ok(name, channel.platform);
      } else {
        fail(name, problem, "adapters/README.md says what " + channel.platform + " needs");
      }
    }
  }

  void people_on_call() {
    if (config_.alarms.routes.empty())
      return warn("people on call", "nobody is told when somebody is in danger", "alarms: in the configuration");
    ok("people on call",
       config_.alarms.operator_name + ", " + std::to_string(config_.alarms.routes.size()) + " routes");
    if (config_.alarms.heartbeat.empty())
      warn("heartbeat", "nobody outside notices when Steady is down", "alarms: {heartbeat: URL} of a checker");
  }

  void backups() {
    struct stat made {};
    if (!config_.store.empty())
      return warn("backups", "PostgreSQL has its own",
                  "pg_basebackup or pg_dump, every day; keep the master key elsewhere");
    if (::stat((config_.data / kLastBackup).c_str(), &made) != 0)
      return warn("backups", "none was made", "steady backup FILE --passphrase-file WORDS, every day, kept elsewhere");
    std::int64_t age = SystemEnvironment().now().time_since_epoch().count() - made.st_mtime;
    std::string days = "the last one is " + std::to_string(age / kDay) + " days old";
    if (age > kOldBackup) return warn("backups", days, "steady backup FILE --passphrase-file WORDS, every day");
    ok("backups", days);
  }

  DoctorOptions options_;
  Config config_;
  std::vector<DoctorFinding> seen_;
};

}  // namespace

std::vector<DoctorFinding> glance(const Config& config, const rules::Directory& directory) {
  return Doctor(config).glance(directory);
}

int doctor(const DoctorOptions& options) {
  auto seen = Doctor(options).look();
  Health gravest = Health::ok;
  nlohmann::ordered_json findings = nlohmann::ordered_json::array();
  for (const auto& s : seen) {
    gravest = std::max(gravest, s.state);
    std::string_view state = kHealth[static_cast<std::size_t>(s.state)];
    findings.push_back({{"name", s.name}, {"state", state}, {"seen", s.what}, {"do", s.to_do}});
    if (options.json) continue;
    std::cout << state << std::string(6 - state.size(), ' ') << s.name << ": " << s.what << "\n";
    if (!s.to_do.empty()) std::cout << "      " << s.to_do << "\n";
  }
  if (options.json)
    std::cout
        << nlohmann::ordered_json{{"findings", findings}, {"state", kHealth[static_cast<std::size_t>(gravest)]}}.dump()
        << "\n";
  return gravest == Health::fail ? 1 : 0;
}

}  // namespace bot
