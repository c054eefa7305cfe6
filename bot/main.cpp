// steady: argv -> serve | chat | doctor | desk | channel | person | keys | backup | restore | store | audit | report |
// simulate | rules | completion | man.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "bot/app.hpp"
#include "bot/command_audit.hpp"
#include "bot/command_backup.hpp"
#include "bot/command_channel.hpp"
#include "bot/command_chat.hpp"
#include "bot/command_desk.hpp"
#include "bot/command_doctor.hpp"
#include "bot/command_help.hpp"
#include "bot/command_keys.hpp"
#include "bot/command_measure.hpp"
#include "bot/command_person.hpp"
#include "bot/command_rules.hpp"
#include "bot/command_simulate.hpp"
#include "bot/command_store.hpp"
#include "bot/command_train.hpp"
#include "rules/yaml.hpp"

namespace {
constexpr int kWrongUse = 2;
}

int main(int argc, char** argv) {
  CLI::App app{"Steady: a companion for the moment closeness alarms fire"};
  app.require_subcommand(1);
  app.set_version_flag("--version", STEADY_VERSION);
  std::string rules_option;
  app.add_option("--rules", rules_option, "folder that holds packs/ and directory/");
  int status = 0;

  std::string config_file;
  auto* serve = app.add_subcommand("serve", "run the service");
  serve->add_option("--config", config_file, "YAML file; without it: the chat page on 127.0.0.1:8080, data in ./data");
  std::string clock_file;
  serve->add_option("--clock-file", clock_file, "tests only: seconds to add to the clock")->group("");
  serve->callback([&] {
    auto config = bot::load_config(config_file);
    if (!config) {
      for (const auto& problem : config.error()) std::cerr << problem.text() << "\n";
      status = 2;
      return;
    }
    config->clock_file = clock_file;
    if (!rules_option.empty()) config->rules = rules_option;
    status = bot::serve(*config);
  });

  bot::ChatOptions options;
  auto* chat = app.add_subcommand("chat", "talk to Steady in this terminal; with --json for programs");
  chat->add_flag("--json", options.json, "one JSON object a line on standard input and output");
  chat->add_option("--contact", options.contact, "whose conversation");
  chat->add_option("--data", options.data, "folder of the database");
  chat->add_option("--now", options.now, "start of the simulated clock, ISO 8601");
  chat->add_option("--country", options.country, "ISO 3166 code, for the help lines");
  chat->add_option("--language", options.language, "es, de, ...; without it the first words tell");
  chat->add_option("--taps", options.taps, "rich, three or none")->check(CLI::IsMember({"rich", "three", "none"}));
  chat->add_flag("!--no-typing", options.typing, "show replies at once");
  chat->callback([&] {
    options.rules = bot::rules_folder(rules_option);
    status = bot::chat(options);
  });

  bot::SimulateOptions imagined;
  auto* simulate =
      app.add_subcommand("simulate", "random but plausible people against the engine; says what is broken");
  simulate->add_option("--people", imagined.people, "how many")->check(CLI::Range(1, 1'000'000));
  simulate->add_option("--days", imagined.days, "how long they write")->check(CLI::Range(1, 3650));
  simulate->add_option("--seed", imagined.seed, "the same seed prints the same");
  simulate->callback([&] {
    imagined.rules = bot::rules_folder(rules_option);
    status = bot::simulate(imagined);
  });

  bot::ChannelOptions channel;
  std::vector<std::string> values;
  auto* channels = app.add_subcommand("channel", "connect chat platforms: add, check, list");
  channels->require_subcommand(1);
  channels->add_option("--config", channel.config, "YAML file; steady.yaml without it");
  auto* channel_add = channels->add_subcommand("add", "ask for what a platform needs, check it, write it down");
  channel_add->add_option("platform", channel.platform)->required();
  channel_add->add_option("--name", channel.name, "of the channel; the platform's without it");
  channel_add->add_option("--set", values, "KEY=VALUE: not asked for; may be given several times");
  channel_add->callback([&] {
    for (const auto& v : values)
      channel.values[v.substr(0, v.find('='))] = v.substr(std::min(v.find('='), v.size() - 1) + 1);
    status = bot::channel_add(channel);
  });
  auto* channel_check = channels->add_subcommand("check", "ask each platform whether it knows us");
  channel_check->add_option("name", channel.name, "one channel only");
  channel_check->callback([&] { status = bot::channel_check(channel); });
  channels->add_subcommand("list", "what came and went")->callback([&] { status = bot::channel_list(channel); });

  bot::DoctorOptions visit;
  auto* doctor = app.add_subcommand("doctor", "whether everything it needs is there: keys, clock, channels, copies");
  doctor->add_option("--config", visit.config, "YAML file; steady.yaml without it, if there is one");
  doctor->add_flag("--json", visit.json, "the findings, for programs");
  doctor->callback([&] {
    visit.rules = rules_option;
    status = bot::doctor(visit);
  });

  bot::DeskOptions sits;
  auto* desk = app.add_subcommand("desk", "the operator's desk: invite");
  desk->require_subcommand(1);
  auto* invites = desk->add_subcommand("invite", "a code that makes an account, e.g. when an owner's phone is lost");
  invites->add_option("--role", sits.role, "owner, carer, author or auditor");
  invites->add_option("--data", sits.data, "folder of the database");
  invites->add_option("--store", sits.store, "postgres://..., where it is not SQLite");
  invites->callback([&] { status = bot::desk_invite(sits); });

  bot::PersonOptions person;
  auto* people = app.add_subcommand("person", "what is kept of one person: show, export, trajectory, forget");
  people->require_subcommand(1);
  people->add_option("--data", person.data, "folder of the database");
  people->add_option("--store", person.store, "postgres://..., where it is not SQLite");
  auto of_whom = [&](const char* name, const char* what, int (*command)(const bot::PersonOptions&)) {
    auto* sub = people->add_subcommand(name, what)->fallthrough();
    sub->add_option("channel", person.channel, "name of the channel; terminal for `steady chat`")->required();
    sub->add_option("contact", person.contact, "their address on it")->required();
    sub->callback([&, command] {
      person.rules = bot::rules_folder(rules_option);
      status = command(person);
    });
    return sub;
  };
  of_whom("show", "readable, one fact a line", &bot::person_show);
  of_whom("export", "all of it, as JSON", &bot::person_export);
  auto* all = people->add_subcommand("export-all", "everybody on a channel, one JSON object a line")->fallthrough();
  all->add_option("channel", person.channel)->required();
  all->callback([&] { status = bot::person_export_all(person); });
  of_whom("forget", "erase, but for a safety note while risk stands", &bot::person_forget)
      ->add_flag("--yes", person.sure, "without asking");
  auto* trajectory = of_whom("trajectory", "the five measures of their months, as JSON", &bot::person_trajectory);
  trajectory->add_option("--png", person.png, "also write the picture into this file");
  trajectory->add_option("--svg", person.svg, "also write the picture into this file");
  trajectory->add_option("--now", person.now, "as of then, ISO 8601");

  std::filesystem::path keys_data = "data";
  auto* keys = app.add_subcommand("keys", "the master key, under which people's keys are kept");
  keys->require_subcommand(1);
  keys->add_option("--data", keys_data, "folder of the database");
  keys->add_subcommand("rotate", "a new one; stop the service first")->fallthrough()->callback([&] {
    status = bot::keys_rotate(keys_data);
  });

  bot::BackupOptions copied;
  auto copying = [&](const char* name, const char* what, int (*command)(const bot::BackupOptions&)) {
    auto* sub = app.add_subcommand(name, what);
    sub->add_option("file", copied.file)->required();
    sub->add_option("--data", copied.data, "folder of the database");
    sub->add_option("--passphrase-file", copied.passphrase_file, "its first line opens the file");
    sub->callback([&, command] { status = command(copied); });
  };
  copying("backup", "the database and its keys in one encrypted file, while the service runs", &bot::backup);
  copying("restore", "what a backup holds, into an empty folder", &bot::restore);

  bot::StoreCopyOptions copies;
  auto* stores = app.add_subcommand("store", "the databases: copy");
  stores->require_subcommand(1);
  auto* copying_all =
      stores->add_subcommand("copy", "all of it from SQLite to PostgreSQL or back, the service stopped");
  copying_all->add_option("from", copies.from, "a data folder, or postgres://...")->required();
  copying_all->add_option("to", copies.to, "the other; nobody may be kept there")->required();
  copying_all->callback([&] { status = bot::store_copy(copies); });

  bot::AuditOptions audit;
  auto* trail = app.add_subcommand("audit", "what was done that somebody may have to answer for");
  trail->require_subcommand(1);
  trail->add_option("--data", audit.data, "folder of the database");
  trail->add_option("--store", audit.store, "postgres://..., where it is not SQLite");
  trail->add_subcommand("verify", "whether the trail is as it was written")->fallthrough()->callback([&] {
    status = bot::audit_verify(audit);
  });
  trail->add_subcommand("list", "the trail, one JSON object a line")->fallthrough()->callback([&] {
    status = bot::audit_list(audit);
  });
  auto* report =
      app.add_subcommand("report", "a year in counts, and the protocol: what the law asks of companion bots");
  report->add_option("--data", audit.data, "folder of the database");
  report->add_option("--store", audit.store, "postgres://..., where it is not SQLite");
  report->add_option("--year", audit.year, "this one without it")->check(CLI::Range(2020, 9999));
  report->add_flag("--json", audit.json, "the counts, for programs");
  report->callback([&] { status = bot::report(audit); });

  auto* rules = app.add_subcommand("rules", "check, read and explain packs");
  rules->require_subcommand(1);
  std::vector<std::string> files;
  auto* check = rules->add_subcommand("check", "load the packs, run their examples, print the verdict");
  check->add_option("files", files, "an author's files, checked in place of the installed ones of the same name");
  check->callback([&] { status = bot::rules_check(bot::rules_folder(rules_option), files); });
  auto* read = rules->add_subcommand("read", "label messages from standard input, one JSON object a line");
  bool json = true;
  read->add_flag("--json", json, "the only format; accepted for clarity");
  read->callback([&] { status = bot::rules_read(bot::rules_folder(rules_option)); });
  std::string text, language = "en";
  auto* explain = rules->add_subcommand("explain", "what was read in a message, by which phrase of which line");
  explain->add_option("text", text)->required();
  explain->add_option("--language", language);
  explain->callback([&] { status = bot::rules_explain(bot::rules_folder(rules_option), text, language); });

  auto* texts = rules->add_subcommand("texts", "what the guides say and a language does not, for its translator");
  texts->add_option("--language", language)->required();
  texts->callback([&] { status = bot::rules_texts(bot::rules_folder(rules_option), language); });

  std::vector<std::string> corpora;
  auto* train = rules->add_subcommand("train", "make a language's second reader from labelled messages");
  train->add_option("corpora", corpora, "files of labelled messages, or folders of them")->required();
  train->add_option("--language", language);
  train->callback([&] { status = bot::rules_train(bot::rules_folder(rules_option), language, corpora); });

  auto* measure = rules->add_subcommand("measure", "what the packs find in labelled messages");
  measure->add_option("corpora", corpora, "files of labelled messages, or folders of them")->required();
  bot::Part part = bot::Part::all;
  measure->add_option("--part", part, "held-out (the fifth that nobody tunes on), tuned or all")
      ->transform(CLI::CheckedTransformer(std::map<std::string, bot::Part>{
          {"held-out", bot::Part::held_out}, {"tuned", bot::Part::tuned}, {"all", bot::Part::all}}));
  measure->callback([&] { status = bot::rules_measure(bot::rules_folder(rules_option), corpora, part); });

  std::string shell;
  auto* completed = app.add_subcommand("completion", "a script that completes these commands in bash, zsh or fish");
  completed->add_option("shell", shell)->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  completed->callback([&] { status = bot::completion(app, shell); });
  app.add_subcommand("man", "the manual page")->callback([&] { status = bot::manual(app); });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e);  // --help
    std::vector<std::string> known;
    for (const auto* sub : app.get_subcommands([](const CLI::App*) { return true; })) known.push_back(sub->get_name());
    std::string first = argc > 1 ? argv[1] : "-";
    if (first[0] != '-' && std::find(known.begin(), known.end(), first) == known.end()) {
      std::cerr << "there is no command '" << first << "'; " << rules::suggest(first, known) << "\n";
    } else {
      app.exit(e);
    }
    return kWrongUse;
  } catch (const std::exception& e) {  // of a file that a command was given: where and what
    std::cerr << e.what() << "\n";
    return 1;
  }
  return status;
}
