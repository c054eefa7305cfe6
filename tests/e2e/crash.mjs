// kill -9 at random moments under load, with an independent ledger (memory of this process): nothing acknowledged is lost, no state
// changes twice, replies are doubled only when killed between send and settle (counted, printed).
//   node crash.mjs BINARY [KILLS]
import { execFileSync } from "node:child_process";
import { binary, check, done, fakeTelegram, post, request, sleep, Steady, telegramConfig, text, until } from "./lib.mjs";

const kills = Number(process.argv[3] ?? process.env.STEADY_KILLS ?? 200);
const fake = await fakeTelegram();
const steady = await new Steady({ config: telegramConfig(fake, { country: "US", chat_per_second: "1000", bot_per_second: "100000" }) }).start();

// A person of the ledger never gets an ordinary wording twice for one update: each update is a first message of a new contact, so
// that one update = one person = one reply; the person's turn counter tells how often it was decided.
const sent = new Map();   // contact -> update
const acked = new Set();
let contact = 10_000, update = 50_000, running = true, duplicates = 0, redone = 0;
async function client() {
  const own = [];
  while (running) {
    let u;
    if (own.length && Math.random() < 0.1) {
      u = own[Math.floor(Math.random() * own.length)];
      duplicates++;
    } else {
      contact++;
      u = text(contact, Math.random() < 0.1 ? "i want to kill myself" : "he left me on read and my chest is tight", update++);
      sent.set(contact, u);
      own.push(u);
      if (own.length > 50) own.shift();
    }
    const answer = await post(steady, u);
    if (answer.status === 200) acked.add(u.message.chat.id);
    else { redone++; own.push(u); await sleep(20); }   // as a platform would: again later
  }
}
const clients = Array.from({ length: 8 }, client);
for (let k = 0; k < kills; k++) {
  await sleep(5 + Math.random() * 250);
  await steady.stop("SIGKILL");
  await steady.start();
}
await sleep(500);
running = false;
await Promise.all(clients);
await until("everything is delivered", async () => (await request(steady.port, "GET", "/metrics")).body.includes('outbox_waiting"} 0'), 60_000);
const clean = await steady.stop();
check(clean.code === 0, "a clean end after it all");

const db = steady.folder + "/data/steady.db";
const kept = execFileSync(binary, ["person", "export-all", "tg", "--data", steady.folder + "/data"], { encoding: "utf8", maxBuffer: 1 << 28 }).trim().split("\n").map((l) => JSON.parse(l));
check(execFileSync("sqlite3", [db, "pragma integrity_check"], { encoding: "utf8" }).trim() === "ok", "the database is whole");
const turns = new Map(kept.map((p) => [Number(p.contact), p.kept]));
const replies = new Map();
for (const c of fake.sent()) replies.set(c.body.chat_id, (replies.get(c.body.chat_id) ?? 0) + 1);

let lost = 0, ghosts = 0, doubled = 0, twice = 0;
for (const id of acked) if (!replies.has(id)) lost++;
for (const [id, state] of turns) if (state.turn > 1) twice++;
for (const [id, n] of replies) {
  if (!sent.has(id)) ghosts++;
  if (n > 1) doubled += n - 1;
}
check(lost === 0, `${lost} acknowledged messages have no reply`);
check(ghosts === 0, `${ghosts} replies to nobody`);
check(twice === 0, `${twice} people were decided twice for one update`);
check(doubled <= kills * 64, "doubled replies stay below the sends in flight at the kills");
check(acked.size > kills, "the load was real: " + acked.size);
console.log(`${kills} kills: ${sent.size} messages, ${acked.size} acknowledged, ${duplicates} duplicates and ${redone} repeats posted; lost ${lost} (true rate below ${(300 / kills).toFixed(1)} % a kill at 95 %), state changed twice ${twice}, replies doubled ${doubled}`);
steady.clean();
done("crash");
