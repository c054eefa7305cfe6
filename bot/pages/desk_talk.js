// Writing with a person, after both said yes: the alarm's page. What they wrote is there only while it lasts.
import { act, api, day, form, h, show } from "/desk.js";

const LOOK_MS = 2000;
const WHO = { person: "They", on_call: "You (on call)", steady: "Steady" };

export async function talk(token) {
  const status = h("p", { role: "status" }), log = h("div", { className: "talk", role: "log", tabIndex: 0, ariaLabel: "What is written" });
  const controls = h("div", {});
  let drawn = "", count = 0;
  const post = (what, body = {}) => api("handover/" + what, { token, ...body }).then(look);
  const ends = () => act("End it", () => post("end"));
  const say = () => form([h("label", {}, h("span", {}, "Your answer, with your name if you like"), h("textarea", { name: "text", rows: 3, maxLength: 1000, required: true }))],
    "Send", async ({ text }) => {
      await post("say", { text });
      controls.querySelector("textarea").value = "";
    });
  const states = {
    none: () => ["They have not been asked. They read that a person of your house would like to write with them, and nobody reads anything before their yes.",
      [act("Ask them", () => post("offer"), "main")]],
    asked: () => ["They were asked, and have not answered yet.", []],
    begun: (t) => [t.waits ? "They wait for an answer." : "It is their turn.", [say(), h("div", { className: "row" }, ends())]],
  };
  async function look() {
    const t = await api("handover?token=" + encodeURIComponent(token));
    const [text, parts] = states[t.state](t);
    const blocked = t.hidden ? " They hide this chat from somebody now: nothing is sent." : t.quiet && t.state === "none" ? " They asked for no messages." : "";
    status.textContent = text + blocked;
    if (drawn !== t.state) controls.replaceChildren(...parts);
    drawn = t.state;
    if (t.lines.length + (t.gone ?? 0) === count) return;
    count = t.lines.length + (t.gone ?? 0);
    log.replaceChildren(...t.lines.map((l) => h("p", { className: "bubble" + (l.from === "person" ? "" : " you") },
      h("small", {}, `${WHO[l.from]}, ${day(l.at).slice(11)} UTC`), h("br"), l.text)));
    log.scrollTop = log.scrollHeight;
  }
  async function again() {
    if (!log.isConnected) return;
    await look().catch((error) => (status.textContent = error.message));
    setTimeout(again, LOOK_MS);
  }
  await look();
  setTimeout(again, LOOK_MS);
  return [
    h("p", {}, h("a", { href: "#alarms" }, "Back to the alarms")),
    h("p", {}, "Steady is silent while you write with each other, but for danger. Either of you can end it; after an hour without a word it ends. Then its words are erased here."),
    status, log, controls,
  ];
}
