// A real XMPP server and a real client: Debian's prosody with Steady as its component, @xmpp/client as the person. The handshake,
// presence, a first message, numbers as answers, a crisis; a wrong secret is told and not tried for ever; prosody restarted, and the
// component comes back. node xmpp.mjs STEADY
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check, done, Steady, until } from "../e2e/lib.mjs";
import { client, xml } from "@xmpp/client";

if (spawnSync("which", ["prosody"]).status !== 0) {
  console.error("SKIPPED: no prosody on this machine: no XMPP server has judged this build");
  process.exit(77);
}
const free = () => new Promise((resolve) => { const s = net.createServer().listen(0, "127.0.0.1", () => { const { port } = s.address(); s.close(() => resolve(port)); }); });
const folder = mkdtempSync(join(tmpdir(), "steady-prosody-")), data = join(folder, "data"), file = join(folder, "prosody.cfg.lua");
const c2s = await free(), component = await free();
mkdirSync(data);
writeFileSync(file, `
run_as_root = true
daemonize = false
pidfile = "${folder}/prosody.pid"
data_path = "${data}"
interfaces = { "127.0.0.1" }
c2s_ports = { ${c2s} }
component_ports = { ${component} }
component_interfaces = { "127.0.0.1" }
modules_enabled = { "roster", "saslauth", "disco", "ping", "presence", "message", "iq", "offline" }
modules_disabled = { "s2s", "http", "tls" }
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_plain"
log = { error = "*console" }
VirtualHost "localhost"
Component "bot.localhost"
  component_secret = "s3cr3t"
`);
const registered = spawnSync("prosodyctl", ["--root", "--config", file, "register", "alice", "localhost", "pw"], { encoding: "utf8" });
check(registered.status === 0, "alice is registered: " + registered.stderr + registered.stdout);
const start = () => spawn("prosody", ["--root", "-F", "--config", file], { stdio: "ignore" });
const listens = (port) => new Promise((resolve) => { const s = net.connect(port, "127.0.0.1", () => { s.destroy(); resolve(true); }).on("error", () => resolve(false)); });
let server = start();
process.on("exit", () => server.kill("SIGKILL"));
await until("prosody listens", async () => (await listens(component)) && (await listens(c2s)), 30_000);

const channel = { platform: "xmpp", server: `127.0.0.1:${component}`, domain: "bot.localhost", country: "US", chat_per_second: "100" };
const wrong = await new Steady({ config: { channels: { web: { platform: "web" }, xmpp: { ...channel, component_secret: "wrong" } } } }).start();
await until("a wrong secret is told", () => /not-authorized.*channel_broken/.test(wrong.log));
check((await wrong.stop()).code === 0, "and it ends cleanly");
wrong.clean();

const steady = await new Steady({ config: { channels: { web: { platform: "web" }, xmpp: { ...channel, component_secret: "s3cr3t" } } } }).start();
const heard = [], presences = [];
const connect = async () => {
  const alice = client({ service: `xmpp://127.0.0.1:${c2s}`, domain: "localhost", username: "alice", password: "pw", resource: "test" });
  alice.on("error", () => {});
  alice.on("stanza", (s) => {
    if (s.is("presence") && s.attrs.from.startsWith("steady@")) presences.push(s.attrs.type ?? "available");
    if (s.is("message") && s.getChildText("body")) heard.push({ text: s.getChildText("body"), type: s.attrs.type, quick: s.getChildren("response", "urn:xmpp:tmp:quick-response").map((r) => r.attrs.value) });
  });
  await alice.start();
  await alice.send(xml("presence"));
  return alice;
};
let alice = await connect(), seen = 0, count = 0;
const say = async (words) => {
  await alice.send(xml("message", { to: "steady@bot.localhost", type: "chat", id: "m" + count++ }, xml("body", {}, words)));
  await until("an answer to: " + words, () => heard.length > seen);
  return heard[seen++] ?? { text: "", quick: [] };
};
await alice.send(xml("presence", { to: "steady@bot.localhost", type: "subscribe" }));
await until("the subscription is granted", () => presences.includes("available"));
await until("it says hello", () => heard.length > seen);
seen = heard.length;
let m = await say("he left me on read & im losing it <3");
check(/body/.test(m.text) && m.text.includes("1 Chest") && m.quick.includes("Chest"), "heard; numbers and quick responses: " + JSON.stringify(m));
m = await say("1");
check(m.text.startsWith("Chest."), "a number answers: " + m.text);
m = await say("i took all the pills");
check(m.text.includes("911"), "a crisis is answered: " + m.text);
const ping = await alice.iqCaller.request(xml("iq", { type: "get", to: "bot.localhost" }, xml("ping", { xmlns: "urn:xmpp:ping" })));
check(ping.attrs.type === "result", "a ping comes back");
const info = await alice.iqCaller.request(xml("iq", { type: "get", to: "steady@bot.localhost" }, xml("query", { xmlns: "http://jabber.org/protocol/disco#info" })));
check(info.getChild("query").getChild("identity").attrs.type === "bot", "it says that it is a bot");

await alice.stop().catch(() => {});
server.kill("SIGTERM");
await new Promise((r) => server.on("exit", r));
server = start();
await until("prosody is back", async () => (await listens(component)) && (await listens(c2s)), 30_000);
alice = await connect();
seen = heard.length;
const back = Date.now();
while (heard.length === seen && Date.now() - back < 20_000) {  // until the component is back, the server bounces
  await alice.send(xml("message", { to: "steady@bot.localhost", type: "chat", id: "again" + count++ }, xml("body", {}, "hello")));
  await new Promise((r) => setTimeout(r, 700));
}
check(heard.length > seen, "the component is back after a restart of the server");
await alice.stop().catch(() => {});
check((await steady.stop()).code === 0, "a clean end");
server.kill("SIGTERM");
steady.clean();
rmSync(folder, { recursive: true, force: true });
done("xmpp");
