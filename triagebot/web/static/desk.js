"use strict";
/* The desk's pages, all of them: notices go by themselves, countdowns tick, menus close, keys are heard, and what is fetched
   anew disturbs nobody. Words come from the page. */
(() => {
  const TOAST_MS = 6000, GO_MS = 1200, HOT_S = 15 * 60, SOON_S = 3600;
  const page = document.body.dataset;
  const ahead = Date.parse(page.now) - Date.now();
  const now = () => Date.now() + ahead;
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));

  /* ---- countdowns: as triagebot/text.py says a span */
  const units = page.units.split("/");
  const span = (seconds) => {
    const total = Math.floor(Math.abs(seconds)), minutes = Math.floor(total / 60), hours = Math.floor(minutes / 60);
    let parts;
    if (hours >= 48) parts = [[Math.floor(hours / 24), 0], [hours % 24, 1]];
    else if (hours) parts = [[hours, 1], [minutes % 60, 2]];
    else parts = minutes ? [[minutes, 2]] : [[total, 3]];
    const kept = parts.filter(([n]) => n);
    return (kept.length ? kept : [parts[parts.length - 1]]).map(([n, unit]) => `${n} ${units[unit]}`).join(" ");
  };
  const tick = () => {
    for (const time of all("time[data-due]")) {
      const left = (Date.parse(time.dataset.due) - now()) / 1000;
      const words = (left < 0 ? page.late : page.left).replace("%", span(left));
      if (time.textContent !== words) time.textContent = words;
      const state = left < 0 ? "late" : left < HOT_S || time.classList.contains("hot") ? "hot" : left < SOON_S ? "soon" : "calm";
      if (!time.classList.contains(state)) {
        for (const coloured of [time, time.closest(".row")]) {
          coloured?.classList.remove("late", "hot", "soon", "calm");
          coloured?.classList.add(state);
        }
      }
    }
  };
  setInterval(tick, 1000);
  tick();

  /* ---- notices, and whether the line to the server is up */
  const toasts = document.getElementById("toasts");
  new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of change.addedNodes) {
        if (node.classList && node.classList.contains("toast") && !node.classList.contains("stays")) {
          setTimeout(() => node.remove(), node.classList.contains("bad") ? 2 * TOAST_MS : TOAST_MS);
        }
      }
    }
  }).observe(toasts, { childList: true });

  /* ---- changes, as the server tells them: while the page is looked at, so that many open tabs do not use up the connections
     that a browser has for one site */
  const RETRY_MS = 5000, HIDDEN_MS = 20000, QUIET_MS = 60000;
  const listening = document.querySelector("[data-listen]");
  let stream = null, cut = null, later = 0;
  const again = () => {
    for (const part of all("[data-again]")) htmx.trigger(part, "desk:again");
  };
  const up = () => {
    if (!cut) return;
    cut.remove();
    cut = null;
    again();
  };
  const down = () => {
    if (!cut) {
      cut = Object.assign(document.createElement("div"), { className: "toast stays", textContent: page.cut });
      toasts.append(cut);
    }
    if (stream.readyState !== EventSource.CLOSED) return;
    hush();
    later = setTimeout(listen, RETRY_MS);
    again();
  };
  const listen = () => {
    clearTimeout(later);
    if (!listening || stream) return;
    stream = new EventSource(listening.dataset.listen);
    stream.onopen = up;
    stream.onerror = down;
    for (const name of ["changed", "ticket"]) stream.addEventListener(name, again);
  };
  const hush = () => {
    clearTimeout(later);
    if (stream) stream.close();
    stream = null;
  };
  document.addEventListener("visibilitychange", () => {
    clearTimeout(later);
    if (document.visibilityState === "hidden") later = setTimeout(hush, HIDDEN_MS);
    else if (!stream) {
      listen();
      again();
    }
  });
  setInterval(() => {
    if (document.visibilityState === "visible") again();
  }, QUIET_MS);
  addEventListener("pagehide", hush);
  addEventListener("pageshow", listen);

  /* ---- what is fetched anew: nothing under somebody's hands is replaced, what is unfolded and scrolled stays so */
  const busy = (part) => part.querySelector("details.act[open] form, details.act form :focus") !== null;
  let waiting = false, kept = null;
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    if (busy(event.target)) {
      event.detail.shouldSwap = false;
      waiting = true;
    }
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const active = event.detail.target.contains(document.activeElement) ? document.activeElement : null;
    kept = {
      open: all("details[id][open]").map((details) => details.id),
      at: all("[data-scroll]").map((box) => [box.id, box.scrollTop, box.scrollLeft]),
      focus: active && (active.id || active.closest(".row")?.querySelector("a[id]").id),
    };
  });
  document.addEventListener("htmx:afterSettle", () => {
    tick();
    if (!kept) return;
    for (const id of kept.open) document.getElementById(id)?.setAttribute("open", "");
    for (const [id, top, left] of kept.at) document.getElementById(id)?.scrollTo({ top, left, behavior: "instant" });
    if (kept.focus && document.activeElement === document.body) document.getElementById(kept.focus)?.focus({ preventScroll: true });
    kept = null;
  });

  /* ---- menus: one at a time, Esc and a press elsewhere close them */
  const first = (menu) => menu.querySelector(":scope > form :is(input:not([type=hidden]), select, textarea)");
  const menus = () => all("details.act[open], details.me[open], details.choose[open]");
  const close = (menu) => {
    menu.removeAttribute("open");
    if (waiting && !menus().length) {
      waiting = false;
      again();
    }
  };
  document.addEventListener("toggle", (event) => {
    if (!event.target.matches?.("details.act, details.me, details.choose") || !event.target.open) return;
    for (const menu of menus()) if (!menu.contains(event.target)) close(menu);
    if (!event.target.contains(document.activeElement) || document.activeElement.tagName === "SUMMARY") first(event.target)?.focus();
  }, true);
  document.addEventListener("pointerdown", (event) => {
    for (const menu of menus()) if (!menu.contains(event.target)) close(menu);
  });
  document.addEventListener("desk:done", (event) => {
    const menu = event.target.closest?.("details.act");
    for (const each of menu ? menus() : []) close(each);
  });
  document.addEventListener("submit", (event) => {
    const back = event.target.querySelector("input[name=to]");
    if (back) back.value = location.pathname + location.search;
  });
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open]");
    if (opener) document.getElementById(opener.dataset.open).showModal();
    const put = event.target.closest("[data-put]");
    if (put) {
      const field = document.getElementById(put.dataset.put);
      field.value = put.dataset.value;
      field.focus();
    }
  });

  /* ---- keys: [data-key] is pressed by its letter, "g" goes to a page */
  const writes = (element) => element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName);
  let went = 0;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const [menu] = menus().reverse();
      if (menu) {
        close(menu);
        menu.querySelector("summary").focus();
      } else if (writes(event.target)) event.target.blur();
      return;
    }
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || writes(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    const press = (element) => {
      event.preventDefault();
      element.focus();
      element.click();
      if (element.tagName === "SUMMARY") first(element.parentElement)?.focus();
    };
    if (Date.now() - went < GO_MS) {
      went = 0;
      const link = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
      if (link) return press(link);
    }
    if (event.key === "g") went = Date.now();
    else if (event.key === "?") press(document.querySelector("[data-open=keys]"));
    else if (event.key === "/") {
      const search = document.querySelector("input[type=search]:not([hidden] *)");
      if (search) {
        event.preventDefault();
        search.focus();
        search.select();
      }
    } else {
      const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
      if (target) press(target);
    }
  });
})();
