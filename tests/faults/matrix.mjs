// Whatever is broken, whoever is in danger gets a live route: every fault x messages of people in danger x three platforms. What is
// posted comes from the labelled messages, evenly picked from those that the rules alone hear; how well they hear is another test's
// (`steady rules measure`). No acknowledgement is needed for an answer: a platform that gets 503 sends again.
//   node matrix.mjs BINARY [MESSAGES]
import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { binary, check, done, request, sleep, Steady, until } from "../e2e/lib.mjs";
import { drivers, fakeWorld } from "../e2e/drivers.mjs";

const many = Number(process.argv[3] ?? 6), alone = many >= 5;  // a long run has the machine for itself: then the promised times are asked for, too
const source = fileURLToPath(new URL("../..", import.meta.url));
const PLATFORMS = ["whatsapp", "messenger", "line"];
const all = drivers((platform) => `https://bot.example.org/hooks/${platform}`);
const world = await fakeWorld(Object.fromEntries(Object.entries(all).map(([name, d]) => [name, (c) => d.answer(c)])));

const rows = readdirSync(join(source, "tests/corpora/messages")).filter((f) => f.startsWith("en_")).sort()
  .flatMap((f) => readFileSync(join(source, "tests/corpora/messages", f), "utf8").trim().split("\n").map((l) => JSON.parse(l)))
  .filter((r) => r.level === "danger" && r.subject === "self");
const rulesAlone = mkdtempSync(join(tmpdir(), "steady-rules-"));
cpSync(join(source, "rules"), rulesAlone, { recursive: true, filter: (f) => !/\.(cpp|hpp|bin)$/.test(f) });
const read = spawnSync(binary, ["--rules", rulesAlone, "rules", "read"], { input: rows.map((r) => JSON.stringify(r)).join("\n") + "\n", encoding: "utf8", maxBuffer: 1 << 28 });
const heard = new Set(read.stdout.trim().split("\n").map((l) => JSON.parse(l)).filter((r) => ["crisis", "danger"].includes(r.level)).map((r) => r.id));
const found = rows.filter((r) => heard.has(r.id)), words = Array.from({ length: many }, (_, i) => found[Math.floor(((i + 0.5) * found.length) / many)].text);
rmSync(rulesAlone, { recursive: true });
check(found.length > 100, `enough messages are heard: ${found.length} ${read.stderr.slice(0, 300)}`);

let next = 1_000_000;
const fresh = { whatsapp: () => `1650${next++}`, messenger: () => String(next++), line: () => "U" + String(next++).padStart(32, "0") };
const taken = async (steady, name, what) => {
  const { status } = await request(steady.port, "POST", `/hooks/${name}`, what);
  return status >= 200 && status < 300;
};
const answers = (name, contact) => world.calls.filter((c) => c.platform === name && all[name].sends(c) && c.status >= 200 && c.status < 300).map((c) => all[name].read(c)).filter((r) => r.contact === contact).map((r) => r.text);
const ROUTE = /988|911|112|findahelpline/;

// Each fault: before the start, after it, before each message of a person; how long an answer may take; what undoes it.
const hang = async (steady) => {
  const holder = spawn("sqlite3", [join(steady.folder, "data", "steady.db")]);
  const held = new Promise((r) => holder.stdout.once("data", r));
  holder.stdin.write(".bail on\n.timeout 10000\nBEGIN EXCLUSIVE;\nSELECT 'held';\n");
  await held;
  return () => holder.stdin.end("ROLLBACK;\n");
};
const before = (text) => async (steady, name, contact) => {
  check(await taken(steady, name, all[name].text(contact, text)), `“${text}” is taken`);
};
const failing = (answers) => () => {
  const tries = new Map();
  world.behave = (c) => {
    if (!PLATFORMS.includes(c.platform) || !all[c.platform].sends(c)) return {};
    const key = c.platform + all[c.platform].read(c).contact, n = tries.get(key) ?? 0;
    tries.set(key, n + 1);
    return answers[n] ?? {};
  };
  return () => (world.behave = () => ({}));
};
const packs = (spoil) => (steady) => {
  steady.rules = join(steady.folder, "rules");
  cpSync(join(source, "rules"), steady.rules, { recursive: true, filter: (f) => !/\.(cpp|hpp)$/.test(f) });
  spoil(join(steady.rules, "packs"));
};
const FAULTS = {
  "nothing": {},
  "no packs": { prepare: packs((folder) => rmSync(folder, { recursive: true })) },
  "a broken pack": { prepare: packs((folder) => appendFileSync(join(folder, "en", "crisis.yaml"), "\n  : [\n")) },
  "a damaged second reader": { prepare: packs((folder) => writeFileSync(join(folder, "en", "reader.bin"), "no reader")) },
  "the database away": { prepare: (s) => mkdirSync(join(s.folder, "data", "steady.db"), { recursive: true }) },
  "the database no database": { prepare: (s) => (mkdirSync(join(s.folder, "data")), writeFileSync(join(s.folder, "data", "steady.db"), "x".repeat(8192))) },
  "the database hangs": { begin: hang },
  "the master key cannot be read": { prepare: (s) => mkdirSync(join(s.folder, "data", "keys", "master"), { recursive: true }) },
  "another master key": { twice: (s) => (rmSync(join(s.folder, "data", "keys", "master")), writeFileSync(join(s.folder, "data", "keys", "master"), "A".repeat(43), { mode: 0o400 })), each: before("hi"), eachFirst: true },
  "the disk is full": { full: true },
  "the clock ten years back": { prepare: (s) => writeFileSync(join(s.folder, "clock"), String(-10 * 365 * 86400)) },
  "they said stop": { each: before("stop") },
  "they asked for a pause": { each: before("pause") },
  "much waits": { begin: async (s) => void (await Promise.all(Array.from({ length: 400 }, () => { const c = fresh.whatsapp(); return taken(s, "whatsapp", all.whatsapp.text(c, "he left me on read")); }))), limit: 10_000 },
  "the API says 500, 500": { begin: failing([{ status: 500, body: "{}" }, { status: 500, body: "{}" }]), limit: 10_000 },
  "the API says 429": { begin: failing([{ status: 429, body: "{}", headers: { "Retry-After": "1" } }]), limit: 10_000 },
  "the API ends the connection": { begin: failing([{ destroy: true }, { destroy: true }]), limit: 10_000 },
  "nobody on call can be reached": { config: { alarms: { operator: "Elm House", routes: [{ webhook: "http://127.0.0.1:9/none", secret: "whsec_" + "A".repeat(32) }] } } },
  "killed a moment after": { kill: true, limit: 10_000 },
};

const times = [];
let cases = 0, without = 0, late = 0;
async function play(fault, f) {
  const channels = { web: { platform: "web" } };
  for (const name of PLATFORMS) channels[name] = { platform: name, country: "US", chat_per_second: "100", ...all[name].config(world.base) };
  const steady = new Steady({ config: { public_url: "https://bot.example.org", channels, ...f.config } }), data = join(steady.folder, "data");
  let undo = () => {};
  if (f.full) {
    mkdirSync(data);
    if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=640k", "tmpfs", data]).status !== 0) return console.error(`SKIPPED, LOUDLY: ${fault}: no tmpfs can be mounted`);
    undo = () => spawnSync("umount", ["-l", data]);
  }
  const people = PLATFORMS.flatMap((name) => words.map((text) => ({ name, text, contact: fresh[name]() })));
  f.prepare?.(steady);
  await steady.start();
  if (f.eachFirst) for (const p of people) await f.each(steady, p.name, p.contact);
  if (f.twice) {
    await steady.stop();
    f.twice(steady);
    await steady.start();
  }
  if (f.full) spawnSync("sh", ["-c", `cat /dev/zero > ${data}/filler`]);
  undo = (await f.begin?.(steady)) ?? undo;
  for (const p of people) {
    if (f.each && !f.eachFirst) await f.each(steady, p.name, p.contact);
    const count = answers(p.name, p.contact).length, what = all[p.name].text(p.contact, p.text), begun = Date.now(), limit = alone ? f.limit ?? 2000 : 10_000;
    let posted = 0, looking = true;
    const deliver = async () => {  // a platform sends again what was not acknowledged
      while (looking && !(await taken(steady, p.name, what))) await sleep(200);
    };
    const delivering = deliver();
    if (f.kill) {
      await sleep(Math.random() * 30);
      await steady.stop("SIGKILL");
      await steady.start();
    }
    ++cases;
    const routed = () => answers(p.name, p.contact).slice(count).some((t) => ROUTE.test(t));
    while (!routed() && Date.now() - begun < 15_000) await sleep(5);
    looking = false;
    await delivering;
    const took = Date.now() - begun;
    if (!routed()) ++without, check(false, `${fault}, ${p.name}: “${p.text.slice(0, 60)}” has no route: ${answers(p.name, p.contact).slice(count)}`);
    else if (took > limit) ++late;
    if (!f.limit && routed()) times.push(took);
  }
  undo();
  check(!steady.log.includes(words[0]), `${fault}: no words in the log`);
  await steady.stop();
  steady.clean();
}
const begun = Date.now();
for (const [fault, f] of Object.entries(FAULTS)) await play(fault, f);
times.sort((a, b) => a - b);
check(late <= cases / 100, `${late} of ${cases} came later than they may`);
console.log(`matrix: ${Object.keys(FAULTS).length} faults x ${many} messages x ${PLATFORMS.length} platforms, ${cases} cases in ${Math.round((Date.now() - begun) / 1000)} s: ${without} without a route (true rate below ${(300 / cases).toFixed(2)} % at 95 %); where the API answers, half of them within ${times[times.length >> 1]} ms, 99 % within ${times[Math.floor(times.length * 0.99)]} ms`);
world.server.close();
done("matrix");
