// Software that nobody here wrote judges Steady over loopback: official SDKs sign what is posted to the running service (and spoil
// it), and what the service sends is laid beside what the same SDK sends for the same message. node judge.mjs STEADY
import { createRequire } from "node:module";
import { check, done, request, sleep, Steady, until } from "../e2e/lib.mjs";
import { drivers, fakeWorld, jwt } from "../e2e/drivers.mjs";
import { REST } from "@discordjs/rest";
import { verifyKey } from "discord-interactions";
import { createLocalJWKSet, jwtVerify } from "jose";
import { readFileSync } from "node:fs";
import { messagingApi, validateSignature } from "@line/bot-sdk";
import { WebClient } from "@slack/web-api";
import { OAuth2Client } from "google-auth-library";
import nacl from "tweetnacl";
import twilio from "twilio";
import { WhatsAppAPI } from "whatsapp-api-js";
import { ActionButtons, Body, Button, Interactive, Text } from "whatsapp-api-js/messages";

const require = createRequire(import.meta.url);
const { isValidSlackRequest } = require("@slack/bolt/dist/receivers/verify-request.js");
const hookOf = (name) => `https://bot.example.org/hooks/${name}`;
const all = drivers(hookOf);
const judged = ["slack", "discord", "whatsapp", "twilio_sms", "line", "viber", "googlechat", "teams"];
const world = await fakeWorld(Object.fromEntries(judged.map((name) => [name, (c) => all[name].answer(c)])));
const channels = Object.fromEntries(judged.map((name) => [name, { platform: name, country: "US", chat_per_second: "100", ...all[name].config(world.base) }]));
const steady = await new Steady({ config: { public_url: "https://bot.example.org", channels: { web: { platform: "web" }, ...channels } } }).start();
const post = (name, what) => request(steady.port, "POST", `/hooks/${name}`, what);
const sent = (name) => world.calls.filter((c) => c.platform === name && all[name].sends(c));
const last = async (name, what) => {
  const before = sent(name).length;
  check((await post(name, what)).status < 300, `${name}: taken`);
  await until(`${name}: an answer`, () => sent(name).length > before);
  return sent(name).at(-1);
};
const refused = async (name, what, why) => {
  const answer = await post(name, what);
  check(answer.status === 401 || answer.status === 403, `${name}: ${why} is refused, got ${answer.status}`);
};
const ordered = (x) => JSON.stringify(x, (_, v) => (v && typeof v === "object" && !Array.isArray(v) ? Object.fromEntries(Object.entries(v).sort()) : v));
const same = (ours, theirs, what) => check(ordered(ours) === ordered(theirs), `${what}: ours ${JSON.stringify(ours)}, theirs ${JSON.stringify(theirs)}`);

async function slack() {
  const d = all.slack, what = d.text(d.contact, "he left me on read");
  const verify = (body) => isValidSlackRequest({ signingSecret: "slack-secret", body, headers: { "x-slack-signature": what.headers["X-Slack-Signature"], "x-slack-request-timestamp": Number(what.headers["X-Slack-Request-Timestamp"]) } });
  check(verify(what.body) && !verify(what.body + " "), "Bolt accepts what Steady accepts, and refuses the other");
  const ours = await last("slack", what);
  await refused("slack", { ...what, body: what.body + " " }, "a changed body");
  const client = new WebClient("xoxb-test", { slackApiUrl: world.base + "/slack/" });
  const answer = await client.chat.postMessage({ channel: ours.body.channel, text: ours.body.text, blocks: ours.body.blocks });
  check(answer.ok, "web-api reads our fake's answer");
  const theirs = world.calls.at(-1);
  same([ours.method, ours.path, ours.headers.authorization], [theirs.method, theirs.path, theirs.headers.authorization], "chat.postMessage");
  same(ours.body.blocks, JSON.parse(theirs.body.blocks), "blocks");
}

async function discord() {
  const seed = Uint8Array.from(Buffer.from("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "hex"));
  const keys = nacl.sign.keyPair.fromSeed(seed), at = String(Math.floor(Date.now() / 1000));
  const sign = (body) => ({ body, headers: { "X-Signature-Timestamp": at, "X-Signature-Ed25519": Buffer.from(nacl.sign.detached(Buffer.from(at + body), keys.secretKey)).toString("hex") } });
  const ping = sign('{"id":"1","type":1,"application_id":"8450","token":"x","version":1}');
  check(await verifyKey(ping.body, ping.headers["X-Signature-Ed25519"], at, Buffer.from(keys.publicKey).toString("hex")), "discord-interactions accepts the ping");
  const pong = await post("discord", ping);
  check(pong.status === 200 && JSON.parse(pong.body).type === 1 && pong.headers["content-type"].startsWith("application/json"), "PING is PONG: " + pong.body);
  await refused("discord", { ...ping, body: ping.body + " " }, "a changed body");
  await refused("discord", { body: ping.body }, "no signature");
  const ours = await last("discord", sign(all.discord.text(all.discord.contact, "he left me on read").body));
  const rest = new REST({ api: world.base + "/discord", version: "10" }).setToken("discord-token");
  await rest.post(`/channels/${all.discord.contact}/messages`, { body: ours.body });
  const theirs = world.calls.at(-1);
  same([ours.method, ours.path, ours.headers.authorization, ours.body], [theirs.method, theirs.path.replace("/v10/", "/"), theirs.headers.authorization, theirs.body], "POST messages");
}

async function twilioSms() {
  const fields = { MessageSid: "SM" + Date.now(), AccountSid: "AC01", From: "+14133881111", To: "+12028831111", Body: "hola café +1 😀", NumMedia: "0", ToCity: "" };
  const url = hookOf("twilio_sms"), body = new URLSearchParams(fields).toString();
  const signature = twilio.getExpectedTwilioSignature("twilio-token", url, fields);
  check(twilio.validateRequest("twilio-token", signature, url, fields), "the SDK judges its own signature true");
  const headers = { "Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature };
  const ours = await last("twilio_sms", { body, headers });
  await refused("twilio_sms", { body: body.replace("hola", "hole"), headers }, "a changed field");
  const ack = await post("twilio_sms", { body, headers });
  check(ack.body === new twilio.twiml.MessagingResponse().toString(), "the answer is the SDK's empty TwiML: " + ack.body);
  let theirs;
  const client = twilio("AC01", "twilio-token", { httpClient: { request: async (r) => ((theirs = r), { statusCode: 201, body: { sid: "SM1" } }) } });
  await client.messages.create({ to: ours.body.To, from: ours.body.From, body: ours.body.Body, statusCallback: ours.body.StatusCallback });
  same({ ...ours.body }, Object.fromEntries(["To", "From", "Body", "StatusCallback"].map((k) => [k, theirs.data[k]])), "Messages.json");
  check(ours.headers.authorization === "Basic " + Buffer.from("AC01:twilio-token").toString("base64") && theirs.username === "AC01", "the account's Basic");
  check(new URL(theirs.uri).pathname === ours.path, "same path: " + theirs.uri);
}

async function line() {
  const d = all.line, what = d.text(d.contact, "Grüße ☀ he left me on read");
  check(validateSignature(what.body, "line-secret", what.headers["x-line-signature"]), "the SDK accepts the signature");
  const ours = await last("line", what);
  await refused("line", { ...what, body: what.body.replace("he", "she") }, "a changed body");
  const client = new messagingApi.MessagingApiClient({ channelAccessToken: "line-token", baseURL: world.base + "/line" });
  await client.pushMessage({ to: ours.body.to, messages: ours.body.messages }, ours.headers["x-line-retry-key"]);
  const theirs = world.calls.at(-1);
  same([ours.method, ours.path, ours.headers.authorization, ours.headers["x-line-retry-key"], ours.body], [theirs.method, `/${theirs.platform}${theirs.path}`, theirs.headers.authorization, theirs.headers["x-line-retry-key"], theirs.body], "push");
}

async function whatsapp() {
  const d = all.whatsapp, what = d.text(d.contact, "he left me on read");
  const heard = [];
  const wa = new WhatsAppAPI({ token: "meta-token", appSecret: "meta-secret", webhookVerifyToken: "verify-me", v: "v25.0" });
  wa.on.message = (m) => heard.push(m.message.text.body);
  await wa.post(JSON.parse(what.body.replace('"messages":', '"messaging_product":"whatsapp","contacts":[{"wa_id":"1","profile":{"name":"A"}}],"messages":')), what.body, what.headers["X-Hub-Signature-256"]).catch((e) => check(false, "whatsapp-api-js takes it: " + (e.message ?? e)));
  const ours = await last("whatsapp", what);
  await refused("whatsapp", { ...what, body: what.body.replace("read", "seen") }, "a changed body");
  const hub = (token) => ({ "hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": "77" });
  check((await wa.get(hub("verify-me"))) === (await request(steady.port, "GET", "/hooks/whatsapp?" + new URLSearchParams(hub("verify-me")))).body, "both give the challenge back");
  const i = ours.body.interactive;
  if (i?.type === "button") same(i, JSON.parse(JSON.stringify(new Interactive(new ActionButtons(...i.action.buttons.map((b) => new Button(b.reply.id, b.reply.title))), new Body(i.body.text)))), "buttons within the builder's limits");
  else check(i?.type === "list" && i.action.sections[0].rows.length <= 10 && i.action.sections[0].rows.every((r) => [...r.title].length <= 24), "a list within the limits");
  check(new Text("x")._type === "text", "the builder is there");
}

// Viber's validator is inside its middleware: a request through it is heard or is not.
async function viber() {
  const { Bot, Events } = require("viber-bot");
  const bot = new Bot({ authToken: "viber-token", name: "Steady", avatar: "https://x.example/a.png" });
  const heard = [];
  bot.on(Events.MESSAGE_RECEIVED, (m) => heard.push(m.text));
  const http = await import("node:http");
  const server = http.createServer(bot.middleware());
  await new Promise((r) => server.listen(0, "127.0.0.1", r));
  const what = all.viber.text(all.viber.contact, "he left me on read");
  await request(server.address().port, "POST", "/?sig=" + what.headers["X-Viber-Content-Signature"], { body: what.body, headers: { "Content-Type": "application/json" } });
  await until("viber-bot hears it", () => heard.length === 1, 3000);
  server.close();
  const ours = await last("viber", what);
  await refused("viber", { ...what, body: what.body.replace("read", "seen") }, "a changed body");
  check(typeof ours.body.text === "string" && ours.body.sender.name.length <= 28 && ours.headers["x-viber-auth-token"] === "viber-token", "sent with token and name");
}

async function tokens() {
  const keys = JSON.parse(readFileSync(new URL("../adapters/jwt_vectors.json", import.meta.url)));
  const jwks = keys.google_project_number.jwks, pem = createLocalJWKSet(jwks);
  const google = new OAuth2Client();
  const { createPublicKey } = await import("node:crypto");
  const certs = { "test-key-1": createPublicKey({ key: jwks.keys[0], format: "jwk" }).export({ type: "spki", format: "pem" }) };
  const system = "chat@system.gserviceaccount.com", now = Math.floor(Date.now() / 1000);
  const body = all.googlechat.text("spaces/AAA", "he left me on read").body;
  const cases = { good: {}, "of another project": { aud: "999" }, "of another issuer": { iss: "x@example.com" }, "run out four minutes ago": { exp: now - 240 }, "run out ten minutes ago": { exp: now - 600 } };
  for (const [what, change] of Object.entries(cases)) {
    const token = jwt({ iss: system, aud: "123", ...change });
    const theirs = await google.verifySignedJwtWithCertsAsync(token, certs, "123", [system]).then(() => true, () => false);
    const ours = await post("googlechat", { body: body.replace(/messages\/\d+/, "messages/" + Math.random()), headers: { "Content-Type": "application/json", Authorization: "Bearer " + token } });
    check((ours.status === 200) === theirs, `a token ${what}: google-auth-library ${theirs}, Steady ${ours.status}`);
  }
  const lent = world.calls.find((c) => c.platform === "googlechat" && c.path === "/token");
  await until("a token is asked for", () => world.calls.some((c) => c.platform === "googlechat" && c.path === "/token"));
  const assertion = (lent ?? world.calls.find((c) => c.platform === "googlechat" && c.path === "/token")).body.assertion;
  const [head] = assertion.split(".");
  check(JSON.parse(Buffer.from(head, "base64url")).alg === "RS256", "the assertion is RS256");
  const { createPublicKey: pub, createPrivateKey } = await import("node:crypto");
  const { payload } = await jwtVerify(assertion, pub(createPrivateKey(keys.private_pkcs8_pem)), { audience: `${world.base}/googlechat/token` });
  check(payload.scope === "https://www.googleapis.com/auth/chat.bot" && payload.exp - payload.iat === 3600, "jose reads our assertion");
  const teams = all.teams.text(all.teams.contact, "he left me on read");
  const { payload: bot } = await jwtVerify(teams.headers.Authorization.slice(7), pem, { issuer: "https://api.botframework.com", audience: "app-1" });
  check(bot.serviceurl === JSON.parse(teams.body).serviceUrl, "jose reads the Bot Framework's token");
  await last("teams", teams);
}

for (const judge of [slack, discord, twilioSms, line, whatsapp, viber, tokens]) await judge();
await sleep(50);
check((await steady.stop()).code === 0, "a clean end");
steady.clean();
done("third parties");
