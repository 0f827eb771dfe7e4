"use strict";
/* Copy buttons: data-copy names the element whose text is meant; data-mirror the one that shows what is typed. On a phone the bar shows the page that is open. */
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  const from = button && document.getElementById(button.dataset.copy);
  if (!from) return;
  const words = from.value || from.textContent;
  const done = () => { button.textContent = button.dataset.done; };
  if (navigator.clipboard) {
    navigator.clipboard.writeText(words).then(done, () => from.select && from.select());
  } else if (from.select) {
    from.select();
    if (document.execCommand("copy")) done();
  }
});
document.addEventListener("input", (event) => {
  const seen = event.target.dataset.mirror && document.getElementById(event.target.dataset.mirror);
  if (seen) seen.textContent = event.target.value || event.target.placeholder;
});
document.addEventListener("DOMContentLoaded", () => {
  const here = document.querySelector(".bar [aria-current]");
  if (here) here.parentElement.scrollLeft = here.offsetLeft - here.parentElement.offsetLeft - 40;
});
