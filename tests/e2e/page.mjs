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
check(violations.length === 0, "no violations: " + violations.join("; "));
await browser.close();
await steady.stop();
steady.clean();
done("page");
