// The platforms as they look from outside: how each posts what a person says or taps, signed with its secret by node's own crypto,
// and how what we send to its API reads. One fake server stands for all their APIs; behave(call) makes it misbehave.
import crypto from "node:crypto";
import { readFileSync } from "node:fs";
import http from "node:http";

const hmac = (kind, key, text, form) => crypto.createHmac(kind, key).update(text).digest(form);
const form = (fields) => new URLSearchParams(fields).toString();
const vectors = JSON.parse(readFileSync(new URL("../adapters/jwt_vectors.json", import.meta.url)));
const b64 = (x) => Buffer.from(typeof x === "string" ? x : JSON.stringify(x)).toString("base64url");
export function jwt(claims) {
  const now = Math.floor(Date.now() / 1000);
  const text = b64({ alg: "RS256", kid: "test-key-1", typ: "JWT" }) + "." + b64({ iat: now - 60, nbf: now - 60, exp: now + 3600, ...claims });
  return text + "." + crypto.sign("RSA-SHA256", Buffer.from(text), vectors.private_pkcs8_pem).toString("base64url");
}
const ed25519 = crypto.createPrivateKey({ key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.from("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "hex")]), format: "der", type: "pkcs8" });

// All APIs at once: records {at, platform, path, headers, body (parsed), status}.
export async function fakeWorld(answers) {
  const world = { calls: [], behave: () => ({}) };
  world.server = http.createServer((req, res) => {
    let text = "";
    req.on("data", (d) => (text += d));
    req.on("end", () => {
      const [, platform, ...path] = req.url.split("/");
      const isForm = (req.headers["content-type"] ?? "").includes("urlencoded");
      const call = { at: Date.now(), platform, method: req.method, path: "/" + path.join("/"), headers: req.headers, raw: text, body: isForm ? Object.fromEntries(new URLSearchParams(text)) : JSON.parse(text || "{}") };
      const how = world.behave(call) ?? {};
      call.status = how.destroy ? 0 : how.status ?? 200;
      world.calls.push(call);
      if (how.destroy) return res.destroy();
      res.writeHead(call.status, { "Content-Type": "application/json", ...how.headers });
      res.end(how.body ?? JSON.stringify(answers[platform]?.(call) ?? { ok: true }));
    });
  });
  await new Promise((r) => world.server.listen(0, "127.0.0.1", r));
  world.port = world.server.address().port;
  world.base = `http://127.0.0.1:${world.port}`;
  return world;
}

let count = 0;
const fresh = () => `${Date.now()}${count++}`;
const json = (body, headers) => ({ body: JSON.stringify(body), headers: { "Content-Type": "application/json", ...headers } });
const card = (attachments) => (attachments?.[0]?.content.body ?? []).flatMap((b) => b.actions ?? []).concat(attachments?.[0]?.content.actions ?? []).map((a) => ({ label: a.title, value: a.data.value }));

const meta = (object, platform, account) => ({
  config: (base) => ({ app_secret: "meta-secret", verify_token: "verify-me", token: "meta-token", ...(platform === "messenger" ? { page_id: account } : { account_id: account }), api_base: `${base}/${platform}` }),
  post: (contact, what) => {
    const body = JSON.stringify({ object, entry: [{ id: account, messaging: [{ sender: { id: contact }, recipient: { id: account }, timestamp: Date.now(), message: what }] }] });
    return { body, headers: { "X-Hub-Signature-256": "sha256=" + hmac("sha256", "meta-secret", body, "hex") } };
  },
  text(contact, text) { return this.post(contact, { mid: "m_" + fresh(), text }); },
  tap(contact, { label, value }) { return this.post(contact, { mid: "m_" + fresh(), text: label, quick_reply: { payload: value } }); },
  sends: (c) => c.body.message,
  read: (c) => ({ contact: c.body.recipient.id, text: c.body.message.text, choices: (c.body.message.quick_replies ?? []).map((q) => ({ label: q.title, value: q.payload })) }),
  blocked: { status: 400, body: JSON.stringify({ error: { code: 551 } }) },
  answer: () => ({ recipient_id: "x", message_id: "m_out" }),
});

const twilio = (platform, prefix, hook) => ({
  contact: prefix + "+14133881111",
  config: (base) => ({ account_sid: "AC01", auth_token: "twilio-token", from: prefix + "+12028831111", api_base: `${base}/${platform}` }),
  post: (fields) => {
    const url = hook(platform);
    const text = url + Object.keys(fields).sort().map((k) => k + fields[k]).join("");
    return { body: form(fields), headers: { "Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": hmac("sha1", "twilio-token", text, "base64") } };
  },
  text(contact, text) { return this.post({ MessageSid: "SM" + fresh(), AccountSid: "AC01", From: contact, To: prefix + "+12028831111", Body: text }); },
  tap: null,
  sends: (c) => c.path.endsWith("Messages.json"),
  read: (c) => ({ contact: c.body.To, text: c.body.Body, choices: [] }),
  blocked: { status: 400, body: JSON.stringify({ code: 21610 }) },
  answer: () => ({ sid: "SM1" }),
});

// hook(platform): the public address of its channel, as Twilio signs it.
export const drivers = (hook) => ({
  slack: {
    contact: "T1:U1",
    config: (base) => ({ signing_secret: "slack-secret", token: "xoxb-test", api_base: `${base}/slack` }),
    sign: (body, type) => {
      const at = String(Math.floor(Date.now() / 1000));
      return { body, headers: { "Content-Type": type, "X-Slack-Request-Timestamp": at, "X-Slack-Signature": "v0=" + hmac("sha256", "slack-secret", `v0:${at}:${body}`, "hex") } };
    },
    text(contact, text) {
      const [team, user] = contact.split(":");
      return this.sign(JSON.stringify({ team_id: team, type: "event_callback", event_id: "Ev" + fresh(), event: { type: "message", channel: "D" + user, channel_type: "im", user, text, ts: fresh() } }), "application/json");
    },
    tap(contact, { value }) {
      const [team, user] = contact.split(":");
      return this.sign(form({ payload: JSON.stringify({ type: "block_actions", team: { id: team }, user: { id: user }, container: { message_ts: "1.1" }, actions: [{ type: "button", value, action_ts: fresh() }] }) }), "application/x-www-form-urlencoded");
    },
    sends: (c) => c.path === "/chat.postMessage",
    read: (c) => ({ contact: "T1:" + c.body.channel, text: c.body.text, choices: (c.body.blocks.find((b) => b.type === "actions")?.elements ?? []).map((e) => ({ label: e.text.text, value: e.value })) }),
    blocked: { status: 200, body: JSON.stringify({ ok: false, error: "user_disabled" }) },
    answer: () => ({ ok: true, ts: "1.2" }),
  },
  discord: {
    contact: "645027906669510667",
    config: (base) => ({ application_id: "8450", public_key: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", token: "discord-token", api_base: `${base}/discord` }),
    post: (contact, what) => {
      const body = JSON.stringify({ application_id: "8450", id: fresh(), token: "T", version: 1, context: 1, channel_id: contact, user: { id: "5" }, ...what }), at = String(Math.floor(Date.now() / 1000));
      return { body, headers: { "X-Signature-Timestamp": at, "X-Signature-Ed25519": crypto.sign(null, Buffer.from(at + body), ed25519).toString("hex") } };
    },
    text(contact, value) { return this.post(contact, { type: 2, data: { id: "7", name: "say", options: [{ name: "text", type: 3, value }] } }); },
    tap(contact, { value }) { return this.post(contact, { type: 3, data: { custom_id: value, component_type: 2 }, message: { id: "9" } }); },
    sends: (c) => c.method === "POST" && c.path.endsWith("/messages"),
    read: (c) => ({ contact: c.path.split("/")[2], text: c.body.content, choices: (c.body.components ?? []).flatMap((r) => r.components).map((b) => ({ label: b.label, value: b.custom_id })) }),
    blocked: { status: 403, body: JSON.stringify({ code: 50007 }) },
    answer: () => ({ id: "1" }),
  },
  whatsapp: {
    contact: "16505551234",
    config: (base) => ({ app_secret: "meta-secret", verify_token: "verify-me", token: "meta-token", phone_number_id: "1065", template: "daily_checkin", api_base: `${base}/whatsapp` }),
    post: (contact, what) => {
      const body = JSON.stringify({ object: "whatsapp_business_account", entry: [{ changes: [{ field: "messages", value: { metadata: { phone_number_id: "1065" }, messages: [{ from: contact, id: "wamid." + fresh(), ...what }] } }] }] });
      return { body, headers: { "X-Hub-Signature-256": "sha256=" + hmac("sha256", "meta-secret", body, "hex") } };
    },
    text(contact, body) { return this.post(contact, { type: "text", text: { body } }); },
    tap(contact, { label, value }) { return this.post(contact, { type: "interactive", interactive: { type: "button_reply", button_reply: { id: value, title: label } } }); },
    sends: (c) => c.body.type,
    read: (c) => {
      const i = c.body.interactive;
      const choices = i ? (i.action.buttons ?? i.action.sections[0].rows).map((b) => ({ label: b.reply?.title ?? b.title, value: b.reply?.id ?? b.id })) : [];
      return { contact: c.body.to, text: i?.body.text ?? c.body.text?.body ?? "", choices };
    },
    blocked: { status: 400, body: JSON.stringify({ error: { code: 551 } }) },
    answer: () => ({ messages: [{ id: "wamid.OUT" }] }),
  },
  messenger: { contact: "7001", ...meta("page", "messenger", "1800") },
  instagram: { contact: "7002", ...meta("instagram", "instagram", "1784") },
  twilio_sms: twilio("twilio_sms", "", hook),
  twilio_whatsapp: twilio("twilio_whatsapp", "whatsapp:", hook),
  line: {
    contact: "U00000000000000000000000000000abc",
    config: (base) => ({ channel_secret: "line-secret", token: "line-token", api_base: `${base}/line` }),
    post: (contact, what) => {
      const body = JSON.stringify({ destination: "U1", events: [{ webhookEventId: fresh(), mode: "active", source: { type: "user", userId: contact }, ...what }] });
      return { body, headers: { "x-line-signature": hmac("sha256", "line-secret", body, "base64") } };
    },
    text(contact, text) { return this.post(contact, { type: "message", message: { type: "text", id: "1", text } }); },
    tap(contact, { value }) { return this.post(contact, { type: "postback", postback: { data: value } }); },
    sends: (c) => c.path.endsWith("/push"),
    read: (c) => ({ contact: c.body.to, text: c.body.messages[0].text, choices: (c.body.messages[0].quickReply?.items ?? []).map((i) => ({ label: i.action.label, value: i.action.data })) }),
    answer: () => ({ sentMessages: [{ id: "1" }] }),
  },
  viber: {
    contact: "01234567890A=",
    config: (base) => ({ token: "viber-token", api_base: `${base}/viber` }),
    text: (contact, text) => {
      const body = `{"event":"message","timestamp":1,"message_token":49126618466552${String(count++).padStart(5, "0")},"sender":{"id":"${contact}"},"message":{"type":"text","text":${JSON.stringify(text)}}}`;
      return { body, headers: { "X-Viber-Content-Signature": hmac("sha256", "viber-token", body, "hex") } };
    },
    tap(contact, { label }) { return this.text(contact, label); },  // a pressed button comes as its words
    sends: (c) => c.path === "/send_message",
    read: (c) => ({ contact: c.body.receiver, text: c.body.text, choices: (c.body.keyboard?.Buttons ?? []).map((b) => ({ label: b.ActionBody, value: b.ActionBody })) }),
    blocked: { status: 200, body: JSON.stringify({ status: 6 }) },
    answer: () => ({ status: 0, message_token: 1 }),
  },
  zulip: {
    contact: "5",
    config: (base) => ({ server: `${base}/zulip`, bot_email: "bot@z.example", api_key: "zulip-key", token: "zulip-token", allow_private: "true" }),
    text: (contact, data) => json({ bot_email: "bot@z.example", data, token: "zulip-token", trigger: "direct_message", message: { id: Number(fresh()), type: "private", sender_id: Number(contact), sender_email: "ana@z.example", display_recipient: [{ id: 5 }, { id: 25 }] } }),
    tap: null,
    sends: (c) => c.path === "/api/v1/messages",
    read: (c) => ({ contact: JSON.parse(c.body.to)[0] + "", text: c.body.content, choices: [] }),
    answer: () => ({ result: "success", id: 42 }),
  },
  rocketchat: {
    contact: "uidAuidB",
    config: (base) => ({ server: `${base}/rocketchat`, user_id: "uidB", token: "rocket-token", webhook_token: "rocket-out", allow_private: "true", bot_per_second: "100" }),
    text: (contact, text) => json({ token: "rocket-out", channel_id: contact, message_id: fresh(), user_id: "uidA", text }),
    tap(contact, { label }) { return this.text(contact, label); },
    sends: (c) => c.path.endsWith("chat.sendMessage"),
    read: (c) => ({ contact: c.body.message.rid, text: c.body.message.msg, choices: (c.body.message.attachments?.[0].actions ?? []).map((a) => ({ label: a.text, value: a.msg })) }),
    blocked: { status: 400, body: JSON.stringify({ success: false, errorType: "error-invalid-room" }) },
    answer: () => ({ success: true, message: { _id: "x" } }),
  },
  signal: {
    contact: "9f1c2c1e-0000-4000-8000-000000000001",
    path: "/signal-path-secret",
    config: (base) => ({ server: `${base}/signal`, number: "+4900", path_secret: "signal-path-secret", allow_private: "true" }),
    text: (contact, message) => json({ jsonrpc: "2.0", method: "receive", params: { account: "+4900", envelope: { sourceUuid: contact, sourceNumber: "+491511", sourceDevice: 1, timestamp: Number(fresh()), dataMessage: { message } } } }),
    tap: null,
    sends: (c) => c.path === "/v2/send",
    read: (c) => ({ contact: c.body.recipients[0], text: c.body.message, choices: [] }),
    blocked: { status: 400, body: JSON.stringify({ error: "Unregistered user" }) },
    answer: () => ({ timestamp: "1" }),
  },
  matrix: {
    contact: "!r:example.org",
    method: "PUT",
    get path() { return "/_matrix/app/v1/transactions/" + fresh(); },
    config: (base) => ({ server: `${base}/matrix`, user_id: "@steady:example.org", hs_token: "matrix-hs", as_token: "matrix-as", allow_private: "true" }),
    text: (contact, body) => json({ events: [{ type: "m.room.message", event_id: "$" + fresh(), room_id: contact, sender: "@ana:example.org", content: { msgtype: "m.text", body } }] }, { Authorization: "Bearer matrix-hs" }),
    tap: null,
    sends: (c) => c.method === "PUT" && c.path.includes("/send/m.room.message/"),
    read: (c) => ({ contact: decodeURIComponent(c.path.split("/")[5]), text: c.body.body, choices: [] }),
    blocked: { status: 403, body: JSON.stringify({ errcode: "M_FORBIDDEN" }) },
    answer: () => ({ event_id: "$x" }),
  },
  mattermost: {
    contact: "chan1",
    config: (base) => ({ server: `${base}/mattermost`, bot_id: "botid", token: "mm-token", command_token: "mm-command", button_secret: "mm-button", allow_private: "true" }),
    text: (contact, text) => ({ body: form({ channel_id: contact, channel_name: "ana__botid", token: "mm-command", trigger_id: fresh(), user_id: "ana", text }), headers: { "Content-Type": "application/x-www-form-urlencoded", Authorization: "Token mm-command" } }),
    tap: (contact, { context }) => json({ user_id: "ana", channel_id: contact, trigger_id: fresh(), type: "button", context }),
    sends: (c) => c.path === "/api/v4/posts",
    read: (c) => ({ contact: c.body.channel_id, text: c.body.message, choices: (c.body.props?.attachments?.[0].actions ?? []).map((a) => ({ label: a.name, context: a.integration.context })) }),
    blocked: { status: 404, body: "{}" },
    answer: () => ({ id: "p" }),
  },
  webex: {
    contact: "R1",
    said: new Map(),
    config: (base) => ({ token: "webex-token", bot_id: "BOT", webhook_secret: "webex-secret", api_base: `${base}/webex` }),
    post(resource, what) {
      const id = fresh();
      this.said.set(id, { id, personId: "P1", ...what });
      const body = JSON.stringify({ resource, event: "created", data: { id, roomId: what.roomId, roomType: "direct", personId: "P1" } });
      return { body, headers: { "X-Spark-Signature": hmac("sha1", "webex-secret", body, "hex") } };
    },
    text(contact, text) { return this.post("messages", { roomId: contact, text }); },
    tap(contact, { value }) { return this.post("attachmentActions", { roomId: contact, inputs: { value } }); },
    sends: (c) => c.method === "POST" && c.path === "/messages",
    read: (c) => ({ contact: c.body.roomId, text: c.body.text, choices: card(c.body.attachments) }),
    blocked: { status: 404, body: "{}" },
    answer(c) { return c.method === "GET" ? this.said.get(c.path.split("/").pop()) ?? {} : { id: "M9" }; },
  },
  teams: {
    world: "",
    get contact() { return this.world + "/teams/|a:1"; },
    config(base) { this.world = base; return { app_id: "app-1", app_secret: "teams-secret", tenant_id: "tenant", keys_url: `${base}/teams/keys`, api_base: `${base}/teams`, allow_private: "true" }; },
    post(what) {
      const serviceUrl = this.world + "/teams/";
      return json({ type: "message", id: fresh(), timestamp: new Date().toISOString(), serviceUrl, channelId: "msteams", from: { id: "29:1" }, recipient: { id: "28:1" }, conversation: { conversationType: "personal", id: "a:1" }, ...what }, { Authorization: "Bearer " + jwt({ iss: "https://api.botframework.com", aud: "app-1", serviceurl: serviceUrl }) });
    },
    text(contact, text) { return this.post({ text }); },
    tap(contact, { value }) { return this.post({ value: { value } }); },
    sends: (c) => c.path.endsWith("/activities") && c.body.type === "message",
    read(c) { return { contact: this.contact, text: c.body.text ?? c.body.attachments[0].content.body[0].text, choices: card(c.body.attachments) }; },
    blocked: { status: 403, body: JSON.stringify({ subCode: "MessageWritesBlocked" }) },
    answer: (c) => (c.path === "/keys" ? vectors.botframework.jwks : c.path.endsWith("/token") ? { access_token: "lent-teams", expires_in: 3599 } : { id: "1" }),
    token: "lent-teams",
  },
  googlechat: {
    contact: "spaces/AAA",
    config: (base) => ({ client_email: "steady@p.iam.gserviceaccount.com", private_key: vectors.private_pkcs8_pem, project_number: "123", keys_url: `${base}/googlechat/keys`, token_url: `${base}/googlechat/token`, api_base: `${base}/googlechat` }),
    post: (what) => json({ eventTime: new Date().toISOString(), space: { name: "spaces/AAA", type: "DM" }, user: { type: "HUMAN" }, ...what }, { Authorization: "Bearer " + jwt({ iss: "chat@system.gserviceaccount.com", aud: "123" }) }),
    text(contact, text) { return this.post({ type: "MESSAGE", message: { name: "spaces/AAA/messages/" + fresh(), sender: { type: "HUMAN" }, text } }); },
    tap(contact, { value }) { return this.post({ type: "CARD_CLICKED", message: { name: "spaces/AAA/messages/" + fresh() }, common: { parameters: { value } } }); },
    sends: (c) => c.path.startsWith("/v1/spaces/AAA/messages"),
    read: (c) => ({ contact: "spaces/AAA", text: c.body.text, choices: (c.body.cardsV2?.[0].card.sections[0].widgets[0].buttonList.buttons ?? []).map((b) => ({ label: b.text, value: b.onClick.action.parameters[0].value })) }),
    blocked: { status: 403, body: "{}" },
    answer: (c) => (c.path === "/keys" ? vectors.google_project_number.jwks : c.path === "/token" ? { access_token: "lent-google", expires_in: 3599 } : { name: "spaces/AAA/messages/X" }),
    token: "lent-google",
  },
});
