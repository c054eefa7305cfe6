// The operator's desk: the first account by the printed code, login with a one-time code, roles, an alarm that is acknowledged and the
// person told, somebody on call who writes with them, packs that fail their check and packs that pass, taken back, guides as pictures, the trail; in Chromium, both themes, axe.
import { spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { join } from "node:path";
import { accessible, openBrowser, screenshot } from "./browser.mjs";
import { binary, check, done, fakeTelegram, Person, request, Steady, telegramConfig, until } from "./lib.mjs";

function totp(secret, at) {
  const bits = [...secret.replaceAll(" ", "")].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30)));
  const mac = createHmac("sha1", key).update(counter).digest(), o = mac.at(-1) & 15;
  return String((mac.readUInt32BE(o) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

const fake = await fakeTelegram();
const steady = await new Steady({
  config: { ...telegramConfig(fake, { country: "US" }), alarms: { operator: "Elm House", routes: [{ channel: "tg", contact: "99" }] } },
}).start();
const now = () => Date.now() / 1000 + (steady.shift ?? 0);
const nextCode = (secret) => { steady.advance(30); return totp(secret, now()); };  // a code serves once
const call = (cookie, method, path, body) => request(steady.port, method, "/desk/api/" + path, { headers: { Cookie: cookie, "Content-Type": "application/json" }, body: body === undefined ? "" : JSON.stringify(body) });

// without an account there is nothing but the door
for (const path of ["me", "overview", "alarms", "audit", "packs", "accounts", "guide?name=notice"])
  check((await call("", "GET", path)).status === 401, `${path} needs a login`);
check((await call("steady_desk=" + "A".repeat(43), "GET", "overview")).status === 401, "a made-up cookie opens nothing");
check((await request(steady.port, "POST", "/desk/api/login", { headers: { "Sec-Fetch-Site": "cross-site" }, body: "{}" })).status === 403, "a form of another site is refused");
check((await call("", "POST", "login", "no object")).status === 400, "a body of the wrong form is said");
const invitation = /with the code (\S+)/.exec(steady.log)?.[1];
check(invitation?.length > 20, "the code of the first account is printed: " + steady.log);

const { browser, violations, page } = await openBrowser({ viewport: { width: 1280, height: 900 } });
const heading = (text) => page.getByRole("heading", { level: 2, name: text }).waitFor();
await page.goto(`http://127.0.0.1:${steady.port}/desk#invitation/${invitation}`);
await page.getByRole("button", { name: "Go on" }).click();
await heading("A new account");
await accessible(page, "a new account");
const secret = (await page.locator("code").innerText()).replaceAll(" ", "");
await page.getByLabel("Name").fill("ana");
await page.getByLabel("Password").fill("short");
await page.getByLabel("code").fill(totp(secret, now()));
await page.getByRole("button", { name: "Make the account" }).click();
check(await page.getByRole("heading", { name: "A new account" }).isVisible(), "a short password is not taken");
await page.getByLabel("Password").fill("correct horse battery");
await page.getByRole("button", { name: "Make the account" }).click();
await heading("Overview");
await page.getByRole("button", { name: "Log out" }).click();
await heading("Log in");
await accessible(page, "login");
await screenshot(page, "desk-login");
const login = page.locator("form").first();
await login.getByLabel("Name").fill("ana");
await login.getByLabel("Password").fill("correct horse battery");
await login.getByLabel("Code").fill("000000");
await login.getByRole("button").click();
await page.getByRole("alert").filter({ hasText: "wrong" }).waitFor();
await login.getByLabel("Code").fill(nextCode(secret));
await login.getByRole("button").click();
await heading("Overview");
const cookie = (await browser.cookies(`http://127.0.0.1:${steady.port}/desk/api/me`)).find((c) => c.name === "steady_desk");
check(cookie.httpOnly && cookie.sameSite === "Strict" && cookie.path === "/desk", "the session is out of scripts' and others' reach");
const owner = `steady_desk=${cookie.value}`;

// an alarm: seen on the overview, acknowledged, and the person is told
const ben = new Person(steady, fake, 7);
await ben.say("i have the pills here and i am going to take them tonight");
await until("the alarm is on the overview", async () => (await page.getByRole("button", { name: "I have it" }).count()) === 1, 20_000);
await accessible(page, "overview with an alarm");
await screenshot(page, "desk-overview");
check(!(await page.content()).includes("pills"), "no words of anybody are on the page");
const before = fake.sent(7).length;
await page.getByRole("button", { name: "I have it" }).click();
await until("the person is told", () => fake.sent(7).length > before);
check(/seen|read|knows/i.test(fake.sent(7).at(-1).body.text), "what they are told: " + fake.sent(7).at(-1).body.text);
check(JSON.parse((await call(owner, "GET", "overview")).body).alarms.length === 0, "it is no longer open");
await page.goto(page.url().split("#")[0] + "#alarms");
await heading("Alarms");
await accessible(page, "alarms");

// somebody on call writes with them: nothing is read before a yes, and nothing is left after the end
const last = () => fake.sent(7).at(-1).body.text;
const answered = async (what, act, expected) => {
  const count = fake.sent(7).length;
  await act();
  await until(what, () => fake.sent(7).length > count && expected.test(last()));
};
await page.getByRole("link", { name: "Write with them" }).click();
await page.getByRole("button", { name: "Ask them" }).waitFor();
const token = page.url().split("#alarms/")[1];
const handover = async () => JSON.parse((await call(owner, "GET", "handover?token=" + token)).body);
check((await call(owner, "POST", "handover/say", { token, text: "hello" })).status === 409, "nothing is said to somebody who was not asked");
await answered("they are asked", () => page.getByRole("button", { name: "Ask them" }).click(), /Elm House.*Do you want|Elm House.*Shall they/s);
check((await call(owner, "POST", "handover/offer", { token })).status === 409, "asked once");
check((await handover()).lines.length === 0, "nothing is read before their yes");
await answered("their yes is taken", () => ben.say("yes"), /Elm House/);
await ben.say("my sister threw me out <img src=x onerror=alert(1)>");
await page.getByText("my sister threw me out <img").waitFor();
check((await page.locator(".talk img").count()) === 0, "their words stay text");
await accessible(page, "writing with somebody");
await page.getByLabel("Your answer").fill("I'm Ana. Where are you now?");
await answered("the answer arrives", () => page.getByRole("button", { name: "Send" }).click(), /^Elm House: I'm Ana\. Where are you now\?/);
await answered("danger is answered beside it", () => ben.say("i want to die"), /988.*Elm House|Elm House.*988/s);
await page.getByText("i want to die").waitFor();
await screenshot(page, "desk-talk");
check((await call(owner, "POST", "handover/say", { token, text: "x".repeat(1001) })).status === 413 && (await call(owner, "POST", "handover/say", { token, text: " " })).status === 400, "too long, and empty");
check(!(await call(owner, "GET", "audit")).body.includes("sister") && !steady.log.includes("sister"), "their words are in no trail and no log");
await answered("it ends", () => page.getByRole("button", { name: "End it" }).click(), /kept here|gone from here/);
await page.getByRole("button", { name: "Ask them" }).waitFor();
check((await handover()).lines.length === 0 && !(await page.content()).includes("sister"), "its words are gone");
check((await call(owner, "GET", "handover?token=nothing")).status === 404, "no such alarm");
await page.goto(page.url().split("#")[0] + "#alarms");
await heading("Alarms");

// roles
const invited = JSON.parse((await call(owner, "POST", "invite", { role: "carer" })).body).code;
const { secret: second } = JSON.parse((await call("", "POST", "invited", { invitation: invited })).body);
const enrolled = await call("", "POST", "enrol", { invitation: invited, name: "cal", password: "another long password", code: totp(second, now()) });
const carer = enrolled.headers["set-cookie"][0].split(";")[0];
for (const [path, status] of [["overview", 200], ["alarms", 200], ["guides", 200], ["handover?token=" + token, 200], ["packs", 403], ["audit", 403], ["trends", 403], ["report", 403]])
  check((await call(carer, "GET", path)).status === status, `a carer asks for ${path}: ${status}`);
for (const path of ["invite", "accounts/remove", "packs/publish", "packs/current", "try", "play"])
  check((await call(carer, "POST", path, {})).status === 403, `a carer may not ${path}`);

// an owner whose phone is lost
const byCommand = spawnSync(binary, ["desk", "invite", "--data", join(steady.folder, "data")], { encoding: "utf8" });
const lost = /the code (\S+)/.exec(byCommand.stdout)?.[1];
check(JSON.parse((await call("", "POST", "invited", { invitation: lost })).body).role === "owner", "an invitation from the machine: " + byCommand.stdout + byCommand.stderr);
check(spawnSync(binary, ["desk", "invite", "--role", "king", "--data", join(steady.folder, "data")]).status === 1, "no such role");

// packs: one that fails with its line, one that passes, is in force, and is taken back
await page.goto(page.url().split("#")[0] + "#packs/file/packs/en/ground.yaml");
await page.locator("textarea.code").waitFor();
const original = await page.locator("textarea.code").inputValue();
check(original.includes("guide: ground"), "the file is as in force");
await page.locator("textarea.code").fill(original.replace("go: ", "go: nowhere_at_all_"));
await page.getByRole("button", { name: "Keep in the draft" }).click();
await page.locator("pre .added").first().waitFor();
await accessible(page, "a file of the packs");
await page.getByRole("link", { name: "Back to the packs" }).click();
await page.getByRole("button", { name: "Check" }).click();
await page.getByText("Not passed.").waitFor({ timeout: 120_000 });
check(/packs\/en\/ground\.yaml:\d+:\d+: .*nowhere_at_all_/.test(await page.locator("main").innerText()), "the problem with its line: " + (await page.locator("main").innerText()).slice(0, 900));
await page.getByRole("button", { name: "Publish" }).click();
await page.getByRole("alert").filter({ hasText: "check it first" }).waitFor();
await call(owner, "POST", "packs/file", { name: "packs/en/ground.yaml", text: original + "\n# looked through by ana\n" });
check(JSON.parse((await call(owner, "POST", "try", { text: "i have the pills here and i will take them tonight", language: "en", draft: true })).body).level === "danger", "the draft reads");
check((await call(owner, "POST", "packs/publish", { note: "too early" })).status === 409, "the former verdict was on another draft");
const began = Date.now();
check((await call(owner, "POST", "packs/check", {})).status === 200 && (await call(owner, "POST", "packs/check", {})).status === 409, "one check at a time");
const verdict = await until("the check ends", async () => {
  const v = JSON.parse((await call(owner, "GET", "packs/check")).body);
  return v.running ? null : v;
}, 200_000);
const took = Date.now() - began;
check(verdict.passed && verdict.states > 1000, "the draft passes: " + JSON.stringify(verdict).slice(0, 300));
const loaded = async () => JSON.parse((await call(owner, "GET", "packs")).body);
const first = (await loaded()).loaded;
check((await call(owner, "POST", "packs/publish", { note: "looked through" })).status === 200, "published");
const published = await loaded();
check(published.loaded !== first && published.versions.length === 1 && published.draft.length === 0, "and in force: " + JSON.stringify(published).slice(0, 300));
await ben.say("stop");
await steady.stop();
await steady.start();
check((await loaded()).loaded === published.loaded, "and after a restart");
await page.goto(page.url().split("#")[0] + "#packs");
await page.reload();
await page.getByRole("button", { name: "Take back to this" }).click();
await page.getByRole("button", { name: "Put in force" }).waitFor();
check((await loaded()).loaded === first, "taken back");
await page.getByLabel("Message").fill("he left me on read, i feel sick");
await page.getByRole("button", { name: "Read it" }).click();
await page.getByText("What was heard, and by which line").waitFor();
await page.getByLabel("They write").fill("he left me on read");
await page.getByRole("button", { name: "Say", exact: true }).click();
await page.locator(".bubble:not(.you)").nth(1).waitFor();
await page.locator("[role=log] .taps button").first().click();
await until("the play goes on", async () => (await page.locator("[role=log] .bubble.you").count()) === 2);
await page.getByRole("button", { name: "1d pass" }).click();
await page.getByText("… 1d later").waitFor();
await accessible(page, "packs");
await screenshot(page, "desk-packs");
check((await call(owner, "POST", "packs/file", { name: "../../etc/passwd", text: "x" })).status === 400, "no file but of packs");
check((await call(owner, "POST", "play", { moves: [{ wait: "forever" }] })).status === 400, "a wrong move is said");

// guides, trends, directory, trail, report, accounts
await page.goto(page.url().split("#")[0] + "#guides/notice");
await page.locator("svg .box").first().waitFor();
check((await page.locator("svg .box").count()) > 10 && (await page.locator("svg .way").count()) > 10, "a guide as a picture");
await page.getByRole("button", { name: "Whole width" }).click();
await accessible(page, "guides");
await screenshot(page, "desk-guides");
await page.goto(page.url().split("#")[0] + "#trends");
await page.getByRole("heading", { name: "Answers a day" }).waitFor();
await accessible(page, "trends");
await screenshot(page, "desk-trends");
await page.goto(page.url().split("#")[0] + "#directory/GB");
await page.getByText("Samaritans").first().waitFor();
page.on("dialog", (d) => (d.type() === "prompt" ? d.accept("samaritans.org, read by ana") : d.accept()));
await page.getByRole("button", { name: "Checked today" }).first().click();
await until("it is in the draft", async () => (await loaded()).draft.includes("directory/GB.json"));
await accessible(page, "directory");
await page.goto(page.url().split("#")[0] + "#audit");
await page.getByRole("button", { name: "Verify" }).click();
await page.getByText("As it was written").waitFor();
const trail = await page.locator("main").innerText();
for (const what of ["alarm", "acknowledge", "seen_by", "login", "account", "publish"]) check(trail.includes(what), `the trail has ${what}`);
await accessible(page, "trail");
await page.goto(page.url().split("#")[0] + "#report");
await page.getByRole("heading", { name: "The protocol" }).waitFor();
await accessible(page, "report");
await page.goto(page.url().split("#")[0] + "#accounts");
await page.getByRole("button", { name: "Invite somebody" }).click();
await page.getByText("it serves once").waitFor();
await accessible(page, "accounts");
await page.emulateMedia({ colorScheme: "dark" });
for (const part of ["overview", "alarms", "guides/crisis", "packs", "trends", "directory/US", "audit", "report", "accounts"]) {
  await page.goto(page.url().split("#")[0] + "#" + part);
  await until("drawn", async () => (await page.locator("nav a[aria-current]").getAttribute("href")) === "#" + part.split("/")[0] && (await page.locator("main h2").innerText()) !== "");
  await page.waitForTimeout(400);
  await accessible(page, part + ", dark");
}
await page.setViewportSize({ width: 360, height: 700 });
await page.goto(page.url().split("#")[0] + "#overview");
await heading("Overview");
check(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "no sideways scrolling on a phone");
await screenshot(page, "desk-phone-dark");
await page.waitForTimeout(2100);
await call(owner, "POST", "packs/check", {});
await page.waitForTimeout(500);
const leaves = Date.now();
await steady.stop();
check(Date.now() - leaves < took, `a check does not hold up the end: ${Date.now() - leaves} ms, and ${took} ms to its own end`);
check(violations.length === 0, "no violations: " + violations.join("; "));
await browser.close();
check(!steady.log.includes("pills"), "no words in the log");
steady.clean();
done("desk");
