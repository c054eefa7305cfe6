// People on call: told by one route after the other until one of them says so; what the person reads of it is true; no words
// of the person leave the house; killed, it goes on; with the store away it goes out at once, by every route.
import { createHmac } from "node:crypto";
import http from "node:http";
import net from "node:net";
import { chmodSync, readdirSync, rmSync, writeFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { check, done, fakeTelegram, Person, post, request, sleep, Steady, telegramConfig, text, until } from "./lib.mjs";

const words = "i have the pills here and i am going to take them tonight";
const key = Buffer.from("a secret of people on call");

// The operator's own pager: takes webhooks, or refuses.
const pager = { calls: [], beats: 0, status: 200 };
pager.server = http.createServer((req, res) => {
  let body = "";
  req.on("data", (d) => (body += d));
  req.on("end", () => {
    if (req.url === "/beat") pager.beats++;
    else pager.calls.push({ headers: req.headers, body, at: Date.now() });
    res.writeHead(req.url === "/beat" ? 200 : pager.status).end();
  });
});
await new Promise((r) => pager.server.listen(0, "127.0.0.1", r));
const pagerUrl = `http://127.0.0.1:${pager.server.address().port}`;

// A mail server that takes everything.
const mails = [];
const smtp = net.createServer((socket) => {
  let inData = false, mail = "";
  socket.on("error", () => {});
  socket.write("220 here\r\n");
  socket.on("data", (d) => {
    for (const line of d.toString().split("\r\n").slice(0, -1)) {
      if (inData && line === ".") { inData = false; mails.push(mail); mail = ""; socket.write("250 taken\r\n"); }
      else if (inData) mail += line + "\n";
      else if (line === "DATA") { inData = true; socket.write("354 go\r\n"); }
      else if (line === "QUIT") socket.end("221 bye\r\n");
      else socket.write("250 ok\r\n");
    }
  });
});
await new Promise((r) => smtp.listen(0, "127.0.0.1", r));

const fake = await fakeTelegram();
const config = telegramConfig(fake, { country: "GB" });
config.alarms = {
  operator: "Elm House",
  heartbeat: `${pagerUrl}/beat`,
  smtp: { url: `smtp://127.0.0.1:${smtp.address().port}`, from: "steady@example.org" },
  routes: [{ webhook: pagerUrl, secret: "whsec_" + key.toString("base64") }, { email: "ops@example.org" }, { channel: "tg", contact: "999" }],
};
let steady = await new Steady({ config }).start();

// --- the ladder
const ana = new Person(steady, fake, 7);
check((await ana.say(words)).includes("999"), "the person is answered first");
await until("the first route", () => pager.calls.length === 1);
const call = pager.calls[0], alarm = JSON.parse(call.body);
const signed = createHmac("sha256", key).update(`${call.headers["webhook-id"]}.${call.headers["webhook-timestamp"]}.${call.body}`).digest("base64");
check(call.headers["webhook-signature"] === "v1," + signed, "signed as Standard Webhooks say");
check(alarm.type === "alarm.raised" && alarm.data.level === "danger" && alarm.data.channel === "tg" && alarm.data.case > 0, "a case, a level, a channel: " + call.body);
check(mails.length === 0, "the second route has its time");
steady.advance(121);
await until("two minutes on: mail", () => mails.length === 1);
check(mails[0].includes("To: <ops@example.org>") && mails[0].includes(alarm.data.acknowledge), "with the link: " + mails[0]);
steady.advance(180);
await until("five minutes on: somebody on a channel", () => fake.sent("999").length + fake.sent(999).length === 1);

// --- killed, and up again: the alarm is still open
await steady.stop("SIGKILL");
steady = await new Steady({ config, folder: steady.folder }).start();
ana.steady = steady;
steady.shift = 301;
steady.advance(301);
await until("ten minutes on: from the beginning again", () => pager.calls.length >= 2);

// --- what the person reads is true, and who looks at the link acknowledges nothing
const path = new URL(alarm.data.acknowledge).pathname;
const seen = await request(steady.port, "GET", path);
check(seen.status === 200 && seen.body.includes("nobody has it yet") && seen.body.includes("<button"), "the link shows a button: " + seen.body);
const told = (what) => until(what, () => fake.sent(7).some((c) => c.body.text.includes(what)));
steady.advance(901);
await told("Elm House has been alerted, and nobody has answered yet.");
const taken = await request(steady.port, "POST", path);
check(taken.status === 200 && taken.body.includes("somebody has it"), "the button takes it");
await told("Elm House has seen the alarm.");
const before = pager.calls.length + mails.length;
steady.advance(3600);
await sleep(2500);
check(pager.calls.length + mails.length === before, "and then it is still");
check((await request(steady.port, "POST", path)).body.includes("somebody has it"), "a second time changes nothing");
check(fake.sent(7).filter((c) => c.body.text.includes("has seen the alarm")).length === 1, "the person is told once");
check((await request(steady.port, "GET", "/alarms/nonsense")).status === 404, "another link is none");
check((await request(steady.port, "POST", path, { headers: { "Sec-Fetch-Site": "cross-site" } })).status === 403, "another site cannot press it");
check(pager.beats > 0, "the heartbeat beats");

// --- a route that fails is followed by the next at once
pager.status = 500;
const mailed = mails.length;
const ben = new Person(steady, fake, 8);
await ben.say(words);
await until("mail at once, as the pager is down", () => mails.length > mailed, 10_000);
pager.status = 200;

// --- no words of a person anywhere but in their own chat
const all = pager.calls.map((c) => c.body).join() + mails.join() + JSON.stringify(fake.sent(999)) + steady.log;
check(!all.includes("pills") && !all.includes("tonight"), "no words of theirs leave");
for (const outcome of ["sent", "failed", "heartbeat"])  // the heart of the one that is up again beats when its canary is back
  await until(`counted: ${outcome}`, async () => (await request(steady.port, "GET", "/metrics")).body.includes(`steady_alarms_total{outcome="${outcome}"}`), 70_000);

// --- but of whoever allows it, the words of that moment
const cleo = new Person(steady, fake, 10);
for (const line of ["settings", "Alerts to people", "Allow text"]) await cleo.say(line);
const paged = pager.calls.length;
await cleo.say(words);
await until("an alarm with words", () => pager.calls.slice(paged).some((c) => JSON.parse(c.body).data.words === words));
check(!steady.log.includes("pills"), "and nowhere else");

// --- the store is away: every route at once, with the truth about it
await steady.stop();
for (const f of readdirSync(join(steady.folder, "data"))) if (f.startsWith("steady.db")) rmSync(join(steady.folder, "data", f));
mkdirSync(join(steady.folder, "data", "steady.db"));
steady = await new Steady({ config, folder: steady.folder }).start();
const calls = pager.calls.length, letters = mails.length;
check((await post(steady, text(9, words))).status === 200, "kept in the spool");
await until("by every route", () => pager.calls.length > calls && mails.length > letters);
check(mails.at(-1).includes("database is away"), "and it says why it has no case: " + mails.at(-1));
await until("the person is answered all the same", () => fake.sent(9).length > 0);
await steady.stop();
steady.clean();
pager.server.close();
smtp.close();
done("alarms");
