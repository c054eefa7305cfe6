// `steady` as somebody at a terminal meets it: help that fits a screen, a version, wrong use told and answered with 2, completion
// that each shell itself accepts and answers with, a manual page that names every command.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binary, check, done } from "./lib.mjs";

const run = (command, args) => {
  const r = spawnSync(command, args, { encoding: "utf8" });
  return { code: r.status, out: r.stdout, err: r.stderr };
};
const steady = (...args) => run(binary, args);

// --- every command there is, by its own help
const commands = [];
const walk = (path) => {
  const help = steady(...path, "--help");
  check(help.code === 0, `${path.join(" ")} --help`);
  const lines = help.out.split("\n"), from = lines.indexOf("Subcommands:");
  check(lines.length <= 40, `the help of '${path.join(" ")}' fits a screen: ${lines.length} lines`);
  if (path.length) commands.push(path);
  for (const line of from < 0 ? [] : lines.slice(from + 1)) if (/^ {2}\S/.test(line)) walk([...path, line.trim().split(/\s/)[0]]);
};
walk([]);
check(commands.length > 20, "the commands are found: " + commands.length);
check(/^\d+\.\d+\.\d+\n$/.test(steady("--version").out), "a version");

// --- wrong use
for (const args of [[], ["chatt"], ["chat", "--taps", "seven"], ["rules"], ["person", "show"], ["serve", "--nonsense"]])
  check(steady(...args).code === 2 && steady(...args).err !== "", `'${args.join(" ")}' is wrong use, and that is said`);
check(steady("docter").err.includes("doctor"), "a slip of the finger is recognised: " + steady("docter").err);

// --- completion
const folder = mkdtempSync(join(tmpdir(), "steady-command-"));
const script = (shell) => {
  const file = join(folder, shell);
  writeFileSync(file, steady("completion", shell).out);
  return file;
};
const bash = (words) => run("bash", ["-c", `source ${script("bash")}; COMP_WORDS=(${words}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _steady; echo "\${COMPREPLY[@]}"`]).out.trim();
check(bash("steady person sh") === "show", "bash: a command of a command: " + bash("steady person sh"));
check(bash("steady --rules /somewhere rules mea") === "measure", "bash: after an option");
check(bash("steady doctor --") .split(" ").includes("--json"), "bash: options");
check(run("zsh", ["-n", script("zsh")]).code === 0, "zsh reads it");
const fish = (words) => run("fish", ["-c", `source ${script("fish")}; complete -C '${words}'`]);
check(fish("steady person sh").out.startsWith("show\t") && fish("steady person sh").err === "", "fish: a command of a command: " + fish("steady person sh").err);
check(fish("steady doctor --js").out.startsWith("--json\t"), "fish: options");

// --- the manual
const page = join(folder, "steady.1");
writeFileSync(page, steady("man").out);
const read = run("man", ["--warnings", "-l", page]);
check(read.code === 0 && read.err === "", "man finds nothing wrong: " + read.err);
const flat = read.out.replace(/.\x08/g, "");
for (const path of commands) check(flat.includes("steady " + path.join(" ")), "the manual names " + path.join(" "));

rmSync(folder, { recursive: true });
done("command");
