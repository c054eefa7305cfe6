// The power fails: the service runs on a file system in an image, and at random moments, under load, the image is copied by reflink, which
// holds what was synced and loses what only lay in memory. On every copy it starts again: what was acknowledged before the copy is there,
// the database is whole, the trail verifies. The rig must be able to show a loss: beside it another program commits with
// synchronous=NORMAL, and loses. What it cannot show: a disk that lies about what it has written.
//   node powercut.mjs BINARY [CUTS]
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binary, check, done, fakeTelegram, post, sleep, Steady, telegramConfig, text } from "../e2e/lib.mjs";

const cuts = Number(process.argv[3] ?? 10);
const root = mkdtempSync(join(tmpdir(), "steady-cut-"));
const at = (name) => join(root, name), mounted = [];
const sh = (command, ...args) => execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 1 << 28 });
function mount(image, folder) {
  mkdirSync(folder, { recursive: true });
  sh("mount", "-o", "loop", image, folder);
  mounted.unshift(folder);
}
function unmount(folder) {
  sh("umount", folder);
  mounted.splice(mounted.indexOf(folder), 1);
}
process.on("exit", () => {
  for (const folder of [...mounted]) spawnSync("umount", ["-l", folder]);
  rmSync(root, { recursive: true, force: true });
});
try {
  sh("truncate", "-s", "3G", at("outer.img"));
  sh("mkfs.xfs", "-q", "-m", "reflink=1", at("outer.img"));
  mount(at("outer.img"), at("outer"));
  sh("truncate", "-s", "256M", at("outer/in.img"));
  sh("mkfs.ext4", "-q", "-F", at("outer/in.img"));
  mount(at("outer/in.img"), at("in"));
} catch (error) {
  console.error("SKIPPED, LOUDLY: this needs root, loop devices and xfsprogs: " + error.message.split("\n")[0]);
  process.exit(77);
}

const fake = await fakeTelegram();
const config = telegramConfig(fake, { country: "US", chat_per_second: "1000", bot_per_second: "100000" });
mkdirSync(at("in/steady"));
const steady = await new Steady({ config, folder: at("in/steady") }).start();

// The negative control: its own database, its own ledger.
const control = spawn("python3", ["-c", `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("pragma journal_mode=wal"); db.execute("pragma synchronous=normal"); db.execute("create table t(n integer primary key)")
n = 0
while True:
    n += 1
    db.execute("insert into t values(?)", (n,))
    print(n, flush=True)
`, at("in/control.db")], { stdio: ["ignore", "pipe", "inherit"] });
let controlAcked = 0, rest = "";
control.stdout.on("data", (d) => {
  const lines = (rest + d).split("\n");
  rest = lines.pop();
  if (lines.length) controlAcked = Number(lines.at(-1));
});

const acked = new Set();
let contact = 1000, update = 1000, running = true;
const clients = Array.from({ length: 8 }, async () => {
  while (running) {
    const id = ++contact;
    if ((await post(steady, text(id, "he left me on read and my chest is tight", ++update))).status === 200) acked.add(id);
  }
});

let lost = 0, unacknowledged = 0, controlLost = 0, checkedPeople = 0;
for (let i = 0; i < cuts; ++i) {
  await sleep(50 + Math.random() * 700);
  const before = [...acked], controlBefore = controlAcked, cut = at(`outer/cut${i}.img`), folder = at(`cut${i}`);
  sh("cp", "--reflink=always", at("outer/in.img"), cut);
  mount(cut, folder);
  const after = await new Steady({ config: telegramConfig(fake, { country: "US", api_base: "http://127.0.0.1:9" }), folder: join(folder, "steady") }).start();
  check((await after.stop()).code === 0, `cut ${i}: it starts, and ends`);
  const data = join(folder, "steady", "data");
  const there = new Set(sh(binary, "person", "export-all", "tg", "--data", data).trim().split("\n").filter(Boolean).map((l) => JSON.parse(l)).filter((p) => p.kept.turn > 0).map((p) => Number(p.contact)));
  lost += before.filter((id) => !there.has(id)).length;
  unacknowledged += Math.max(0, there.size - before.length);
  checkedPeople += before.length;
  check(sh("sqlite3", join(data, "steady.db"), "pragma integrity_check").trim() === "ok", `cut ${i}: the database is whole`);
  const audit = spawnSync(binary, ["audit", "verify", "--data", data], { encoding: "utf8" });
  check(audit.status === 0, `cut ${i}: the trail: ${audit.stdout}${audit.stderr}`);
  const rows = spawnSync("sqlite3", [join(folder, "control.db"), "select count(*) from t"], { encoding: "utf8" });
  controlLost += Math.max(0, controlBefore - Number(rows.stdout));
  unmount(folder);
  rmSync(cut);
}
running = false;
await Promise.all(clients);
control.kill("SIGKILL");
await steady.stop();
check(lost === 0, `${lost} acknowledged messages are lost`);
check(checkedPeople > 100 * cuts, `the load was real: ${checkedPeople}`);
check(controlLost > 0, "the rig shows losses: with synchronous=NORMAL nothing was lost, so it proves nothing");
console.log(`powercut: ${cuts} cuts, ${acked.size} messages acknowledged, ${checkedPeople} looked for, lost ${lost} (true rate below ${(300 / cuts).toFixed(1)} % a cut at 95 %); there and not yet acknowledged ${unacknowledged}; the control with synchronous=NORMAL lost ${controlLost}`);
fake.server.close();
done("powercut");
