// The database fails over: a primary with a synchronous standby, two nodes that know both, and the primary is stopped at once, killed,
// or hung (SIGSTOP) and fenced later, or wakes again beside the new one before it is; the standby is promoted while people write, and
// the old primary comes back as the new standby.
// Oracle: whoever is in danger is answered within seconds, also while no database is there; what was acknowledged is answered, kept,
// and decided once; the nodes go over to the new primary by themselves.
//   node failover.mjs BINARY [COUNT]
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { binary, check, done, fakeTelegram, post, sleep, telegramConfig, text, until } from "../e2e/lib.mjs";
import { nodesOf, pg, Server, stillness } from "./postgres.mjs";

const count = Number(process.argv[3] ?? 4);
let [primary, standby] = [new Server("a"), new Server("b")];
await primary.make();
await standby.follow(primary);
const inSync = async () => (await primary.sql("SELECT count(*) FROM pg_stat_replication WHERE sync_state='sync'")) === "1";
await until("the standby follows", inSync);

const fake = await fakeTelegram();
const store = `postgres://steady@127.0.0.1:${primary.port},127.0.0.1:${standby.port}/postgres`;
const config = { store, ...telegramConfig(fake, { country: "US", chat_per_second: "1000", bot_per_second: "100000" }) };
const nodes = await nodesOf([config, config]);

// Each writes once; one in ten is in danger, and is answered at once, whatever the database does.
const acked = new Set(), answeredAfter = [];
const still = stillness();
let contact = 10_000, number = 50_000, running = true;
async function client() {
  while (running) {
    const who = contact++, danger = who % 10 === 0, update = text(who, danger ? "I took all the pills" : "he left me on read and my chest is tight", number++);
    const from = Date.now();
    for (let tries = 0; tries < 200 && running; tries++) {
      const answer = await post(nodes[Math.floor(Math.random() * 2)], update);
      if (answer.status === 200) { acked.add(who); break; }
      await sleep(20);
    }
    if (danger && acked.has(who)) {
      while (fake.sent(who).length === 0 && Date.now() - from < 15_000) await sleep(10);
      answeredAfter.push(Date.now() - from);
    }
    await sleep(25);
  }
}
const clients = Array.from({ length: 4 }, client);
const over = [];
for (let n = 0; n < count; n++) {
  await sleep(500 + Math.random() * 1000);
  const how = ["stopped at once", "killed", "hung", "woke again"][n % 4], old = primary;
  if (how === "stopped at once") await pg("pg_ctl", "-D", old.data, "-m", "immediate", "stop");
  else old.signal(how === "killed" ? "SIGKILL" : "SIGSTOP");
  await sleep(Math.random() * 1500);
  await pg("pg_ctl", "-D", standby.data, "-w", "promote");
  [primary, standby] = [standby, old];
  await primary.sql("ALTER SYSTEM RESET synchronous_standby_names");
  await primary.sql("SELECT pg_reload_conf()");
  if (how === "woke again") { old.signal("SIGCONT"); await sleep(1500); }  // it takes writes and commits none: nobody confirms them
  const from = Date.now();
  const fresh = contact++;
  for (let tries = 0; (await post(nodes[n % 2], text(fresh, "he left me on read and im losing it", number++))).status !== 200 && tries < 500; tries++) await sleep(20);
  await until(`${how}: who writes after it is answered`, () => fake.sent(fresh).length > 0, 30_000);
  over.push(Date.now() - from);
  old.end();  // what hung, or woke, is fenced
  await sleep(100);
  await standby.follow(primary);
  await until("the old one follows", inSync);
}
running = false;
await Promise.all(clients);
const unanswered = () => [...acked].filter((who) => fake.sent(who).length === 0);
await until("everybody is answered", () => unanswered().length === 0, 40_000);
check(acked.size > 20 * count, "there was load: " + acked.size);
check(Math.max(...answeredAfter) < 4000 + 3 * still.held, `in danger, answered within 4 s: ${Math.max(...answeredAfter)} (the machine stood still for ${still.held})`);
const kept = execFileSync(binary, ["person", "--store", store, "--data", join(nodes[0].folder, "data"), "export-all", "tg"], { encoding: "utf8", maxBuffer: 1 << 28 }).trim().split("\n").map((l) => JSON.parse(l));
const known = new Map(kept.map((p) => [Number(p.contact), p.kept.turn]));
const lost = [...acked].filter((who) => !known.has(who)), twice = [...known].filter(([who, turn]) => who >= 10_000 && turn > 1);
check(lost.length === 0, `acknowledged and lost: ${lost.length}`);
check(twice.length === 0, `decided twice: ${twice.length}`);
for (const node of nodes) { check((await node.stop()).code === 0, "a clean end"); node.clean(); }
fake.server.close();
answeredAfter.sort((a, b) => a - b);
console.log(`failover: ${count} failovers, ${acked.size} acknowledged, 0 lost (the true rate below ${(300 / acked.size).toFixed(2)} % at 95 %), in danger answered in ${answeredAfter[Math.floor(answeredAfter.length / 2)]} ms, at most ${answeredAfter.at(-1)}; after the promotion the next is answered in ${over.map((ms) => (ms / 1000).toFixed(1)).join(", ")} s`);
done("failover");
