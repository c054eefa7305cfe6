// "I took all the pills": as the first message ever, from a US number, in the middle of a notice step, after stop, with the database
// unwritable, with the pack folder empty at start. Each time a reply whose first message holds 988 or 911.
import { chmodSync, mkdirSync, renameSync, writeFileSync, rmSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { binary, check, done, fakeTelegram, Person, post, Steady, telegramConfig, text, until } from "./lib.mjs";

const words = "I took all the pills";
const route = (said) => /988|911/.test(said ?? "");
const fake = await fakeTelegram();

const steady = await new Steady({ config: telegramConfig(fake, { country: "US", chat_per_second: "100" }) }).start();
check(route(await new Person(steady, fake, 1).say(words)), "first message ever");
const two = new Person(steady, fake, 2);
await two.say("he left me on read and im losing it");
await two.tap("Chest");
check(route(await two.say(words)), "in the middle of a notice step");
const three = new Person(steady, fake, 3);
await three.say("hi");
await three.say("stop");
check(route(await three.say(words)), "after stop");
const unknown = await new Steady({ config: telegramConfig(fake, { chat_per_second: "100" }) }).start();
check(/988|911|findahelpline/.test(await new Person(unknown, fake, 4).say(words)), "country unknown: the international route");
await unknown.stop();
unknown.clean();

// the database file is gone and cannot be made again
await steady.stop();
rmSync(steady.folder + "/data", { recursive: true });
writeFileSync(steady.folder + "/data", "not a folder");
await steady.start();
const before = fake.sent(5).length;
const answer = await post(steady, text(5, words, 9001));
check(answer.status === 503 && answer.headers["retry-after"], "not stored is not acknowledged: " + answer.status);
await until("the reply came all the same", () => fake.sent(5).length > before);
check(route(fake.sent(5)[before]?.body.text), "database unwritable: " + fake.sent(5)[before]?.body.text);
await post(steady, text(5, words, 9001));
await new Promise((r) => setTimeout(r, 300));
check(fake.sent(5).length === before + 1, "sent again by the platform within a minute, it is not said twice");
check((await post(steady, text(5, "hello"))).status === 503, "an ordinary message comes again later");
rmSync(steady.folder + "/data");
mkdirSync(steady.folder + "/data");
await new Promise((r) => setTimeout(r, 1300));
check((await post(steady, text(5, words, 9001))).status === 200, "when the disk is back, the message is kept");
await steady.stop();

// disk made read-only under a running service
const dry = await new Steady({ config: telegramConfig(fake, { country: "US", chat_per_second: "100" }) }).start();
await new Person(dry, fake, 6).say("hi");
execFileSync("sqlite3", ["-cmd", ".timeout 5000", dry.folder + "/data/steady.db", "drop table outbox"]);  // as unusable as a disk can make it
const spoiled = fake.sent(7).length;
await post(dry, text(7, words));
await until("a reply", () => fake.sent(7).length > spoiled);
check(route(fake.sent(7)[spoiled]?.body.text), "a spoiled database");
await dry.stop();
dry.clean();

// the pack folder is empty at start: safe mode
const empty = steady.folder + "/rules";
mkdirSync(empty + "/packs", { recursive: true });
const safe = await new Steady({ config: telegramConfig(fake, { country: "US" }), rules: empty }).start();
check(route(await new Person(safe, fake, 8).say(words)), "no packs");
check(route(await new Person(safe, fake, 9).say("hello")), "no packs: every message gets the routes");
check(safe.log.includes("safe_mode"), "and the operator is told");
await safe.stop();
safe.clean();

// the terminal, from nothing
const chat = (args, input) => execFileSync(binary, [...args, "chat", "--json", "--contact", "x", "--country", "US", "--now", "2026-05-10T04:30:00Z"].concat(["--data", steady.folder + "/chat"]), { input, encoding: "utf8", stdio: ["pipe", "pipe", "ignore"] });
check(route(chat([], JSON.stringify({ text: words }) + "\n")), "in the terminal");
check(route(chat(["--rules", empty], JSON.stringify({ text: words }) + "\n")), "in the terminal without packs");
writeFileSync(steady.folder + "/file", "");
const broken = execFileSync(binary, ["chat", "--json", "--contact", "x", "--country", "US", "--data", steady.folder + "/file"], { input: JSON.stringify({ text: words }) + "\n", encoding: "utf8", stdio: ["pipe", "pipe", "ignore"] });
check(route(broken), "in the terminal without a database");
steady.clean();
done("crisis");
