// Every call that reads or changes the disk fails: a small day (one who is triggered, one in danger, one who is then forgotten) is
// lived under strace, and the K-th call of each kind ends the process, or fails with EIO or ENOSPC, once or from then on; in the start,
// in a start that finds a spool, and in the day. Then the service starts again without faults, and what was not acknowledged is sent
// again. What was acknowledged is answered, nobody's state changed twice, who is in danger had a route at once, the database is whole
// and the trail verifies.
//   node syscalls.mjs BINARY [MOST]    MOST: so many K of each call and fault, evenly spread; without it every one
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { binary, check, done, fakeTelegram, post, request, sleep, Steady, telegramConfig, text, until } from "../e2e/lib.mjs";

const most = Number(process.argv[3] ?? Infinity), AT_ONCE = 3;
const CALLS = ["pread64", "pwrite64", "fdatasync", "fsync", "ftruncate", "unlink", "rename"];  // not write: by that Asio wakes its own threads
const FAULTS = { killed: ["signal=SIGKILL", ""], EIO: ["error=EIO", ""], ENOSPC: ["error=ENOSPC", ""], "EIO from then on": ["error=EIO", "+"] };
if (spawnSync("strace", ["-V"]).status !== 0) {
  console.error("SKIPPED, LOUDLY: there is no strace");
  process.exit(77);
}
const fake = await fakeTelegram();
const config = telegramConfig(fake, { country: "US", chat_per_second: "1000", bot_per_second: "100000" });
let contact = 1000, update = 1000, port = 20_000;
// Ports of their own, below those that the system gives away: none is taken by another while it starts again.
const fresh = () => Object.assign(new Steady({ config }), { port: ++port });

const ended = (steady) => steady.child.exitCode !== null || steady.child.signalCode !== null;
// Sent as a platform would: again until it is acknowledged, but not for long.
async function say(steady, id, words) {
  const u = text(id, words, ++update);
  for (let i = 0; i < 5 && !ended(steady); ++i) {
    if ((await post(steady, u)).status === 200) return { u, acked: true };
    await sleep(50 + 100 * i);
  }
  return { u, acked: false };
}
async function day(steady) {
  const [a, b, c] = [++contact, ++contact, ++contact];
  const leaves = async () => [await say(steady, c, "hi"), await say(steady, c, "forget me"), await say(steady, c, "yes")];
  return { a, b, c, said: (await Promise.all([say(steady, a, "he left me on read and my chest is tight"), say(steady, b, "i want to kill myself"), leaves()])).flat() };
}
const told = (id) => fake.sent(id).map((call) => call.body.text);
const route = (id) => told(id).some((t) => /988|911/.test(t));

const fromTheStart = (args) => ["strace", "-D", "-f", "-qq", ...args];
async function attach(steady, args) {  // to all of its threads
  const strace = spawn("strace", ["-f", ...args, "-p", String(steady.child.pid)], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  strace.stderr.on("data", (d) => (said += d));
  await until("strace holds the process", () => /attached/.test(said), 15_000);
}

// A day that only the spool heard of, since a folder stands where the database belongs.
async function spooled(steady) {
  const away = join(steady.folder, "data", "steady.db");
  mkdirSync(away, { recursive: true });
  await steady.start();
  const lived = await day(steady);
  check(lived.said.every((s) => s.acked), "kept in the spool");
  await until("in danger answered without the store", () => route(lived.b), 15_000);
  await steady.stop("SIGKILL");
  rmdirSync(away);
  return lived;
}

// How often a thread makes each call, at most.
async function counted() {
  const out = {};
  for (const phase of ["start", "start with a spool", "day"]) {
    const steady = fresh(), file = join(steady.folder, "trace"), args = ["-o", file, "-e", "trace=" + CALLS];
    if (phase === "start with a spool") await spooled(steady);
    if (phase !== "day") steady.under = fromTheStart(args);
    await steady.start();
    if (phase === "day") {
      await attach(steady, args);
      await day(steady);
    }
    await sleep(300);
    await steady.stop();
    await sleep(100);
    const threads = {};
    for (const [, thread, call] of readFileSync(file, "utf8").matchAll(/^(\d+) +(\w+)\(/gm)) ((threads[call] ??= {})[thread] ??= 0, threads[call][thread]++);
    out[phase] = Object.fromEntries(Object.entries(threads).map(([call, t]) => [call, Math.max(...Object.values(t))]));
    steady.clean();
  }
  return out;
}

let runs = 0, died = 0, refused = 0;
async function run({ phase, call, k, fault }) {
  const what = `${phase}, ${call} ${k}, ${fault}`, [how, on] = FAULTS[fault], inject = ["-o", "/dev/null", "-e", `trace=${call}`, "-e", `inject=${call}:${how}:when=${k}${on}`];
  const steady = fresh();
  let lived = phase === "start with a spool" ? await spooled(steady) : null;
  if (phase !== "day") {
    steady.under = fromTheStart(inject);
    await steady.launch();
    for (let i = 0; i < 200 && !ended(steady) && !(await steady.listens()); ++i) await sleep(25);
    if (lived) await sleep(400);  // it takes what lies in the spool, or cannot
    else if (!ended(steady)) lived = await day(steady);
  } else {
    await steady.start();
    await attach(steady, inject);
    lived = await day(steady);
  }
  if (!ended(steady)) {
    if (lived) check(await until(`${what}: who is in danger has a route`, () => route(lived.b) || ended(steady), 15_000), what);
    await steady.stop();
  } else {
    ++died;
  }
  steady.under = [];
  steady.log = "";
  await steady.launch();
  if (!(await until(`${what}: it starts again`, () => steady.listens(), 20_000))) console.error(steady.log);
  lived ??= await day(steady);  // it had not come up
  refused += lived.said.filter((s) => !s.acked).length;
  for (const s of lived.said) {
    for (let i = 0; !s.acked && i < 40; ++i) {
      s.acked = (await post(steady, s.u)).status === 200;
      if (!s.acked) await sleep(100);
    }
    check(s.acked, `${what}: taken at last`);
  }
  const all = () => told(lived.a).length > 0 && route(lived.b) && told(lived.c).length > 2;
  if (!(await until(`${what}: everybody is answered`, all, 15_000))) console.error(told(lived.a), told(lived.b), told(lived.c), steady.log);
  await until(`${what}: nothing waits`, async () => (await request(steady.port, "GET", "/metrics", { raw: true })).body?.includes('outbox_waiting"} 0'), 15_000);
  check((await steady.stop()).code === 0, `${what}: a clean end`);
  const data = join(steady.folder, "data");
  const kept = execFileSync(binary, ["person", "export-all", "tg", "--data", data], { encoding: "utf8" }).trim().split("\n").filter(Boolean).map((l) => JSON.parse(l));
  check(kept.some((p) => Number(p.contact) === lived.a) && kept.some((p) => Number(p.contact) === lived.b), `${what}: both are kept: ${JSON.stringify(kept).slice(0, 200)} ${steady.log}`);
  const turns = (id) => kept.find((p) => Number(p.contact) === id)?.kept.turn ?? 0;
  check(turns(lived.a) <= 1 && turns(lived.b) <= 1, `${what}: decided twice: ${turns(lived.a)} ${turns(lived.b)}`);
  check(execFileSync("sqlite3", [join(data, "steady.db"), "pragma integrity_check"], { encoding: "utf8" }).trim() === "ok", `${what}: the database is whole`);
  const audit = spawnSync(binary, ["audit", "verify", "--data", data], { encoding: "utf8" });
  check(audit.status === 0, `${what}: the trail: ${audit.stdout}${audit.stderr}`);
  steady.clean();
  ++runs;
}

const counts = await counted(), todo = [];
for (const [phase, calls] of Object.entries(counts))
  for (const [call, n] of Object.entries(calls))
    for (const fault of Object.keys(FAULTS))
      for (let i = 0, many = Math.min(n, most); i < many; ++i) todo.push({ phase, call, k: 1 + Math.floor(((i + 0.5) * n) / many), fault });
console.log(`calls of a thread: ${JSON.stringify(counts)}; ${todo.length} faults`);
const begun = Date.now();
await Promise.all(Array.from({ length: AT_ONCE }, async () => { for (let t = todo.shift(); t; t = todo.shift()) await run(t); }));
console.log(`syscalls: ${runs} faults in ${Math.round((Date.now() - begun) / 1000)} s, ${died} of them ended the process, ${refused} messages refused and sent again; true rate of a loss below ${(300 / runs).toFixed(1)} % a fault at 95 %${most === Infinity ? ", every call covered" : ""}`);
fake.server.close();
done("syscalls");
