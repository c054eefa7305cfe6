// What the chat page costs whoever opens it on a bad line: under 60 KB compressed, the first paint within a second on a throttled 3G
// line (Lighthouse's "slow 4G": 150 ms, 1.6 Mbit/s), nothing moves under a finger while it loads, answers and is typed in.
import { gzipSync } from "node:zlib";
import { check, done, Steady, until } from "./lib.mjs";
import { openBrowser } from "./browser.mjs";

const MOST_BYTES = 60 * 1024, MOST_PAINT_MS = 1000, TRIES = 5;
const steady = await new Steady({ config: { channels: { web: { platform: "web" } } } }).start();
const { browser, page } = await openBrowser({ serviceWorkers: "block" });

const sizes = new Map();
page.on("response", async (r) => {
  if (r.url().startsWith(`http://127.0.0.1:${steady.port}/`) && !r.url().includes("/web/")) sizes.set(new URL(r.url()).pathname, gzipSync(await r.body().catch(() => "")).length);
});
await page.addInitScript(() => {
  window.shifts = [];
  new PerformanceObserver((list) => list.getEntries().forEach((e) => e.hadRecentInput || window.shifts.push([e.value, ...e.sources.map((s) => s.node?.outerHTML?.slice(0, 80))]))).observe({ type: "layout-shift", buffered: true });
});
const line = await browser.newCDPSession(page);
await line.send("Network.enable");
await line.send("Network.emulateNetworkConditions", { offline: false, latency: 150, downloadThroughput: (1.6 * 1024 * 1024) / 8, uploadThroughput: (0.75 * 1024 * 1024) / 8 });

const paints = [];
for (let i = 0; i < TRIES; ++i) {
  await line.send("Network.clearBrowserCache");
  await page.goto(`http://127.0.0.1:${steady.port}/`);
  paints.push(await page.evaluate(() => new Promise((r) => {
    const find = () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime;
    find() ? r(find()) : new PerformanceObserver(() => find() && r(find())).observe({ type: "paint", buffered: true });
  })));
  await page.locator("#log .bubble.bot").first().waitFor();
  if (i === 0) {
    await page.locator("#text").fill("he left me on read and im losing it");
    await page.keyboard.press("Enter");
    await page.locator("#taps button").first().waitFor();
    await until("two answers", async () => (await page.locator("#log .bubble.bot").count()) >= 2);
    await page.waitForTimeout(300);
  }
  const shifts = await page.evaluate(() => window.shifts);
  check(shifts.reduce((sum, [value]) => sum + value, 0) < 0.001, "nothing moves: " + JSON.stringify(shifts));
}
const bytes = [...sizes.values()].reduce((a, b) => a + b, 0);
check(sizes.size >= 4 && bytes < MOST_BYTES, `${bytes} bytes compressed: ${JSON.stringify([...sizes])}`);
check(Math.min(...paints) < MOST_PAINT_MS, `first paint after ${paints.map(Math.round)} ms`);
console.log(`budget: ${bytes} bytes compressed in ${sizes.size} files, first paint after ${paints.map(Math.round).join(", ")} ms`);
await browser.close();
await steady.stop();
steady.clean();
done("budget");
