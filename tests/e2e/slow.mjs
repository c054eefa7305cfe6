// The disk hangs: whoever is in danger is answered within two seconds all the same, whoever is not is answered once when it goes on,
// nothing is told twice, and the service stays reachable. The hang is another process that holds the database for writing.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { check, done, fakeTelegram, Person, post, request, sleep, Steady, telegramConfig, text, until } from "./lib.mjs";

const fake = await fakeTelegram();
const steady = await new Steady({ config: telegramConfig(fake, { country: "US", chat_per_second: "100" }) }).start();
const database = join(steady.folder, "data", "steady.db");
const hang = async () => {
  const holder = spawn("sqlite3", [database]);
  const held = new Promise((r) => holder.stdout.once("data", r));
  holder.stdin.write(".bail on\n.timeout 10000\nBEGIN EXCLUSIVE;\nSELECT 'held';\n");
  await held;
  return () => holder.stdin.end("ROLLBACK;\n");
};
const ana = new Person(steady, fake, 1), ben = new Person(steady, fake, 2);
await ana.say("he left me on read and im losing it");
await ben.say("hi");

// --- both write while it hangs
let release = await hang(), begun = Date.now();
const posted = [post(steady, text(2, "I took all the pills", 7001)), post(steady, text(1, "chest", 7002))];
await until("in danger answered while the disk hangs", () => fake.sent(2).length > 1, 1900);
check(Date.now() - begun < 1900 && /988|911/.test(fake.sent(2).at(-1)?.body.text), "in time, with a live route: " + fake.sent(2).at(-1)?.body.text);
check((await request(steady.port, "GET", "/readyz")).status === 503, "it says that it is not ready");
check((await request(steady.port, "GET", "/healthz")).status === 200, "and that it lives");
check((await Promise.all(posted)).every((r) => r.status === 200), "both are acknowledged: what they said is kept");
check(fake.sent(1).length === 1, "who is not in danger waits");
release();

// --- it goes on
await until("ana is answered", () => fake.sent(1).length === 2);
check(fake.sent(1).at(-1).body.text.startsWith("Chest."), "where she was: " + fake.sent(1).at(-1).body.text);
await until("ready again", async () => (await request(steady.port, "GET", "/readyz")).status === 200);
await sleep(1500);
check(fake.sent(1).length === 2 && fake.sent(2).length === 2, "nobody is told anything twice");
ben.seen = fake.sent(2).length;
check(/988|911|in mind|anyone|taken|\?/i.test(await ben.say("no")), "the crisis goes on where it was");

// --- longer than the database itself is waited for: the same, and nothing is lost
release = await hang();
begun = Date.now();
const late = [post(steady, text(1, "7", 7003)), post(steady, text(3, "i want to kill myself tonight", 7004))];
await until("somebody new in danger", () => fake.sent(3).length === 1, 1900);
check((await Promise.all(late)).every((r) => r.status === 200), "acknowledged");
await sleep(2500);
release();
await until("answered when the disk is back", () => fake.sent(1).length === 3, 20_000);
await sleep(1000);
check(fake.sent(1).length === 3 && fake.sent(3).length === 1, "once each");

await steady.stop();
steady.clean();
fake.server.close();
done("slow");
