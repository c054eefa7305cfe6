// PostgreSQL servers of a test's own, on loopback, in a folder that goes with the test; and two nodes of Steady on one store.
import { execFile, execFileSync } from "node:child_process";
import { appendFileSync, chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Steady } from "../e2e/lib.mjs";

const versions = existsSync("/usr/lib/postgresql") ? readdirSync("/usr/lib/postgresql").sort((a, b) => b - a) : [];
if (!versions.length) { console.log("SKIPPED: no PostgreSQL is installed"); process.exit(77); }
const bin = `/usr/lib/postgresql/${versions[0]}/bin`, root = process.getuid() === 0;
const folder = mkdtempSync("/tmp/steady-postgres-");
if (root) { const [uid, gid] = ["-u", "-g"].map((f) => Number(execFileSync("id", [f, "postgres"]))); chownSync(folder, uid, gid); }
const as = (program, ...args) => root ? ["runuser", ["-u", "postgres", "--", join(bin, program), ...args]] : [join(bin, program), args];
const run = promisify(execFile);  // never in a way that would hold up the clients and the platform of a test
export const pg = async (program, ...args) => {
  const [what, all] = as(program, ...args), child = run(what, all, { cwd: folder, encoding: "utf8", maxBuffer: 1 << 28 });
  child.child.stdin?.end();
  return (await child).stdout;
};
const quiet = (f) => { try { return f(); } catch { return undefined; } };
const servers = [];
process.on("exit", () => { servers.forEach((s) => s.end()); rmSync(folder, { recursive: true, force: true }); });

export class Server {
  constructor(name, addresses = "127.0.0.1") {
    this.data = join(folder, name);
    this.port = 20000 + Math.floor(Math.random() * 30000);
    this.addresses = addresses;
    servers.push(this);
  }
  configure() {
    appendFileSync(join(this.data, "postgresql.conf"), `\nlisten_addresses='${this.addresses}'\nport=${this.port}\nunix_socket_directories=''\nmax_connections=100\nhot_standby=on\n`);
    appendFileSync(join(this.data, "pg_hba.conf"), "\nhost all all 127.0.0.0/8 trust\n");
  }
  async make() {
    await pg("initdb", "-D", this.data, "-A", "trust", "-U", "steady", "--locale=C.UTF-8");
    this.configure();
    await this.start();
  }
  async start() {
    try { await pg("pg_ctl", "-D", this.data, "-w", "-l", join(folder, "log"), "start"); }
    catch (e) { console.error(readFileSync(join(folder, "log"), "utf8").split("\n").slice(-12).join("\n")); throw e; }
  }
  async sql(q) { return (await pg("psql", "-h", "127.0.0.1", "-p", String(this.port), "-U", "steady", "-d", "postgres", "-Atc", q)).trim(); }
  // Every process of it, the postmaster first.
  processes() {
    const main = Number(readFileSync(join(this.data, "postmaster.pid"), "utf8").split("\n")[0]);
    return [main, ...execFileSync("ps", ["-o", "pid=", "--ppid", String(main)], { encoding: "utf8" }).trim().split(/\s+/).filter(Boolean).map(Number)];
  }
  signal(name) { for (const p of this.processes()) quiet(() => process.kill(p, name)); }
  end() { if (existsSync(join(this.data, "postmaster.pid"))) quiet(() => this.signal("SIGKILL")); }
  // From nothing, as the synchronous standby of the other.
  async follow(primary) {
    await rm(this.data, { recursive: true, force: true });
    await pg("pg_basebackup", "-h", "127.0.0.1", "-p", String(primary.port), "-U", "steady", "-D", this.data, "-R", "-c", "fast");
    this.configure();
    await this.start();
    await primary.sql("ALTER SYSTEM SET synchronous_standby_names='*'");
    await primary.sql("SELECT pg_reload_conf()");
  }
}

// A node for each configuration; all with the master key of the first.
export async function nodesOf(configs) {
  const nodes = [];
  for (const config of configs) {
    const node = new Steady({ config });
    if (nodes.length) {
      mkdirSync(join(node.folder, "data"), { recursive: true });
      cpSync(join(nodes[0].folder, "data/keys/master"), join(node.folder, "data/keys/master"));
    }
    nodes.push(await node.start());
  }
  return nodes;
}

// What the test's own process could not do because it was not running: what it measures is later by as much.
export function stillness() {
  const state = { held: 0 };
  let looked = Date.now();
  setInterval(() => { state.held = Math.max(state.held, Date.now() - looked - 50); looked = Date.now(); }, 50).unref();
  return state;
}
