// The chat page in Debian's Chromium: messages, taps, keyboard only, phone and desktop, reload and restart, check-backs while it is
// open, help lines when the server is away, markup in a message stays text, no violation of the content policy, axe-core.
import { accessible as axe, openBrowser, screenshot } from "./browser.mjs";
import { check, done, Steady, until } from "./lib.mjs";

const steady = await new Steady({ config: { channels: { web: { platform: "web" } } } }).start();
const { browser, violations, page } = await openBrowser();
const bubbles = () => page.locator("#log .bubble.bot").allInnerTexts();
const last = async (n) => { await until(`${n} bubbles`, async () => (await bubbles()).length >= n); return (await bubbles())[n - 1]; };
const accessible = (when) => axe(page, when);

await page.goto(`http://127.0.0.1:${steady.port}/`);
const greeting = await last(1);
check(/program/.test(greeting), "it greets and says what it is: " + greeting);
await accessible("at the start");
check(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "no sideways scrolling on a phone");
const cookies = await browser.cookies();
check(cookies[0]?.httpOnly && cookies[0]?.sameSite === "Strict", "the token is out of scripts' reach");

// keyboard only
await page.keyboard.press("Tab");
await page.focus("#text");
await page.keyboard.type("he left me on read and im losing it");
await page.keyboard.press("Enter");
check(/body/.test(await last(2)), "a typed message is answered");
await page.locator("#taps button").first().waitFor();
await page.focus("#taps button");
await page.keyboard.press("Enter");
check((await last(3)).includes("0 to 10"), "a tap by keyboard");
check((await page.locator("#taps button").count()) === 11, "eleven taps for a number");
check(await page.locator("#taps button").evaluateAll((all) => all.every((b) => b.getBoundingClientRect().height >= 44)), "taps are tall enough for a thumb");
await accessible("with taps");

// reload, then restart of the server
await page.reload();
check((await last(3)).includes("0 to 10") && (await page.locator("#taps button").count()) === 11, "a reload loses nothing");
await page.locator("#taps button", { hasText: /^5$/ }).click();
await last(4);
await page.locator("#taps button").first().click();   // the pull
await last(5);
await page.locator("#taps button").first().click();   // not yet
await last(6);
await page.locator("#taps button").nth(1).click();    // when
await last(7);
await page.locator("#taps button").first().click();   // action
await last(8);
await page.locator("#taps button", { hasText: "In 20 minutes" }).click();
check((await last(9)).length > 0, "closed");
await steady.stop();
await page.fill("#text", "thanks <img src=x onerror=alert(1)>");
await page.keyboard.press("Enter");
await page.locator("#offline").waitFor({ state: "visible", timeout: 15_000 });
check((await page.locator("#help").innerText()).includes("988"), "help lines in the page when the server is away");
await accessible("offline");
await page.reload();  // and opened anew, with nobody there: the page is kept by its service worker
await page.locator("#offline").waitFor({ state: "visible", timeout: 15_000 });
check((await page.locator("#help").innerText()).includes("988"), "help lines in a page that is opened without a server");
check((await page.evaluate(async () => (await Promise.all((await caches.keys()).map(async (k) => (await (await caches.open(k)).keys()).map((r) => r.url)))).flat())).every((u) => !u.includes("/web/")), "nothing that anybody wrote is kept");
await steady.start();
await page.locator("#offline").waitFor({ state: "hidden", timeout: 20_000 });
await until("what was written meanwhile is answered", async () => (await bubbles()).length >= 10, 20_000);
check((await page.locator("#log img").count()) === 0, "markup in a message stays text");

// a check-back arrives while the page is open
const before = (await bubbles()).length;
steady.advance(20 * 60 + 5);
check(/number|strong/.test(await last(before + 1)), "the check-back arrives");
await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
await accessible("dark");
await page.setViewportSize({ width: 1280, height: 800 });
await accessible("wide");
await page.locator("#help-link").click();
check(await page.locator("#help").isVisible(), "help lines by hand");
await page.locator("#help-close").click();

// my things, another name, and away fast
await page.setViewportSize({ width: 360, height: 700 });
await page.locator("#mine-link").click();
await accessible("my things");
await screenshot(page, "page-mine");
const asked = (await bubbles()).length;
await page.locator("#sayings button", { hasText: "My months" }).click();
check((await last(asked + 1)).length > 0 && (await page.locator("#mine").isHidden()), "a saying is answered");
await page.locator("#mine-link").click();
await page.locator("#discreet").check();
check((await page.title()) === "Notes" && !(await page.locator("header").innerText()).includes("Steady"), "another name");
await page.reload();
check((await page.title()) === "Notes", "and it stays");
check(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "no sideways scrolling at 360 px");
await browser.route("https://www.wikipedia.org/", (route) => route.fulfill({ contentType: "text/html", body: "<title>elsewhere</title>" }));
await page.fill("#text", "somebody comes");
await page.keyboard.press("Enter");
const entries = await page.evaluate(() => history.length);
for (let i = 0; i < 3; i++) await page.keyboard.press("Escape");
await until("elsewhere", async () => (await page.title()) === "elsewhere");
check((await page.evaluate(() => history.length)) === entries, "no step of the history leads back");
await page.goto(`http://127.0.0.1:${steady.port}/`);
await page.locator(".bubble.bot").first().waitFor();
check(!(await page.content()).includes("somebody comes"), "opened again, nothing of before is shown");

// in Spanish
const spanish = await openBrowser({ locale: "es-ES" });
await spanish.page.goto(`http://127.0.0.1:${steady.port}/`);
await spanish.page.locator(".bubble.bot").first().waitFor();
check((await spanish.page.locator("header").innerText()).includes("Salir rápido") && (await spanish.page.locator("#text").getAttribute("placeholder")).startsWith("Escribe"), "the page in Spanish");
check(/programa/.test(await spanish.page.locator(".bubble.bot").first().innerText()), "and what it says");
await spanish.page.locator("#help-link").click();
check(!/Help lines|call or text|danger now/.test(await spanish.page.locator("body").innerText()), "none of it is left in English: " + (await spanish.page.locator("body").innerText()));
await axe(spanish.page, "in Spanish");
await screenshot(spanish.page, "page-spanish");
await spanish.browser.close();

// what a page may cost: bytes on the wire as a proxy would compress them, no shift of what stands there
const { gzipSync } = await import("node:zlib");
let bytes = 0;
for (const path of ["/", "/words.js", "/app.js", "/app.css", "/icon.svg"]) bytes += gzipSync((await (await fetch(`http://127.0.0.1:${steady.port}${path}`)).text())).length;
check(bytes < 60 * 1024, `the page is small: ${bytes} bytes compressed`);
console.log(`page: ${bytes} bytes compressed`);
check(violations.length + spanish.violations.length === 0, "no violations: " + [...violations, ...spanish.violations].join("; "));
await browser.close();
await steady.stop();
steady.clean();
done("page");
