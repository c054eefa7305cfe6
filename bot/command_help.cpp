#include "bot/command_help.hpp"

#include <CLI/CLI.hpp>
#include <iostream>

namespace bot {
namespace {

struct Command {
  std::string path;  // "person show"; empty: steady itself
  const CLI::App* app;
};

void collect(const CLI::App& app, const std::string& path, std::vector<Command>& out) {
  out.push_back({path, &app});
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App* a) { return !a->get_group().empty(); }))
    collect(*sub, path + (path.empty() ? "" : " ") + sub->get_name(), out);
}

std::vector<Command> commands_of(const CLI::App& app) {
  std::vector<Command> out;
  collect(app, "", out);
  return out;
}

struct Offered {
  std::string word, what;
};

// What may come next: commands, then options; what is hidden from --help is hidden here.
std::vector<Offered> offered(const CLI::App& app) {
  std::vector<Offered> out;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App* a) { return !a->get_group().empty(); }))
    out.push_back({sub->get_name(), sub->get_description()});
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    for (const auto& name : option->get_lnames()) out.push_back({"--" + name, option->get_description()});
  }
  return out;
}

std::string escaped(const std::string& text, std::string_view what, std::string_view by) {
  std::string out;
  for (char c : text) out += what.find(c) == std::string_view::npos ? std::string(1, c) : std::string(by) + c;
  return out;
}
std::string quoted(const std::string& text) {  // for a shell, within '
  std::string out;
  for (char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out;
}

// The words that are commands so far, by which the line's place in the tree is known.
void print_bash(const std::vector<Command>& commands) {
  std::cout << "# bash completion of steady: source it, or put it into /usr/share/bash-completion/completions/steady\n"
               "_steady() {\n"
               "  local path= word i\n"
               "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
               "    word=${COMP_WORDS[i]}\n"
               "    case \"${path:+$path }$word\" in\n";
  for (const auto& c : commands)
    if (!c.path.empty()) std::cout << "      '" << c.path << "') path='" << c.path << "' ;;\n";
  std::cout << "    esac\n  done\n  local words=\n  case \"$path\" in\n";
  for (const auto& c : commands) {
    std::cout << "    '" << c.path << "') words='";
    for (const auto& o : offered(*c.app)) std::cout << o.word << " ";
    std::cout << "' ;;\n";
  }
  std::cout << "  esac\n"
               "  COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
               "}\n"
               "complete -o default -F _steady steady\n";
}

void print_zsh(const std::vector<Command>& commands) {
  std::cout << "#compdef steady\n"
               "_steady() {\n"
               "  local path_= word\n"
               "  local -a offered\n"
               "  for word in ${words[2,CURRENT-1]}; do\n"
               "    case \"${path_:+$path_ }$word\" in\n";
  for (const auto& c : commands)
    if (!c.path.empty()) std::cout << "      ('" << c.path << "') path_='" << c.path << "' ;;\n";
  std::cout << "    esac\n  done\n  case \"$path_\" in\n";
  for (const auto& c : commands) {
    std::cout << "    ('" << c.path << "') offered=(";
    for (const auto& o : offered(*c.app))
      std::cout << "'" << quoted(escaped(o.word, ":", "\\") + ":" + escaped(o.what, ":", "\\")) << "' ";
    std::cout << ") ;;\n";
  }
  std::cout << "  esac\n  _describe 'steady' offered || _files\n}\n"
               "if [[ $funcstack[1] == _steady ]]; then _steady \"$@\"; else compdef _steady steady; fi\n";
}

void print_fish(const std::vector<Command>& commands) {
  std::cout << "# fish completion of steady: into ~/.config/fish/completions/steady.fish\n"
               "function __steady_at\n"
               "  set -l path\n"
               "  for word in (commandline -opc)[2..-1]\n"
               "    switch (string join ' ' $path $word)\n";
  for (const auto& c : commands)
    if (!c.path.empty()) std::cout << "      case '" << c.path << "'\n        set path $path $word\n";
  std::cout << "    end\n  end\n  test \"$path\" = \"$argv\"\nend\n";
  for (const auto& c : commands)
    for (const auto& o : offered(*c.app)) {
      std::cout << "complete -c steady -n '__steady_at " << c.path << "' ";
      if (o.word.starts_with("--")) std::cout << "-l " << o.word.substr(2);
      else std::cout << "-f -a " << o.word;
      std::cout << " -d '" << escaped(o.what, "'\\", "\\") << "'\n";
    }
}

std::string troff(const std::string& text) {
  std::string out = escaped(text, "-", "\\");
  return out.starts_with('.') || out.starts_with('\'') ? "\\&" + out : out;
}

}  // namespace

int completion(const CLI::App& app, const std::string& shell) {
  auto commands = commands_of(app);
  if (shell == "bash") print_bash(commands);
  if (shell == "zsh") print_zsh(commands);
  if (shell == "fish") print_fish(commands);
  return 0;
}

int manual(const CLI::App& app) {
  std::cout << ".TH STEADY 1\n.SH NAME\nsteady \\- " << troff(app.get_description())
            << "\n.SH SYNOPSIS\n.B steady\n[\\-\\-rules FOLDER] COMMAND ...\n.SH COMMANDS\n";
  for (const auto& c : commands_of(app)) {
    if (c.path.empty()) continue;
    std::cout << ".SS steady " << troff(c.path);
    for (const CLI::Option* option : c.app->get_options())
      if (option->get_positional()) std::cout << " " << troff(option->get_name(true));
    std::cout << "\n" << troff(c.app->get_description()) << ".\n";
    for (const CLI::Option* option : c.app->get_options()) {
      if (option->get_group().empty() || option->get_positional() || option->get_lnames().empty()) continue;
      if (option->get_lnames()[0] == "help") continue;
      std::cout << ".TP\n.B " << troff("--" + option->get_lnames()[0]);
      if (option->get_items_expected_max() > 0)
        std::cout << " " << troff(option->get_type_name().substr(0, option->get_type_name().find(':')));
      std::cout << "\n" << troff(option->get_description()) << "\n";
    }
  }
  std::cout << ".SH EXIT STATUS\n"
               "0: all right; 1: something is wrong, and it was said; 2: wrong use, or a wrong configuration.\n"
               ".SH FILES\n.TP\n.I /etc/steady/steady.yaml\nthe configuration of the service\n"
               ".TP\n.I /var/lib/steady\nwhat is kept: steady.db, and in keys the keys that open it\n"
               ".SH ENVIRONMENT\n.TP\n.B STEADY_RULES\nfolder that holds packs/ and directory/\n"
               ".TP\n.B STEADY_PORT\nwhere the service listens when the configuration does not say\n"
               ".SH NOTES\nSteady is no therapy, no emergency service and no medical device.\n";
  return 0;
}

}  // namespace bot
