// A page that is closed: a browser that asked for it is told by its push service that something was said unasked; nothing is in the call;
// an address that is gone is dropped; replies that somebody waits for are no push.
import { execFileSync } from "node:child_process";
import { createHash, createPublicKey, verify } from "node:crypto";
import http from "node:http";
import { join } from "node:path";
import { binary, check, done, request, sleep, Steady, until } from "./lib.mjs";

const pushes = [];
const service = http.createServer((req, res) => {
  let body = "";
  req.on("data", (d) => (body += d));
  req.on("end", () => {
    pushes.push({ url: req.url, headers: req.headers, body });
    res.writeHead(req.url === "/gone" ? 410 : 201).end();
  });
});
await new Promise((r) => service.listen(0, "127.0.0.1", r));
const origin = `http://127.0.0.1:${service.address().port}`;

const steady = new Steady({ config: { public_url: "http://127.0.0.1:9", channels: { web: { platform: "web" } } } });
await steady.start();
const cookie = (await request(steady.port, "GET", "/")).headers["set-cookie"][0].split(";")[0];
const web = (method, path, body, headers = {}) => request(steady.port, method, path, { headers: { Cookie: cookie, "Content-Type": "application/json", ...headers }, body: body ? JSON.stringify(body) : "" });
let id = 0;
const say = (text) => web("POST", "/web/messages", { id: String(++id), text, zone: "America/New_York" });

check((await request(steady.port, "GET", "/web/push")).status === 401, "without the cookie there is nothing");
const { key } = JSON.parse((await web("GET", "/web/push")).body);
check(Buffer.from(key, "base64url").length === 65, "the key that a page subscribes with");
for (const [what, body] of [["no address", { endpoint: "no", on: true }], ["no on", { endpoint: origin + "/a" }], ["another scheme", { endpoint: "file:///etc/passwd", on: true }], ["too long", { endpoint: origin + "/" + "a".repeat(1000), on: true }]])
  check((await web("POST", "/web/push", body)).status === 400, `${what} is refused`);
check((await web("POST", "/web/push", { endpoint: origin + "/a", on: true }, { "Sec-Fetch-Site": "cross-site" })).status === 403, "from another site");
check((await web("POST", "/web/push", { endpoint: origin + "/a", on: true })).status === 204, "taken");
check((await web("POST", "/web/push", { endpoint: origin + "/gone", on: true })).status === 204, "taken");

await say("he left me on read and im losing it");
await say("Chest");
await say("6");
await sleep(500);
check(pushes.length === 0, "answers are no push");
for (const text of ["reach out", "not yet", "just now", "walk", "in 20 minutes"]) await say(text);
steady.advance(21 * 60);
await until("the look-in is told", () => pushes.length === 2, 20_000);
const push = pushes.find((p) => p.url === "/a");
check(push?.body === "" && Number(push.headers.ttl) > 0, "an empty call: " + JSON.stringify(push));
const [, token, k] = /^vapid t=([^,]+), k=(.+)$/.exec(push.headers.authorization);
const point = Buffer.from(k, "base64url");
const jwk = { kty: "EC", crv: "P-256", x: point.subarray(1, 33).toString("base64url"), y: point.subarray(33).toString("base64url") };
const [head, claims, signature] = token.split(".");
check(k === key && verify("sha256", Buffer.from(`${head}.${claims}`), { key: createPublicKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" }, Buffer.from(signature, "base64url")), "signed with the key of the page");
check(JSON.parse(Buffer.from(claims, "base64url")).aud === origin, "for its service");

// what is gone is dropped from what is kept, and what is not stays
const contact = createHash("sha256").update(cookie.split("=")[1]).digest("hex").slice(0, 40);
const kept = () => JSON.parse(execFileSync(binary, ["person", "export", "web", contact, "--data", join(steady.folder, "data")], { encoding: "utf8" })).kept;
await until("the address that is gone is dropped", () => kept().pushed?.length === 1, 10_000);
check(kept().pushed[0] === origin + "/a", "the other one stays");
check((await web("POST", "/web/push", { endpoint: origin + "/a", on: false })).status === 204 && kept().pushed === undefined, "taken back");
await steady.stop();
check(!steady.log.includes(origin), "no address in the log");
steady.clean();
service.close();
done("push");
