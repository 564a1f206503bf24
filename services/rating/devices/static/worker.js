// The service worker of a rating device: what the platform answers, and while it does not, what the page has kept.
"use strict";

const PATIENCE = 4_000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (request.mode === "navigate" || /\.(css|js|svg)$/.test(address.pathname)) event.respondWith(answer(request));
});

async function answer(request) {
  try {
    const fresh = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
    if (fresh.status < 500) return fresh;
  } catch {
    // not reached: the kept one
  }
  const kept = (await caches.match(request, { ignoreVary: true })) ?? (await caches.match(request, { ignoreVary: true, ignoreSearch: true }));
  return kept ?? Response.error();
}
