// The network parts one of two nodes from the database, in one direction or both, for less and for longer than its lease: what it
// asks arrives nowhere, or what it is told; no connection is closed. In a network namespace of its own, by nft: each node has its own
// address of the database, and that one is cut.
// Oracle: whoever is in danger is answered within seconds, on either side; what was acknowledged is kept, answered, and decided once;
// who writes to the other node notices nothing.
//   node partition.mjs BINARY [COUNT]
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
if (!process.env.STEADY_APART) {
  if (process.getuid() !== 0 || spawnSync("unshare", ["-n", "nft", "list", "ruleset"]).status !== 0) {
    console.log("SKIPPED: no root, no network namespaces or no nft");
    process.exit(77);
  }
  const apart = spawnSync("unshare", ["-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", process.execPath, ...process.argv.slice(1)], { stdio: "inherit", env: { ...process.env, STEADY_APART: "1" } });
  process.exit(apart.status ?? 1);
}
const { binary, check, done, fakeTelegram, post, sleep, telegramConfig, text, until } = await import("../e2e/lib.mjs");
const { nodesOf, Server, stillness } = await import("./postgres.mjs");

const count = Number(process.argv[3] ?? 3);
const nft = (...args) => execFileSync("nft", args);
nft("add", "table", "ip", "t");
nft("add", "chain", "ip", "t", "i", "{ type filter hook input priority 0; }");
const ADDRESSES = ["127.0.0.2", "127.0.0.3"];
const cut = (node, how) => {
  if (how !== "deaf") nft("add", "rule", "ip", "t", "i", "ip", "daddr", ADDRESSES[node], "drop");
  if (how !== "mute") nft("add", "rule", "ip", "t", "i", "ip", "saddr", ADDRESSES[node], "drop");
};
const heal = () => nft("flush", "chain", "ip", "t", "i");

const server = new Server("one", ["127.0.0.1", ...ADDRESSES].join());
await server.make();
const fake = await fakeTelegram();
const config = telegramConfig(fake, { country: "US", chat_per_second: "1000", bot_per_second: "100000" });
const nodes = await nodesOf(ADDRESSES.map((a) => ({ store: `postgres://steady@${a}:${server.port}/postgres`, ...config })));

const acked = new Set(), danger = [], other = [], still = stillness();
let contact = 10_000, number = 50_000, running = true, away = -1;
async function client() {
  while (running) {
    const who = contact++, urgent = who % 10 === 0, to = Math.floor(Math.random() * 2), beside = to !== away;
    const update = text(who, urgent ? "I took all the pills" : "he left me on read and my chest is tight", number++), from = Date.now();
    for (let tries = 0; tries < 400 && running; tries++) {
      const answer = await post(nodes[to], update);
      if (answer.status === 200) { acked.add(who); break; }
      await sleep(20);
    }
    if (acked.has(who) && beside && to !== away) other.push(Date.now() - from);
    if (urgent && acked.has(who)) {
      while (fake.sent(who).length === 0 && Date.now() - from < 15_000) await sleep(10);
      danger.push(Date.now() - from);
    }
    await sleep(25);
  }
}
const clients = Array.from({ length: 4 }, client);
await sleep(1000);
for (let n = 0; n < count; n++) {
  const how = ["deaf", "apart", "mute"][n % 3], lasts = n % 3 === 1 ? 18_000 : 500 + Math.random() * 5000;
  away = n % 2;
  cut(away, how);
  await sleep(lasts);
  heal();
  const fresh = contact++;
  await until(`${how}: it takes again`, async () => (await post(nodes[away], text(fresh, "he left me on read and im losing it", number++))).status === 200, 20_000);
  acked.add(fresh);
  await until(`${how}: who writes to it after that is answered`, () => fake.sent(fresh).length > 0, 30_000);
  away = -1;
  await sleep(1000);
}
running = false;
await Promise.all(clients);
const unanswered = () => [...acked].filter((who) => fake.sent(who).length === 0);
await until("everybody is answered", () => unanswered().length === 0, 40_000);
check(acked.size > 20 * count, "there was load: " + acked.size);
check(Math.max(...danger) < 4000 + 3 * still.held, `in danger, answered within 4 s: ${Math.max(...danger)} (the machine stood still for ${still.held})`);
check(other.every((ms) => ms < 4000 + 3 * still.held), `the other node notices nothing: ${Math.max(...other)}`);
const kept = execFileSync(binary, ["person", "--store", `postgres://steady@127.0.0.1:${server.port}/postgres`, "--data", join(nodes[0].folder, "data"), "export-all", "tg"], { encoding: "utf8", maxBuffer: 1 << 28 }).trim().split("\n").map((l) => JSON.parse(l));
const known = new Map(kept.map((p) => [Number(p.contact), p.kept.turn]));
const lost = [...acked].filter((who) => !known.has(who)), twice = [...known].filter(([who, turn]) => who >= 10_000 && turn > 1);
check(lost.length === 0, `acknowledged and lost: ${lost.length}`);
check(twice.length === 0, `decided twice: ${twice.length}`);
const again = [...acked].filter((who) => who % 10 && new Set(fake.sent(who).map((c) => c.body.text)).size < fake.sent(who).length).length;
for (const node of nodes) { check((await node.stop()).code === 0, "a clean end"); node.clean(); }
fake.server.close();
danger.sort((a, b) => a - b);
console.log(`partition: ${count} cuts, ${acked.size} acknowledged, 0 lost (the true rate below ${(300 / acked.size).toFixed(2)} % at 95 %), ${again} replies sent twice, in danger answered in ${danger[Math.floor(danger.length / 2)]} ms, at most ${danger.at(-1)}`);
done("partition");
