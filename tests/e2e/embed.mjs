// The chat in another site's page: the listed site shows it in a frame behind a button, with a conversation of its own there; leaving fast
// takes the page around it along; a site that is not listed shows nothing; without a list there is no frame for anybody.
import http from "node:http";
import { accessible, openBrowser, screenshot } from "./browser.mjs";
import { check, done, request, Steady, until } from "./lib.mjs";

const site = http.createServer((req, res) => {
  res.writeHead(200, { "Content-Type": "text/html", "Content-Security-Policy": `script-src http://127.0.0.1:${steady.port}; style-src 'none'` });
  res.end(`<!doctype html><html lang="en"><title>A charity</title><main><h1>A charity</h1><p>We are here.</p></main><script src="http://127.0.0.1:${steady.port}/widget.js" defer></script></html>`);
});
await new Promise((r) => site.listen(0, "0.0.0.0", r));
const listed = `http://localhost:${site.address().port}`, other = `http://127.0.0.2:${site.address().port}`;
const steady = await new Steady({ config: { embed: [listed], channels: { web: { platform: "web" } } } }).start();

const { browser, violations, page } = await openBrowser({ viewport: { width: 1000, height: 800 } });
await page.route("https://www.wikipedia.org/**", (route) => route.fulfill({ contentType: "text/html", body: "<title>Elsewhere</title>" }));
await page.goto(listed);
await page.getByRole("button", { name: "Talk to Steady" }).waitFor();
check(page.frames().length === 2 && page.frames()[1].url() === "about:blank", "nothing is loaded before it is asked for");
await accessible(page, "a page with the button");
await page.getByRole("button", { name: "Talk to Steady" }).click();
const chat = page.frameLocator("iframe");
await chat.locator("#log .bubble.bot").first().waitFor();
await chat.locator("#text").fill("he left me on read and im losing it");
await chat.locator("#text").press("Enter");
await chat.locator("#taps button").first().waitFor();
check((await chat.locator("#log .bubble.bot").count()) === 2, "it answers in the frame");
await screenshot(page, "widget");
const jar = await browser.cookies();
const framed = jar.find((c) => c.name === "steady_web");
check(framed?.httpOnly && framed.secure && framed.sameSite === "None", "a cookie of its own: " + JSON.stringify(framed));
await page.reload();
await page.getByRole("button", { name: "Talk to Steady" }).click();
await chat.locator("#taps button").first().waitFor();
check(/body/.test(await chat.locator("#log").innerText()), "a reload goes on where they were: " + (await chat.locator("#log").innerText()));
await page.getByRole("button", { name: "Close" }).click();
check(await page.locator("iframe").isHidden(), "closed");

// a window of its own has a conversation of its own: what is said in the frame is that site's alone
const own = await browser.newPage();
await own.goto(`http://127.0.0.1:${steady.port}/`);
await own.locator("#log .bubble.bot").first().waitFor();
check((await own.locator("#log .bubble").count()) === 1, "its own conversation");
await own.close();

// leaving fast from inside
await page.getByRole("button", { name: "Talk to Steady" }).click();
await chat.locator("#leave").click();
await until("the page around it is gone", () => page.url().includes("wikipedia"));
await page.goBack().catch(() => {});
check(!page.url().startsWith(listed), "and not in the history: " + page.url());
check(violations.length === 0, violations.join("\n"));

// not listed
const stranger = await browser.newPage();
const refused = [];
stranger.on("console", (m) => refused.push(m.text()));
await stranger.goto(other);
await stranger.getByRole("button", { name: "Talk to Steady" }).click();
await until("the browser refuses the frame", () => refused.some((t) => /frame-ancestors/.test(t)));
const plain = await request(steady.port, "GET", "/");
check(plain.headers["content-security-policy"].includes("frame-ancestors 'none'"), "the page itself is in no frame");
const inFrame = await request(steady.port, "GET", "/embedded");
check(inFrame.headers["content-security-policy"].endsWith("frame-ancestors " + listed) && /Partitioned/.test(inFrame.headers["set-cookie"][0]), "the framed one names the site");
check((await request(steady.port, "POST", "/web/messages", { body: '{"id":"1","text":"x"}', headers: { Cookie: "steady_web=" + "x".repeat(43), "Sec-Fetch-Site": "cross-site" } })).status === 403, "another site posts nothing");
await browser.close();
await steady.stop();
steady.clean();

// no list
const closed = await new Steady({ config: { channels: { web: { platform: "web" } } } }).start();
for (const path of ["/embedded", "/widget.js"]) {
  const answer = await request(closed.port, "GET", path);
  check(answer.status === 404 && answer.body.includes("embed:"), `${path}: ${answer.status} ${answer.body}`);
}
await closed.stop();
closed.clean();
site.close();
done("embed");
