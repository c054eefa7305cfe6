// Slow and many: connections that say nothing, heads and bodies a byte a second, answers nobody reads, TLS where none is
// spoken, more of them than the service takes, and more than it has descriptors for. Oracle: whoever writes meanwhile is
// acknowledged every time and answered, nearly as soon as in quiet; afterwards descriptors and memory are what they were.
//   node crowd.mjs BINARY [CONNECTIONS]
import { readdirSync, readFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { check, done, fakeTelegram, request, secret, sleep, Steady, telegramConfig, text, until } from "../e2e/lib.mjs";

const many = Number(process.argv[3] ?? 1000);
const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
const config = (fake) => telegramConfig(fake, { country: "US", chat_per_second: "1000", bot_per_second: "100000" });
const metric = async (steady, name) => Number((await request(steady.port, "GET", "/metrics")).body.match(new RegExp(`${name} (\\S+)`))?.[1]);
const descriptors = (steady) => readdirSync(`/proc/${steady.child.pid}/fd`).length;
const memory = (steady) => Number(readFileSync(`/proc/${steady.child.pid}/status`, "utf8").match(/VmRSS:\s+(\d+)/)[1]) / 1024;

// One after the other, for so long; how long each took to be acknowledged, and who was not.
let contact = 1000;
async function write(steady, fake, ms) {
  const took = [], wrong = [], who = [], end = Date.now() + ms;
  while (Date.now() < end) {
    const id = ++contact, from = performance.now();
    const answer = await new Promise((resolve) => {
      const body = JSON.stringify(text(id, "he left me on read and my chest is tight"));
      const req = http.request({ host: "127.0.0.1", port: steady.port, method: "POST", path: "/hooks/tg", agent, headers: { "X-Telegram-Bot-Api-Secret-Token": secret, "Content-Length": Buffer.byteLength(body) } }, (res) => { res.resume(); res.on("end", () => resolve(res.statusCode)); });
      req.on("error", (e) => resolve(e.code));
      req.end(body);
    });
    took.push(performance.now() - from);
    if (answer === 200) who.push(id);
    else wrong.push(answer);
    await sleep(5);
  }
  await until("everybody is answered", () => who.every((id) => fake.sent(id).length > 0), 20_000);
  took.sort((a, b) => a - b);
  return { wrong, p99: took[Math.floor(took.length * 0.99)], n: took.length };
}

const head = (length) => `POST /hooks/tg HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n`;
const KINDS = [
  ["says nothing", () => [""]],
  ["a head, a byte a second", () => [...`POST /hooks/tg HTTP/1.1\r\nHost: a\r\n${"X-A: b\r\n".repeat(20)}`]],
  ["a body, a byte a second", () => [head(5000) + "\r\n", ..."{".repeat(200)]],
  ["reads nothing", () => ["GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n".repeat(200)], true],
  ["TLS, where none is spoken", () => [Buffer.from("160301020001000100", "hex")]],
  ["half a request, and gone", () => [head(10), null]],
];
function crowd(port, count) {
  const all = [];
  for (let i = 0; i < count; i++) {
    const [, make, deaf] = KINDS[i % KINDS.length], parts = make();
    const socket = net.connect(port, "127.0.0.1");
    socket.on("error", () => {});
    if (deaf) socket.pause();
    else socket.resume();
    const say = () => {
      const part = parts.shift();
      if (part === undefined || socket.destroyed) return clearInterval(timer);
      if (part === null) socket.destroy();
      else socket.write(part);
    };
    const timer = setInterval(say, 1000);
    socket.on("connect", say);
    socket.on("close", () => clearInterval(timer));
    all.push(socket);
  }
  return all;
}

{
  const fake = await fakeTelegram(), steady = await new Steady({ config: config(fake) }).start();
  const quiet = await write(steady, fake, 3000);
  const before = { files: descriptors(steady), memory: memory(steady) };
  const sockets = crowd(steady.port, many);
  await sleep(1500);
  const loud = await write(steady, fake, 12_000);
  const most = memory(steady) - before.memory;
  check(loud.wrong.length === 0, `beside ${many} others everybody is acknowledged: ${loud.wrong.slice(0, 5)} (${loud.wrong.length} of ${loud.n})`);
  check(most < 200, `they cost ${most.toFixed(0)} MB`);
  await until("the crowd is sent away", () => descriptors(steady) <= before.files + 8, 100_000);
  const after = await write(steady, fake, 2000);
  check(after.wrong.length === 0, "as before");
  check(memory(steady) - before.memory < 60, `and leaves ${(memory(steady) - before.memory).toFixed(0)} MB`);
  console.log(`crowd: ${many} at once, ${loud.n} messages beside them, p99 ${(loud.p99 / quiet.p99).toFixed(1)} of ${quiet.p99.toFixed(1)} ms in quiet, ${most.toFixed(0)} MB`);
  sockets.forEach((s) => s.destroy());
  check((await steady.stop()).code === 0, "a clean end");
  steady.clean();
  fake.server.close();
}

// Fewer descriptors than callers: the replies still go out, the database is still written, and nothing spins.
{
  const fake = await fakeTelegram();
  const steady = new Steady({ config: config(fake) });
  steady.under = ["prlimit", "--nofile=400:400"];
  await steady.start();
  const sockets = crowd(steady.port, 600);
  await sleep(1000);
  const cpu = () => readFileSync(`/proc/${steady.child.pid}/stat`, "utf8").split(") ")[1].split(" ").slice(11, 13).reduce((a, b) => a + Number(b), 0);
  const from = cpu();
  await sleep(3000);
  check(cpu() - from < 150, `and waits for them without spinning: ${(cpu() - from) / 3} % of a core`);
  await until("there is room again", async () => (await metric(steady, 'what="connections"}')) < 100, 100_000);
  const later = await write(steady, fake, 3000);
  check(later.wrong.length === 0 && later.n > 20, `whoever writes then is acknowledged: ${later.wrong.slice(0, 3)}`);
  check(!/too many open files/i.test(steady.log), "no descriptor is missing");
  sockets.forEach((s) => s.destroy());
  await steady.stop();
  steady.clean();
  fake.server.close();
}
done("crowd");
