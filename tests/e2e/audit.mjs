// What was done can be shown, and changing it shows: notices, alarms, erasures and exports in a chain; a year as counts.
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { binary, check, done, fakeTelegram, Person, request, Steady, telegramConfig } from "./lib.mjs";

const fake = await fakeTelegram();
let steady = await new Steady({ config: telegramConfig(fake, { country: "US" }) }).start();
const data = join(steady.folder, "data");
const run = (...args) => spawnSync(binary, [...args, "--data", data], { encoding: "utf8" });
const sql = (statement) => execFileSync("sqlite3", [join(data, "steady.db"), statement], { encoding: "utf8" });

const ana = new Person(steady, fake, 7), ben = new Person(steady, fake, 8);
await ana.say("i have the pills here and i am going to take them tonight");
await ben.say("he left me on read");
await ben.say("forget me");
await ben.tap("Erase all");
const protocol = await request(steady.port, "GET", "/protocol.txt");
check(protocol.status === 200 && protocol.body.includes("What Steady does when somebody may be in danger"), "the protocol is published");
check(run("audit", "verify").stdout.startsWith("as it was written"), "verified beside the running service");
await steady.stop();
check(/audit_head.*"hash":"[0-9a-f]{64}"/.test(steady.log), "the head is logged, to be kept elsewhere");

const list = run("audit", "list").stdout.trim().split("\n").map((l) => JSON.parse(l));
check(list.some((e) => e.what === "notice" && e.detail === "suicide US" && e.person > 0), "the help lines that were given: " + JSON.stringify(list));
check(list.some((e) => e.what === "packs"), "the packs in force");
check(list.some((e) => e.what === "erase"), "what was erased");
check(!JSON.stringify(list).includes("pills"), "no words");

const counts = JSON.parse(run("report", "--json").stdout);
check(counts.notices.by_need_and_country.suicide.US >= 1 && counts.notices.all >= 1, "the year in counts: " + JSON.stringify(counts));
const text = run("report").stdout;
check(text.includes("suicide, US: ") && text.includes("What it never does."), "and in words, with the protocol");
check(JSON.parse(run("report", "--json", "--year", "2021").stdout).notices.all === 0, "another year is empty");

const notice = list.find((e) => e.what === "notice").seq;
sql(`UPDATE audit SET detail = 'suicide GB' WHERE seq = ${notice}`);
let out = run("audit", "verify");
check(out.status === 1 && out.stdout.includes(`entry ${notice} was changed`), "a changed row is named: " + out.stdout);
sql(`UPDATE audit SET detail = 'suicide US' WHERE seq = ${notice}`);
check(run("audit", "verify").status === 0, "put back, it is right again");
sql(`DELETE FROM audit WHERE seq = ${list.at(-1).seq}`);
out = run("audit", "verify");
check(out.status === 1 && out.stdout.includes("missing"), "a tail cut off shows: " + out.stdout);
out = spawnSync(binary, ["audit", "verify", "--data", join(data, "nowhere")], { encoding: "utf8" });
check(out.status === 1 && out.stderr.includes("--data"), "a wrong folder is said");
steady.clean();
done("audit");
