// Guides as pictures: every step with what it says and asks, where its answers lead, where it may be left. Drawn from the compiled packs,
// so that a board sees what the bot says.
import { act, api, field, h } from "/desk.js";
import { s } from "/desk_looks.js";

const WIDE = 270, GAP_X = 40, GAP_Y = 56, LINE = 15, PAD = 10, CHARS = 40, MAX_LINES = 4;

const short = (name) => name.slice(name.indexOf(".") + 1);

function wrap(text, most) {
  const lines = [];
  let line = "";
  for (const word of text.replaceAll("\n", " ").split(" ")) {
    if (line && line.length + word.length + 1 > CHARS) {
      lines.push(line);
      line = "";
    }
    line += (line ? " " : "") + word.slice(0, CHARS);
  }
  if (line) lines.push(line);
  return lines.length > most ? [...lines.slice(0, most - 1), lines[most - 1].slice(0, CHARS - 2) + " …"] : lines;
}

// Layers from the first step down; ways that lead back up are drawn dashed.
function place(guide) {
  const nodes = new Map(guide.steps.map((step) => [step.name, { step, out: [], back: [], exits: [], layer: 0 }]));
  for (const way of guide.ways) {
    const from = nodes.get(way.from);
    if (!from) continue;
    if (nodes.has(way.to) && way.to !== way.from) from.out.push(way);
    else from.exits.push(way);
  }
  const state = new Map(), order = [];
  const visit = (name) => {
    state.set(name, "open");
    const node = nodes.get(name);
    node.out = node.out.filter((way) => {
      if (state.get(way.to) === "open") return node.back.push(way), false;
      if (!state.has(way.to)) visit(way.to);
      return true;
    });
    state.set(name, "done");
    order.unshift(name);
  };
  for (const name of nodes.keys()) if (!state.has(name)) visit(name);
  for (const name of order) for (const way of nodes.get(name).out) nodes.get(way.to).layer = Math.max(nodes.get(way.to).layer, nodes.get(name).layer + 1);
  const layers = [];
  for (const node of nodes.values()) (layers[node.layer] ??= []).push(node);
  for (let layer = 1; layer < layers.length; layer++) {  // under what leads to them
    const above = (node) => {
      const at = layers[layer - 1].flatMap((up, i) => (up.out.some((way) => way.to === node.step.name) ? [i] : []));
      return at.length ? at.reduce((a, b) => a + b, 0) / at.length : layers[layer - 1].length / 2;
    };
    layers[layer] = layers[layer].map((node) => [above(node), node]).sort((a, b) => a[0] - b[0]).map(([, node]) => node);
  }
  return { nodes, layers };
}

function lines(node) {
  const { step } = node;
  const exits = new Map();
  for (const way of node.exits) exits.set(way.to, [...(exits.get(way.to) ?? []), way.on].filter(Boolean));
  return [
    ["title", short(step.name) + (step.asks ? ` · ${step.asks}` : "")],
    ...wrap(step.says, MAX_LINES).map((line) => ["", line]),
    ...(step.taps.length ? wrap(`[${step.taps.join("] [")}]`, 3).map((line) => ["soft", line]) : []),
    ...[...exits].map(([to, on]) => ["soft", wrap(`→ ${to}${on.length ? ` (${on.join(", ")})` : ""}`, 1)[0]]),
  ];
}

export function picture(guide) {
  const { nodes, layers } = place(guide);
  let y = 0, wide = 0;
  for (const layer of layers) {
    layer.forEach((node, i) => Object.assign(node, { x: i * (WIDE + GAP_X), y, text: lines(node) }));
    for (const node of layer) node.high = node.text.length * LINE + 2 * PAD;
    y += Math.max(...layer.map((node) => node.high)) + GAP_Y;
    wide = Math.max(wide, layer.length * (WIDE + GAP_X));
  }
  for (const layer of layers) for (const node of layer) node.x += (wide - layer.length * (WIDE + GAP_X)) / 2;
  const out = s("svg", { viewBox: `-10 -10 ${wide + 20} ${y + 20}`, width: wide + 20, height: y + 20, role: "img", "aria-label": `The guide ${guide.name}, ${guide.steps.length} steps; the list below says the same.` });
  const marker = s("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" });
  marker.append(s("path", { d: "M0 0 L8 4 L0 8 z", class: "arrow" }));
  out.append(s("defs", {}, marker));
  for (const node of nodes.values())
    for (const [way, back] of [...node.out.map((w) => [w, false]), ...node.back.map((w) => [w, true])]) {
      const to = nodes.get(way.to);
      const x1 = node.x + WIDE / 2, y1 = node.y + node.high, x2 = to.x + WIDE / 2, y2 = to.y;
      const d = back ? `M${node.x + WIDE} ${node.y + node.high / 2} C${node.x + WIDE + GAP_X} ${node.y} ${to.x + WIDE + GAP_X} ${to.y + to.high} ${to.x + WIDE} ${to.y + to.high / 2}`
        : `M${x1} ${y1} C${x1} ${y1 + GAP_Y / 2} ${x2} ${y2 - GAP_Y / 2} ${x2} ${y2}`;
      const path = s("path", { d, class: back ? "way back" : "way", "marker-end": "url(#arrow)" });
      path.append(s("title", {}, `${short(way.from)} → ${short(way.to)}${way.on ? `: ${way.on}` : ""}`));
      out.append(path);
      if (way.on && !back) out.append(s("text", { x: x2 + 6, y: y2 - 10, class: "soft" }, way.on.length > 34 ? way.on.slice(0, 32) + " …" : way.on));
    }
  for (const node of nodes.values()) {
    out.append(s("rect", { x: node.x, y: node.y, width: WIDE, height: node.high, rx: 8, class: node.step === guide.steps[0] ? "box first" : "box" }));
    node.text.forEach(([kind, line], i) => out.append(s("text", { x: node.x + PAD, y: node.y + PAD + LINE * (i + 0.75), class: kind }, line)));
  }
  return out;
}

export async function guides([name]) {
  const { guides: list } = await api("guides");
  const guide = await api(`guide?name=${name || "notice"}`);
  const choice = h("select", { onchange: () => { location.hash = `guides/${choice.value}`; } }, list.map((g) => h("option", { value: g.name, selected: g.name === guide.name }, `${g.name} (${g.steps}${g.safety ? ", safety" : ""})`)));
  const drawn = picture(guide), box = h("div", { className: "scroll", tabIndex: 0, role: "region" }, drawn);
  box.setAttribute("aria-label", "The picture; scroll to see all of it");
  const size = [drawn.getAttribute("width"), drawn.getAttribute("height")].map(Number);
  let zoom = 1;
  const to = (factor) => {
    zoom = Math.min(2, Math.max(0.15, factor));
    drawn.setAttribute("width", size[0] * zoom);
    drawn.setAttribute("height", size[1] * zoom);
  };
  return [
    h("div", { className: "row" }, field("Guide", choice), act("Larger", async () => to(zoom * 1.3)), act("Smaller", async () => to(zoom / 1.3)), act("Whole width", async () => to((box.clientWidth - 4) / size[0]))),
    guide.safety ? h("p", {}, "A guide of safety: it may interrupt all others and is interrupted by nothing.") : h("p", {}, "From every step, words of danger lead to the crisis guide, and “stop” is obeyed."),
    box,
    h("h3", {}, "The same as a list"),
    h("ul", {}, guide.steps.map((step) => h("li", {}, h("strong", {}, short(step.name)), ` ${step.says.replaceAll("\n", " ")} `, h("span", { className: "soft" }, step.taps.map((t) => `[${t}]`).join(" ") + " " +
      guide.ways.filter((w) => w.from === step.name).map((w) => `${w.on || "else"} → ${short(w.to)}`).join("; ") + ` · ${step.at}`)))),
  ];
}
