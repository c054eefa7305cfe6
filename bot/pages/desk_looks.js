// Parts of the desk that are only looked at: the trail, the year, trends, the directory.
import { act, api, day, field, h, problem, show, table } from "/desk.js";

export async function audit([before]) {
  const { entries, last } = await api("audit" + (before ? `?before=${before}` : ""));
  const verdict = h("p", { role: "status" });
  return [
    h("div", { className: "row" }, act("Verify the whole trail", async () => {
      const v = await api("audit/verify");
      verdict.className = v.problem ? "bad" : "ok";
      verdict.textContent = v.problem ? `Not as it was written: ${v.problem}` : `As it was written: ${v.entries} entries, head ${v.head}`;
    })),
    verdict,
    table(`${last} entries; people are numbers, and no words of theirs are here.`, ["#Entry", "At (UTC)", "What", "#Person", "Detail"],
      entries.reverse().map((e) => [String(e.seq), day(e.at), e.what, e.person ? String(e.person) : "", e.detail])),
    entries.length && entries.at(-1).seq > 1 ? h("p", {}, h("a", { href: `#audit/${entries.at(-1).seq}` }, "Earlier ones")) : "",
  ];
}

export async function report([year]) {
  const r = await api("report" + (year ? `?year=${year}` : ""));
  const rows = Object.entries(r.notices.by_need_and_country).flatMap(([need, countries]) => Object.entries(countries).map(([country, n]) => [need, country, String(n)]));
  const input = h("input", { type: "number", min: 2020, max: 9999, value: r.year });
  return [
    h("div", { className: "row" }, field("Year", input), act("Show", async () => { location.hash = `report/${input.value}`; }), act("Print", async () => print())),
    h("h3", {}, `Report of ${r.year}`),
    h("p", {}, "UTC. Counts only: no names, no addresses, no words."),
    table("Help lines given to somebody in crisis or danger", ["Need", "Country", "#Given"], [...rows, ["all", "", String(r.notices.all)]]),
    h("p", {}, `Alarms to people on call: ${r.alarms.raised}, acknowledged: ${r.alarms.acknowledged}. Erased: ${r.erased}, exported: ${r.exported}.`),
    h("h3", {}, "The protocol"),
    h("pre", {}, r.protocol),
  ];
}

const SVG = "http://www.w3.org/2000/svg";
export function s(tag, attributes, ...children) {
  const e = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
  e.append(...children);
  return e;
}

function bars(values, name) {
  const most = Math.max(1, ...values.map(([, n]) => n)), wide = 22, high = 120;
  const picture = s("svg", { viewBox: `0 0 ${values.length * wide + 40} ${high + 36}`, width: "100%", class: "bars", role: "img", "aria-label": `${name}: ` + values.map(([d, n]) => `${d} ${n}`).join(", ") });
  picture.append(s("text", { x: 0, y: 12, class: "soft" }, String(most)));
  values.forEach(([d, n], i) => {
    picture.append(s("rect", { class: "bar", x: 40 + i * wide, y: 16 + high - (high * n) / most, width: wide - 4, height: (high * n) / most }),
      s("text", { x: 40 + i * wide, y: high + 32, class: "soft" }, d.slice(8)));
  });
  return picture;
}

const UNMATCHED = ["talk.fallback", "line.missed"];

export async function trends([month]) {
  const [t, { guides }] = await Promise.all([api("trends" + (month ? `?month=${month}` : "")), api("guides")]);
  const days = Object.keys(t.days).sort(), steps = {}, versions = {};
  for (const [date, by] of Object.entries(t.days))
    for (const [version, counts] of Object.entries(by)) {
      const v = (versions[version] ??= { turns: 0, unmatched: 0, first: date, last: date });
      if (date < v.first) v.first = date;
      if (date > v.last) v.last = date;
      for (const [step, n] of Object.entries(counts)) {
        steps[step] = (steps[step] ?? 0) + n;
        if (step === "turns") v.turns += n;
        if (UNMATCHED.includes(step)) v.unmatched += n;
      }
    }
  const turns = (date) => Object.values(t.days[date] ?? {}).reduce((sum, c) => sum + (c.turns ?? 0), 0);
  const [year, month_number] = t.month.split("-").map(Number);
  const month_days = Array.from({ length: new Date(year, month_number, 0).getDate() }, (_, i) => `${t.month}-${String(i + 1).padStart(2, "0")}`);
  const input = h("input", { type: "month", value: t.month });
  const used = guides.filter((g) => Object.keys(steps).some((name) => name.startsWith(g.name + ".")));
  const choice = h("select", {}, used.map((g) => h("option", { value: g.name }, g.name)));
  const funnel = h("div", {});
  const draw = async () => {
    if (!choice.value) return;
    const guide = await api(`guide?name=${choice.value}`);
    const rows = guide.steps.map((step) => [step.name, steps[step.name] ?? 0]).filter(([, n]) => n > 0);
    const most = Math.max(1, ...rows.map(([, n]) => n));
    funnel.replaceChildren(table("How often each step was said; where it falls, people leave or take another way.", ["Step", "#Said", "As a bar"], rows.map(([name, n]) => [name, String(n),
      s("svg", { viewBox: "0 0 300 14", width: "100%", height: 14, preserveAspectRatio: "none", "aria-hidden": "true" }, s("rect", { class: "bar", x: 0, y: 0, width: (300 * n) / most, height: 14 }))])));
  };
  choice.addEventListener("change", () => draw().catch(problem));
  await draw();
  return [
    h("div", { className: "row" }, field("Month", input), act("Show", async () => { location.hash = `trends/${input.value}`; })),
    days.length === 0 ? h("p", {}, "Nothing was counted in this month.") : "",
    days.length ? h("h3", {}, "Answers a day") : "", days.length ? bars(month_days.map((d) => [d, turns(d)]), "Answers a day") : "",
    days.length ? table("By version of the packs. Not understood: the words led nowhere and were asked again; no text of them is kept.", ["Version", "First", "Last", "#Answers", "#Not understood", "#Share"],
      Object.entries(versions).map(([v, c]) => [v, c.first, c.last, String(c.turns), String(c.unmatched), `${((100 * c.unmatched) / Math.max(1, c.turns)).toFixed(1)} %`])) : "",
    used.length ? h("h3", {}, "Steps of a guide") : "", used.length ? field("Guide", choice) : "", funnel,
  ];
}

export async function directory([code]) {
  const { countries } = await api("directory");
  const country = countries.find((c) => c.code === (code || "US")) ?? countries[0];
  const choice = h("select", { onchange: () => { location.hash = `directory/${choice.value}`; } }, countries.map((c) => h("option", { value: c.code, selected: c.code === country.code }, `${c.name} (${c.code})`)));
  const due = countries.reduce((n, c) => n + c.services.filter((x) => x.checked === "unknown").length, 0);
  const today = new Date().toISOString().slice(0, 10);
  return [
    h("p", {}, `${countries.length} countries; ${due} services carry no date of a check. Ring or open them, then write the date: it goes into your draft of the packs, with its source, and is published from there.`),
    field("Country", choice),
    h("p", {}, `Emergency: ${country.emergency.join(", ")}`),
    table("", ["Service", "Reach", "Hours", "For", "Checked", "Change"], country.services.map((x) => [
      x.name, [x.phone, x.url].filter(Boolean).join(" · "), x.hours, x.needs.join(", "), h("span", { className: x.checked === "unknown" ? "warn" : "" }, x.checked),
      act("Checked today", async () => {
        const source = prompt(`Where did you check ${x.name}? (address or number, and what answered)`);
        if (!source) return;
        const name = `directory/${country.code}.json`;
        const file = await api(`packs/file?name=${name}`);
        const json = JSON.parse(file.draft ?? file.text);
        const entry = json.services.find((e) => e.id === x.id);
        entry.checked = today;
        entry.sources.push(`${source} (checked ${today})`);
        await api("packs/file", { name, text: JSON.stringify(json, null, 1) + "\n" });
        alert("It is in your draft: Packs, check, publish.");
        show();
      })])),
  ];
}
