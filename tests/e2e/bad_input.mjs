// Bad input: refused with a reason before anything is read or written; the process goes on unharmed.
import net from "node:net";
import { execFileSync } from "node:child_process";
import { check, done, fakeTelegram, post, request, secret, Steady, telegramConfig, text, until, sleep } from "./lib.mjs";

const fake = await fakeTelegram();
const steady = await new Steady({ config: telegramConfig(fake) }).start();
const people = () => execFileSync("sqlite3", ["-readonly", steady.folder + "/data/steady.db", "select count(*) from person where channel<>'.canary'"], { encoding: "utf8" }).trim();
const good = { "X-Telegram-Bot-Api-Secret-Token": secret };

check((await post(steady, "{broken", {})).status === 401, "no signature: 401, before parsing");
check((await post(steady, text(1, "x"), { "X-Telegram-Bot-Api-Secret-Token": secret.toUpperCase() })).status === 401, "wrong signature: 401");
check((await post(steady, text(1, "x"), { "X-Telegram-Bot-Api-Secret-Token": "" })).status === 401, "empty signature: 401");
const bad = {
  "broken JSON": '{"update_id":1,"message":', "an array": "[]", "a string": '"x"', "empty": "", "null": "null", "wrong type of id": '{"update_id":"abc"}', "id missing": '{"message":{}}',
  "depth 10,000": '{"update_id":1,"a":' + "[".repeat(10_000) + "]".repeat(10_000) + "}", "a huge number": '{"update_id":1e400}', "a key twice": '{"update_id":1,"update_id":2}',
  "lone surrogate": '{"update_id":1,"message":{"chat":{"id":1,"type":"private"},"text":"\\ud800"}}',
};
for (const [name, body] of Object.entries(bad)) {
  const answer = await post(steady, body, good);
  check(answer.status === 400 && JSON.parse(answer.body).error.length > 0, `${name}: 400 with a reason, got ${answer.status} ${answer.body}`);
}
const wrongTypes = await post(steady, { update_id: 5, message: { chat: { id: { a: 1 }, type: 7 }, text: ["x"], from: null } }, good);
check(wrongTypes.status === 200 || wrongTypes.status === 400, "wrong types below are no crash");

function raw(bytes, { wait = 3000 } = {}) {  // what comes back for bytes on a bare socket
  return new Promise((resolve) => {
    let got = "";
    const socket = net.connect(steady.port, "127.0.0.1", () => socket.write(bytes));
    socket.on("data", (d) => (got += d));
    socket.on("close", () => resolve(got));
    socket.on("error", () => resolve(got));
    setTimeout(() => socket.destroy(), wait);
  });
}
const head = `POST /hooks/tg HTTP/1.1\r\nHost: x\r\nX-Telegram-Bot-Api-Secret-Token: ${secret}\r\n`;
const badUtf8 = Buffer.concat([Buffer.from('{"update_id":1,"message":{"chat":{"id":1,"type":"private"},"text":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}}')]);
check((await raw(Buffer.concat([Buffer.from(head + `Content-Length: ${badUtf8.length}\r\nConnection: close\r\n\r\n`), badUtf8]))).startsWith("HTTP/1.1 400"), "bad UTF-8: 400");
check((await raw(head + "Content-Length: 10000000\r\n\r\n" + "x".repeat(300_000))).startsWith("HTTP/1.1 413"), "10 MB: 413");
check((await raw(head + "Transfer-Encoding: chunked\r\n\r\n" + ("10000\r\n" + "x".repeat(0x10000) + "\r\n").repeat(6))).startsWith("HTTP/1.1 413"), "endless chunks: 413");
check((await raw(head + "X: " + "y".repeat(20_000) + "\r\n\r\n")).startsWith("HTTP/1.1 431"), "a head over 16 KiB: 431");
for (const [name, bytes] of Object.entries({
  "no HTTP": "hello\r\n\r\n", "bad chunk size": head + "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n", "two lengths": head + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
  "negative length": head + "Content-Length: -1\r\n\r\n", "NUL in a header": head + "X: a\0b\r\n\r\n", "space before colon": head + "Content-Length : 2\r\n\r\n{}", "bad version": "POST /hooks/tg HTTP/9.9\r\n\r\n",
})) {
  const got = await raw(bytes, { wait: 1500 });
  check(!got.startsWith("HTTP/1.1 2"), `${name} is not taken: ${got.slice(0, 40)}`);
}
check((await request(steady.port, "GET", "/hooks/tg")).status === 405, "GET on a hook: 405");
check((await request(steady.port, "GET", "/../etc/passwd")).status === 404, "no file but the page's");
check((await request(steady.port, "POST", "/web/messages", { body: '{"id":"1","text":"x"}' })).status === 401, "the page's path wants its cookie");
check((await request(steady.port, "POST", "/web/messages", { body: '{"id":"1","text":"x"}', headers: { Cookie: "steady_web=" + "x".repeat(43), "Sec-Fetch-Site": "cross-site" } })).status === 403, "no posting from another site");
check(people() === "0", "nothing of all this was written: " + people());

// slow and many: idle connections hinder nobody
const idle = Array.from({ length: 200 }, () => net.connect(steady.port, "127.0.0.1", function () { this.write("POST /hooks/tg HTTP/1.1\r\n"); }));
await sleep(300);
const start = Date.now();
check((await post(steady, text(9, "he left me on read"), good)).status === 200, "a good message is taken meanwhile");
check(Date.now() - start < 5000, "and soon");
idle.forEach((s) => s.destroy());
await until("the good one was kept", () => people() === "1");
check((await request(steady.port, "GET", "/healthz")).status === 200, "unharmed");
check((await steady.stop()).code === 0, "a clean end");

// a bad configuration and a bad pack: file:line:column, what, what to do
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { binary } from "./lib.mjs";
writeFileSync(steady.folder + "/bad.yaml", "listen: {prot: 1}\n");
const config = spawnSync(binary, ["serve", "--config", steady.folder + "/bad.yaml"], { encoding: "utf8" });
check(config.status === 2 && config.stderr.includes("bad.yaml:1:16") && config.stderr.includes("did you mean 'port'"), "a bad configuration says where and what: " + config.stderr);
writeFileSync(steady.folder + "/mine.yaml", "language: en\nsignals:\n  trigger.x:\n    phrases: [\"text {thye}\"]\n");
const pack = spawnSync(binary, ["rules", "check", steady.folder + "/mine.yaml"], { encoding: "utf8" });
check(pack.status === 1 && pack.stderr.includes("mine.yaml:4:20: no set is called {thye}"), "a bad pack too: " + pack.stderr);
steady.clean();
done("bad_input");
