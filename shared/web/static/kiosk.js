// A kiosk: starts over when nobody touches it, leaves no trail in the browser, types for people without a keyboard, prints.
// The pages work without it; nothing here decides anything.
"use strict";

const { home, idle, warning } = document.body.dataset;
const atHome = "atHome" in document.body.dataset;
const offline = document.getElementById("offline");

// A page that the browser brings back from its memory is of the visitor before: it asks the server, which leads to the first page.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.replace(home);
});

// Where the connection is lost, a browser would show an error page from which nobody finds the way back.
const RETRY = 5_000;
async function whenConnected(go) {
  for (;;) {
    try {
      await fetch(new URL("/intake/health/live", location), { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(4_000) });
      break;
    } catch {
      offline.hidden = false;
      await new Promise((again) => setTimeout(again, RETRY));
    }
  }
  offline.hidden = true;
  go();
}

function startOver() {
  document.documentElement.classList.add("leaving");
  document.querySelector("dialog[open]")?.close();
  for (const field of document.querySelectorAll("input:not([type=hidden])")) if (field.type !== "radio" && field.type !== "checkbox") field.value = "";
  const left = offline.hidden;
  if (left) document.documentElement.classList.remove("leaving");
  whenConnected(() => location.replace(home));
}

// Links take the place of the present page, so that Back has nothing to go to.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link) return;
  event.preventDefault();
  whenConnected(() => location.replace(link.href));
});
for (const form of document.querySelectorAll("form:not([data-print])")) {
  form.addEventListener("submit", (event) => {
    const pressed = event.submitter;
    if (form.dataset.sent) return event.preventDefault();
    if (form.method === "get") {
      event.preventDefault();
      const asked = new URLSearchParams(new FormData(form, pressed));
      whenConnected(() => location.replace(`${form.action.split("?")[0]}?${asked}`));
      return;
    }
    form.dataset.sent = "yes";
    setTimeout(() => delete form.dataset.sent, 8_000);
  });
}

// After a pause a warning with a countdown, and then the first page.
const dialog = document.getElementById("idle");
const countdown = dialog.querySelector("[data-countdown]");
let last = performance.now();
let ending = false;
const touched = () => {
  last = performance.now();
};
for (const kind of ["pointerdown", "pointermove", "keydown", "scroll", "wheel", "input"]) document.addEventListener(kind, () => dialog.open || touched(), { passive: true, capture: true });
dialog.querySelector("[data-stay]").addEventListener("click", () => {
  dialog.close();
  touched();
});
dialog.addEventListener("cancel", touched);
setInterval(() => {
  const passed = (performance.now() - last) / 1000;
  if (ending || passed < Number(idle)) return;
  if (atHome || passed >= Number(idle) + Number(warning)) {
    ending = true;
    startOver();
    return;
  }
  if (!dialog.open) dialog.showModal();
  countdown.textContent = String(Math.max(0, Math.ceil(Number(idle) + Number(warning) - passed)));
}, 250);

// The clock, in Vietnam's time wherever the machine believes to be.
const clock = document.querySelector("[data-clock]");
const written = new Intl.DateTimeFormat("vi-VN", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Ho_Chi_Minh" });
const tick = () => {
  clock.textContent = written.format(new Date());
};
tick();
setInterval(tick, 1_000);

// The keyboard on the screen. Scanners type like keyboards and press Enter: the field has the focus.
const LAYOUTS = {
  digits: ["123", "456", "789", "⌫0↵"],
  code: ["1234567890", "QWERTYUIOP", "ASDFGHJKL-", "ZXCVBNM.⌫", "↵"],
  text: ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm⌫", "␣↵"],
};
const WORDS = document.documentElement.lang === "en" ? { "⌫": "Delete", "␣": "Space", "↵": "Go on" } : { "⌫": "Xóa", "␣": "Dấu cách", "↵": "Tiếp tục" };
let typedInto = null;

function press(key) {
  if (!typedInto) return;
  if (key === "↵") {
    goOn(typedInto);
    return;
  }
  const at = typedInto.selectionStart ?? typedInto.value.length;
  const to = typedInto.selectionEnd ?? at;
  const from = key === "⌫" && at === to ? Math.max(0, at - 1) : at;
  const sign = key === "⌫" ? "" : key === "␣" ? " " : key;
  if (sign && typedInto.maxLength > 0 && typedInto.value.length - (to - from) >= typedInto.maxLength) return;
  typedInto.setRangeText(sign, from, to, "end");
  typedInto.dispatchEvent(new Event("input", { bubbles: true }));
}

// Enter goes to the next empty field, as a scanner needs it, and sends the form from the last one.
function goOn(field) {
  const fields = [...field.form.querySelectorAll("[data-keyboard]")];
  const next = fields.slice(fields.indexOf(field) + 1).find((one) => !one.value);
  if (next) next.focus();
  else field.form.requestSubmit();
}

const fields = [...document.querySelectorAll("[data-keyboard]")];
if (fields.length) {
  const board = document.createElement("div");
  board.className = "keyboard";
  board.setAttribute("role", "group");
  board.setAttribute("aria-label", document.documentElement.lang === "en" ? "Keyboard" : "Bàn phím");
  const show = (field) => {
    typedInto = field;
    board.hidden = false;
    if (board.dataset.layout === field.dataset.keyboard) return;
    board.dataset.layout = field.dataset.keyboard;
    board.replaceChildren(
      ...LAYOUTS[field.dataset.keyboard].map((row) => {
        const line = document.createElement("div");
        line.append(
          ...[...row].map((key) => {
            const button = document.createElement("button");
            button.type = "button";
            button.textContent = WORDS[key] ?? key;
            if (WORDS[key]) button.className = "wide";
            button.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
            button.addEventListener("click", () => press(key));
            return button;
          }),
        );
        return line;
      }),
    );
  };
  for (const field of fields) {
    field.addEventListener("focus", () => show(field));
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      goOn(field);
    });
  }
  fields.at(-1).form.after(board);
  // What a search has found is not to be pushed away by keys.
  const first = fields.find((one) => !one.value) ?? fields[0];
  if (first.value && fields.length === 1) board.hidden = true;
  else {
    show(first);
    first.focus();
  }
}

// A slip: by the kiosk's printer; where that does not answer, the page says so and offers the browser's.
for (const form of document.querySelectorAll("form[data-print]")) {
  const state = document.querySelector("[data-print-state]");
  const button = form.querySelector("button");
  const instead = document.querySelector("[data-print-here]");
  const send = async () => {
    button.disabled = true;
    state.textContent = form.dataset.printing;
    let answer = {};
    try {
      const sent = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" }, signal: AbortSignal.timeout(10_000) });
      answer = await sent.json();
    } catch {
      answer = { message: form.dataset.lost };
    }
    state.textContent = answer.message ?? form.dataset.lost;
    state.classList.toggle("field-error", !answer.printed);
    if (instead) instead.hidden = Boolean(answer.printed);
    button.disabled = Boolean(answer.printed) || Boolean(answer.enough);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  if ("auto" in form.dataset) send();
}
for (const button of document.querySelectorAll("[data-print-here]")) {
  button.addEventListener("click", () => window.print());
  if ("auto" in button.dataset) window.print();
}
