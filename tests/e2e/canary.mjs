// The canary goes the whole way, through this service's own port, store, sender and client, and leaves nothing: nobody is
// called, nothing is counted, no record grows; nobody else can sing for it.
import { execFileSync } from "node:child_process";
import http from "node:http";
import { binary, check, done, fakeTelegram, request, Steady, telegramConfig, until } from "./lib.mjs";

let pages = 0, beats = 0;
const pager = http.createServer((req, res) => {
  req.resume();
  if (req.url === "/beat") beats++;
  else pages++;
  res.writeHead(200).end();
});
await new Promise((r) => pager.listen(0, "127.0.0.1", r));
const url = `http://127.0.0.1:${pager.address().port}`;
const fake = await fakeTelegram();
const config = telegramConfig(fake);
config.alarms = { operator: "Elm House", heartbeat: `${url}/beat`, routes: [{ webhook: `${url}/page`, secret: "whsec_" + Buffer.from("a secret of people on call").toString("base64") }] };
const steady = await new Steady({ config }).start();
const metrics = async () => (await request(steady.port, "GET", "/metrics")).body;
await until("it has come back", async () => (await metrics()).includes('steady_state{what="canary"} 1'));
await until("the heartbeat goes out", () => beats > 0, 70_000);
const text = await metrics();
check(/updates_total\{[^}]*\.canary[^}]*\} 1/.test(text), "it was an update like any other: " + text.split("\n").filter((l) => l.includes("canary")));
check(!/findings?_total\{[^}]*danger[^}]*\} [1-9]/.test(text), "its danger is counted nowhere");
check(pages === 0, "nobody is called");
check((await request(steady.port, "POST", "/hooks/.canary", { body: "{}" })).status === 401, "its channel takes nothing unsigned");
check((await request(steady.port, "POST", "/canary/guessed", { body: "988" })).status === 404, "nobody else comes back for it");
await steady.stop();
const on = (...args) => execFileSync(binary, [...args, "--data", steady.folder + "/data"], { encoding: "utf8" });
const kept = on("person", "export-all", ".canary").trim().split("\n").map((l) => JSON.parse(l).kept);
check(kept.length === 1 && Object.keys(kept[0]).join() === "format", "a stranger's record: " + JSON.stringify(kept));
check(!JSON.stringify(JSON.parse(on("report", "--json"))).includes("suicide\":{"), "the report knows nothing of it");
steady.clean();
pager.close();
fake.server.close();
done("canary");
