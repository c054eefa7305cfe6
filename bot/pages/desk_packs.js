// The packs at the desk: versions, a draft (edited, uploaded, compared, checked, published), a message tried, a conversation played.
import { act, api, day, field, h, show, table } from "/desk.js";

const play = { moves: [], draft: false, country: "US", language: "en" };  // what was done in a play; the server plays it anew each time

export async function packs([part, ...rest]) {
  if (part === "file") return edit(rest.join("/"));
  const p = await api("packs");
  const name = h("input", { list: "files", placeholder: "packs/en/ground.yaml" });
  name.setAttribute("list", "files");
  const upload = h("input", { type: "file", multiple: true, accept: ".yaml,.json" });
  const note = h("input", { placeholder: "what is new" });
  const verdict = h("div", { role: "status" });
  return [
    h("p", {}, `In force: ${p.loaded ?? "none"}${p.current ? `, with the changes of version ${p.current}` : ", as installed"}.`),
    h("h3", {}, "Your draft"),
    p.draft.length ? h("ul", {}, p.draft.map((f) => h("li", {}, h("a", { href: `#packs/file/${f}` }, f)))) : h("p", {}, "Nothing is changed."),
    h("datalist", { id: "files" }, p.files.map((f) => h("option", { value: f }))),
    h("div", { className: "row" }, field("A file of the packs", name), act("Open", async () => { location.hash = `packs/file/${name.value}`; }),
      field("or put files in (packs/LANG is read from their language:)", upload), act("Put in", async () => {
        for (const file of upload.files) {
          const text = await file.text();
          const language = /^language:\s*([a-z]{2})\s*$/m.exec(text)?.[1] ?? "en";
          await api("packs/file", { name: file.name.endsWith(".json") ? `directory/${file.name}` : `packs/${language}/${file.name}`, text });
        }
        show();
      })),
    h("div", { className: "row" },
      act("Check", async () => {
        verdict.replaceChildren(h("p", {}, "Examples are run and every state is walked; that takes half a minute or more."));
        let v = await api("packs/check", {});
        while (v.running) {
          await new Promise((r) => setTimeout(r, 1000));
          v = await api("packs/check");
        }
        verdict.replaceChildren(v.passed ? h("p", { className: "ok" }, `Passed: ${v.states} states walked, ${v.turns} turns taken, all properties proved.`) : h("p", { className: "bad" }, "Not passed."),
          h("ul", {}, v.problems.map((x) => h("li", {}, h("a", { href: `#packs/file/${x.file}` }, `${x.file}:${x.line}:${x.column}`), `: ${x.what}`, x.instead ? h("span", { className: "soft" }, ` ${x.instead}`) : ""))),
          h("ul", {}, v.unproved.map((x) => h("li", {}, `${x.property}: ${x.where}. ${x.shows}`))));
      }),
      field("Note", note),
      act("Publish", async () => {
        await api("packs/publish", { note: note.value });
        show();
      }, "main")),
    verdict,
    h("h3", {}, "Versions"),
    table("", ["Version", "At (UTC)", "By", "Note", "Files", "Change"], [...p.versions.reverse().map((v) => [v.id, day(v.at), v.by, v.note, v.files.join(", "), v.id === p.current ? h("strong", { className: "ok" }, "in force") : force(v.id, "Put in force")]),
      ["installed", "", "", "", "", p.current ? force("", "Take back to this") : h("strong", { className: "ok" }, "in force")]]),
    h("h3", {}, "Try a message"), ...tried(), h("h3", {}, "Play a conversation"), ...played(),
  ];
}

const force = (id, label) => act(label, async () => {
  await api("packs/current", { id });
  show();
});

async function edit(name) {
  const file = await api(`packs/file?name=${name}`);
  const text = h("textarea", { className: "code", spellcheck: false, value: file.draft ?? file.text });
  const changes = h("pre", { "aria-label": "What is changed" });
  const compare = () => changes.replaceChildren(...difference(file.text, text.value));
  compare();
  text.addEventListener("change", compare);
  return [
    h("p", {}, h("a", { href: "#packs" }, "Back to the packs")),
    field(name, text),
    h("div", { className: "row" }, act("Keep in the draft", async () => {
      await api("packs/file", { name, text: text.value });
      compare();
    }, "main"), file.draft === null ? "" : act("As in force again", async () => {
      await api("packs/file", { name });
      show();
    })),
    h("h3", {}, "What is changed"), changes,
  ];
}

// Lines gone and added, with what stands around them: the longest common sequence of what differs.
export function difference(before, after) {
  const AROUND = 2, MAX = 1200;
  const a = before.split("\n"), b = after.split("\n");
  let from = 0, end = 0;
  while (from < a.length && from < b.length && a[from] === b[from]) from++;
  while (end < a.length - from && end < b.length - from && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const x = a.slice(from, a.length - end), y = b.slice(from, b.length - end);
  if (!x.length && !y.length) return ["Nothing."];
  const lines = [];
  if (x.length > MAX || y.length > MAX) {
    lines.push(...x.map((l) => ["-", l]), ...y.map((l) => ["+", l]));
  } else {
    const common = Array.from({ length: x.length + 1 }, () => new Uint16Array(y.length + 1));
    for (let i = x.length - 1; i >= 0; i--)
      for (let j = y.length - 1; j >= 0; j--) common[i][j] = x[i] === y[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
    for (let i = 0, j = 0; i < x.length || j < y.length;) {
      if (i < x.length && j < y.length && x[i] === y[j]) lines.push([" ", x[i++]]), j++;
      else if (j >= y.length || (i < x.length && common[i + 1][j] >= common[i][j + 1])) lines.push(["-", x[i++]]);
      else lines.push(["+", y[j++]]);
    }
  }
  const around = (list) => list.map((l) => [" ", l]);
  return [...around(a.slice(Math.max(0, from - AROUND), from)), ...lines, ...around(a.slice(a.length - end, a.length - end + AROUND))]
    .map(([mark, line]) => h("span", { className: { "+": "added", "-": "gone" }[mark] ?? "soft" }, `${mark} ${line}\n`));
}

const languages = () => h("select", {}, ["en", "es", "de", "fr", "it", "nl", "pl", "pt"].map((l) => h("option", {}, l)));
const draftBox = (checked = false) => h("input", { type: "checkbox", checked });
const line = (name, box) => h("label", { className: "line" }, box, h("span", {}, name));

function tried() {
  const text = h("textarea", { rows: 2, maxLength: 4000 }), language = languages(), draft = draftBox(), result = h("div", { role: "status" });
  return [
    field("Message", text),
    h("div", { className: "row" }, field("Language", language), line("against my draft", draft), act("Read it", async () => {
      const e = await api("try", { text: text.value, language: language.value, draft: draft.checked });
      result.replaceChildren(
        h("p", {}, "Level: ", h("strong", {}, e.level), e.findings.length ? ". " + e.findings.map((f) => `${f.need} ${f.level}, ${f.subject}${f.past ? ", past" : ""}${f.denied ? ", denied" : ""} (${f.rule})`).join("; ") : ""),
        e.signals.length ? table("What was heard, and by which line", ["Signal", "Words", "In what sense", "Where"], e.signals.map((x) => [x.name, `“${x.said}”`, x.contexts.join(", "), x.where.join(" ")])) : h("p", {}, "No rule heard anything."),
        e.second.length ? table("The second reader", ["Thinks of", "#Chance", "Because of"], e.second.map((x) => [x.head, `${x.chance} %`, x.by.map((g) => `“${g}”`).join(" ")])) : "",
        h("p", { className: "soft" }, e.answers.join("; ")), ...e.says.map((t) => h("div", { className: "bubble" }, t)));
    })),
    result,
  ];
}

function played() {
  const log = h("div", { role: "log", "aria-label": "The conversation played" }), standing = h("p", { className: "soft", role: "status" });
  const text = h("input", { maxLength: 4000 }), draft = draftBox(play.draft);
  const country = h("input", { value: play.country, maxLength: 2 }), language = languages();
  language.value = play.language;
  const run = async (move) => {
    Object.assign(play, { draft: draft.checked, country: country.value, language: language.value });
    const moves = move ? [...play.moves, move] : play.moves;
    const p = await api("play", { ...play, moves });
    play.moves = moves;
    const shown = [];
    let taps = [];
    p.moves.forEach((answer, i) => {
      const m = play.moves[i];
      shown.push(m.wait ? h("p", { className: "soft" }, `… ${m.wait} later`) : h("div", { className: "bubble you" }, m.text ?? m.label));
      for (const said of answer.said) {
        shown.push(h("div", { className: "bubble", title: answer.why.join("\n") }, said.text + (said.picture ? "\n(picture)" : "")));
        taps = said.taps;
      }
    });
    log.replaceChildren(...shown, h("div", { className: "taps" }, taps.map((t) => act(t.label, () => run({ tap: t.value, label: t.label })))));
    standing.textContent = `${day(p.now)} · risk ${p.risk}` + Object.entries(p.timers).map(([name, at]) => ` · ${name} at ${day(at)}`).join("");
  };
  if (play.moves.length) run().catch(() => { play.moves = []; });
  const say = h("form", {
    onsubmit: (event) => {
      event.preventDefault();
      button.click();
    },
  });
  const button = act("Say", async () => {
    if (!text.value) return;
    await run({ text: text.value });
    text.value = "";
  }, "main");
  say.append(h("div", { className: "row" }, field("They write", text), button));
  return [
    h("p", { className: "soft" }, "A made-up person on a simulated clock. Nothing is kept; the same moves give the same answers."),
    h("div", { className: "row" }, field("Country", country), field("Language of the platform", language), line("against my draft", draft), act("Begin anew", async () => {
      play.moves = [];
      log.replaceChildren();
      standing.textContent = "";
    })),
    log, standing, say,
    h("div", { className: "row" }, ["20m", "3h", "1d", "7d"].map((length) => act(`${length} pass`, () => run({ wait: length })))),
  ];
}
