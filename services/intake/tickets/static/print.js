// The button that prints the slip, and then the next visitor.
"use strict";

for (const one of document.querySelectorAll("[data-print]")) {
  one.hidden = false;
  one.addEventListener("click", () => {
    window.print();
    document.getElementById("next").focus();
  });
}
