// What the end-to-end tests share: a Steady on loopback with a folder of its own, a fake Bot API that records calls and misbehaves
// on demand, posting updates, waiting without sleeping long. Every process started here ends with the test.
import { spawn } from "node:child_process";
import { mkdtempSync, writeFileSync, rmSync, existsSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const binary = process.argv[2] ?? "build/release/steady";
export const secret = "webhook_secret_of_these_tests";
export const token = "123456:TEST-TOKEN";
let failures = 0;

export function check(condition, what) {
  if (condition) return;
  failures++;
  console.error("FAILED: " + what + "\n" + new Error().stack.split("\n")[2]);
}
export function done(name) {
  console.log(failures ? `${name}: ${failures} failures` : `${name}: ok`);
  process.exit(failures ? 1 : 0);
}
const MINUTES = Number(process.env.STEADY_TEST_MINUTES ?? 9.8);
setTimeout(() => { console.error(`FAILED: the test took longer than ${MINUTES} minutes`); process.exit(1); }, MINUTES * 60_000).unref();

export const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
export async function until(what, condition, ms = 15_000) {
  const end = Date.now() + ms;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) { check(false, "in time: " + what); return undefined; }
    await sleep(15);
  }
}

const children = new Set();
process.on("exit", () => children.forEach((c) => c.kill("SIGKILL")));

const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
export function request(port, method, path, { headers = {}, body = "", raw = false } = {}) {
  return new Promise((resolve) => {
    const req = http.request({ host: "127.0.0.1", port, method, path, headers: { "Content-Length": Buffer.byteLength(body), ...headers }, agent: raw ? undefined : agent }, (res) => {
      let text = "";
      res.on("data", (d) => (text += d));
      res.on("end", () => resolve({ status: res.statusCode, headers: res.headers, body: text }));
      res.on("error", () => resolve({ status: 0 }));
    });
    req.on("error", (e) => resolve({ status: 0, error: e.code }));
    req.setTimeout(20_000, () => req.destroy());
    req.end(body);
  });
}

// A Bot API on loopback. behave(call) may return {status, body, hang, destroy}; calls are recorded in order.
export async function fakeTelegram() {
  const fake = { calls: [], behave: () => ({}) };
  fake.server = http.createServer((req, res) => {
    let text = "";
    req.on("data", (d) => (text += d));
    req.on("end", () => {
      const call = { method: req.url.split("/").pop(), body: JSON.parse(text || "{}"), at: Date.now(), url: req.url };
      const how = fake.behave(call) ?? {};
      call.status = how.status ?? 200;
      fake.calls.push(call);
      if (how.hang) return;
      if (how.destroy) return res.destroy();
      res.writeHead(call.status, { "Content-Type": "application/json" });
      res.end(how.body ?? JSON.stringify({ ok: true, result: { message_id: fake.calls.length } }));
    });
  });
  await new Promise((r) => fake.server.listen(0, "127.0.0.1", r));
  fake.port = fake.server.address().port;
  fake.sent = (contact) => fake.calls.filter((c) => c.method === "sendMessage" && c.status === 200 && (contact === undefined || c.body.chat_id === contact));
  return fake;
}

export class Steady {
  constructor({ config = {}, rules, folder, under = [] } = {}) {  // under: a program that runs it, with its arguments
    this.under = under;
    this.folder = folder ?? mkdtempSync(join(tmpdir(), "steady-e2e-"));
    this.config = config;
    this.rules = rules;
    this.log = "";
  }
  async start() {
    await this.launch();
    await until("the service listens", () => this.listens(), 60_000);
    return this;
  }
  async listens() { return (await request(this.port, "GET", "/healthz", { raw: true })).status === 200; }
  async launch() {
    this.port ??= await freePort();
    const file = join(this.folder, "steady.yaml");
    writeFileSync(file, JSON.stringify({ listen: { port: this.port }, data: join(this.folder, "data"), log: "info", ...this.config }));
    const clock = join(this.folder, "clock");
    if (!existsSync(clock)) writeFileSync(clock, "0");
    const command = [...this.under, binary, ...(this.rules ? ["--rules", this.rules] : []), "serve", "--config", file, "--clock-file", clock];
    this.child = spawn(command[0], command.slice(1), { stdio: ["ignore", "ignore", "pipe"] });
    this.child.stderr.on("data", (d) => (this.log += d));
    this.ended = new Promise((r) => this.child.on("exit", (code, signal) => r({ code, signal })));
    children.add(this.child);
    this.child.on("exit", () => children.delete(this.child));
  }
  advance(seconds) {
    this.shift = (this.shift ?? 0) + seconds;
    writeFileSync(join(this.folder, "clock"), String(this.shift));
  }
  async stop(signal = "SIGTERM") {
    this.child.kill(signal);
    return this.ended;
  }
  clean() { rmSync(this.folder, { recursive: true, force: true }); }
}

async function freePort() {
  const server = http.createServer();
  await new Promise((r) => server.listen(0, "127.0.0.1", r));
  const port = server.address().port;
  await new Promise((r) => server.close(r));
  return port;
}

export function telegramConfig(fake, more = {}) {
  return { channels: { tg: { platform: "telegram", token, webhook_secret: secret, api_base: `http://127.0.0.1:${fake.port}`, ...more }, web: { platform: "web" } } };
}

let nextUpdate = 1000;
export const text = (contact, words, id = nextUpdate++) => ({ update_id: id, message: { message_id: id, from: { id: contact, is_bot: false, first_name: "Ana" }, chat: { id: contact, type: "private" }, date: 1, text: words } });
export const tap = (contact, data, id = nextUpdate++) => ({ update_id: id, callback_query: { id: "q" + id, from: { id: contact, is_bot: false }, message: { message_id: 1, date: 1, chat: { id: contact, type: "private" } }, data } });
export const post = (steady, update, headers = { "X-Telegram-Bot-Api-Secret-Token": secret }) => request(steady.port, "POST", "/hooks/tg", { headers, body: typeof update === "string" ? update : JSON.stringify(update) });

// Someone on Telegram: says or taps, and gets the next message that comes.
export class Person {
  constructor(steady, fake, contact) { Object.assign(this, { steady, fake, contact, seen: 0 }); }
  async next(ms) {
    await until(`a message to ${this.contact}`, () => this.fake.sent(this.contact).length > this.seen, ms);
    const call = this.fake.sent(this.contact)[this.seen++];
    this.keyboard = call?.body.reply_markup?.inline_keyboard?.flat() ?? [];
    return call?.body.text ?? "";
  }
  async say(words) {
    const answer = await post(this.steady, text(this.contact, words));
    check(answer.status === 200, `"${words}" is acknowledged, got ${answer.status}`);
    return this.next();
  }
  async tap(label) {
    const button = this.keyboard.find((b) => b.text === label);
    check(button, `the tap ${label} is offered, there are ${this.keyboard.map((b) => b.text).join("|")}`);
    if (!button) return "";
    await post(this.steady, tap(this.contact, button.callback_data));
    return this.next();
  }
}
