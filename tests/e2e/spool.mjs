// The store is away and comes back: what people said is acknowledged once it is synced to the spool, in danger they are answered at
// once, a kill -9 loses nothing, and then all of it is taken, in its order, once, and nobody is told a thing twice, but who was in
// danger when it was killed: whether that answer arrived, nobody knows any more. Full, or without a place for it: 503, and the
// platform sends again. No words lie open.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, rmdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { check, done, fakeTelegram, Person, post, request, sleep, Steady, telegramConfig, text, until } from "./lib.mjs";

const fake = await fakeTelegram();
const steady = await new Steady({ config: telegramConfig(fake, { country: "US", chat_per_second: "100" }) }).start();
const data = join(steady.folder, "data"), spool = join(data, "spool");
const ana = new Person(steady, fake, 1), ben = new Person(steady, fake, 2);
await ana.say("he left me on read and im losing it");
await ben.say("hi");
const waiting = async () => Number(/steady_state\{what="spool_waiting"\} (\d+)/.exec((await request(steady.port, "GET", "/metrics")).body)?.[1]);
check(statSync(spool).size === 0, "nothing waits while the store is there");

// away: the files are put aside, and a folder stands where the database was
await steady.stop();
const aside = join(steady.folder, "aside");
mkdirSync(aside);
for (const f of readdirSync(data)) if (f.startsWith("steady.db")) renameSync(join(data, f), join(aside, f));
mkdirSync(join(data, "steady.db"));
await steady.start();
const before = fake.calls.length;
const first = text(1, "chest", 7001), second = text(1, "7", 7002), danger = text(2, "I took all the pills", 7003);
for (const update of [first, second]) check((await post(steady, update)).status === 200, "acknowledged: it is in the spool");
check((await post(steady, danger)).status === 200, "in danger too");
await until("in danger answered at once", () => fake.sent(2).length > 1);
check(/988|911/.test(fake.sent(2).at(-1).body.text), "with a live route: " + fake.sent(2).at(-1).body.text);
check((await post(steady, first)).status === 200, "the platform sends one again");
check(await until("three and one wait", async () => (await waiting()) === 4), "counted");
const bytes = readFileSync(spool).toString("latin1");
check(statSync(spool).size > 0 && !bytes.includes("pills") && !bytes.includes("chest"), "sealed");
check(fake.sent(1).length === 1, "nothing else is said meanwhile");

// killed while it waits
await steady.stop("SIGKILL");
await steady.start();
check(await until("still there after kill -9", async () => (await waiting()) === 4), "nothing lost");
check((await post(steady, text(1, "reach out, check", 7004))).status === 200, "and more comes behind it");

// back
let answered = fake.sent(2).length;
rmdirSync(join(data, "steady.db"));
for (const f of readdirSync(aside)) renameSync(join(aside, f), join(data, f));
await until("all taken", async () => (await waiting()) === 0, 20_000);
await until("ana is answered", () => fake.sent(1).length === 4);
const said = fake.sent(1).slice(1).map((c) => c.body.text);
check(said[0].startsWith("Chest."), "in order: chest first: " + said[0]);
check(said[1].includes("?") && /pull/.test(said[1]), "then the number: " + said[1]);
await sleep(500);
check(fake.sent(1).length === 4, "each once, however often it was sent: " + said.join(" | "));
check(fake.sent(2).length === answered + 1, "in danger it is said once more, since the process that said it was killed");
check(/988|911/.test(fake.sent(2).at(-1).body.text), "with a live route again: " + fake.sent(2).at(-1).body.text);
answered = fake.sent(2).length;
check(statSync(spool).size === 0, "and the spool is empty");
check((await post(steady, danger)).status === 200 && (await post(steady, first)).status === 200, "later repeats are known");
await sleep(300);
check(fake.sent(1).length === 4 && fake.sent(2).length === answered, "and answered no more");
ben.seen = fake.sent(2).length;
check(/988|911|in mind|anyone|taken/i.test(await ben.say("no")), "the crisis goes on where it was: the risk was kept");

// without a place for the spool: not acknowledged, so that it is sent again
await steady.stop();
for (const f of readdirSync(data)) if (f.startsWith("steady.db") || f === "spool") rmSync(join(data, f));
mkdirSync(join(data, "steady.db"));
mkdirSync(spool);
await steady.start();
const refused = await post(steady, text(1, "hello"));
check(refused.status === 503 && refused.headers["retry-after"], "no spool: " + refused.status);
check(!steady.log.includes("pills") && !steady.log.includes("chest"), "no words in the log");
await steady.stop();
steady.clean();
fake.server.close();
done("spool");
