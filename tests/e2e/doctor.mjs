// `steady doctor` as an operator meets it: what is well, what is wrong and what to do about it, for each thing it looks at.
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binary, check, done } from "./lib.mjs";
import { fakeWorld } from "./drivers.mjs";

const folder = mkdtempSync(join(tmpdir(), "steady-doctor-")), file = join(folder, "steady.yaml"), data = join(folder, "data");
const world = await fakeWorld({ telegram: () => ({ ok: true, result: { id: 1 } }) });
const run = (args, input = "") => new Promise((resolve) => {
  const child = spawn(binary, args, { cwd: folder });
  let out = "", err = "";
  child.stdout.on("data", (d) => (out += d));
  child.stderr.on("data", (d) => (err += d));
  child.on("exit", (code) => resolve({ code, out, err }));
  child.stdin.end(input);
});
const examine = async () => {
  const r = await run(["doctor", "--config", file, "--json"]);
  const seen = JSON.parse(r.out), of = (name) => seen.findings.find((f) => f.name === name) ?? {};
  check(r.code === (seen.state === "FAIL" ? 1 : 0), "the exit status says whether something failed");
  check(seen.findings.every((f) => f.seen && (f.state === "ok") === (f.do === "")), "what is not well comes with what to do: " + r.out);
  return of;
};
const configured = (more = "") =>
  writeFileSync(file, `data: ${data}\nchannels:\n  tg: {platform: telegram, token: "123:t", api_base: "${world.base}/telegram", country: GB}\n${more}`, { mode: 0o600 });

// --- before the first start
configured();
let of = await examine();
check(of("configuration").state === "ok" && of("words").state === "ok" && of("channel tg").state === "ok", "what is there is well");
check(of("data").state === "warn" && of("public address").state === "warn" && of("people on call").state === "warn", "what is not yet there is named");
check(of("directory").seen.includes("services"), "the directory's age is told");

// --- a wrong configuration: where, and nothing else is guessed
writeFileSync(file, "listen: {prot: 1}\n");
let r = await run(["doctor", "--config", file]);
check(r.code === 1 && r.out.includes("FAIL") && r.out.includes("steady.yaml:1:"), "a wrong line is named: " + r.out);

// --- with a database, and somebody in it
mkdirSync(data);
await run(["chat", "--json", "--data", data], '{"text":"hi"}\n');
configured();
chmodSync(file, 0o644);
of = await examine();
check(of("configuration").state === "warn" && of("configuration").do.startsWith("chmod 600"), "secrets that others may read");
check(of("database").seen === "1 people" && of("keys").state === "ok" && of("outbox").state === "ok", "the database opens with its key");
check(of("backups").state === "warn", "no copy yet");
writeFileSync(join(folder, "words"), "a passphrase of some length\n");
await run(["backup", join(folder, "one.backup"), "--data", data, "--passphrase-file", join(folder, "words")]);
configured(`alarms: {operator: Elm House, routes: [{webhook: "${world.base}/pager", secret: whsec_c2VjcmV0c2VjcmV0c2VjcmV0}]}\n`);
of = await examine();
check(of("backups").state === "ok" && of("people on call").state === "ok" && of("heartbeat").state === "warn", "a copy, and people on call: " + JSON.stringify(of("backups")));

// --- what goes wrong later
const keys = join(data, "keys");
chmodSync(join(keys, readdirSync(keys).find((k) => k === "master")), 0o444);
check((await examine())("keys").do.startsWith("chmod 400"), "a key that others may read");
chmodSync(join(keys, "master"), 0o400);
renameSync(join(keys, "master"), join(folder, "master"));
check((await examine())("keys").state === "FAIL", "the master key is gone");
check(!readdirSync(keys).includes("master"), "and none is made in its place");
renameSync(join(folder, "master"), join(keys, "master"));
world.behave = () => ({ status: 401, body: JSON.stringify({ ok: false, error_code: 401, description: "Unauthorized" }) });
check((await examine())("channel tg").state === "FAIL", "a token that is not accepted");
world.behave = () => ({});
writeFileSync(join(data, "steady.db"), "not a database at all, but long enough to be looked at");
check((await examine())("database").state === "FAIL", "a database that is none");

rmSync(folder, { recursive: true });
done("doctor");
