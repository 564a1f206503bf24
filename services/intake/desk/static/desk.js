// The counter by keyboard alone: Enter goes on to the next field, function keys press buttons, words find procedures while they are typed.
// The pages work without it; nothing here decides anything.
"use strict";

const shown = (one) => one.offsetParent !== null && !one.disabled;

// A browser may leave autofocus out, as on a page that it restores; typing must go on all the same.
const first = document.querySelector("[autofocus]");
if (first && document.activeElement === document.body) first.focus();

// Function keys and Escape: a button or link says which key presses it.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const pressed = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === event.key);
  if (pressed && !event.repeat) {
    event.preventDefault();
    pressed.click();
    return;
  }
  const number = document.querySelector(`[data-number="${CSS.escape(event.key)}"]`);
  if (number && event.target.matches("input[type=radio], body")) {
    event.preventDefault();
    number.checked = true;
    number.form.requestSubmit();
  }
});

// Enter in a form of many fields: the next one; where a person is named, the server looks the person up first.
for (const form of document.querySelectorAll("form[data-desk]")) {
  form.addEventListener("keydown", (event) => {
    const field = event.target;
    if (event.key !== "Enter" || event.isComposing || !field.matches("input, select")) return;
    event.preventDefault();
    if (field.dataset.enter === "fill" && field.value.trim() && field.value !== field.defaultValue) {
      form.requestSubmit(form.querySelector('button[value="fill"]'));
      return;
    }
    const all = [...form.elements];
    const stops = all.filter((one) => one.matches("input:not([type=hidden]):not([data-skip]), select:not([data-skip]), button") && shown(one));
    const next = stops.find((one) => all.indexOf(one) > all.indexOf(field) && !one.matches('button[value="fill"], button[value="add"]'));
    if (next) next.focus();
    if (next && next.matches("input") && next.type !== "checkbox") next.select();
  });
}

// After a paper is sent to print, by a form or a link, the next visitor.
for (const one of document.querySelectorAll("[data-then]")) {
  (one.form || one).addEventListener(one.form ? "submit" : "click", () => document.getElementById(one.dataset.then).focus());
}

// Procedures while words are typed; Enter without a choice takes the best, as without this script.
const words = document.querySelector("[data-suggest]");
if (words) {
  const list = document.getElementById(`${words.id}-list`);
  let chosen = -1;
  let asked = 0;
  words.setAttribute("role", "combobox");
  words.setAttribute("aria-controls", list.id);
  words.setAttribute("aria-expanded", "false");

  const choose = (place) => {
    chosen = place;
    // An answer still under way must not replace the list under a choice that was made from it.
    if (place >= 0) asked += 1;
    [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === place)));
    if (place < 0) words.removeAttribute("aria-activedescendant");
    else words.setAttribute("aria-activedescendant", list.children[place].id);
  };

  const show = (items) => {
    list.replaceChildren(
      ...items.map((item, at) => {
        const entry = document.createElement("li");
        entry.id = `${list.id}-${at}`;
        entry.setAttribute("role", "option");
        entry.lang = "vi";
        entry.dataset.code = item.code;
        entry.textContent = `${item.code} – ${item.name}`;
        entry.addEventListener("mousedown", () => {
          words.value = item.code;
          words.form.requestSubmit();
        });
        return entry;
      }),
    );
    list.hidden = !items.length;
    words.setAttribute("aria-expanded", String(items.length > 0));
    choose(-1);
  };

  words.addEventListener("input", async () => {
    const mine = ++asked;
    choose(-1); // what was chosen belonged to the words before
    const text = words.value.trim();
    if (!text) return show([]);
    try {
      const answer = await fetch(`${words.dataset.suggest}?limit=8&q=${encodeURIComponent(text)}`);
      const found = answer.ok ? (await answer.json()).items : [];
      if (mine === asked) show(found);
    } catch {
      if (mine === asked) show([]);
    }
  });

  words.addEventListener("keydown", (event) => {
    const most = list.children.length;
    if (event.key === "ArrowDown" && most) choose((chosen + 1) % most);
    else if (event.key === "ArrowUp" && most) choose((chosen + most - (chosen < 0 ? 0 : 1)) % most);
    else if (event.key === "Enter" && chosen >= 0) words.value = list.children[chosen].dataset.code;
    else if (event.key === "Escape") show([]);
    else return;
    if (event.key !== "Enter") event.preventDefault();
  });
}
