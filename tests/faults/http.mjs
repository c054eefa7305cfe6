// Requests that two programs could read in two ways, and requests that are spoiled at random: none is taken, what is smuggled behind one
// never arrives, and who behaves is served meanwhile. The classes are those of RFC 9112, 9110 and of what proxies were fooled with.
//   node http.mjs BINARY [SPOILED]
import { execFileSync } from "node:child_process";
import net from "node:net";
import { check, done, fakeTelegram, post, secret, Steady, telegramConfig, text } from "../e2e/lib.mjs";

const spoiled = Number(process.argv[3] ?? 2000);
const fake = await fakeTelegram();
const steady = await new Steady({ config: telegramConfig(fake, { country: "US" }) }).start();
let contact = 660_000;
const whole = (id) => JSON.stringify(text(id, "he left me on read", id));
const behind = (id) => `POST /hooks/tg HTTP/1.1\r\nHost: x\r\nX-Telegram-Bot-Api-Secret-Token: ${secret}\r\nContent-Length: ${Buffer.byteLength(whole(id))}\r\n\r\n${whole(id)}`;
function raw(bytes, wait = 1500) {  // what comes back, and whether the connection was closed
  return new Promise((resolve) => {
    let got = "", closed = false;
    const socket = net.connect(steady.port, "127.0.0.1", () => socket.write(bytes));
    socket.on("data", (d) => (got += d.toString("latin1")));
    socket.on("close", () => { closed = true; resolve({ got, closed }); });
    socket.on("error", () => {});
    setTimeout(() => { if (!closed) { resolve({ got, closed }); socket.destroy(); } }, wait);
  });
}
const line = "POST /hooks/tg HTTP/1.1\r\n", host = "Host: x\r\n", key = `X-Telegram-Bot-Api-Secret-Token: ${secret}\r\n`;
const body = (id) => whole(id), length = (id) => `Content-Length: ${Buffer.byteLength(body(id))}\r\n`, chunk = (size, ext = "") => (id) => `${size ?? Buffer.byteLength(body(id)).toString(16)}${ext}\r\n${body(id)}\r\n0\r\n\r\n`;
const te = "Transfer-Encoding: chunked\r\n";
const plain = (head) => (id) => line + host + key + head(id) + "\r\n" + body(id);
const chunked = (head, rest = chunk()) => (id) => line + host + key + head + "\r\n" + rest(id);
const VECTORS = {
  // lengths
  "two lengths that differ": plain((id) => length(id) + "Content-Length: 3\r\n"), "two lengths in one line": plain((id) => `Content-Length: ${body(id).length}, 3\r\n`),
  "a length with a plus": plain((id) => `Content-Length: +${body(id).length}\r\n`), "a negative length": plain(() => "Content-Length: -1\r\n"), "a length in hex": plain((id) => `Content-Length: 0x${body(id).length.toString(16)}\r\n`),
  "a length with a letter": plain((id) => `Content-Length: ${body(id).length}a\r\n`), "a length over 64 bits": plain(() => "Content-Length: 18446744073709551617\r\n"), "an empty length": plain(() => "Content-Length: \r\n"),
  "a length with an underscore": plain((id) => `Content-Length: ${String(body(id).length).replace(/(.)/, "$1_")}\r\n`), "a length with a point": plain((id) => `Content-Length: ${body(id).length}.0\r\n`),
  // both
  "chunked and a length": chunked(te + "Content-Length: 4\r\n"), "a length and chunked": chunked("Content-Length: 4\r\n" + te), "chunked twice": chunked("Transfer-Encoding: chunked, chunked\r\n"),
  "chunked not last": chunked("Transfer-Encoding: chunked, identity\r\n"), "an encoding that nobody knows": chunked("Transfer-Encoding: xchunked\r\n"), "chunked with a tab": chunked("Transfer-Encoding:\tchunked\x0b\r\n"),
  "chunked in HTTP/1.0": (id) => `POST /hooks/tg HTTP/1.0\r\n${key}${te}Content-Length: 4\r\n\r\n${chunk()(id)}`, "chunked with NUL": chunked("Transfer-Encoding: chunked\0\r\n"), "quoted chunked": chunked('Transfer-Encoding: "chunked"\r\n'),
  // chunks
  "a chunk size in 0x": chunked(te, chunk("0x5")), "a chunk size with a plus": chunked(te, chunk("+5")), "a negative chunk size": chunked(te, chunk("-1")), "a chunk size with an underscore": chunked(te, chunk("0_5")),
  "a chunk size over 64 bits": chunked(te, chunk("10000000000000001")), "no chunk size": chunked(te, chunk("")), "a chunk size that is no number": chunked(te, chunk("zz")), "a chunk size after a space": chunked(te, chunk(" 5")),
  "a chunk without its end": chunked(te, (id) => `${Buffer.byteLength(body(id)).toString(16)}\r\n${body(id)}XX0\r\n\r\n`), "a bare LF after the size": chunked(te, (id) => `${Buffer.byteLength(body(id)).toString(16)}\n${body(id)}\r\n0\r\n\r\n`),
  "a bare CR after the size": chunked(te, (id) => `${Buffer.byteLength(body(id)).toString(16)}\r${body(id)}\r\n0\r\n\r\n`), "an endless extension": chunked(te, (id) => `${Buffer.byteLength(body(id)).toString(16)};${"x".repeat(100_000)}\r\n${body(id)}\r\n0\r\n\r\n`),
  // fields
  "a space before the colon": plain((id) => `Content-Length : ${body(id).length}\r\n`), "a field without a name": plain((id) => length(id) + ": x\r\n"), "a field without a colon": plain((id) => length(id) + "Hello\r\n"),
  "NUL in a value": plain((id) => length(id) + "X: a\0b\r\n"), "a bare CR in a value": plain((id) => length(id) + "X: a\rb\r\n"), "a control character in a name": plain((id) => length(id) + "X\x01: a\r\n"),
  "a folded field": plain((id) => "X: a\r\n b\r\n" + length(id) + "Content-Length:\r\n 3\r\n"), "a first line that is folded": (id) => line + " x: y\r\n" + host + key + length(id) + "\r\n" + body(id), "a name that is not ASCII": plain((id) => length(id) + "X\xff: a\r\n"),
  "a hundred thousand fields": plain((id) => "A: b\r\n".repeat(100_000) + length(id)), "a megabyte of a field": plain((id) => "A: " + "b".repeat(1_000_000) + "\r\n" + length(id)), "a name of a megabyte": plain((id) => "b".repeat(1_000_000) + ": x\r\n" + length(id)),
  // first line
  "HTTP/0.9": (id) => "POST /hooks/tg\r\n\r\n" + body(id), "HTTP/2.0": (id) => `POST /hooks/tg HTTP/2.0\r\n${host}${key}${length(id)}\r\n${body(id)}`, "HTTP/1.10": (id) => `POST /hooks/tg HTTP/1.10\r\n${host}${key}${length(id)}\r\n${body(id)}`,
  "a version in small letters": (id) => `POST /hooks/tg http/1.1\r\n${host}${key}${length(id)}\r\n${body(id)}`, "two spaces": (id) => `POST  /hooks/tg HTTP/1.1\r\n${host}${key}${length(id)}\r\n${body(id)}`, "a tab for a space": (id) => `POST\t/hooks/tg\tHTTP/1.1\r\n${host}${key}${length(id)}\r\n${body(id)}`,
  "a space in the target": (id) => `POST /hooks/ tg HTTP/1.1\r\n${host}${key}${length(id)}\r\n${body(id)}`, "NUL in the target": (id) => `POST /hooks/tg\0 HTTP/1.1\r\n${host}${key}${length(id)}\r\n${body(id)}`, "no target": (id) => `POST HTTP/1.1\r\n${host}${key}${length(id)}\r\n${body(id)}`,
  "a bare CR ends the line": (id) => `POST /hooks/tg HTTP/1.1\r${host}${key}${length(id)}\r\n${body(id)}`, "a target of a megabyte": (id) => `POST /hooks/tg?${"x".repeat(1_000_000)} HTTP/1.1\r\n${host}${key}${length(id)}\r\n${body(id)}`,
  "a method that is no word": (id) => `PO(ST /hooks/tg HTTP/1.1\r\n${host}${key}${length(id)}\r\n${body(id)}`, "TLS for plain": () => "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + "\0".repeat(200), "HTTP/2's preface": () => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "CONNECT": () => "CONNECT evil:443 HTTP/1.1\r\nHost: evil:443\r\n\r\n", "TRACE": () => `TRACE /hooks/tg HTTP/1.1\r\n${host}X-Secret: s\r\n\r\n`, "a proxy's target": (id) => `POST http://evil/hooks/tg HTTP/1.1\r\n${host}${key}${length(id)}\r\n${body(id)}`,
  "an upgrade": (id) => plain((x) => length(x) + "Connection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n")(id) + "", "an encoded body": plain((id) => length(id) + "Content-Encoding: gzip\r\n"),
  "a secret twice": plain((id) => length(id) + "X-Telegram-Bot-Api-Secret-Token: wrong\r\n"), "no secret": (id) => line + host + length(id) + "\r\n" + body(id),
};
// These are read in one way only, so what comes behind them is a request of its own; some are refused all the same.
const CLEAR = new Set(["an upgrade", "an encoded body", "a folded field", "CONNECT", "TRACE", "a proxy's target", "a secret twice", "no secret"]);
const REFUSED = new Set(["CONNECT", "TRACE", "a proxy's target", "no secret"]);
const people = () => execFileSync("sqlite3", ["-readonly", "-cmd", ".timeout 5000", steady.folder + "/data/steady.db", "select contact from person where channel<>'.canary'"], { encoding: "utf8" }).trim().split("\n").filter(Boolean).map(Number);

const smuggled = new Map();  // contact -> vector
for (const [name, make] of Object.entries(VECTORS)) {
  const id = ++contact, hidden = ++contact;
  smuggled.set(hidden, name);
  if (!CLEAR.has(name) || REFUSED.has(name)) smuggled.set(id, name);
  const { got, closed } = await raw(Buffer.from(make(id) + behind(hidden), "latin1"));
  if (REFUSED.has(name)) check(/^HTTP\/1\.1 4/.test(got), `${name}: refused: ${got.slice(0, 60)}`);
  if (CLEAR.has(name)) { smuggled.delete(hidden); continue; }
  check(!/^HTTP\/1\.1 2/.test(got), `${name}: taken: ${got.slice(0, 60)}`);
  check(closed || got === "", `${name}: the connection goes on: ${got.slice(0, 60)}`);
}
for (const id of people()) check(!smuggled.has(id), `${smuggled.get(id)}: it arrived`);

// at random: bytes of a good request are changed, doubled, taken out, cut off; it lives, and answers who behaves
let seed = 7, twos = 0;
const random = (n) => ((seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0) >>> 8) % n;
const mutate = (bytes) => {
  let out = Buffer.from(bytes);
  for (let i = 0, many = 1 + random(6); i < many && out.length > 1; ++i) {
    const at = random(out.length), end = Math.min(out.length, at + 1 + random(12));
    const kinds = [() => { out[at] = random(256); return out; }, () => Buffer.concat([out.subarray(0, at), out.subarray(at, end), out.subarray(at)]), () => Buffer.concat([out.subarray(0, at), out.subarray(end)]),
      () => out.subarray(0, at), () => Buffer.concat([out.subarray(0, at), Buffer.from(["\r\n", "\0", "\r\n\r\n", ": ", "0\r\n\r\n", "\xff\xff"][random(6)], "latin1"), out.subarray(at)])];
    out = kinds[random(kinds.length)]();
  }
  return out;
};
const worker = async (n) => {
  for (let i = 0; i < n; ++i) {
    const names = Object.keys(VECTORS), from = random(3) === 0 ? VECTORS[names[random(names.length)]](++contact).slice(0, 3000) : behind(++contact);
    twos += /^HTTP\/1\.1 2/.test((await raw(mutate(Buffer.from(from, "latin1")), 80)).got);
  }
};
await Promise.all(Array.from({ length: 16 }, () => worker(Math.ceil(spoiled / 16))));
check((await post(steady, text(1, "he left me on read"))).status === 200, "who behaves is served after it all");
check((await steady.stop()).code === 0, "a clean end");
console.log(`http: ${Object.keys(VECTORS).length} vectors, nothing smuggled; ${spoiled} spoiled at random, of which ${twos} were still good requests`);
steady.clean();
fake.server.close();
done("http");
