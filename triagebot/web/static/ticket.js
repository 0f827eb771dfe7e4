"use strict";
/* A ticket's page: the boxes to write in, canned answers, being there, the story's end in sight. */
(() => {
  const BEAT_MS = 15000, PAUSE_MS = 1500, NEAR_PX = 120;
  const get = (id) => document.getElementById(id);
  const reply = get("reply-text"), macros = get("macros"), others = get("others");

  /* ---- the story: its end in sight, unless somebody reads further up */
  let atEnd = true;
  const toEnd = () => get("story").scrollTo({ top: get("story").scrollHeight, behavior: "instant" });
  const watch = () => get("story").addEventListener("scroll", (event) => {
    const box = event.target;
    atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX;
  }, { passive: true });
  toEnd();
  watch();
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "story") return;
    watch();
    if (atEnd) toEnd();
    seeAll();
    afresh();
  });

  /* ---- what this agent has seen: all that the page shows, until they begin to write */
  const seeAll = () => {
    const seen = get("seen");
    if (seen && !reply.value.trim()) seen.value = get("story").dataset.last;
  };

  /* ---- what can be written has changed (it was solved, taken, reopened): the boxes are made anew, unless there is text in one */
  const afresh = () => {
    const may = (of) => ["reply", "note"].map((verb) => get(of).dataset.can.split(" ").includes(verb)).join();
    const empty = Array.from(document.querySelectorAll("#composer textarea")).every((box) => !box.value.trim());
    if (may("story") !== may("composer") && empty) location.reload();
  };

  /* ---- tabs */
  const choose = (tab) => {
    for (const other of document.querySelectorAll("[role=tab]")) {
      const chosen = other === tab;
      other.setAttribute("aria-selected", String(chosen));
      other.tabIndex = chosen ? 0 : -1;
      get(other.getAttribute("aria-controls")).hidden = !chosen;
    }
    get(tab.getAttribute("aria-controls")).querySelector("textarea").focus();
  };
  document.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) choose(tab);
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.matches?.("[role=tab]") && /^Arrow(Left|Right)$/.test(event.key)) {
      const tabs = Array.from(document.querySelectorAll("[role=tab]"));
      const next = tabs[(tabs.indexOf(event.target) + 1) % tabs.length];
      choose(next);
      next.focus();
    }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form) {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
    if (event.key === "u" && !event.target.matches("input, textarea, select") && !event.ctrlKey && !event.metaKey) {
      document.querySelector("[data-back]").click();
    }
  });

  /* ---- canned answers */
  const show = (open) => {
    macros.hidden = !open;
    document.querySelector("[data-macros]").setAttribute("aria-expanded", String(open));
    (open ? get("macro-find") : reply).focus();
  };
  const fit = (words) => {
    for (const item of macros.querySelectorAll("li")) item.hidden = !item.textContent.toLowerCase().includes(words);
  };
  document.addEventListener("click", (event) => {
    const fill = event.target.closest("[data-fill]");
    if (event.target.closest("[data-macros]")) {
      if (get("tab-reply").getAttribute("aria-selected") !== "true") choose(get("tab-reply"));
      show(macros.hidden);
    } else if (fill) {
      reply.value = reply.value.trim() ? `${reply.value.trimEnd()}\n${fill.dataset.fill}` : fill.dataset.fill;
      show(false);
      grow(reply);
      beat();
    }
  });
  if (macros) {
    get("macro-find").addEventListener("input", (event) => fit(event.target.value.trim().toLowerCase()));
    macros.addEventListener("keydown", (event) => {
      const shown = Array.from(macros.querySelectorAll("li:not([hidden]) button"));
      const at = shown.indexOf(document.activeElement);
      if (event.key === "Escape") {
        event.stopPropagation();
        show(false);
      } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        (shown[at + (event.key === "ArrowDown" ? 1 : -1)] || get("macro-find")).focus();
      } else if (event.key === "Enter" && event.target.id === "macro-find" && shown.length) {
        event.preventDefault();
        shown[0].click();
      }
    });
  }

  /* ---- boxes grow with what is in them, and are empty once it was sent */
  const grow = (box) => {
    box.rows = Math.min(12, Math.max(3, box.value.split("\n").length + Math.floor(box.value.length / 60)));
  };
  document.addEventListener("input", (event) => {
    if (event.target.tagName === "TEXTAREA") grow(event.target);
  });
  document.addEventListener("desk:done", (event) => {
    const form = event.target.closest?.("form");
    if (!form) return;
    for (const box of form.querySelectorAll("textarea, input:not([type=hidden])")) {
      box.value = "";
      if (box.tagName === "TEXTAREA") grow(box);
    }
    get("crossed").replaceChildren();
    atEnd = true;
  });

  /* ---- being there */
  let pause = 0;
  const beat = () => {
    if (document.visibilityState === "visible" && others) htmx.trigger(others, "desk:beat");
  };
  document.addEventListener("DOMContentLoaded", beat);
  document.addEventListener("visibilitychange", beat);
  setInterval(beat, BEAT_MS);
  if (reply) {
    grow(reply);
    reply.addEventListener("input", () => {
      clearTimeout(pause);
      pause = setTimeout(beat, PAUSE_MS);
    });
  }

  /* ---- back to the board as it was left */
  const left = sessionStorage.getItem("board");
  if (left) document.querySelector("[data-back]").href = left;
})();
