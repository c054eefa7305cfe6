"""lab: what tests/bench/run and tests/bench/scale share: processes on loopback, their CPU and memory, and the closed-loop driver.

The floor server, the driver and the peers' scripts are those of the bench folder (--bench, default ../shared/bench beside the checkout);
the driver is its own sink and counts a message when it was acknowledged AND its reply has arrived. Every load is bounded in time.
"""
import json, os, pathlib, re, socket, subprocess, sys, time

ROOT = pathlib.Path(__file__).resolve().parents[2]
MADE = ROOT / "build/bench"
HZ = os.sysconf("SC_CLK_TCK")
SINK = 9300
QUIET_S = 6  # so long we wait for a quiet moment, if one comes


def tree(pid):
    out = [pid]
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            for child in open(f"/proc/{pid}/task/{task}/children").read().split():
                out += tree(int(child))
    except OSError:
        pass  # it has ended
    return out


def cpu(pids):
    """Seconds that they and their ended children have used."""
    total = 0
    for pid in pids:
        try:
            f = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
            total += sum(map(int, f[11:15]))
        except OSError:
            pass
    return total / HZ


def busy():
    v = list(map(int, open("/proc/stat").readline().split()[1:]))
    return (v[0] + v[1] + v[2] + v[5] + v[6]) / HZ


def pss_mb(pid):
    return next(int(l.split()[1]) for l in open(f"/proc/{pid}/smaps_rollup") if l.startswith("Pss:")) / 1024


def build(source, out, *libs):
    if not out.exists() or out.stat().st_mtime < source.stat().st_mtime:
        subprocess.run([os.environ.get("CXX", "g++"), "-std=c++20", "-O2", "-march=x86-64-v2", "-pthread", str(source), "-o", str(out), *libs], check=True)
    return out


def driver(bench):
    """A line that follows our question within five seconds gets no reply of its own (conversation.md 13.6), and the driver's 4,096
    people come back sooner: here 64,000 take turns."""
    MADE.mkdir(parents=True, exist_ok=True)
    source, written = MADE / "e2e.cpp", (bench / "e2e/e2e.cpp").read_text()
    patched = written.replace("(s.user + 1) % 64;", "(s.user + 1) % 1000;")
    if patched.count("% 1000;") != 1:
        sys.exit(f"{bench}/e2e/e2e.cpp has changed: make its people more in another way")
    if not source.exists() or source.read_text() != patched:
        source.write_text(patched)
    return build(source, MADE / "e2e", "-lcrypto")


def wait_port(port, seconds=20):
    end = time.time() + seconds
    while time.time() < end:
        try:
            return socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            time.sleep(0.01)
    sys.exit(f"nothing listens on {port}")


def start(*command, env=None, log=None):
    out = open(log, "ab") if log else subprocess.DEVNULL
    return subprocess.Popen([str(c) for c in command], stdout=out, stderr=out, env=dict(os.environ, **(env or {})))


def configure(folder, port, **more):
    """Steady's configuration for the driver, as a file in folder."""
    config = {"listen": {"port": port}, "data": f"{folder}/data", "log": "error",
              "channels": {"web": {"platform": "web"},
                           "tg": {"platform": "telegram", "token": "123456:bench", "webhook_secret": "bench", "api_base": f"http://127.0.0.1:{SINK}", "country": "US",
                                  "bot_per_second": "1000000", "chat_per_second": "100000"}}} | more
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    path = f"{folder}/steady.yaml"
    open(path, "w").write(json.dumps(config))
    return path


def load(e2e, bench, port, path, form, people, seconds, pids, ack_only=False):
    """One load of the server whose processes are pids: messages/s, latencies, its CPU a message, and others' share of the machine."""
    end = time.time() + QUIET_S
    while time.time() < end:
        a = busy()
        time.sleep(0.4)
        if busy() - a < 0.06:
            break
    before, all_before, t = cpu(pids), busy(), time.time()
    env = dict(os.environ, ACKONLY="1") if ack_only else None
    q = subprocess.Popen([e2e, str(port), path, str(SINK), str(people), str(seconds), form, bench / "corpus/messages.txt"], env=env, stdout=subprocess.PIPE, text=True)
    out = q.stdout.read()
    used = os.wait4(q.pid, 0)[2]
    wall, own = time.time() - t, cpu(pids) - before
    m = dict(re.findall(r"([a-z0-9]+)=([\d.]+)", out))
    foreign = max(0.0, busy() - all_before - own - used.ru_utime - used.ru_stime) / wall / os.cpu_count()
    return {"rps": float(m["rps"]), "p50_ms": float(m["p50"]) / 1000, "p99_ms": float(m["p99"]) / 1000, "cpu_us": 1e6 * own / max(1.0, float(m["reqs"])),
            "errors": int(m["errs"]) + int(m["non2xx"]), "foreign": foreign}
