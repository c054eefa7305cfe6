// The service worker: the page opens without a network, with the help lines in it. Network first; what was kept stands in only when
// the server does not answer. It keeps the page's own files and nothing that anybody wrote.
"use strict";

const KEPT = "steady-2";
const FILES = ["/", "/words.js", "/app.js", "/app.css", "/icon.svg", "/app.webmanifest", "/protocol.txt"];
const WAIT_MS = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (names) => names.filter((name) => name !== KEPT).map((name) => caches.delete(name));
  event.waitUntil(caches.keys().then((names) => Promise.all(old(names))).then(() => self.clients.claim()));
});

// A push carries nothing, and nothing is shown that tells of what.
const SHOWN = navigator.language.startsWith("es") ? ["Una nota para ti", "Ábrela cuando te venga bien."] : ["A note for you", "Open it when it suits you."];
self.addEventListener("push", (event) => event.waitUntil(self.registration.showNotification(SHOWN[0], { body: SHOWN[1], tag: "note" })));
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(self.clients.matchAll({ type: "window" }).then((open) => (open.length ? open[0].focus() : self.clients.openWindow("/"))));
});

self.addEventListener("fetch", (event) => {
  const path = new URL(event.request.url).pathname;
  if (event.request.method !== "GET" || !FILES.includes(path)) return;  // messages and events go to the server alone
  event.respondWith(fresh(event.request, path));
});

async function fresh(request, path) {
  const cache = await caches.open(KEPT);
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(WAIT_MS) });
    if (answer.status >= 500) throw new Error(String(answer.status));
    if (answer.ok) cache.put(path, answer.clone());
    return answer;
  } catch {
    return (await cache.match(path)) ?? Response.error();
  }
}
