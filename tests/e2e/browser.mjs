// Debian's Chromium for the page and the desk: no network but loopback, every violation of the content policy and every error of a
// script collected, axe-core, screenshots into build/screenshots.
import { existsSync, mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { check } from "./lib.mjs";

const axe = readFileSync(new URL("./node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const pictures = new URL("../../build/screenshots/", import.meta.url).pathname;
mkdirSync(pictures, { recursive: true });

export async function openBrowser(options = {}) {
  check(existsSync("/usr/bin/chromium"), "chromium is installed (deploy/packages.txt)");
  const browser = await chromium.launchPersistentContext(mkdtempSync(join(tmpdir(), "steady-chromium-")), {
    executablePath: "/usr/bin/chromium", headless: true, viewport: { width: 390, height: 800 }, timezoneId: "America/New_York", ...options,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  const violations = [];
  browser.on("page", (page) => watch(page, violations));
  browser.pages().forEach((page) => watch(page, violations));
  return { browser, violations, page: browser.pages()[0] ?? (await browser.newPage()) };
}

function watch(page, violations) {
  page.on("console", (m) => m.type() === "error" && /Content Security Policy/.test(m.text()) && violations.push(m.text()));
  page.on("pageerror", (e) => violations.push(String(e)));
}

export async function accessible(page, when) {
  await page.evaluate(() => Promise.all(document.getAnimations().map((a) => a.finished)));  // a bubble that comes in is faint for a moment
  const result = await page.evaluate(`(() => { const module = undefined, exports = undefined; ${axe}; return axe.run(document, { resultTypes: ["violations"] }); })()`);
  check(result.violations.length === 0, `axe (${when}): ` + result.violations.map((v) => v.id + " " + v.nodes[0].html).join("; "));
}

export const screenshot = (page, name) => page.screenshot({ path: join(pictures, name + ".png"), fullPage: true });
