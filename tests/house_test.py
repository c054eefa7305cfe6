#!/usr/bin/env python3
"""The house, enforced: who may include whom, heavy headers only where they belong, the g++ 12.2 co_await rule, no file over 400 lines,
no header without a word on what it is. Usage: house_test.py ROOT. Standard library only."""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
faults = []
HEAVY = re.compile(r'#include <(boost/|nlohmann/json\.hpp|re2/|yaml-cpp/|sqlite3|libpq|openssl/|unicode/|spdlog/|prometheus/|sodium)')
MAY = {"rules": ("rules/",), "adapters": ("adapters/",), "bot": ("bot/", "rules/", "adapters/"), "tests": ("bot/", "rules/", "adapters/", "tests/")}
PURE = re.compile(r'\b(system_clock|std::thread|std::mutex|std::ofstream|random_device|std::cout|std::cerr|getenv)\b')
PURE_MAY = {"rules/check.hpp"}
HEAVY_IN_HEADER = {"bot/http_connection.hpp", "bot/gateway_line.hpp", "bot/net.hpp"}  # included by http_*.cpp only
MIDDLE = {"webhooks", "conversation", "sender", "timers", "webchat"}  # do not include one another, but for the types they hand on
MIDDLE_MAY = {("webhooks", "conversation"), ("timers", "conversation")}


def fault(path, line, what):
    faults.append(f"{path.relative_to(root)}:{line}: {what}")


def statements(text):
    """(line, statement) for every statement of a C++ file, strings and comments blanked."""
    text = re.sub(r'"(?:\\.|[^"\\])*"', '""', text)
    text = re.sub(r"//[^\n]*", "", text)
    line, start, depth, out = 1, 1, 0, ""
    for c in text:
        if c == "\n":
            line += 1
        if not out.strip():
            start = line
        out += c
        if c == "(":
            depth += 1
        elif c == ")":
            depth -= 1
        elif c == ";" and depth == 0:
            yield start, out
            out = ""
        elif c in "{}" and depth == 0 and "co_await" not in out:
            out = ""


for folder, allowed in MAY.items():
    for path in sorted((root / folder).rglob("*")):
        if path.suffix not in (".cpp", ".hpp") or "node_modules" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines()
        name = str(path.relative_to(root))
        if len(lines) > 400:
            fault(path, len(lines), f"{len(lines)} lines; 400 are the most")
        if folder != "tests" and not lines[0].startswith("//") and path.suffix == ".hpp":
            fault(path, 1, "a header begins with what it is")
        for number, line in enumerate(lines, 1):
            own = re.match(r'#include "([^"]+)"', line)
            if own and not own.group(1).startswith(allowed):
                fault(path, number, f"{folder}/ may not include {own.group(1)}")
            if own and folder == "bot" and path.stem in MIDDLE:
                other = pathlib.Path(own.group(1)).stem
                if other in MIDDLE and other != path.stem and (path.stem, other) not in MIDDLE_MAY:
                    fault(path, number, f"{path.stem} and {other} meet in the store, not by include")
            if HEAVY.match(line) and path.suffix == ".hpp" and folder != "tests" and name not in HEAVY_IN_HEADER:
                fault(path, number, "a heavy header belongs into a .cpp")
            if folder in ("rules", "adapters") and PURE.search(line.split("//")[0]) and name not in PURE_MAY:
                fault(path, number, "rules/ and adapters/ are pure: no clock, thread, stream or environment")
            if folder in ("rules", "adapters") and re.match(r"#include <boost/", line):
                fault(path, number, "no Boost here")
        if folder == "bot":
            for number, statement in statements(text):
                after = statement.split("co_await", 1)
                if len(after) == 2 and re.search(r"[{]|\[[^\]]*[&=\w][^\]]*\]\s*[({]", after[1]):
                    fault(path, number, "braces or a lambda in a co_await expression: g++ 12.2 destroys them twice; name it on the line before")

CONTROL = re.compile(r"^\| [\d.]+ \|[^|]*\| `([^`]+)` `([^`]+)` \|$")
rows = [line for line in (root / "SECURITY.md").read_text(encoding="utf-8").splitlines() if re.match(r"\| \d", line)]
if len(rows) < 20:
    faults.append("SECURITY.md: the table of controls is gone")
for row in rows:  # each control is held by a test that is there
    held = CONTROL.match(row)
    if not held or not (root / held.group(1)).is_file() or held.group(2) not in (root / held.group(1)).read_text(encoding="utf-8"):
        faults.append(f"SECURITY.md: no such test: {row}")

for text in ("    auto x = co_await f(Agg{1});", "    co_await f([&x] { return x; });"):  # the rule itself, tried
    found = any(re.search(r"[{]|\[[^\]]*[&=\w][^\]]*\]\s*[({]", s.split("co_await", 1)[1]) for _, s in statements(text) if "co_await" in s)
    if not found:
        faults.append(f"tests/house_test.py: the co_await rule does not see: {text.strip()}")

top = {p.name for p in root.iterdir() if p.is_dir() and not p.name.startswith(".")} - {"build", "data", "node_modules"}
if not top <= {"bot", "rules", "adapters", "tests", "deploy"}:
    faults.append(f"top level: unexpected folders {sorted(top - {'bot', 'rules', 'adapters', 'tests', 'deploy'})}")
for yaml in (root / "rules" / "packs").rglob("*.yaml"):
    count = yaml.read_text(encoding="utf-8").count("\n")
    if count > 400:
        fault(yaml, count, f"{count} lines; a pack over 400 lines is two packs")
print("\n".join(faults) or "house: ok")
sys.exit(1 if faults else 0)
