// The generic channel end to end, judged by the official standardwebhooks package in both directions.
import { readFileSync } from "node:fs";
import http from "node:http";
import { Webhook } from "standardwebhooks";
import { check, done, request, Steady, until } from "./lib.mjs";

const secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const hook = new Webhook(secret);
const got = [];
const server = http.createServer((req, res) => {
  let body = "";
  req.on("data", (d) => (body += d));
  req.on("end", () => {
    try { got.push({ ...hook.verify(body, req.headers), id: req.headers["webhook-id"] }); } catch (e) { check(false, "our signature verifies: " + e.message); }
    res.writeHead(204).end();
  });
});
await new Promise((r) => server.listen(0, "127.0.0.1", r));
const steady = await new Steady({ config: { channels: { g: { platform: "generic", secret, url: `http://127.0.0.1:${server.address().port}/in`, allow_private: "true" } } } }).start();
const kernel = readFileSync(`/proc/${steady.child.pid}/status`, "utf8");
check(/^Seccomp:\s+2$/m.test(kernel) && /^NoNewPrivs:\s+1$/m.test(kernel), "locked down (bot/lockdown.hpp)");

async function send(data, { type = "message.inbound", id = "msg_" + Math.random().toString(36).slice(2), at = new Date(), spoil = "" } = {}) {
  const body = JSON.stringify({ type, timestamp: at.toISOString(), data });
  const headers = { "webhook-id": id, "webhook-timestamp": String(Math.floor(at / 1000)), "webhook-signature": "v1a,AAAA " + hook.sign(id, at, body) };
  return request(steady.port, "POST", "/hooks/g", { headers, body: body + spoil });
}

check((await send({ contact: "+12025550100", text: "I took all the pills" })).status === 202, "accepted");
await until("a signed reply", () => got.length === 1);
check(got[0]?.data.text.includes("911") && got[0]?.data.urgent, "a US number gets 911 at once: " + got[0]?.data.text);
check(got[0]?.data.contact === "+12025550100" && got[0]?.data.choices.length === 3, "with its answers");
check((await send({ contact: "u", text: "x" }, { spoil: " " })).status === 401, "a changed body is refused");
check((await send({ contact: "u", text: "x" }, { at: new Date(Date.now() - 301_000) })).status === 401, "an old one too");
check((await send({ contact: "u", text: "x" }, { at: new Date(Date.now() + 301_000) })).status === 401, "one from the future too");
check((await send({ contact: "u" })).status === 400, "no text: 400");
check((await send({ contact: "u", text: "hello" }, { id: "same" })).status === 202, "first");
check((await send({ contact: "u", text: "hello" }, { id: "same" })).status === 202, "again: the same answer");
await until("one reply", () => got.length === 2);
check((await send({ contact: "u" }, { type: "something.new" })).status === 202, "unknown types are ignored");
await new Promise((r) => setTimeout(r, 300));
check(got.length === 2, "and nothing more is said");
check((await request(steady.port, "POST", "/hooks/nobody", { body: "{}" })).status === 404, "unknown channels are 404");
await steady.stop();
steady.clean();
server.close();
done("generic");
