"use strict";
/* Toasts go by themselves; countdowns tick. Everything else the server says. */
(() => {
  const TOAST_MS = 6000;

  new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of change.addedNodes) {
        if (node.classList && node.classList.contains("toast")) setTimeout(() => node.remove(), TOAST_MS);
      }
    }
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
