// The line at the counter renews itself every few seconds; the rest of the page only when the counter itself has changed elsewhere, and never
// while something is being typed. The page works without it.
"use strict";

const EVERY = 4000;
const line = document.querySelector("[data-renew]");
const stale = document.getElementById("stale");
let latest = "";

const typing = () =>
  [...document.querySelectorAll("details[open] :is(input:not([type=hidden]), textarea, select)")].some(
    (one) => one === document.activeElement || (one.value !== one.defaultValue && one.matches("textarea, input")),
  );

const renew = async () => {
  try {
    const answer = await fetch(line.dataset.renew, { redirect: "error" });
    if (!answer.ok) throw new Error(String(answer.status));
    const { mark, html } = await answer.json();
    if (mark !== line.dataset.mark) {
      if (!typing()) location.reload();
      return;
    }
    if (html !== latest) line.innerHTML = latest = html;
    stale.hidden = true;
  } catch {
    stale.hidden = false;
  }
};

if (line) {
  setInterval(() => {
    if (!document.hidden) renew();
  }, EVERY);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) renew();
  });
}

// A key that opens the transfer goes on to its first field.
for (const one of document.querySelectorAll("[data-opens]")) {
  one.parentElement.addEventListener("toggle", () => {
    if (one.parentElement.open) document.getElementById(one.dataset.opens).focus();
  });
}
