// A rating device: asks, keeps every rating in the browser before anything else, and delivers it when the platform can be reached.
// A rating is written at the first touch; what is answered after it only adds to it. Nothing here decides what counts.
"use strict";

const { pairing, since, version, state: stateAddress, contact: contactAddress, worker: workerAddress, home } = document.body.dataset;
const seconds = (name) => Number(document.body.dataset[name]) * 1_000;
const POLL = seconds("poll");
const CONTACT = seconds("report");
const GAP = seconds("gap");
const THANKS = seconds("thanks");
const COURTESY = seconds("courtesy");
const BATCH = Number(document.body.dataset.batch);
const TIMEOUT = 10_000;
const LONGEST_PAUSE = 15_000;
const CACHE = "motcua-rating-device";

// --- what is kept in the browser

const opened = new Promise((resolve, reject) => {
  const asked = indexedDB.open("motcua-rating-device", 1);
  asked.onupgradeneeded = () => {
    asked.result.createObjectStore("queue", { keyPath: "id" });
    asked.result.createObjectStore("facts");
  };
  asked.onsuccess = () => resolve(asked.result);
  asked.onerror = () => reject(asked.error);
});

async function within(mode, work) {
  const database = await opened;
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(["queue", "facts"], mode, { durability: "strict" });
    let found;
    transaction.oncomplete = () => resolve(found);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
    work(transaction.objectStore("queue"), transaction.objectStore("facts"), (value) => {
      found = value;
    });
  });
}

const fact = (name) => within("readonly", (_, facts, give) => (facts.get(name).onsuccess = (event) => give(event.target.result)));
const keepFact = (name, value) => within("readwrite", (_, facts) => facts.put(value, name));

function add(rating) {
  return within("readwrite", (queue, facts) => {
    facts.get("sequence").onsuccess = (event) => {
      const sequence = (event.target.result ?? 0) + 1;
      facts.put(sequence, "sequence");
      queue.add({ ...rating, sequence });
    };
  });
}

function change(id, changes) {
  return within("readwrite", (queue) => {
    queue.get(id).onsuccess = (event) => {
      if (event.target.result) queue.put({ ...event.target.result, ...changes });
    };
  });
}

const waiting = () => within("readonly", (queue, _, give) => (queue.getAll().onsuccess = (event) => give(event.target.result)));
const remove = (ids) => within("readwrite", (queue) => ids.forEach((id) => queue.delete(id)));

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // randomUUID() is missing where the address is not https
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

// --- what the platform says

let now = { pairing, since, tickets: false, turn: null };
let online = true;
let paired = true;
let offset = null; // milliseconds by which the platform's clock is ahead of this one, as at the last contact

async function heard(answer, asked) {
  const passed = (performance.now() - asked) / 2; // half of it was the way back
  offset = Math.round(new Date(answer.now).getTime() + passed - Date.now());
  await keepFact("offset", offset);
}

async function ask(address, options = {}) {
  const asked = performance.now();
  const got = await fetch(address, { cache: "no-store", headers: { Accept: "application/json", "Content-Type": "application/json" }, signal: AbortSignal.timeout(TIMEOUT), ...options });
  if (got.status === 401 || got.status === 403) paired = false;
  if (!got.ok) throw Object.assign(new Error(String(got.status)), { status: got.status });
  paired = true;
  const answer = await got.json();
  await heard(answer, asked);
  return answer;
}

// --- delivery

let battery = null;
navigator.getBattery?.().then((one) => (battery = one), () => null);

let batch = BATCH;
let reported = -Infinity;

let delivering = null;
const deliver = () => (delivering ??= deliverAll().finally(() => (delivering = null)));

async function deliverAll() {
  for (;;) {
    const all = await waiting();
    const ready = all.filter((one) => one.ready && one.refusedBy !== version).sort((one, other) => one.sequence - other.sequence);
    if (!ready.length && performance.now() - reported < CONTACT) return;
    await deliverSome(ready.slice(0, batch), all.length);
  }
}

async function deliverSome(sent, left) {
  const ratings = sent.map(({ ready: _, refusedBy: __, ...kept }) => kept);
  const power = battery ? { battery: Math.round(battery.level * 100), charging: battery.charging } : {};
  const report = { sent_at: new Date().toISOString(), version, waiting: left, ...power };
  try {
    const answer = await ask(contactAddress, { method: "POST", body: JSON.stringify({ ...report, ratings }) });
    await remove([...answer.kept, ...Object.keys(answer.aside)]);
    reported = performance.now();
    batch = BATCH;
  } catch (error) {
    if (![400, 413, 422].includes(error.status) || !sent.length) throw error;
    // One of them is not understood: the others must not wait behind it. It stays here, and is tried again by the next version.
    if (sent.length > 1) batch = Math.ceil(sent.length / 2);
    else await change(sent[0].id, { refusedBy: version });
  }
}

let failures = 0;

async function keepUp() {
  try {
    const answer = await ask(stateAddress);
    online = true;
    now = answer;
    await keepFact("pairing", { pairing: answer.pairing, since: answer.since });
    show();
    await deliver();
    failures = 0;
    if (answer.version !== version && !rating && sessionStorage.getItem("version") !== answer.version) {
      sessionStorage.setItem("version", answer.version); // once: an old page may come from the browser's store
      location.replace(home);
    }
  } catch {
    failures += 1;
    online = failures < 2 && online;
    if (!online) now = { ...now, turn: null, tickets: false };
    show();
  }
  const pause = failures === 1 ? 1_000 : Math.min(POLL * 2 ** Math.max(0, Math.min(failures, 9) - 2), LONGEST_PAUSE);
  setTimeout(keepUp, pause * (0.8 + Math.random() * 0.4)); // sixty devices shall not all come back in one moment
}

// --- what is shown

const steps = [...document.querySelectorAll("[data-step]")];
let rating = null; // the one that is being given
let thanked = null;
let free = false; // the visitor wants to rate without a number
let early = ""; // the visit whose visitor does not wait for the official to end it
let timer = 0;

function wanted() {
  if (!paired) return "unpaired";
  if (rating) return "courtesy";
  if (thanked) return "thanks";
  if (now.turn && !now.turn.asks && now.turn.visit !== early) return "called";
  if (now.turn || free || !now.tickets) return "ask";
  return "idle";
}

function show() {
  document.documentElement.classList.toggle("offline", !online);
  document.querySelector("[data-offline]").hidden = online;
  const step = wanted();
  const number = now.turn?.number ?? "";
  for (const one of document.querySelectorAll("[data-number]")) one.textContent = number;
  for (const one of document.querySelectorAll("[data-if-number]")) one.hidden = !number;
  document.querySelector("[data-no-number]").hidden = Boolean(number) || !now.tickets;
  const before = steps.find((one) => !one.hidden);
  for (const one of steps) one.hidden = one.dataset.step !== step;
  if (before?.dataset.step !== step) document.querySelector(`[data-step="${step}"] h1`).focus({ preventScroll: true });
}

function later(wait, work) {
  clearTimeout(timer);
  timer = setTimeout(work, wait);
}

async function rate(score) {
  if (rating || thanked) return; // pressed twice
  const visit = now.turn?.visit ?? null;
  rating = { id: newId(), pairing: now.pairing, tapped_at: new Date().toISOString(), offset_ms: offset, visit, score, courtesy: {}, ready: false };
  const kept = rating;
  for (const one of document.querySelectorAll("[data-said]")) one.setAttribute("aria-pressed", "false");
  show();
  later(COURTESY, finish);
  try {
    await add(kept);
  } catch {
    document.querySelector("[data-trouble]").hidden = false;
  }
}

async function finish() {
  if (!rating) return;
  const done = rating;
  rating = null;
  free = false;
  thanked = done;
  if (done.visit && now.turn?.visit === done.visit) now = { ...now, turn: null };
  show();
  later(done.visit ? THANKS : GAP, () => {
    thanked = null;
    show();
  });
  await change(done.id, { courtesy: done.courtesy, ready: true });
  if (online) deliver().catch(() => null);
}

for (const one of document.querySelectorAll("[data-score]")) one.addEventListener("click", () => rate(Number(one.dataset.score)));
for (const one of document.querySelectorAll("[data-said]")) {
  one.addEventListener("click", () => {
    if (!rating) return;
    rating.courtesy = { ...rating.courtesy, [one.dataset.courtesy]: one.dataset.said === "yes" };
    for (const other of document.querySelectorAll(`[data-courtesy="${one.dataset.courtesy}"]`)) other.setAttribute("aria-pressed", String(other === one));
    later(COURTESY, finish);
  });
}
document.querySelector("[data-done]").addEventListener("click", finish);
document.querySelector("[data-early]").addEventListener("click", () => {
  early = now.turn?.visit ?? "";
  show();
  later(COURTESY, () => {
    early = "";
    show();
  });
});
document.querySelector("[data-free]").addEventListener("click", () => {
  free = true;
  show();
  later(COURTESY, () => {
    free = false;
    show();
  });
});
// The other language is a page of its own: a rating that is being given is finished first, so that nothing of it is lost.
document.querySelector("[data-language]").addEventListener("click", async (event) => {
  event.preventDefault();
  const { href } = event.currentTarget;
  if (rating) await finish();
  location.replace(href);
});
// The next visitor begins in Vietnamese.
if (document.documentElement.lang !== "vi") {
  let touched = performance.now();
  document.addEventListener("pointerdown", () => (touched = performance.now()), { capture: true });
  setInterval(() => {
    if (!rating && performance.now() - touched > COURTESY) location.replace(home);
  }, 1_000);
}

const clock = document.querySelector("[data-clock]");
const written = new Intl.DateTimeFormat("vi-VN", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Ho_Chi_Minh" });
const tick = () => (clock.textContent = written.format(new Date(Date.now() + (offset ?? 0))));
setInterval(tick, 1_000);

// --- the page itself, for the time without a connection

async function keepPage() {
  if (!("serviceWorker" in navigator) || !("caches" in window)) return; // the address is not https: it works while the page stays open
  await navigator.serviceWorker.register(workerAddress);
  await navigator.storage?.persist?.();
  const cache = await caches.open(CACHE);
  const files = [...document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src], img[src]")].map((one) => one.href || one.src);
  // Vietnamese last: the browser remembers the language of the page that it got last.
  const wantedFiles = [new URL("?lang=en", location).href, new URL("?lang=vi", location).href, ...files];
  for (const address of wantedFiles) {
    const got = await fetch(address, { cache: "no-cache", headers: { Accept: "text/html, */*" } });
    if (got.ok && !got.redirected) await cache.put(address, got);
  }
  for (const one of await cache.keys()) if (!wantedFiles.includes(one.url)) await cache.delete(one);
  document.documentElement.dataset.kept = "yes";
}

async function begin() {
  offset = (await fact("offset")) ?? null;
  const known = await fact("pairing"); // the page may come from the time before it
  if (known && new Date(known.since) > new Date(since)) now = { ...now, ...known };
  // What was being given when the page went away was given.
  for (const one of await waiting()) if (!one.ready) await change(one.id, { ready: true });
  tick();
  show();
  keepPage().catch(() => null);
  keepUp();
}
begin().catch(() => {
  document.querySelector("[data-trouble]").hidden = false;
  keepUp();
});
