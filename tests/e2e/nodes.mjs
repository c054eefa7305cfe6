// Several nodes on one PostgreSQL (STEADY_TEST_POSTGRES, tests/with_postgres), as people and platforms meet them: an update sent to
// all is answered once, a conversation goes on whichever node it reaches, a page on one node gets what another node answered, and
// with nodes killed in turn under load nothing acknowledged is lost and what a dead node had to send is sent by another.
//   node nodes.mjs BINARY [KILLS]
import { cpSync, mkdirSync } from "node:fs";
import http from "node:http";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { binary, check, done, fakeTelegram, Person, post, request, sleep, Steady, telegramConfig, text, until } from "./lib.mjs";

const server = process.env.STEADY_TEST_POSTGRES, kills = Number(process.argv[3] ?? 12);
if (!server) { console.log("SKIPPED: STEADY_TEST_POSTGRES names no server"); process.exit(77); }
const fake = await fakeTelegram();
const config = { store: server, ...telegramConfig(fake, { country: "US", chat_per_second: "1000", bot_per_second: "100000" }) };
const nodes = [await new Steady({ config }).start()];
for (let n = 1; n < 3; n++) {
  const next = new Steady({ config });
  mkdirSync(join(next.folder, "data"), { recursive: true });
  cpSync(join(nodes[0].folder, "data/keys/master"), join(next.folder, "data/keys/master"));
  nodes.push(await next.start());
}
const [a, b, c] = nodes;

// --- one update to all of them
const update = text(1, "he left me on read and im losing it");
const answers = await Promise.all(nodes.map((n) => post(n, update)));
check(answers.every((r) => r.status === 200), "all acknowledge it: " + answers.map((r) => r.status));
await until("it is answered", () => fake.sent(1).length > 0);
await sleep(700);
check(fake.sent(1).length === 1, "once");

// --- a conversation over all of them
const ana = new Person(b, fake, 1);
ana.seen = 1;
check((await ana.say("chest")).includes("0 to 10"), "another node knows what was asked");
ana.steady = c;
check((await ana.say("7")).includes("?"), "and a third");
ana.steady = a;
await ana.say("reach out, check");
check((await ana.say("not yet")).length > 0, "back at the first");
const risk = new Person(a, fake, 2);
check(/988/.test(await risk.say("i want to kill myself")), "in danger at one node");
risk.steady = b;
check(!/Where do you feel it/.test(await risk.say("he left me on read")), "is in danger at every other");

// --- a burst spread over the nodes is answered in order
for (let i = 0; i < 20; i++) await post(nodes[i % 3], text(3, i === 0 ? "hi" : "menu", 3000 + i));
await until("each answered", () => fake.sent(3).length >= 20);
const turns = fake.sent(3).map((m) => Number(/\.(\d+)\.[a-z]+$/.exec(m.body.reply_markup?.inline_keyboard?.flat().map((k) => k.callback_data).find((d) => /\.\d+\.[a-z]+$/.test(d)) ?? "")?.[1] ?? -1)).filter((n) => n >= 0);
check(turns.length > 10 && turns.every((n, i) => i === 0 || n >= turns[i - 1]), "in order: " + turns.join(" "));

// --- a page at one node, its message taken by another
const opened = await request(b.port, "GET", "/");
const cookie = opened.headers["set-cookie"][0].split(";")[0];
const events = [];
const stream = http.get({ port: b.port, path: "/web/events", headers: { Cookie: cookie } }, (res) => res.on("data", (d) => events.push(d.toString())));
await sleep(300);
const told = await request(a.port, "POST", "/web/messages", { headers: { Cookie: cookie, "Content-Type": "application/json" }, body: JSON.stringify({ id: "1", text: "i want to kill myself", zone: "Europe/London" }) });
check(told.status < 300, "taken: " + told.status);
await until("the page hears it from its own node", () => events.join("").includes("116 123"), 5000);
stream.destroy();

// --- nodes killed in turn under load
const acked = new Set(), sent = new Map();
let contact = 10_000, number = 50_000, running = true;
async function client() {
  while (running) {
    const who = contact++, u = text(who, Math.random() < 0.1 ? "i want to kill myself" : "he left me on read and my chest is tight", number++);
    sent.set(who, u);
    for (let tries = 0; tries < 200; tries++) {  // as a balancer and a platform would: another node, and again
      const answer = await post(nodes[Math.floor(Math.random() * 3)], u);
      if (answer.status === 200) { acked.add(who); break; }
      await sleep(20);
    }
  }
}
const clients = Array.from({ length: 6 }, client);
for (let k = 0; k < kills; k++) {
  await sleep(100 + Math.random() * 400);
  const node = nodes[k % 3];
  await node.stop("SIGKILL");
  await sleep(Math.random() * 300);
  await node.start();
}
running = false;
await Promise.all(clients);
check(acked.size > 200, "there was load: " + acked.size);
const before = Date.now();
const unanswered = () => { const got = new Set(fake.sent().map((m) => m.body.chat_id)); return [...acked].filter((who) => !got.has(who)).length; };
await until("what dead nodes had to send is sent by others", () => unanswered() === 0, 25_000);
console.log(`nodes: ${kills} kills, ${acked.size} acknowledged, the last reply ${((Date.now() - before) / 1000).toFixed(1)} s after the load`);
const waiting = () => Number(psql("SELECT count(*) FROM outbox WHERE channel='tg'"));
const psql = (sql) => execFileSync("psql", [server, "-Atc", sql], { encoding: "utf8" }).trim();
check(Number(psql("SELECT count(*) FROM event WHERE id NOT LIKE 'timer:%'")) >= acked.size, "every acknowledged update is kept");
const kept = execFileSync(binary, ["person", "--store", server, "--data", join(a.folder, "data"), "export-all", "tg"], { encoding: "utf8", maxBuffer: 1 << 28 }).trim().split("\n").map((l) => JSON.parse(l));
const twice = kept.filter((p) => Number(p.contact) >= 10_000 && p.kept.turn > 1).length;
check(twice === 0, "nobody was decided twice: " + twice);
const known = new Set(kept.map((p) => p.contact));
check([...acked].every((who) => known.has(String(who))), "and everybody is known");

// --- the server away: who is in danger is answered, the rest is kept and answered when it is back
const control = (command) => execFileSync("sh", ["-c", `${process.env.STEADY_TEST_POSTGRES_CTL} -D ${process.env.STEADY_TEST_POSTGRES_DATA} -w ${command} >/dev/null 2>&1`]);
const eve = new Person(a, fake, 4);
await eve.say("he left me on read and im losing it");
control("-m immediate stop");
const away = [post(b, text(5, "I took all the pills", 4001)), post(a, text(4, "chest", 4002))];
await until("in danger answered without the database", () => fake.sent(5).length > 0, 5000);
check(/988|911/.test(fake.sent(5).at(-1)?.body.text), "with a live route");
check((await Promise.all(away)).every((r) => r.status === 200), "both are acknowledged");
check(fake.sent(4).length === 1, "who is not in danger waits");
control("-l /dev/null start");
await until("and is answered when it is back", () => fake.sent(4).length > 1, 25_000);
check(fake.sent(4).at(-1).body.text.includes("0 to 10"), "where she was: " + fake.sent(4).at(-1).body.text);
check(fake.sent(5).length === 1, "and nobody twice");

await until("what was sent and not noted is noted", () => waiting() === 0, 25_000);
for (const node of nodes) check((await node.stop()).code === 0, "a clean end");
check(waiting() === 0, "nothing waits");
check(Number(psql("SELECT count(*) FROM node WHERE until>clock_timestamp()")) === 0, "and nobody holds a lease");
for (const node of nodes) node.clean();
fake.server.close();
done("nodes");
