// The examples of a proxy before Steady (deploy/examples), as they are but for names, ports and certificates: the chat goes through,
// and with Steady down whoever opens the page gets the help lines, while a platform gets the error that makes it send again.
import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import https from "node:https";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check, done, Steady, until } from "./lib.mjs";

const examples = new URL("../../deploy/examples/", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "steady-proxy-"));
const freePort = () => new Promise((r) => { const s = net.createServer().listen(0, "127.0.0.1", () => { const { port } = s.address(); s.close(() => r(port)); }); });
execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", join(folder, "key.pem"), "-out", join(folder, "cert.pem"), "-days", "2", "-subj", "/CN=localhost"], { stdio: "ignore" });
cpSync(examples + "fallback", join(folder, "fallback"), { recursive: true });
for (const line of readFileSync(new URL("../../bot/pages/index.html", import.meta.url), "utf8").match(/<li>.*<\/li>/g)) check(readFileSync(join(folder, "fallback", "help.html"), "utf8").includes(line), "the fallback has the page's lines: " + line);

const get = (port, path, method = "GET") => new Promise((resolve) => {
  const req = https.request({ host: "127.0.0.1", port, path, method, rejectUnauthorized: false, servername: "localhost", headers: { Host: `localhost:${port}` } }, (res) => {
    let body = "";
    res.on("data", (d) => (body += d)).on("end", () => resolve({ status: res.statusCode, body }));
  });
  req.on("error", () => resolve({ status: 0, body: "" }));
  req.end();
});

const proxies = {
  nginx: (steady, port) => {
    const server = readFileSync(examples + "nginx.conf", "utf8").replaceAll("127.0.0.1:8080", `127.0.0.1:${steady}`).replace("listen 443", `listen 127.0.0.1:${port}`).replaceAll(/\/etc\/letsencrypt\/\S+fullchain.pem/g, join(folder, "cert.pem")).replaceAll(/\/etc\/letsencrypt\/\S+privkey.pem/g, join(folder, "key.pem")).replaceAll("/srv/steady-fallback", join(folder, "fallback"));
    mkdirSync(join(folder, "nginx"), { recursive: true });
    const temp = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((t) => `${t}_temp_path ${join(folder, "nginx", t)};`).join("\n");
    writeFileSync(join(folder, "nginx.conf"), `daemon off; pid ${join(folder, "nginx", "pid")}; error_log stderr; ${process.getuid() === 0 ? "user root;" : ""}\nevents {}\nhttp { access_log off; ${temp}\n${server}\n}\n`);
    return ["nginx", "-p", join(folder, "nginx"), "-c", join(folder, "nginx.conf")];
  },
  caddy: (steady, port) => {
    const site = readFileSync(examples + "Caddyfile", "utf8").replaceAll("127.0.0.1:8080", `127.0.0.1:${steady}`).replace("steady.example.org {", `https://localhost:${port} {\n\tbind 127.0.0.1\n\ttls ${join(folder, "cert.pem")} ${join(folder, "key.pem")}`).replaceAll("/srv/steady-fallback", join(folder, "fallback"));
    writeFileSync(join(folder, "Caddyfile"), `{\n\tadmin off\n\tauto_https off\n}\n${site}`);
    return ["caddy", "run", "--adapter", "caddyfile", "--config", join(folder, "Caddyfile")];
  },
};
for (const [name, command] of Object.entries(proxies)) {
  const steady = await new Steady({ config: { channels: { web: { platform: "web" } } } }).start();
  const port = await freePort();
  const [program, ...args] = command(steady.port, port);
  let said = "";
  const proxy = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder } });
  proxy.on("error", (e) => (said += e));
  proxy.stdout.on("data", (d) => (said += d));
  proxy.stderr.on("data", (d) => (said += d));
  process.on("exit", () => proxy.kill("SIGKILL"));
  check(await until(`${name} passes the page through`, async () => (await get(port, "/")).body.includes("<title>Steady</title>")), said);
  check((await get(port, "/healthz")).status === 200, `${name}: alive through the proxy`);
  for (const inside of ["/metrics", "/readyz"]) check((await get(port, inside)).status === 404, `${name}: ${inside} stays inside`);
  await steady.stop();
  const down = await get(port, "/");
  check(down.status >= 500 && down.body.includes("116 123") && down.body.includes("findahelpline.com"), `${name}: the help lines when it is down, got ${down.status} ${down.body.slice(0, 80)} ${said}`);
  const hook = await get(port, "/hooks/tg", "POST");
  check(hook.status >= 500 && !hook.body.includes("116 123"), `${name}: a platform gets the error, got ${hook.status}`);
  proxy.kill("SIGTERM");
  await new Promise((r) => proxy.on("exit", r));
  steady.clean();
}
rmSync(folder, { recursive: true });
done("proxy");
