// What leaves the house goes only to whom it is meant for: certificates and host names are verified, TLS 1.2 at the least. The
// heartbeat calls a server on loopback with a good certificate and with bad ones; what a bad one gets to read is nothing.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check, done, request, Steady, until } from "./lib.mjs";

const folder = mkdtempSync(join(tmpdir(), "steady-tls-"));
const file = (name) => join(folder, name);
const openssl = (...args) => execFileSync("openssl", args, { stdio: ["ignore", "ignore", "ignore"] });
openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", file("ca.key"), "-out", file("ca.pem"), "-days", "2", "-subj", "/CN=test authority");
function certificate(name, host, days, signer = "ca") {
  writeFileSync(file(name + ".ext"), `subjectAltName=DNS:${host}\n`);
  openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", file(name + ".key"), "-out", file(name + ".csr"), "-subj", "/CN=" + host);
  const sign = signer === "self" ? ["-signkey", file(name + ".key")] : ["-CA", file("ca.pem"), "-CAkey", file("ca.key"), "-CAcreateserial"];
  openssl("x509", "-req", "-in", file(name + ".csr"), "-out", file(name + ".pem"), "-days", days, "-extfile", file(name + ".ext"), ...sign);
  return { key: readFileSync(file(name + ".key")), cert: readFileSync(file(name + ".pem")) };
}
process.env.SSL_CERT_FILE = file("ca.pem");  // the service started here trusts this authority

async function call(name, options, wanted) {
  let asked = 0;
  const server = https.createServer(options, (req, res) => { asked++; res.end(); });
  server.on("tlsClientError", () => {});
  await new Promise((r) => server.listen(0, "127.0.0.1", r));
  const steady = await new Steady({ config: { alarms: { heartbeat: `https://localhost:${server.address().port}/beat` } } }).start();
  const outcome = wanted ? 'outcome="heartbeat"' : 'outcome="no_heartbeat"';
  await until(`${name}: an outcome`, async () => (await request(steady.port, "GET", "/metrics")).body.includes(`steady_alarms_total{${outcome}}`));
  check((asked > 0) === wanted, `${name}: asked ${asked} times`);
  await steady.stop();
  steady.clean();
  server.close();
}
await call("a good certificate", certificate("good", "localhost", "1"), true);
await call("of another host", certificate("other", "example.org", "1"), false);
await call("signed by itself", certificate("own", "localhost", "1", "self"), false);
await call("run out", certificate("old", "localhost", "-1"), false);
await call("TLS 1.1", { ...certificate("oldtls", "localhost", "1"), minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" }, false);
// a redirect is not followed: where it leads, nobody asked us to go
let led = 0, asked = 0;
const far = http.createServer((req, res) => { led++; res.end(); });
await new Promise((r) => far.listen(0, "127.0.0.1", r));
const near = http.createServer((req, res) => { asked++; res.writeHead(302, { Location: `http://127.0.0.1:${far.address().port}/` }).end(); });
await new Promise((r) => near.listen(0, "127.0.0.1", r));
const steady = await new Steady({ config: { alarms: { heartbeat: `http://127.0.0.1:${near.address().port}/` } } }).start();
await until("the redirect is an outcome", async () => (await request(steady.port, "GET", "/metrics")).body.includes('steady_alarms_total{outcome="no_heartbeat"}'));
check(asked > 0 && led === 0, `a redirect is not followed: asked ${asked}, led ${led}`);
await steady.stop();
steady.clean();
far.close();
near.close();
rmSync(folder, { recursive: true });
done("tls");
