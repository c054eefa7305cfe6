// The chat page: posts what a person writes or taps, shows what comes over the event stream, keeps the shown bubbles for this tab
// only (sessionStorage: a reload keeps them, closing the tab forgets them), and shows the help lines when the server is away.
"use strict";

const $ = (id) => document.getElementById(id);
const OFFLINE_AFTER_MS = 5000;
const RETRY_MS = 3000;
const MAX_KEPT = 200;
const embedded = location.pathname === "/embedded";  // in a frame of another site

const kept = load("steady.bubbles", []);     // {from, text, picture}
const unsent = load("steady.unsent", []);    // bodies that the server has not taken yet
let lastShown = load("steady.last", 0);
let choices = load("steady.choices", []);
let sending = false;
let lostAt = 0;

function load(key, usual) {
  try { return JSON.parse(sessionStorage.getItem(key)) ?? usual; } catch { return usual; }
}
function save(key, value) {
  try { sessionStorage.setItem(key, JSON.stringify(value)); } catch { /* a full or forbidden storage only forgets sooner */ }
}

function bubble(from, text, picture) {
  const div = document.createElement("div");
  div.className = "bubble " + from;
  const who = document.createElement("span");
  who.className = "unseen";
  who.textContent = from === "you" ? t("You:") + " " : "Steady: ";
  div.append(who, document.createTextNode(text));
  if (picture) {
    const image = document.createElement("img");
    image.src = picture;
    image.alt = text;
    div.append(image);
  }
  $("log").append(div);
  div.scrollIntoView({ block: "nearest" });
}

function keep(from, text, picture) {
  kept.push({ from, text, picture });
  if (kept.length > MAX_KEPT) kept.shift();
  save("steady.bubbles", kept);
  bubble(from, text, picture);
}

function showTaps() {
  const group = $("taps");
  group.replaceChildren();
  group.className = choices.length > 10 ? "scale" : "";
  for (const choice of choices) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = choice.label;
    button.addEventListener("click", () => {
      keep("you", choice.label);
      setTaps([]);
      $("text").focus({ preventScroll: true });
      send({ choice: choice.value });
    });
    group.append(button);
  }
  if (choices.length) group.scrollIntoView({ block: "nearest" });
}

function setTaps(list) {
  choices = list;
  save("steady.choices", choices);
  showTaps();
}

function send(body) {
  const id = crypto.getRandomValues(new Uint32Array(4)).join("-");
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  unsent.push({ id, zone, language: navigator.language, ...body });
  save("steady.unsent", unsent);
  flush();
}

async function flush() {
  if (sending || !unsent.length) return;
  sending = true;
  try {
    const answer = await fetch("/web/messages", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(unsent[0]) });
    if (answer.status === 401) return withoutCookie();
    if (answer.ok || (answer.status >= 400 && answer.status < 500)) {
      unsent.shift();
      save("steady.unsent", unsent);
    }
    if (answer.status >= 500) throw new Error(String(answer.status));
  } catch {
    away();
    setTimeout(flush, RETRY_MS);
  } finally {
    sending = false;
  }
  if (unsent.length) setTimeout(flush, 0);
}

// The cookie is gone: the page gives a new one. In a frame a browser may refuse it for good; then the chat needs a window of its own.
function withoutCookie() {
  if (!embedded) return location.reload();
  $("alone").hidden = false;
  $("form").hidden = true;
}

function away() {
  lostAt ||= Date.now();
  setTimeout(() => {
    if (lostAt && Date.now() - lostAt >= OFFLINE_AFTER_MS) help(true);
  }, OFFLINE_AFTER_MS + 50);
}

function back() {
  lostAt = 0;
  if (!$("offline").hidden) {
    $("offline").hidden = true;
    $("help").hidden = true;
  }
  flush();
}

function help(offline) {
  $("offline").hidden = !offline;
  $("help").hidden = false;
}

function listen() {
  const events = new EventSource("/web/events");
  events.onopen = back;
  events.onerror = () => {
    away();
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, RETRY_MS);
  };
  events.onmessage = (event) => {
    const message = JSON.parse(event.data);
    if (message.id > lastShown || message.id === 0) {
      lastShown = Math.max(lastShown, message.id);
      save("steady.last", lastShown);
      keep("bot", message.text, message.picture);
      setTaps(message.choices);
    }
    if (message.id) fetch("/web/shown", { method: "POST", body: String(message.id) }).catch(() => {});
  };
}

function say(text) {
  keep("you", text);
  setTaps([]);
  send({ text });
}

$("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (!text) return;
  $("text").value = "";
  grow();
  say(text);
});
$("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("form").requestSubmit();
  }
});
function grow() {
  $("text").rows = Math.min(6, $("text").value.split("\n").length);
}
$("text").addEventListener("input", grow);
$("help-link").addEventListener("click", (event) => {
  event.preventDefault();
  help(false);
  $("help-close").focus();
});
$("help-close").addEventListener("click", () => {
  $("help").hidden = true;
  $("text").focus();
});

function mine(open) {
  $("mine").hidden = !open;
  $("mine-link").setAttribute("aria-expanded", String(open));
  if (open) scrollTo({ top: 0 });
}
$("mine-link").addEventListener("click", () => mine($("mine").hidden));
for (const button of $("sayings").children) button.addEventListener("click", () => {
  mine(false);
  say(button.textContent);
  $("text").focus({ preventScroll: true });
});

// Somebody comes into the room. What waits to be sent goes out once more; then nothing is left here, in this tab or on the way back.
const ELSEWHERE = "https://www.wikipedia.org/", ESCAPES = 3, ESCAPES_MS = 2000;
let escapes = [];
function leave() {
  for (const body of unsent) navigator.sendBeacon("/web/messages", JSON.stringify(body));
  try { sessionStorage.clear(); } catch { /* a forbidden storage holds nothing */ }
  if (embedded) parent.postMessage("steady.leave", "*");
  document.body.replaceChildren();
  document.title = "";
  location.replace(ELSEWHERE);
}
$("leave").addEventListener("click", leave);
document.addEventListener("keydown", (event) => {
  escapes = event.key === "Escape" ? [...escapes, Date.now()].filter((at) => Date.now() - at < ESCAPES_MS) : [];
  if (escapes.length >= ESCAPES) leave();
});

// Another name in the tab, in the head of the page and among open windows. It is kept on this device: it says that, and nothing else.
function rename(discreet) {
  $("discreet").checked = discreet;
  const name = discreet ? t("Notes") : "Steady";
  document.title = name;
  document.querySelector("h1").textContent = name;
  document.querySelector("header p").hidden = discreet;
  document.querySelector("link[rel=icon]").href = discreet ? "data:," : "/icon.svg";
}
$("discreet").addEventListener("change", () => {
  try { localStorage.setItem("steady.discreet", $("discreet").checked ? "yes" : ""); } catch { /* then for this visit only */ }
  rename($("discreet").checked);
});

// Push: only where the browser has it and the service a public address. What is agreed with the person comes then though the page is closed.
async function offerPush() {
  if (!("serviceWorker" in navigator) || !("PushManager" in window)) return;
  const answer = await fetch("/web/push");
  if (!answer.ok) return;
  const { key } = await answer.json();
  const worker = await navigator.serviceWorker.ready;
  const present = await worker.pushManager.getSubscription();
  $("push").checked = present !== null;
  $("push-line").hidden = false;
  const tell = (endpoint, on) => fetch("/web/push", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ endpoint, on }) });
  $("push").addEventListener("change", async () => {
    try {
      if ($("push").checked) {
        const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
        if (!(await tell(made.endpoint, true)).ok) throw new Error("not kept");
      } else {
        const old = await worker.pushManager.getSubscription();
        if (old) await tell(old.endpoint, false), await old.unsubscribe();
      }
    } catch {  // refused by the person or the browser: the box says so
      $("push").checked = !$("push").checked;
    }
  });
}
if (!embedded) offerPush().catch(() => {});  // without a network it is offered the next time

translatePage();
try { rename(localStorage.getItem("steady.discreet") === "yes"); } catch { /* a forbidden storage holds nothing */ }

if ("serviceWorker" in navigator && !embedded) navigator.serviceWorker.register("/sw.js").catch(() => {});  // forbidden by the browser: the page works on

for (const { from, text, picture } of kept) bubble(from, text, picture);
showTaps();
listen();
if (!kept.length) send({ start: true });
flush();
