// A board: asks what is new, says calls aloud, shows when the connection is lost, and keeps the clock.
"use strict";

const { poll, every } = document.body.dataset;
const main = document.getElementById("main");
const lost = document.getElementById("lost");
const english = document.documentElement.lang === "en";
const speech = english ? "en" : "vi";
const OLD_AFTER = 10_000; // a board may be silent for so long before it says that its connection is lost
const TIMEOUT = 5_000;

// The clock follows the server's, in Vietnam's time, wherever the machine believes to be.
const zone = { timeZone: "Asia/Ho_Chi_Minh" };
const timeOf = new Intl.DateTimeFormat("vi-VN", { hour: "2-digit", minute: "2-digit", ...zone });
const secondsOf = new Intl.DateTimeFormat("vi-VN", { hour: "2-digit", minute: "2-digit", second: "2-digit", ...zone });
const dayOf = new Intl.DateTimeFormat("vi-VN", { day: "2-digit", month: "2-digit", year: "numeric", ...zone });
let ahead = new Date(document.body.dataset.now).getTime() - performance.now();
const now = () => new Date(ahead + performance.now());
const tick = () => {
  document.querySelector("[data-clock]").textContent = timeOf.format(now());
  document.querySelector("[data-day]").textContent = dayOf.format(now());
};
tick();
setInterval(tick, 1_000);

// What is new; 304 while nothing is.
let etag = "";
let heard = performance.now();
let failures = 0;

async function ask() {
  const asked = await fetch(poll, { cache: "no-store", headers: etag ? { "If-None-Match": etag } : {}, signal: AbortSignal.timeout(TIMEOUT) });
  if (asked.status === 304) return;
  if (!asked.ok) throw new Error(String(asked.status));
  const board = await asked.json();
  if (board.assets !== document.body.dataset.assets) {
    location.reload();
    return;
  }
  etag = asked.headers.get("ETag") ?? "";
  ahead = new Date(board.now).getTime() - performance.now();
  main.innerHTML = board.html; // made by our own server, with every text escaped
  announce(board.calls ?? []);
}

async function keepUp() {
  try {
    await ask();
    heard = performance.now();
    failures = 0;
    lost.hidden = true;
    document.documentElement.classList.remove("stale");
  } catch {
    failures += 1;
    if (failures > 2 || performance.now() - heard > OLD_AFTER) {
      lost.textContent = lost.dataset.text.replace("%s", secondsOf.format(new Date(ahead + heard)));
      lost.hidden = false;
      document.documentElement.classList.add("stale");
    }
  }
  const wait = Number(every) * 1_000 * Math.min(1 + failures, 5);
  setTimeout(keepUp, wait * (0.9 + Math.random() / 5));
}
setTimeout(keepUp, Number(every) * 1_000);

// Calls are said one after the other, each once. Those that were there when the page was opened have been said before.
const said = new Set(JSON.parse(document.body.dataset.calls ?? "[]").map((call) => call.key));
const queue = [];
let speaking = false;
let sound = new URLSearchParams(location.search).get("sound") === "1" || Boolean(navigator.userActivation?.hasBeenActive);
let chimes = null;

function announce(calls) {
  for (const call of calls) {
    if (said.has(call.key)) continue;
    said.add(call.key);
    main.querySelector(`[data-key="${CSS.escape(call.key)}"]`)?.classList.add("new");
    if (sound) queue.push(call.say);
  }
  sayNext();
}

function voice() {
  return window.speechSynthesis?.getVoices().find((one) => one.lang.toLowerCase().replace("_", "-").split("-")[0] === speech);
}

function sayNext() {
  if (speaking || !queue.length) return;
  speaking = true;
  const text = queue.shift();
  let done = false;
  const next = () => {
    if (done) return;
    done = true;
    speaking = false;
    sayNext();
  };
  setTimeout(next, 20_000); // a browser may forget to say that it has finished
  chime(() => {
    const by = voice();
    if (!by) return next();
    const words = new SpeechSynthesisUtterance(text);
    words.voice = by;
    words.lang = by.lang;
    words.rate = 0.9;
    words.onend = words.onerror = next;
    window.speechSynthesis.speak(words);
  });
}

// Two tones before each call, which are heard also where no voice is.
function chime(then) {
  try {
    chimes ??= new AudioContext();
    if (chimes.state !== "running") return then();
    const start = chimes.currentTime;
    for (const [at, tone] of [[0, 880], [0.35, 660]]) {
      const source = chimes.createOscillator();
      const level = chimes.createGain();
      source.frequency.value = tone;
      level.gain.setValueAtTime(0.3, start + at);
      level.gain.exponentialRampToValueAtTime(0.001, start + at + 0.5);
      source.connect(level).connect(chimes.destination);
      source.start(start + at);
      source.stop(start + at + 0.55);
    }
    setTimeout(then, 900);
  } catch {
    then(); // a machine without sound still speaks, if it can
  }
}

// Browsers make no sound before somebody has touched the page.
const hint = document.querySelector("[data-sound-hint]");
if (hint) {
  const show = () => {
    hint.hidden = sound;
    document.querySelector("[data-voice]").hidden = !sound || Boolean(voice());
  };
  document.querySelector("[data-sound]").addEventListener("click", () => {
    sound = true;
    chimes ??= window.AudioContext ? new AudioContext() : null;
    chimes?.resume();
    window.speechSynthesis?.speak(new SpeechSynthesisUtterance(""));
    show();
  });
  window.speechSynthesis?.addEventListener?.("voiceschanged", show);
  show();
  setTimeout(show, 3_000); // voices are loaded late
}
