// The same update again: a hundred times at once, after an hour, three days and a week, with another body, on another channel. It
// changes one person once, and it is answered once.
//   node storm.mjs BINARY [ROUNDS]
import { execFileSync } from "node:child_process";
import { binary, check, done, fakeTelegram, request, secret, sleep, Steady, telegramConfig, text, until } from "../e2e/lib.mjs";

const rounds = Number(process.argv[3] ?? 20);
const fake = await fakeTelegram();
const one = telegramConfig(fake, { country: "US", chat_per_second: "1000", bot_per_second: "100000" }).channels.tg;
const steady = await new Steady({ config: { channels: { tg: one, other: { ...one, token: "654321:OTHER" }, web: { platform: "web" } } } }).start();
const post = (channel, update) => request(steady.port, "POST", "/hooks/" + channel, { headers: { "X-Telegram-Bot-Api-Secret-Token": secret }, body: JSON.stringify(update) });
const settled = () => until("nothing waits", async () => (await request(steady.port, "GET", "/metrics")).body.includes('outbox_waiting"} 0'), 30_000);

let contact = 1000, posted = 0, wrong = 0;
for (let i = 0; i < rounds; ++i) {
  const id = ++contact, update = text(id, "he left me on read and my chest is tight"), other = text(id, "he is there again", update.update_id);
  const all = await Promise.all(Array.from({ length: 100 }, () => post("tg", update)));
  posted += all.length;
  wrong += all.filter((a) => a.status !== 200).length;
  await until("answered", () => fake.sent(id).length > 0, 30_000);  // one that the store was too slow for waits in the spool
  await settled();
  check(fake.sent(id).length === 1, `a hundred at once: ${fake.sent(id).length} answers`);
  if (i > 2) continue;
  for (const hours of [1, 71, 96]) {
    steady.advance(hours * 3600);
    for (const u of [update, other]) wrong += (await post("tg", u)).status !== 200;
    posted += 2;
  }
  await sleep(200);
  await settled();
  const said = fake.sent(id).map((c) => c.body.text).filter((t) => !/erase|week|month/.test(t));
  check(said.length === 1, `an hour, three days and a week later, and with another body: ${JSON.stringify(said)}`);
  await post("other", update);
  await until("on another channel it is another message", () => fake.calls.some((c) => c.url.includes("654321") && c.body.chat_id === id));
}
check(wrong === 0, `${wrong} of ${posted} were not acknowledged`);
await steady.stop();
const kept = execFileSync(binary, ["person", "export-all", "tg", "--data", steady.folder + "/data"], { encoding: "utf8", maxBuffer: 1 << 28 }).trim().split("\n").map((l) => JSON.parse(l));
check(kept.length === rounds && kept.every((p) => p.kept.turn <= 1), "nobody's state changed twice");
console.log(`storm: ${rounds} updates posted ${posted} times: each taken once (true rate of a second time below ${(300 / posted).toFixed(2)} % a repeat at 95 %)`);
steady.clean();
fake.server.close();
done("storm");
