// The operator's desk: login, the frame, and what is looked at most. Each part is a function that draws into #main; what is drawn from
// the server is text nodes, never markup. The other parts: desk_looks.js, desk_packs.js, desk_guides.js,
// desk_talk.js.
import { audit, directory, report, trends } from "/desk_looks.js";
import { packs } from "/desk_packs.js";
import { guides } from "/desk_guides.js";
import { talk } from "/desk_talk.js";

const $ = (id) => document.getElementById(id);
const REFRESH_MS = 5000;
const PARTS = [
  ["overview", "Overview", overview, "owner carer author auditor"],
  ["alarms", "Alarms", alarms, "owner carer"],
  ["guides", "Guides", guides, "owner carer author auditor"],
  ["packs", "Packs", packs, "owner author"],
  ["trends", "Trends", trends, "owner author auditor"],
  ["directory", "Directory", directory, "owner author"],
  ["audit", "Trail", audit, "owner auditor"],
  ["report", "Report", report, "owner auditor"],
  ["accounts", "Accounts", accounts, "owner carer author auditor"],
];
let me = null;
let drawn = 0;     // which drawing is on the page: an older one that ends late draws nothing
let again = null;  // the timer of a part that refreshes itself

export function h(tag, props, ...children) {
  const e = document.createElement(tag);
  for (const [key, value] of Object.entries(props ?? {})) {
    if (key.startsWith("on")) e.addEventListener(key.slice(2), value);
    else if (key in e && key !== "list" && key !== "form") e[key] = value;
    else e.setAttribute(key, value);
  }
  e.append(...children.flat().filter((c) => c !== null && c !== undefined));
  return e;
}
export const table = (caption, heads, rows) =>
  h("div", { className: "wide", tabIndex: 0, role: "region", ariaLabel: caption || heads.join(", ") }, h("table", {}, h("caption", {}, caption), h("thead", {}, h("tr", {}, heads.map((t) => h("th", { scope: "col", className: t.startsWith("#") ? "number" : "" }, t.replace("#", ""))))),
    h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell, i) => h("td", { className: heads[i].startsWith("#") ? "number" : "" }, cell ?? "")))))));
export const field = (name, input) => h("label", {}, h("span", {}, name), input);
export const day = (iso) => iso.slice(0, 16).replace("T", " ");
export const fraction = (seconds) => (seconds < 90 ? `${seconds} s` : seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`);

export async function api(path, body) {
  const answer = await fetch("/desk/api/" + path, body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const json = await answer.json().catch(() => ({ error: "the service gave no answer that can be read" }));
  if (answer.status === 401 && me) {
    me = null;
    show();
  }
  if (!answer.ok) throw new Error(json.error);
  return json;
}

export function problem(error) {
  $("problem").textContent = error ? error.message ?? error : "";
  $("problem").hidden = !error;
}
// A button whose work may fail: what went wrong is said, and it cannot be pressed twice meanwhile.
export function act(label, work, className = "") {
  const button = h("button", { type: "button", className }, label);
  button.addEventListener("click", async () => {
    button.disabled = true;
    problem(null);
    try {
      await work();
    } catch (error) {
      problem(error);
    }
    button.disabled = false;
  });
  return button;
}
export function form(fields, label, work) {
  return h("form", {
    onsubmit: async (event) => {
      event.preventDefault();
      problem(null);
      try {
        await work(Object.fromEntries(new FormData(event.target)));
      } catch (error) {
        problem(error);
      }
    },
  }, fields, h("div", { className: "row" }, h("button", { type: "submit", className: "main" }, label)));
}

export async function show() {
  const number = ++drawn;
  clearTimeout(again);
  problem(null);
  if (!me) {
    me = await api("me").catch(() => null);
    if (!me) return login();
  }
  const parts = PARTS.filter(([, , , roles]) => roles.split(" ").includes(me.role));
  const [name, title, draw] = parts.find(([n]) => n === location.hash.slice(1).split("/")[0]) ?? parts[0];
  document.title = `${title} · Steady: the desk`;
  $("nav").replaceChildren(...parts.map(([n, t]) => h("a", { href: "#" + n, ...(n === name ? { "aria-current": "page" } : {}) }, t)));
  $("who").replaceChildren(`${me.name}, ${me.role} `, act("Log out", async () => {
    await api("logout", {});
    me = null;
    show();
  }));
  try {
    const content = await draw(location.hash.slice(1).split("/").slice(1));
    if (number === drawn) $("main").replaceChildren(h("h2", {}, title), ...[content].flat());
  } catch (error) {
    if (number === drawn) problem(error);
  }
}
// Only what changed by itself is drawn again, and not under somebody's fingers.
function refresh() {
  clearTimeout(again);
  again = setTimeout(() => (document.hidden || $("main").contains(document.activeElement) ? refresh() : show()), REFRESH_MS);
}

function login() {
  $("nav").replaceChildren();
  $("who").textContent = "";
  const invitation = location.hash.startsWith("#invitation/") ? location.hash.split("/")[1] : "";
  const code = () => h("input", { name: "code", inputMode: "numeric", autocomplete: "one-time-code", pattern: "[0-9]{6}", required: true });
  const password = (autocomplete) => h("input", { name: "password", type: "password", autocomplete, required: true, minLength: 12 });
  const enter = async (path, body) => {
    await api(path, body);
    location.hash = "";
    show();
  };
  const first = form([field("Invitation", h("input", { name: "invitation", value: invitation, required: true }))], "Go on", async ({ invitation }) => {
    const { role, secret, uri } = await api("invited", { invitation });
    $("main").replaceChildren(h("section", { className: "narrow" }, h("h2", {}, "A new account"),
      h("p", {}, `As ${role}. Put this key into an authenticator app, `, h("a", { href: uri }, "or open it there"), ":"),
      h("p", {}, h("code", {}, secret.match(/.{1,4}/g).join(" "))),
      form([field("Name (a to z, 0 to 9)", h("input", { name: "name", autocomplete: "username", required: true, pattern: "[a-z0-9._\\-]{1,40}" })),
        field("Password, 12 letters or more", password("new-password")), field("The app's present code", code())],
        "Make the account", (body) => enter("enrol", { invitation, ...body }))));
  });
  $("main").replaceChildren(h("section", { className: "narrow" }, h("h2", {}, "Log in"),
    form([field("Name", h("input", { name: "name", autocomplete: "username", required: true })), field("Password", password("current-password")), field("Code of the app", code())],
      "Log in", (body) => enter("login", body)),
    h("h3", {}, "With an invitation"), first));
}

const alarmRows = (list, withButton) => list.map((a) => [
  String(a.case), a.channel, h("strong", { className: a.level === "danger" ? "bad" : "" }, a.level), day(a.raised),
  a.seen ? day(a.seen) : withButton ? act("I have it", async () => {
    await api("alarms/seen", { token: a.token });
    show();
  }, "main") : h("span", { className: "bad" }, "nobody yet"),
  withButton && a.recent ? h("a", { href: "#alarms/" + a.token }, { begun: a.waits ? "They wait for you" : "You write with them", asked: "They were asked" }[a.handover] ?? "Write with them") : ""]);
const ALARM_HEADS = ["Case", "Channel", "Level", "Raised (UTC)", "Seen", "Written"];

function counters(text, family) {
  const out = {};
  for (const [, labels, value] of text.matchAll(new RegExp(`^${family}\\{([^}]*)\\} (\\S+)$`, "gm"))) {
    const l = Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, k, v]) => [k, v]));
    (out[l.channel] ??= {})[l.outcome] = Number(value);
  }
  return out;
}

async function overview() {
  const [o, { text }] = await Promise.all([api("overview"), api("metrics")]);
  refresh();
  const updates = counters(text, "steady_updates_total"), deliveries = counters(text, "steady_deliveries_total");
  const oldest = Math.max(0, ...o.channels.map((c) => c.oldest ?? 0));
  const card = (bad, value, what) => h("div", { className: bad ? "card bad" : "card" }, h("strong", {}, String(value)), what);
  const onCall = ["owner", "carer"].includes(me.role);
  return [
    h("div", { className: "cards" },
      card(o.alarms.length > 0, o.alarms.length, "open alarms"),
      card(!o.canary || !o.packs, o.canary && o.packs ? "yes" : "NO", "danger is heard"),
      card(!o.store, o.store ? "yes" : "NO", "database answers"),
      card(oldest > 120, fraction(oldest), "oldest unsent"),
      card(o.spool > 0, o.spool, "wait for the database"),
      card(false, o.today.notice ?? 0, "crisis notices today"),
      card(false, o.today.alarm ?? 0, "alarms today")),
    o.routes === 0 ? h("p", { className: "warn" }, "Nobody is called when somebody is in danger: alarms: in the configuration.") : null,
    o.alarms.length ? table("Alarms that nobody has yet", ALARM_HEADS, alarmRows(o.alarms, onCall)) : null,
    o.talks.length ? table("They write with somebody on call", ALARM_HEADS, alarmRows(o.talks, onCall)) : null,
    h("h3", {}, "Channels"),
    table("Received and delivered: by this node, since it started. Given up: in a day.", ["Name", "Platform", "#Received", "#Refused", "#Delivered", "#Waiting", "Oldest", "#Given up"],
      o.channels.map((c) => {
        const u = updates[c.name] ?? {}, d = deliveries[c.name] ?? {};
        const refused = Object.entries(u).filter(([k]) => k.startsWith("refused")).reduce((sum, [, n]) => sum + n, 0);
        return [c.name, c.platform, String(u.committed ?? 0), String(refused), c.platform === "web" ? "" : String(d.delivered ?? 0), String(c.waiting),
          c.oldest === null ? "" : fraction(c.oldest), h("span", { className: c.dead ? "bad" : "" }, String(c.dead))];
      })),
    h("h3", {}, "Kept in order"),
    table("", ["State", "What", "Seen", "To do"], o.checks.map((c) => [h("strong", { className: { ok: "ok", warn: "warn" }[c.state] ?? "bad" }, c.state), c.name, c.seen, c.do])),
  ].filter(Boolean);
}

async function alarms([token]) {
  if (token) return talk(token);
  const { alarms: list } = await api("alarms");
  refresh();
  return list.length ? table("The last thirty days. No words of anybody are here.", ALARM_HEADS, alarmRows(list, true)) : h("p", {}, "None in thirty days.");
}

async function accounts() {
  const { accounts: list, sessions } = await api("accounts");
  const owner = me.role === "owner";
  const made = h("p", { role: "status" });
  const role = h("select", {}, ["carer", "author", "auditor", "owner"].map((r) => h("option", {}, r)));
  return [
    table("", ["Name", "Role", "Since", "Change"], list.map((a) => [a.name, a.role, day(a.since), owner && a.name !== me.name ? act("Remove", async () => {
      if (!confirm(`Remove ${a.name}?`)) return;
      await api("accounts/remove", { name: a.name });
      show();
    }) : ""])),
    owner ? h("div", { className: "row" }, field("Role", role), act("Invite somebody", async () => {
      const { code } = await api("invite", { role: role.value });
      made.replaceChildren("Give them this address; it serves once, for three days: ", h("code", {}, `${location.origin}/desk#invitation/${code}`));
    })) : "",
    made,
    h("h3", {}, "Sessions"),
    table("", ["Name", "From", "Since", "Change"], sessions.map((s) => [s.name, s.from, day(s.since), s.this ? "this one" : act("End", async () => {
      await api("sessions/end", { session: s.id });
      show();
    })])),
    h("h3", {}, "Another password"),
    form([field("Present password", h("input", { name: "before", type: "password", autocomplete: "current-password", required: true })),
      field("New password, 12 letters or more", h("input", { name: "after", type: "password", autocomplete: "new-password", required: true, minLength: 12 }))],
      "Change it", async (body) => {
        await api("password", body);
        made.textContent = "Changed; your other sessions have ended.";
      }),
  ];
}

addEventListener("hashchange", show);
show();
