"use strict";
/* The chat's page. What it shows comes from the server's stream; what the person does is shown at once, posted in order, and
   posted again until the server says that it has it. Everything is put up as text. */
(() => {
  const byId = (id) => document.getElementById(id);
  const chat = byId("chat");
  const words = JSON.parse(chat.dataset.words);
  const query = `?lang=${chat.dataset.lang}${chat.dataset.framed ? "&embed=1" : ""}`;
  const log = byId("log"), entries = byId("entries"), dots = byId("dots"), patience = byId("patience");
  const text = byId("text"), send = byId("send"), line = byId("line"), down = byId("down");
  const PATIENCE_MS = 5000, LONGEST_PAUSE_S = 30, AWAY_MS = 4000;
  const PICTURES = ["image/png", "image/jpeg", "image/webp"];

  // --- what is shown ---

  const element = (tag, className, content) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (content !== undefined) made.textContent = content;
    return made;
  };

  const clock = (at) => {
    const date = new Date(at), now = new Date();
    const hours = { hour: "2-digit", minute: "2-digit", hour12: false };
    const day = date.toDateString() === now.toDateString() ? {} : { month: "numeric", day: "numeric" };
    return date.toLocaleString(chat.dataset.lang === "en" ? "en-GB" : "zh-CN", { ...day, ...hours });
  };

  const atEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  const toEnd = () => { log.scrollTop = log.scrollHeight; down.hidden = true; };

  const own = new Map(); // addresses of the pictures that the person sent: in this page's memory, and gone with it

  const forget = (key) => { URL.revokeObjectURL(own.get(key)); own.delete(key); };

  const image = (address, words, gone) => {
    const made = element("img", "sent");
    made.alt = words;
    made.addEventListener("load", () => { if (log.scrollHeight - log.scrollTop - log.clientHeight < made.offsetHeight + 120) toEnd(); });
    made.addEventListener("error", gone);
    made.src = address;
    return made;
  };

  const draw = (key, entry) => {
    const item = element("li", `entry ${entry.who}${entry.picture ? " picture" : ""}`);
    const bubble = element("div", "bubble", entry.text);
    item.dataset.key = key;
    item.append(element("span", "hidden", words[entry.who]), bubble);
    if (own.has(key)) {
      const shown = image(own.get(key), words.my_picture, () => { forget(key); shown.replaceWith(bubble); });
      bubble.replaceWith(shown);
    } else if (entry.image) {
      const shown = image(entry.image, words.our_picture, () => shown.remove());
      bubble.before(shown);
    }
    const rows = entry.buttons || [];
    if (rows.length) {
      const group = element("div", "buttons");
      let place = 0;
      for (const label of rows.flat()) {
        const button = element("button", "", label), number = place;
        place += 1;
        button.type = "button";
        button.addEventListener("click", () => { group.remove(); add({ message: entry.message, button: number }, label); text.focus({ preventScroll: true }); });
        group.append(button);
      }
      item.append(group);
    }
    const time = element("time", "", clock(entry.at));
    time.dateTime = entry.at;
    item.append(time);
    return item;
  };

  const find = (key) => [...entries.children].find((item) => item.dataset.key === key);

  const put = (key, entry, fresh) => {
    const drawn = draw(key, entry), shown = find(key);
    if (fresh && !shown) drawn.classList.add("new");
    if (shown) shown.replaceWith(drawn);
    else entries.insertBefore(drawn, entries.querySelector(".unsent, .failed"));
  };

  let busy = false, waitingSince = 0;
  const showDots = () => {
    const waits = busy && !offline;
    if (waits && dots.hidden) waitingSince = Date.now();
    dots.hidden = !waits;
    const long = waits && !queue.length && Date.now() - waitingSince > PATIENCE_MS;
    patience.textContent = long ? words.patience : "";
  };

  const say = (notice, link) => {
    line.textContent = notice || "";
    if (link) {
      const anchor = element("a", "", words.open);
      anchor.href = "/";
      anchor.target = "_blank";
      anchor.rel = "noopener";
      line.append(" ", anchor);
    }
    line.hidden = !notice;
  };

  // --- what is heard ---

  let source = null, listenAgain = 1, offline = false, awayTimer = 0;
  const away = (is) => {
    clearTimeout(awayTimer);
    if (!is) { if (offline) say(""); offline = false; showDots(); return; }
    awayTimer = setTimeout(() => { offline = true; say(words.offline); showDots(); }, AWAY_MS);
  };

  const listen = () => {
    if (source) source.close();
    source = new EventSource(`/chat/stream${query}`);
    source.addEventListener("open", () => { listenAgain = 1; away(false); });
    source.addEventListener("news", (event) => hear(JSON.parse(event.data)));
    source.addEventListener("error", () => {
      away(true);
      if (source.readyState !== EventSource.CLOSED) return;
      source = null;
      setTimeout(listen, listenAgain * 1000);
      listenAgain = Math.min(LONGEST_PAUSE_S, listenAgain * 2);
    });
  };

  const hear = (news) => {
    const stay = atEnd() || news.reset;
    if (news.reset) {
      const known = new Set(Object.keys(news.entries));
      for (const item of [...entries.children]) {
        const mine = queue.some((thing) => thing.key === item.dataset.key) || item.classList.contains("failed");
        if (item.id !== "greeting" && !mine && !known.has(item.dataset.key)) { item.remove(); forget(item.dataset.key); }
      }
    }
    let answered = false;
    for (const [key, entry] of Object.entries(news.entries)) {
      answered = answered || (entry.who === "us" && !find(key));
      put(key, entry, !news.reset);
      byId("examples").hidden = true;
    }
    busy = news.busy;
    byId("camera-row").hidden = !(news.camera && matchMedia("(pointer: coarse)").matches);
    showDots();
    if (stay) toEnd(); else if (answered) down.hidden = false;
  };

  // --- what is said ---

  const queue = [];
  let posting = false, pause = 1, retryTimer = 0;

  const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

  const add = (body, shown, file) => {
    const id = newId(), key = `me-${id}`;
    if (file) own.set(key, URL.createObjectURL(file));
    const item = draw(key, { who: "me", text: shown, at: new Date().toISOString(), picture: Boolean(file) });
    item.classList.add("unsent", "new");
    item.append(element("span", "state", words.sending));
    entries.append(item);
    byId("examples").hidden = true;
    queue.push({ id, key, body, file });
    showDots();
    toEnd();
    post();
  };

  const mark = (thing, notice, failed) => {
    const item = find(thing.key);
    if (!item) return;
    const state = item.querySelector(".state");
    if (!notice) { item.classList.remove("unsent"); if (state) state.remove(); return; }
    if (failed) { item.classList.replace("unsent", "failed"); }
    if (state) state.textContent = notice;
  };

  const upload = (thing) => new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/chat/pictures${query}&id=${thing.id}`);
    request.setRequestHeader("Content-Type", thing.file.type);
    request.upload.addEventListener("progress", (event) => { if (event.total) mark(thing, words.uploading.replace("{percent}", Math.floor(100 * event.loaded / event.total))); });
    request.upload.addEventListener("load", () => mark(thing, words.looking));
    request.addEventListener("load", () => resolve(new Response(request.responseText, { status: request.status })));
    request.addEventListener("error", reject);
    request.send(thing.file);
  });

  const once = (thing) => {
    if (thing.file) return upload(thing);
    return fetch(`/chat/messages${query}`, { method: "POST", body: JSON.stringify({ id: thing.id, ...thing.body }), headers: { "Content-Type": "application/json" } });
  };

  let begun = Boolean(chat.dataset.cookie);
  const deliver = async (thing) => {
    if (begun) {
      const answer = await once(thing);
      if (answer.status !== 401) return answer;
    }
    const answer = await fetch(`/chat/begin${query}`, { method: "POST" });
    if (!answer.ok) return answer;
    begun = true;
    return once(thing);
  };

  const post = async () => {
    if (posting || !queue.length) return;
    posting = true;
    clearTimeout(retryTimer);
    const thing = queue[0];
    let wait = 0;
    try {
      const answer = await deliver(thing);
      if (answer.ok) {
        queue.shift();
        mark(thing, "");
        busy = true;
        pause = 1;
        if (!source) listen();
        if (thing.after) thing.after();
      } else {
        const told = await answer.json().catch(() => ({ words: words.failed }));
        if (answer.status === 429 || answer.status >= 500) {
          wait = told.after || pause;
          mark(thing, told.words);
        } else {
          queue.shift();
          mark(thing, told.words, true);
          if (answer.status === 401) say(told.words, true);
        }
      }
    } catch {
      wait = pause;
      mark(thing, words.retrying);
    }
    posting = false;
    showDots();
    if (wait) {
      retryTimer = setTimeout(post, wait * 1000);
      pause = Math.min(LONGEST_PAUSE_S, pause * 2);
    } else {
      post();
    }
  };

  const picture = (file) => {
    const refused = file.type === "application/pdf" ? words.no_pdf : !PICTURES.includes(file.type) ? words.no_picture
      : file.size > Number(chat.dataset.largest) ? words.picture_large : "";
    if (!refused) add({}, words.picture_sent, file);
    return refused;
  };
  const pictures = (files) => say([...files].map(picture).find(Boolean));

  // --- hands ---

  const grow = () => {
    text.style.height = "auto";
    text.style.height = `${text.scrollHeight + 2}px`;
    send.disabled = !text.value.trim();
  };
  const submit = () => {
    const said = text.value.trim();
    if (!said) return;
    text.value = "";
    grow();
    say("");
    add({ text: said }, said);
    text.focus({ preventScroll: true });
  };
  byId("compose").addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  text.addEventListener("input", grow);
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) { event.preventDefault(); submit(); }
  });
  text.addEventListener("paste", (event) => {
    const files = event.clipboardData.files;
    if (files.length) { event.preventDefault(); pictures(files); }
  });
  for (const chooser of [byId("file"), byId("camera")]) {
    chooser.addEventListener("change", () => { pictures(chooser.files); chooser.value = ""; });
  }
  chat.addEventListener("dragover", (event) => { event.preventDefault(); chat.classList.add("dropping"); });
  chat.addEventListener("dragleave", () => chat.classList.remove("dropping"));
  chat.addEventListener("drop", (event) => { event.preventDefault(); chat.classList.remove("dropping"); pictures(event.dataTransfer.files); });
  log.addEventListener("scroll", () => { if (atEnd()) down.hidden = true; });
  down.addEventListener("click", toEnd);

  const menu = document.querySelector(".more");
  const closeMenu = () => { if (menu.open) { menu.open = false; return true; } return false; };
  for (const button of document.querySelectorAll("[data-say]")) {
    button.addEventListener("click", () => { closeMenu(); add({ text: button.dataset.say }, button.textContent.trim()); text.focus({ preventScroll: true }); });
  }
  for (const link of document.querySelectorAll("[data-language]")) {
    link.addEventListener("click", (event) => {
      if (!source) return;
      event.preventDefault();
      closeMenu();
      add({ text: `/language ${link.dataset.language}` }, link.textContent.trim());
      queue[queue.length - 1].after = () => { location.href = link.href; };
    });
  }
  document.addEventListener("click", (event) => { if (!menu.contains(event.target)) closeMenu(); });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (closeMenu()) { menu.querySelector("summary").focus(); return; }
    if (chat.dataset.framed && window.parent !== window) window.parent.postMessage("triagebot:close", "*");
  });
  window.addEventListener("offline", () => away(true));
  window.addEventListener("online", () => { away(false); pause = 1; post(); });
  window.addEventListener("beforeunload", (event) => { if (queue.length && !queue.some((thing) => thing.after)) event.preventDefault(); });
  setInterval(showDots, 1000);

  grow();
  if (chat.dataset.known) listen();
  if (!chat.dataset.framed && matchMedia("(hover: hover)").matches) text.focus();
})();
