// Telegram end to end: the first minute of conversation.md 12.1 through a webhook, a fake Bot API that answers 200, 429, 500, hangs and
// 403 on demand; duplicates through a restart; order; grammY as the judge of our fake.
import { Bot } from "grammy";
import { binary, check, done, fakeTelegram, Person, post, request, Steady, telegramConfig, text, until, token } from "./lib.mjs";

const fake = await fakeTelegram();
const bot = new Bot(token, { client: { apiRoot: `http://127.0.0.1:${fake.port}` }, botInfo: { id: 1, is_bot: true, first_name: "x", username: "x" } });
await bot.api.sendMessage(5, "judge");  // a real client accepts what our fake answers
check(fake.calls[0].url === `/bot${token}/sendMessage`, "grammY calls the same path as we do");
fake.calls.length = 0;

const steady = await new Steady({ config: telegramConfig(fake, { country: "US", chat_per_second: "100" }) }).start();

// --- the first minute
const ana = new Person(steady, fake, 42);
let said = await ana.say("he left me on read and im losing it");
check(said.includes("a program") && /body/.test(said), "first message: heard, disclosed, body: " + said);
check(ana.keyboard.length === 8, "eight taps");
check(Buffer.byteLength(ana.keyboard[7].callback_data) <= 64, "payload fits 64 bytes");
said = await ana.say("chest. should i text him???");
check(said.startsWith("Chest.") && ana.keyboard.length === 11, "strength: " + said);
said = await ana.tap("7");
check(said.startsWith("Seven."), "pull: " + said);
said = await ana.tap("That's it");
said = await ana.say("i typed it but didnt send");
check(ana.keyboard.length === 4, "three actions and one's own");
said = await ana.tap("Write it to me");
said = await ana.say("why do you do this every time i open up. im not a toy. answer me");
check(ana.keyboard.some((b) => b.text === "In 20 minutes"), "check-back is offered: " + said);
said = await ana.tap("In 20 minutes");
check(fake.calls.filter((c) => c.method === "answerCallbackQuery").length === 4, "every press is answered");
steady.advance(20 * 60 + 60);
said = await ana.next();
check(/number|strong/.test(said), "the check-back comes: " + said);
said = await ana.say("4. didnt send it");
check(said.includes("7") && said.includes("4"), "from 7 to 4: " + said);
said = await ana.tap("An hour before");
check(said.includes("forget me"), "consent is asked at the close: " + said);
said = await ana.tap("Keep them");
said = await ana.tap("Yes");
const { execFileSync } = await import("node:child_process");
const rows = (contact) => JSON.stringify(JSON.parse(execFileSync(binary, ["person", "export", "tg", String(contact), "--data", steady.folder + "/data"], { encoding: "utf8" })).kept);
const stateOf = (contact) => JSON.parse(rows(contact));
const state = stateOf(42);
check(state.episodes?.length === 1 && state.episodes[0].closed, "a closed episode in the store");
check(state.episodes[0].strength === 7 && state.episodes[0].outcome === "steady" && state.episodes[0].onset_minutes === 60, "with its measures: " + JSON.stringify(state.episodes[0]));
check(!rows(42).includes("toy"), "no transcript");

// --- the same update 100 times, 8 at a time, through a restart
const bea = new Person(steady, fake, 43);
const again = text(43, "my chest is tight, she hasnt replied", 77);
const statuses = [];
const storm = async (n) => { for (let i = 0; i < n; i++) statuses.push((await post(steady, again)).status); };
await Promise.all(Array.from({ length: 8 }, () => storm(6)));
const stopped = await steady.stop();
check(stopped.code === 0, "SIGTERM ends it with 0, got " + JSON.stringify(stopped));
await steady.start();
await Promise.all(Array.from({ length: 8 }, () => storm(7)));
check(statuses.length === 104 && statuses.every((s) => s === 200), "all are acknowledged: " + [...new Set(statuses)]);
await bea.next();
await until("nothing waits", async () => (await request(steady.port, "GET", "/metrics")).body.includes('outbox_waiting"} 0'));
check(fake.sent(43).length === 1, `one reply for one update, ${fake.sent(43).length} came`);

// --- two messages at once: taken one after the other, and answered in that order: the last word is the state
for (let round = 0; round < 5; round++) {
  const before = fake.sent(44).length;
  await Promise.all([post(steady, text(44, "stop", 900 + 2 * round)), post(steady, text(44, "start", 901 + 2 * round))]);
  if (!(await until("both are answered", () => fake.sent(44).length === before + 2))) break;
  const quiet = !JSON.stringify(fake.sent(44).at(-1).body.reply_markup).includes("menu.open");
  check((stateOf(44).muted ?? false) === quiet, "the last reply tells the state: " + fake.sent(44).slice(-2).map((c) => c.body.text));
}

// --- the platform misbehaves
let failed = 0;
fake.behave = (c) => (c.method === "sendMessage" && c.body.chat_id === 45 && failed++ < 1 ? { status: 429, body: JSON.stringify({ ok: false, error_code: 429, parameters: { retry_after: 1 } }) } : {});
const dan = new Person(steady, fake, 45);
await post(steady, text(45, "she left me on read"));
const before = Date.now();
await dan.next();
check(failed === 2 && Date.now() - before >= 800, "after 429 it waits as told and sends once");
failed = 0;
fake.behave = (c) => (c.body.chat_id === 46 && failed++ < 2 ? { status: 500, body: "{}" } : {});
const eve = new Person(steady, fake, 46);
await post(steady, text(46, "i took all the pills"));
const urgent = await eve.next(20_000);
check(urgent.includes("911"), "a crisis reply survives two 500s: " + urgent);
failed = 0;
fake.behave = (c) => (c.body.chat_id === 47 && failed++ < 1 ? { destroy: true } : {});
const fay = new Person(steady, fake, 47);
await post(steady, text(47, "she left me on read"));
await fay.next(20_000);
fake.behave = (c) => (c.body.chat_id === 48 ? { status: 403, body: JSON.stringify({ ok: false, error_code: 403, description: "Forbidden: bot was blocked by the user" }) } : {});
await post(steady, text(48, "she left me on read"));
await until("a dead letter", async () => (await request(steady.port, "GET", "/metrics")).body.includes('outcome="dead"'));
await until("the person is muted", () => stateOf(48).muted);
fake.behave = () => ({});
check(!steady.log.includes(token) && !steady.log.includes("toy") && !steady.log.includes("pills"), "no secret and no words in the log");

// --- stop is obeyed: no check-back comes
const gil = new Person(steady, fake, 49);
await gil.say("he left me on read and im losing it");
await gil.tap("Chest");
await gil.tap("3");
await gil.say("stop");
const count = fake.sent(49).length;
steady.advance(3600);
await until("a timer round passes", async () => (await new Promise((r) => setTimeout(r, 1500)), true));
check(fake.sent(49).length === count, "after stop nothing comes unasked");
check((await gil.say("i want to kill myself")).includes("988"), "after stop a crisis is answered");

// --- SIGHUP keeps the last good packs
steady.child.kill("SIGHUP");
await until("packs are read again", () => steady.log.split('"event":"packs"').length > 3);
check((await steady.stop()).code === 0, "a clean end");
steady.clean();
done("telegram");
