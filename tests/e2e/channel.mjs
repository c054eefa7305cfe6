// `steady channel` as an operator meets it: add asks, checks against the platform (a fake), writes a configuration that loads, says
// what is left; what is wrong is said and nothing is written; check and list read it back.
import { spawnSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binary, check, done } from "./lib.mjs";
import { fakeWorld } from "./drivers.mjs";

const folder = mkdtempSync(join(tmpdir(), "steady-channel-")), file = join(folder, "steady.yaml");
const world = await fakeWorld({ telegram: () => ({ ok: true, result: { id: 1 } }), slack: () => ({ ok: true }), zulip: () => ({ result: "success", id: 1 }) });
const run = (args, input = "") => new Promise((resolve) => {
  const child = spawn(binary, ["channel", "--config", file, ...args]);
  let out = "", err = "";
  child.stdout.on("data", (d) => (out += d));
  child.stderr.on("data", (d) => (err += d));
  child.on("exit", (code) => resolve({ code, out, err }));
  child.stdin.end(input);
});

writeFileSync(file, `# mine\ndata: ${folder}/data\npublic_url: https://steady.example.org\n`);
let r = await run(["add", "telegram", "--set", `api_base=${world.base}/telegram`], "123:token-of-telegram\n");
check(r.code === 0, "telegram is added: " + r.err);
check(r.out.includes("@BotFather") && r.out.includes("https://steady.example.org/hooks/telegram"), "it asks and says where: " + r.out);
check(!r.out.includes("token-of-telegram"), "the token is not shown");
let text = readFileSync(file, "utf8");
check(text.startsWith("# mine\n") && text.includes("platform: telegram") && text.includes("123:token-of-telegram"), "written, and the rest kept: " + text);
check((statSync(file).mode & 0o077) === 0, "readable by its owner only");
check(world.calls.some((c) => c.path.endsWith("/getMe")), "the platform was asked");

r = await run(["add", "telegram"], "x\n");
check(r.code === 1 && r.err.includes("already"), "the same name twice: " + r.err);
r = await run(["add", "pigeon"]);
check(r.code === 2 && r.err.includes("telegram") && r.err.includes("matrix"), "unknown platforms are told what there is");
r = await run(["add", "slack", "--set", `api_base=${world.base}/slack`], "\nxoxb\n");
check(r.code === 1 && r.err.includes("signing_secret") && readFileSync(file, "utf8") === text, "what is missing is named, and nothing written: " + r.err);
world.behave = () => ({ status: 200, body: JSON.stringify({ ok: false, error: "invalid_auth" }) });
r = await run(["add", "slack", "--set", `api_base=${world.base}/slack`], "s3cret\nxoxb\n");
check(r.code === 1 && r.err.includes("does not accept") && readFileSync(file, "utf8") === text, "a wrong token is seen at once: " + r.err);
world.behave = () => ({});
r = await run(["add", "slack", "--set", `api_base=${world.base}/slack`], "s3cret\nxoxb\n");
check(r.code === 0 && r.out.includes("Event Subscriptions"), "the right one is taken, and what is left by hand is said: " + r.err);
r = await run(["add", "matrix", "--set", "server=https://hs.example", "--set", "user_id=@steady:hs.example", "--set", "allow_private=true"]);
check(r.code === 1 && /no answer/.test(r.err), "a server that is not there: " + r.err);
r = await run(["add", "zulip", "--name", "team", "--set", `server=${world.base}/zulip`, "--set", "allow_private=true"], "bot@z.example\nkey\ntoken\n");
check(r.code === 0, "a name of one's own: " + r.err);

r = await run(["check"]);
check(r.code === 0 && /telegram \(telegram\): ok/.test(r.out) && /team \(zulip\): ok/.test(r.out), "check: " + r.out + r.err);
world.behave = (c) => (c.platform === "zulip" ? { status: 401, body: "{}" } : {});
r = await run(["check", "team"]);
check(r.code === 1 && r.out.includes("does not accept"), "check names what is broken: " + r.out);
r = await run(["list"]);
check(r.code === 0 && /team +zulip +0 +never +0/.test(r.out), "list: " + r.out + r.err);
check(spawnSync(binary, ["channel"]).status !== 0, "without a command it says how");
world.server.close();
rmSync(folder, { recursive: true, force: true });
done("channel");
