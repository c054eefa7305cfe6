// `steady chat --json`: one object a line; a simulated clock that fires timers in order; the same state on the next start.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binary, check, done } from "./lib.mjs";

const data = mkdtempSync(join(tmpdir(), "steady-chat-"));
function chat(lines, now, extra = []) {
  const out = execFileSync(binary, ["chat", "--json", "--contact", "ana", "--data", data, "--country", "US", "--now", now, ...extra], { input: lines.map((l) => (typeof l === "string" ? l : JSON.stringify(l))).join("\n") + "\n", encoding: "utf8", stdio: ["pipe", "pipe", "ignore"] });
  return out.trim().split("\n").map((l) => JSON.parse(l));
}
let out = chat([{ text: "he left me on read and im losing it" }], "2026-05-10T06:11:00Z");
check(out[0].ready && out[0].now === "2026-05-10T06:11:00Z", "ready first, with the clock: " + JSON.stringify(out[0]));
const say = out.find((o) => o.say)?.say;
check(say.choices.length === 8 && say.choices[0].label === "Chest" && say.at.startsWith("2026-05-10T06:11"), "say has text, choices, at");
check(say.why.some((w) => w.startsWith("trigger.no_reply")), "and why: " + say.why);
check(out.at(-1).ready, "ready after each line");
out = chat([{ choice: say.choices[0].value }], "2026-05-10T06:12:00Z");
check(out.find((o) => o.say)?.say.text.startsWith("Chest."), "the next start goes on where it was");
const strength = out.find((o) => o.say).say.choices[4].value;
out = chat([{ choice: strength }, { choice: "Reach out, check" }, { text: "not yet" }, { text: "an hour" }, { text: "walk, stairs" }], "2026-05-10T06:13:00Z");
out = chat([{ text: "in 20 minutes" }, { advance: "PT19M" }, { advance: "PT2M" }, { advance: "P1D" }], "2026-05-10T06:20:00Z");
const came = out.filter((o) => o.say).map((o) => o.say.at);
check(came.length === 2 && came[1] >= "2026-05-10T06:40" && came[1] < "2026-05-10T06:42", "the check-back comes on its minute, once: " + came);
for (const bad of ["nonsense", "[]", '{"text":3}', '{"advance":"soon"}', '{"advance":"P99999D"}', "{}"]) {
  out = chat([bad], "2026-05-12T06:20:00Z");
  check(out.some((o) => o.error) && out.at(-1).ready, `${bad}: a clear error, and it goes on`);
}
out = chat([{ text: "what do you know about me" }], "2026-05-12T07:00:00Z");
check(out.filter((o) => o.say).some((o) => o.say.text.includes("time zone: America/New_York")), "export shows what is kept: " + JSON.stringify(out));
out = chat([{ text: "forget me" }, { text: "yes" }, { text: "what do you know about me" }], "2026-05-12T07:01:00Z");
check(!out.filter((o) => o.say).at(-1).say.text.includes("moment"), "forgotten is forgotten");
rmSync(data, { recursive: true });
done("chat");
