// `steady person`: what an operator can say of somebody, and undo: show, export, trajectory with its picture, forget.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binary, check, done } from "./lib.mjs";

const data = mkdtempSync(join(tmpdir(), "steady-person-"));
const say = (lines, now) => execFileSync(binary, ["chat", "--json", "--contact", "ana", "--data", data, "--country", "US", "--now", now], { input: lines.map((l) => JSON.stringify(l)).join("\n") + "\n", encoding: "utf8" });
const person = (command, ...extra) => spawnSync(binary, ["person", command, "terminal", "ana", "--data", data, ...extra], { encoding: "utf8", input: "" });

let out = person("show");
check(out.status === 1 && out.stderr.includes("no database at") && out.stderr.includes("--data"), "without a database it says where it looked: " + out.stderr);
check(say([{ text: "he left me on read" }], "2026-05-10T06:11:00Z").includes('"say"'), "a conversation was had");
const moments = [...Array(7).keys()].map((day) => {  // a week of them, as the rules keep them
  const opened = Date.parse("2026-05-03T15:00:00Z") / 1000 + day * 86400;
  return { opened, closed: opened + 7200, acted: day % 2 ? "none" : "yes", outcome: "steady", peak: 8, points: [[opened, 8], [opened + 1800, 2]] };
});
const plain = { ...JSON.parse(person("export").stdout).kept, consent: "yes", episodes: moments };
const raw = execFileSync("sqlite3", [join(data, "steady.db"), "SELECT hex(state) || hex(key) FROM person"], { encoding: "utf8" });
check(!Buffer.from(raw.trim(), "hex").includes("America"), "what is kept is sealed");
execFileSync("sqlite3", [join(data, "steady.db"), `UPDATE person SET key = NULL, state = '${JSON.stringify(plain)}'`]);  // as before there was a vault
out = person("show");
check(out.status === 0 && out.stdout.includes("time zone: America/New_York"), "show: one fact a line: " + out.stdout);
out = person("export");
const kept = JSON.parse(out.stdout);
check(kept.contact === "ana" && kept.kept.format === 1 && kept.kept.country === "US", "export: all of it, as JSON");
check(!out.stdout.includes("on read"), "no words of the person's messages are in it");

const png = join(data, "months.png"), svg = join(data, "months.svg");
out = person("trajectory", "--now", "2026-05-18T12:00:00Z", "--png", png, "--svg", svg);
const t = JSON.parse(out.stdout);
check(out.status === 0 && t.moments === 7 && t.since === "2026-05-03T15:00:00Z", "trajectory: how many moments: " + out.stdout + out.stderr);
check(t.gap.of === 7 && t.gap.before_acting === 3 && t.total.median === 8 && t.pass.median_minutes === 15, "and what they show");
for (const name of ["easily", "total", "pass", "repair", "gap"]) check(["few", "same", "early_better", "better", "worse"].includes(t[name].direction), `trajectory: ${name} has a direction`);
check(readFileSync(png).subarray(1, 4).toString() === "PNG" && readFileSync(svg, "utf8").includes("</svg>"), "and the picture, twice");
out = person("trajectory", "--now", "soon");
check(out.status === 2 && out.stderr.includes("2026-"), "a wrong --now shows a right one");
out = person("trajectory", "--png", join(data, "no", "such", "folder.png"));
check(out.status === 1 && out.stderr.includes("cannot be written"), "a file that cannot be written is said");

out = spawnSync(binary, ["person", "show", "terminal", "nobody", "--data", data], { encoding: "utf8" });
check(out.status === 1 && out.stderr.includes("nobody is known as nobody"), "an unknown person is said: " + out.stderr);
check(person("export-all").status === 2 || spawnSync(binary, ["person", "export-all", "terminal", "--data", data], { encoding: "utf8" }).stdout.includes('"contact":"ana"'), "everybody on a channel");
say([{ text: "menu" }], "2026-05-18T13:00:00Z");  // and so it is sealed again
const keys = (...args) => spawnSync(binary, ["keys", "rotate", "--data", data, ...args], { encoding: "utf8" });
const master = readFileSync(join(data, "keys", "master"), "utf8");
out = keys();
check(out.status === 0 && out.stdout.includes("1 people's keys") && readFileSync(join(data, "keys", "master"), "utf8") !== master, "rotated: " + out.stdout + out.stderr);
check(JSON.parse(person("export").stdout).kept.country === "US", "with the new master key all opens");
writeFileSync(join(data, "keys", "master.next"), "begun-and-never-used");
check(JSON.parse(person("export").stdout).kept.country === "US" && !existsSync(join(data, "keys", "master.next")), "a rotation that was cut off before it counted is undone");
renameSync(join(data, "keys", "master"), join(data, "keys", "master.next"));
writeFileSync(join(data, "keys", "master"), "the-old-one-when-it-was-killed");
check(JSON.parse(person("export").stdout).kept.country === "US", "one that was cut off after it counted is brought to its end");
writeFileSync(join(data, "keys", "wrong"), "another");
renameSync(join(data, "keys", "master"), join(data, "keys", "kept"));
renameSync(join(data, "keys", "wrong"), join(data, "keys", "master"));
out = keys();
check(out.status === 1 && out.stderr.includes("does not open with the present master key"), "with the wrong key nothing is rotated: " + out.stderr);
renameSync(join(data, "keys", "kept"), join(data, "keys", "master"));
check(JSON.parse(person("export").stdout).kept.country === "US", "and nothing is lost by it");

const copy = (...args) => spawnSync(binary, args, { encoding: "utf8" });
const words = join(data, "words"), saved = join(data, "one.backup"), again = join(data, "again");
writeFileSync(words, "a passphrase that is long enough\n");
out = copy("backup", saved, "--data", data, "--passphrase-file", words);
check(out.status === 0 && out.stdout.includes("1 people") && out.stdout.includes("read back whole"), "backup: " + out.stdout + out.stderr);
out = copy("restore", saved, "--data", again, "--passphrase-file", words);
check(out.status === 0 && out.stdout.includes("1 people"), "restore: " + out.stdout + out.stderr);
out = copy("person", "export", "terminal", "ana", "--data", again);
check(out.status === 0 && JSON.parse(out.stdout).kept.country === "US", "what was restored opens with the keys that came along: " + out.stderr);
out = copy("audit", "verify", "--data", again);
check(out.status === 0, "and its trail is whole: " + out.stdout + out.stderr);

out = person("forget");
check(out.status === 1 && out.stdout.includes("nothing was erased"), "forget asks first");
check(JSON.parse(person("export").stdout).kept.country === "US", "and then nothing is gone");
out = person("forget", "--yes");
check(out.status === 0 && out.stdout.startsWith("erased"), "forget: " + out.stdout + out.stderr);
check(JSON.parse(person("export").stdout).kept.country === undefined, "and then it is gone");
rmSync(data, { recursive: true });
done("person");
