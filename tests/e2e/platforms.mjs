// Every platform end to end over its own payloads: the first minute of conversation.md 12.1, a crisis reply through 429 (with and
// without a time), 500 and a broken connection, the same event twice, a spoiled signature, somebody who blocked us, what a channel
// is lent (tokens, public keys), and what its window lets through.
import { check, done, request, sleep, Steady, until } from "./lib.mjs";
import { drivers, fakeWorld } from "./drivers.mjs";

let steady;
const all = drivers((platform) => `https://bot.example.org/hooks/${platform}`);
const world = await fakeWorld(Object.fromEntries(Object.entries(all).map(([name, d]) => [name, (c) => d.answer(c)])));
const channels = { web: { platform: "web" } };
for (const [name, d] of Object.entries(all)) channels[name] = { platform: name, country: "US", chat_per_second: "100", ...d.config(world.base) };
steady = await new Steady({ config: { public_url: "https://bot.example.org", channels } }).start();

const post = (name, sent) => request(steady.port, all[name].method ?? "POST", `/hooks/${name}${all[name].path ?? ""}`, sent);
const sent = (name) => world.calls.filter((c) => c.platform === name && all[name].sends(c) && c.status >= 200 && c.status < 300);

class Person {
  constructor(name) { Object.assign(this, { name, driver: all[name], contact: all[name].contact, seen: 0 }); }
  async next(ms) {
    await until(`${this.name}: message ${this.seen + 1}`, () => sent(this.name).length > this.seen, ms);
    const call = sent(this.name)[this.seen++];
    if (!call) return "";
    const read = this.driver.read(call);
    check(read.contact === this.contact, `${this.name}: to the person, ${read.contact}`);
    this.choices = read.choices;
    return read.text;
  }
  async post(what) {
    const answer = await post(this.name, what);
    check(answer.status >= 200 && answer.status < 300, `${this.name}: acknowledged, got ${answer.status} ${answer.body}`);
    return this.next();
  }
  say(words) { return this.post(this.driver.text(this.contact, words)); }
  // By its button where there is one, else in words.
  answer(label) {
    const choice = this.choices.find((c) => c.label === label);
    return choice && this.driver.tap ? this.post(this.driver.tap(this.contact, choice)) : this.say(label);
  }
}

async function firstMinute(name) {
  const ana = new Person(name);
  let said = await ana.say("he left me on read and im losing it");
  check(said.includes("a program") && /body/.test(said), `${name}: heard, disclosed, body: ${said}`);
  check(ana.driver.tap === null ? /1 Chest/.test(said) : ana.choices.length >= 3 || /1 Chest/.test(said), `${name}: taps or numbers: ${said}`);
  said = await ana.answer("Chest");
  check(said.startsWith("Chest."), `${name}: the body is heard: ${said}`);
  said = await ana.say("7");
  check(/pull|want you to do|decide/.test(said), `${name}: the strength is heard, the pull is asked: ${said}`);
  check(ana.driver.tap === null || ana.choices.length > 0 || /1 /.test(said), `${name}: what next: ${said}`);
  return ana;
}

async function misbehaves(ana) {
  const { name, driver } = ana;
  let failed = 0;
  world.behave = (c) => {
    if (c.platform !== name || !driver.sends(c)) return {};
    failed++;
    if (failed === 1) return name === "signal" ? { status: 500, body: "{}" } : { status: 429, body: "{}", headers: { "Retry-After": "1" } };
    if (failed === 2) return { status: 500, body: "{}" };
    return failed === 3 ? { destroy: true } : {};
  };
  const answer = await post(name, driver.text(ana.contact, "i took all the pills"));
  check(answer.status < 300, `${name}: taken`);
  const said = await ana.next(30_000);
  check(/911|112/.test(said), `${name}: the crisis reply comes in the end: ${said}`);
  check(failed === 4, `${name}: after 429, 500 and no answer, ${failed} tries`);
  world.behave = () => ({});
}

async function repeats(ana) {
  const what = ana.driver.text(ana.contact, "hello?"), path = ana.driver.path ?? "";
  const twice = () => request(steady.port, ana.driver.method ?? "POST", `/hooks/${ana.name}${path}`, what);
  const before = sent(ana.name).length;
  check((await twice()).status < 300 && (await twice()).status < 300, `${ana.name}: the same event is acknowledged twice`);
  await until(`${ana.name}: one answer`, () => sent(ana.name).length > before);
  await sleep(60);
  check(sent(ana.name).length === before + 1, `${ana.name}: and answered once`);
  ana.seen = sent(ana.name).length;
}

async function spoiled(ana) {
  const what = ana.driver.text(ana.contact, "x");
  const body = what.body.replace(/([:=]")?x/, "$1y");
  const tokens = { zulip: "zulip-token", rocketchat: "rocket-out", mattermost: "mm-command" };
  const bad = tokens[ana.name] ? { ...what, body: what.body.replace(tokens[ana.name], "wrong") } : ana.name === "matrix" ? { ...what, headers: { Authorization: "Bearer wrong" } } : ana.name === "teams" || ana.name === "googlechat" ? { ...what, headers: { ...what.headers, Authorization: what.headers.Authorization.slice(0, -8) + "AAAAAAAA" } } : { ...what, body: body === what.body ? what.body + " " : body };
  const path = ana.name === "signal" ? "/wrong" : ana.driver.path ?? "";
  const answer = await request(steady.port, ana.driver.method ?? "POST", `/hooks/${ana.name}${path}`, bad);
  check(answer.status === 401 || answer.status === 403, `${ana.name}: spoiled is refused, got ${answer.status}`);
}

async function people(name) {
  const ana = await firstMinute(name);
  await spoiled(ana);
  await misbehaves(ana);
  await repeats(ana);
  if (ana.driver.token) check(sent(name).every((c) => c.headers.authorization === "Bearer " + ana.driver.token), `${name}: with the lent token`);
  if (!ana.driver.blocked) return;
  world.behave = (c) => (c.platform === name && ana.driver.sends(c) ? ana.driver.blocked : {});
  await post(name, ana.driver.text(ana.contact, "are you there"));
  await until(`${name}: a dead letter`, async () => new RegExp(`steady_deliveries[^\\n]*channel="${name}"[^\\n]*outcome="dead"`).test((await request(steady.port, "GET", "/metrics")).body));
  world.behave = () => ({});
}

for (const name of Object.keys(all)) await people(name);

// --- the handshake of Meta's webhooks
for (const name of ["whatsapp", "messenger", "instagram"]) {
  const shake = (token) => request(steady.port, "GET", `/hooks/${name}?hub.mode=subscribe&hub.verify_token=${token}&hub.challenge=1158201444`);
  const good = await shake("verify-me");
  check(good.status === 200 && good.body === "1158201444" && good.headers["content-type"].startsWith("text/plain"), `${name}: the challenge comes back`);
  check((await shake("other")).status === 403, `${name}: with another token 403`);
}

// --- unasked and outside the window: skipped, or said with what the platform approved
async function checkIns(name, contact) {
  const bea = new Person(name);
  bea.contact = contact;
  bea.seen = sent(name).length;
  for (const words of ["check in with me every evening", "evenings", "every evening", "yes"]) await bea.say(words);
}
const day = 86_400, evening = 1.5 * 3600 + 60;  // half past eight in the zone that the country suggests
function advanceTo(second) {
  const now = Math.floor(Date.now() / 1000) + (steady.shift ?? 0);
  steady.advance(day - ((now - second) % day));
}
advanceTo(evening - 8 * 3600);
await checkIns("messenger", "7003");
await checkIns("whatsapp", "16505550003");
const toBea = () => sent("messenger").filter((c) => JSON.stringify(c.body).includes('"7003"')).length;  // others are looked in on, too
const asked = toBea();
advanceTo(evening);
await until("messenger: a check-in on the same day is sent", () => toBea() === asked + 1);
const templates = () => world.calls.filter((c) => c.body.template && c.body.to === "16505550003");
const passed = () => templates().length > 0;
for (let night = 0; night < 6 && !passed(); night++) {
  advanceTo(evening);
  await sleep(2500);
}
check(toBea() === asked + 1, `messenger: a check-in after a day is not sent: ${toBea() - asked} of one`);
const template = templates()[0]?.body.template;
check(template?.name === "daily_checkin" && template.components[0].parameters[0].text.includes("pull"), "whatsapp: after a day, by the template: " + JSON.stringify(template));

// --- keys and tokens are asked for once
check(world.calls.filter((c) => c.platform === "teams" && c.path === "/keys").length <= 2, "Teams' keys are kept");
check(world.calls.filter((c) => c.platform === "googlechat" && c.path === "/token").length === 1, "a lent token is kept");

for (const secret of ["slack-secret", "xoxb-test", "meta-secret", "twilio-token", "line-token", "lent-teams", "lent-google", "zulip-key", "matrix-as"])
  check(!steady.log.includes(secret), "no secret in the log: " + secret);
check(!/left me on read|pills/.test(steady.log), "no words in the log");
check((await steady.stop()).code === 0, "a clean end");
steady.clean();
done("platforms");
