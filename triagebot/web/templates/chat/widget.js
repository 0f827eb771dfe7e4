"use strict";
/* A round button in the corner of any page; it opens the chat in a frame of its own, from where this script came. */
(() => {
  const words = {{ widget_words|tojson }};
  const script = document.currentScript;
  const home = new URL(script.src).origin;
  const lang = script.dataset.lang || (/^(zh|yue|cmn)/i.test(document.documentElement.lang || navigator.language) ? "zh" : "en");
  const said = words[lang] || words.zh;
  const SVG = "http://www.w3.org/2000/svg";
  let frame = null;

  const style = (element, rules) => { for (const [name, value] of Object.entries(rules)) element.style.setProperty(name, value, "important"); };

  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-expanded", "false");
  style(button, {
    position: "fixed", right: "20px", bottom: "20px", width: "58px", height: "58px", "z-index": "2147483000", margin: "0", padding: "0",
    border: "0", "border-radius": "50%", background: "#1f5c99", color: "#fff", cursor: "pointer", display: "grid", "place-items": "center",
    "box-shadow": "0 4px 18px rgb(20 30 45 / 30%)",
  });
  const icon = document.createElementNS(SVG, "svg");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("width", "28");
  icon.setAttribute("height", "28");
  icon.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("fill", "none");
  path.setAttribute("stroke", "currentColor");
  path.setAttribute("stroke-width", "2");
  path.setAttribute("stroke-linecap", "round");
  path.setAttribute("stroke-linejoin", "round");
  icon.append(path);
  button.append(icon);

  const show = (open) => {
    path.setAttribute("d", open ? "M6 6l12 12M18 6 6 18" : "M5 5h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-7l-5 4v-4H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2z");
    button.setAttribute("aria-label", open ? said.close : said.open);
    button.setAttribute("aria-expanded", String(open));
    button.title = open ? said.close : said.open;
    if (open && !frame) frame = framed();
    if (frame) style(frame, { display: open ? "block" : "none" });
    if (open) frame.focus();
  };

  const framed = () => {
    const made = document.createElement("iframe");
    made.src = `${home}/?embed=1&lang=${lang}`;
    made.title = said.title;
    style(made, {
      position: "fixed", right: "max(12px, env(safe-area-inset-right))", bottom: "92px", "z-index": "2147483000",
      width: "min(400px, calc(100vw - 24px))", height: "min(640px, calc(100dvh - 112px))", border: "0", "border-radius": "16px",
      "box-shadow": "0 10px 40px rgb(20 30 45 / 30%)", background: "#fff", "color-scheme": "light dark",
    });
    document.body.append(made);
    return made;
  };

  const isOpen = () => button.getAttribute("aria-expanded") === "true";
  const close = () => { if (isOpen()) { show(false); button.focus(); } };
  button.addEventListener("click", () => show(!isOpen()));
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  window.addEventListener("message", (event) => {
    if (frame && event.source === frame.contentWindow && event.origin === home && event.data === "triagebot:close") close();
  });
  const begin = () => { document.body.append(button); show(false); };
  if (document.body) begin(); else document.addEventListener("DOMContentLoaded", begin);
})();
