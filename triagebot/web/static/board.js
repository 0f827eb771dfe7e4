"use strict";
/* The board: j and k move, t takes, one's own tickets show, and coming back finds it as it was left. */
(() => {
  const me = document.body.dataset.name;
  const rows = () => Array.from(document.querySelectorAll("#board .row"));
  const current = () => document.activeElement.closest?.(".row");

  const mark = () => {
    for (const row of rows()) row.classList.toggle("mine", row.dataset.holder !== "" && row.dataset.holder === me);
    sessionStorage.setItem("board", location.pathname + location.search);
  };
  document.addEventListener("htmx:afterSettle", mark);
  document.addEventListener("htmx:replacedInHistory", mark);
  mark();

  const near = (step) => {
    const shown = rows(), at = shown.indexOf(current());
    return shown[at < 0 ? 0 : Math.min(shown.length - 1, Math.max(0, at + step))];
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input:not([type=radio]), textarea, select")) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "j" || event.key === "k") {
      const link = near(event.key === "j" ? 1 : -1)?.querySelector(".what");
      if (link) {
        event.preventDefault();
        link.focus();
        link.closest(".row").scrollIntoView({ block: "nearest" });
      }
    } else if (event.key === "t") current()?.querySelector(".take")?.click();
  });
})();
