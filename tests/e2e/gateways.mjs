// Discord's Gateway and Mattermost's WebSocket end to end, against servers that behave as their documents say: hello, identify,
// heartbeats, a private message heard and answered, echoes and bots ignored, a break resumed, a zombie left, a refused token not
// tried again, an interaction by the Gateway answered, missed events asked for by number.
import http from "node:http";
import { WebSocketServer } from "ws";
import { check, done, sleep, Steady, until } from "./lib.mjs";
import { fakeWorld } from "./drivers.mjs";

const world = await fakeWorld({ discord: () => ({ id: "1" }), mattermost: () => ({ id: "p" }) });

// Discord: what it was told, and what to do on identify.
const discord = { told: [], urls: [], sockets: [], seq: 0, beats: true };
const gateway = new WebSocketServer({ host: "127.0.0.1", port: 0 });
const send = (ws, op, d, t) => ws.send(JSON.stringify({ op, d, t: t ?? null, s: t ? ++discord.seq : null }));
gateway.on("connection", (ws, request) => {
  discord.urls.push(request.url);
  discord.sockets.push(ws);
  send(ws, 10, { heartbeat_interval: 2000 });
  ws.on("message", (text) => {
    const m = JSON.parse(text);
    discord.told.push(m);
    if (m.op === 1 && discord.beats) send(ws, 11, null);
    if (m.op === 2 && m.d.token === "wrong") return ws.close(4004, "Authentication failed.");
    if (m.op === 2) send(ws, 0, { session_id: "S1", resume_gateway_url: `ws://127.0.0.1:${gateway.address().port}`, user: { id: "999" } }, "READY");
    if (m.op === 6) send(ws, 0, {}, "RESUMED");
  });
});
await new Promise((r) => gateway.on("listening", r));

// Mattermost: its socket lies under the same address as its API.
const mattermost = { told: [], urls: [], sockets: [] };
const rooms = new WebSocketServer({ noServer: true });
world.server.on("upgrade", (request, socket, head) => rooms.handleUpgrade(request, socket, head, (ws) => {
  mattermost.urls.push(request.url);
  mattermost.sockets.push(ws);
  ws.on("message", (text) => {
    const m = JSON.parse(text);
    mattermost.told.push(m);
    if (m.action === "authentication_challenge") ws.send(JSON.stringify({ event: "hello", data: { connection_id: "conn-1" }, seq: 0 }));
  });
}));
const posted = (post, type = "D", seq = 5) => JSON.stringify({ event: "posted", data: { channel_type: type, post: JSON.stringify({ id: "p" + Math.random(), user_id: "ana", channel_id: "chan1", message: "", type: "", props: {}, file_ids: [], ...post }) }, seq });

const usual = { country: "US", allow_private: "true", chat_per_second: "100" };
const at = `ws://127.0.0.1:${gateway.address().port}`;
const steady = await new Steady({ config: { channels: {
  web: { platform: "web" },
  discord: { platform: "discord", application_id: "8450", public_key: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", token: "right", api_base: `${world.base}/discord`, gateway_url: at, ...usual },
  refused: { platform: "discord", application_id: "8451", public_key: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", token: "wrong", api_base: `${world.base}/discord`, gateway_url: at, ...usual },
  mattermost: { platform: "mattermost", server: `${world.base}/mattermost`, bot_id: "botid", token: "mm-token", command_token: "mm-command", ...usual },
} } }).start();
const sent = (platform, path) => world.calls.filter((c) => c.platform === platform && c.method === "POST" && c.path.endsWith(path));

// --- Discord
await until("identified", () => discord.told.some((m) => m.op === 2 && m.d.token === "right" && m.d.intents === 4096));
await until("a refused token is told", () => steady.log.includes("4004"));
const right = () => discord.sockets.findLast((s) => s.readyState === 1);
await until("ready", () => right());
const say = (content, more = {}) => send(right(), 0, { id: "m" + Math.random(), channel_id: "77", author: { id: "5" }, content, attachments: [], ...more }, "MESSAGE_CREATE");
say("he left me on read and im losing it");
await until("an answer", () => sent("discord", "/channels/77/messages").length === 1);
check(sent("discord", "/channels/77/messages")[0].body.content.includes("program"), "to what was written freely");
say("x", { author: { id: "999", bot: true } });
say("i want to die", { guild_id: "1" });
send(right(), 0, { id: "e1", channel_id: "77", author: { id: "5" }, content: "see https://x.example", embeds: [{}] }, "MESSAGE_UPDATE");
await sleep(300);
check(sent("discord", "/channels/77/messages").length === 1, "bots, servers and links that unfold are not answered");
say("i took all the pills");
await until("a crisis is answered", () => sent("discord", "/channels/77/messages").some((c) => c.body.content.includes("911")));
send(right(), 0, { id: "i1", token: "it", type: 3, context: 1, channel_id: "77", user: { id: "5" }, data: { custom_id: "menu.open", component_type: 2 } }, "INTERACTION_CREATE");
await until("an interaction is answered by a call", () => sent("discord", "/interactions/i1/it/callback").some((c) => c.body.type === 6));
await until("it beats", () => discord.told.filter((m) => m.op === 1).length >= 1, 8000);
const before = discord.urls.length;
right().terminate();
await until("a break is resumed", () => discord.told.some((m) => m.op === 6 && m.d.session_id === "S1" && m.d.seq > 0), 15_000);
discord.beats = false;  // a zombie: connected, but nobody answers
const old = right();
await until("a zombie is left", () => old.readyState === 3 && right() && right() !== old, 20_000);
discord.beats = true;
send(right(), 9, false);
await until("a session that is gone is begun anew", () => discord.told.filter((m) => m.op === 2 && m.d.token === "right").length === 2, 20_000);
check(discord.told.filter((m) => m.op === 2 && m.d.token === "wrong").length === 1, "a refused token is tried once");
check(discord.urls.length > before && discord.urls.every((u) => u.includes("v=10")), "version 10");

// --- Mattermost
await until("its token is shown", () => mattermost.told.some((m) => m.action === "authentication_challenge" && m.data.token === "mm-token"));
const room = () => mattermost.sockets.at(-1);
room().send(posted({ message: "he left me on read" }));
await until("an answer", () => sent("mattermost", "/api/v4/posts").length === 1);
check(sent("mattermost", "/api/v4/posts")[0].body.channel_id === "chan1", "in the private channel");
room().send(posted({ message: "x", user_id: "botid" }));
room().send(posted({ message: "x", props: { from_bot: "true" } }));
room().send(posted({ message: "i want to die" }, "O"));
room().send(posted({ message: "x joined", type: "system_join" }, "D", 9));
await sleep(300);
check(sent("mattermost", "/api/v4/posts").length === 1, "own posts, bots, public channels and system posts are not answered");
room().terminate();
await until("what was missed is asked for", () => mattermost.urls.some((u) => u.includes("connection_id=conn-1&sequence_number=10")), 15_000);

check(!/right|mm-token/.test(steady.log.replace(/"copyright"/g, "")), "no token in the log");
check((await steady.stop()).code === 0, "a clean end with sockets open");
gateway.close();
steady.clean();
done("gateways");
