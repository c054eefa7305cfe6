// On another site's page: a button in the corner, and behind it the chat in a frame. The site is named under `embed` in the
// configuration, and writes:  <script src="https://bot.example.org/widget.js" defer></script>
"use strict";
(() => {
  const base = new URL(document.currentScript.src).origin, spanish = (document.documentElement.lang || navigator.language).startsWith("es");
  const [open, close, name] = spanish ? ["Hablar con Steady", "Cerrar", "Steady, un chat"] : ["Talk to Steady", "Close", "Steady, a chat"];
  const host = document.createElement("div"), root = host.attachShadow({ mode: "open" }), style = new CSSStyleSheet();
  style.replaceSync(`
    :host { position: fixed; inset: auto 1rem 1rem auto; z-index: 2147483000; display: flex; flex-direction: column; align-items: flex-end; gap: .5rem; font: 1rem/1.4 system-ui, sans-serif; }
    button { font: inherit; min-height: 2.75rem; padding: .4rem 1.1rem; border: 1px solid #fff; border-radius: 1.4rem; background: #1f5c52; color: #fff; cursor: pointer; }
    :focus-visible { outline: 3px solid #1f5c52; outline-offset: 2px; }
    iframe { width: min(24rem, calc(100vw - 2rem)); height: min(40rem, calc(100dvh - 6rem)); border: 1px solid #888; border-radius: 1rem; background: #fbfaf7; }
    iframe[hidden] { display: none; }`);
  root.adoptedStyleSheets = [style];
  const button = document.createElement("button"), frame = document.createElement("iframe");
  button.type = "button";
  frame.title = name;
  frame.hidden = true;
  function show(visible) {
    frame.hidden = !visible;
    button.textContent = visible ? close : open;
    button.setAttribute("aria-expanded", String(visible));
    if (visible && !frame.src) frame.src = base + "/embedded";  // nothing is loaded and nobody is counted before it is asked for
    if (visible) frame.focus();
  }
  button.addEventListener("click", () => show(frame.hidden));
  addEventListener("message", (event) => {  // somebody leaves fast: the page around the chat goes, too
    if (event.source === frame.contentWindow && event.origin === base && event.data === "steady.leave") location.replace("https://www.wikipedia.org/");
  });
  show(false);
  root.append(frame, button);
  document.body.append(host);
})();
