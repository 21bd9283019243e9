// Gradio runs this once for each part of the page that is named here, with `element` (the part), `trigger` (tell the
// server) and `watch` (be notified of new content). It opens, scrolls and flashes; the content comes from the server.

const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
const behavior = calm ? "auto" : "smooth";

function flash(target) {
  target.classList.remove("flash");
  void target.offsetWidth; // restarts the animation
  target.classList.add("flash");
  setTimeout(() => target.classList.remove("flash"), 2000);
}

function bring(target) {
  const proof = target.closest("#proof");
  if (proof && getComputedStyle(proof).overflowY === "auto") {
    const offset = target.getBoundingClientRect().top - proof.getBoundingClientRect().top;
    proof.scrollTo({ top: proof.scrollTop + offset - proof.clientHeight / 4, behavior });
  } else {
    target.scrollIntoView({ block: "center", behavior });
  }
}

function focusOnceThere(selector) {
  const focus = () => {
    const found = [...document.querySelectorAll(selector)].find((each) => each.offsetParent);
    found?.focus();
    found?.closest("#why")?.scrollIntoView({ block: "nearest", behavior });
    return Boolean(found);
  };
  if (focus()) return;
  const observer = new MutationObserver(() => focus() && observer.disconnect());
  observer.observe(document.body, { attributes: true, childList: true, subtree: true });
  setTimeout(() => observer.disconnect(), 3000);
}

function say(button, text) {
  const before = button.dataset.said ?? button.textContent;
  button.dataset.said = before;
  button.textContent = text;
  setTimeout(() => (button.textContent = before), 1600);
}

// Browsers give the clipboard only to pages from this machine or over https; the old way works everywhere.
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.body.appendChild(Object.assign(document.createElement("textarea"), { value: text }));
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

// As if somebody had typed it.
function type(box, text) {
  box.value = text;
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

// The browser's own calendar, opened at the day in the box.
function pick(button) {
  const box = document.querySelector(`#${button.dataset.calendar} :is(input, textarea)`);
  const day = button.parentElement.querySelector("input");
  day.value = /^\d{4}-\d\d-\d\d$/.test(box.value) ? box.value : "";
  day.onchange = () => type(box, day.value);
  day.showPicker();
}

function delegate(selector, handle) {
  document.addEventListener("click", (event) => {
    const found = event.target.closest?.(selector);
    if (found) handle(found, event);
  });
}

// Browsers can refuse to store anything, and then throw.
function remembered(value) {
  try {
    if (value === undefined) return sessionStorage.getItem("draft");
    sessionStorage.setItem("draft", value);
  } catch {
    return null;
  }
}

// What is opened over the page is closed by Back, by Escape, or by its own button, which goes back, too.
const overlay = {
  open(close) {
    if (!window.clippingsOpen) history.pushState(null, "", location.href);
    window.clippingsOpen = close;
  },
  close() {
    if (window.clippingsOpen) history.back();
    return Boolean(window.clippingsOpen);
  },
};

function keepPlaces() {
  const places = {};
  const name = () => document.querySelector("#tabs [role=tab][aria-selected=true]")?.textContent.trim();
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("#tabs [role=tab]")) return;
    places[before] = scrollY;
    before = name();
    scrollTo({ top: places[before] ?? 0 });
  });
  let before = "Ask";
}

// The chart knows dragging only: a click on a bar drags over it, the nearest one to a click beside.
function clickBars(chart) {
  let from;
  chart.addEventListener("pointerdown", (event) => event.isTrusted && (from = event.clientX), true);
  chart.addEventListener("click", ({ isTrusted, clientX, clientY }) => {
    if (!isTrusted || Math.abs(clientX - from) > 3) return;
    const bars = [...chart.querySelectorAll("[aria-roledescription=bar]")]
      .map((bar) => ({ bar, left: bar.getBoundingClientRect().left, right: bar.getBoundingClientRect().right }))
      .sort((one, other) => Math.abs(one.left + one.right - 2 * clientX) - Math.abs(other.left + other.right - 2 * clientX));
    if (!bars.length) return;
    const [{ bar, left, right }] = bars;
    const send = (target, name, x) =>
      target.dispatchEvent(new PointerEvent(name, { clientX: x, clientY, bubbles: true }));
    send(bar, "pointerdown", left);
    send(window, "pointermove", right);
    send(window, "pointerup", right);
  });
}

function keys(event) {
  const box = document.querySelector("#question textarea");
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key === "Escape") {
    document.activeElement?.closest?.(".cite")?.blur(); // closes its quotation
    const stop = document.querySelector("button#stop");
    if (stop?.offsetParent) stop.click();
    else overlay.close();
  } else if (event.key === "/" && !typing && box?.offsetParent) {
    event.preventDefault();
    box.focus();
  } else if (event.key === "ArrowUp" && event.target === box && !box.value) {
    document.querySelector("button#edit:not(:disabled)")?.click();
  } else if (["ArrowLeft", "ArrowRight"].includes(event.key) && event.target.closest?.("#tabs [role=tab]")) {
    const tabs = [...document.querySelectorAll("#tabs [role=tab]")].filter((each) => each.offsetParent);
    const at = tabs.indexOf(event.target) + (event.key === "ArrowRight" ? 1 : tabs.length - 1);
    tabs[at % tabs.length].focus();
    tabs[at % tabs.length].click();
  }
}

// What was typed and not yet asked survives a reload, which Gradio makes by itself when its server has been away.
function keepDraft() {
  const box = "#question textarea";
  addEventListener("pagehide", () => remembered(document.querySelector(box)?.value ?? ""));
  const draft = remembered();
  if (!draft) return;
  const restore = () => {
    const found = document.querySelector(box);
    if (!found) return requestAnimationFrame(restore);
    if (!found.value) type(found, draft);
  };
  restore();
}

const parts = {
  evidence() {
    let wanted = null;

    function show() {
      const panel = element.querySelector(".panel");
      if (!wanted || panel?.dataset.turn !== wanted.turn) return;
      const reading = panel.classList.contains("reader");
      if (wanted.whole !== reading || (reading && panel.dataset.marker !== wanted.marker)) return;
      const place = reading ? panel : element.querySelector(`#passage-${wanted.turn}-${wanted.marker}`);
      const names = wanted.quote?.split(" ").map((name) => `mark[data-quotes~="${name}"]`);
      const quotes = names?.[0] ? place?.querySelectorAll(names.join()) : [];
      const first = quotes?.[0] ?? (reading && place?.querySelector("mark.quote, mark.matters"));
      wanted = null;
      if (!place) return;
      bring(first || place);
      place.focus({ preventScroll: true });
      if (quotes.length) quotes.forEach(flash);
      else if (!reading) flash(place);
    }

    const reading = () => element.querySelector(".panel")?.classList.contains("reader");
    const narrow = window.matchMedia("(max-width: 860px)");

    function closed() {
      document.querySelector("#desk").classList.remove("evidence");
      const { turn, marker } = element.querySelector(".panel")?.dataset ?? {};
      if (reading()) trigger("cite", { turn: Number(turn), marker: Number(marker) });
    }

    delegate("[data-cite], [data-read]", (link, event) => {
      event.preventDefault();
      const { turn, marker, quote } = link.dataset;
      const whole = "read" in link.dataset;
      if (element.contains(link) && !whole && !narrow.matches && overlay.close()) {
        wanted = { turn, marker, whole };
        return;
      }
      wanted = { turn, marker, quote, whole };
      if (narrow.matches) document.querySelector("#desk").classList.add("evidence");
      if (whole || narrow.matches) overlay.open(closed);
      const panel = element.querySelector(".panel");
      const there = panel?.dataset.turn === turn && panel.classList.contains("reader") === whole;
      if (there && (!whole || panel.dataset.marker === marker)) show();
      else trigger(whole ? "read" : "cite", { turn: Number(turn), marker: Number(marker) });
    });
    delegate("[data-back]", (link, event) => {
      event.preventDefault();
      if (narrow.matches) overlay.close();
      const question = document.querySelector(`${link.getAttribute("href")} .question`);
      question?.scrollIntoView({ block: "start", behavior });
      question?.focus({ preventScroll: true });
    });
    let judged = "";
    delegate("[data-verdict]", (button) => {
      const { turn, verdict } = button.dataset;
      judged = turn;
      trigger("judge", { turn: Number(turn), verdict });
      if (verdict === "down") focusOnceThere("#why input");
    });
    delegate("[data-alone]", ({ dataset }) => trigger("alone", { turn: Number(dataset.turn) }));
    delegate("[data-everywhere]", ({ dataset }) => trigger("everywhere", { turn: Number(dataset.turn) }));
    delegate("[data-ask]", (button) => trigger("suggested", { question: button.textContent }));
    // The form goes, and would leave whoever used it nowhere.
    document.addEventListener("click", (event) => {
      if (!event.target.closest?.("#why button")) return;
      focusOnceThere(`body:not(:has(#why)) [data-verdict="down"][data-turn="${judged}"]`);
    });
    delegate("[data-tab]", ({ dataset }) => {
      const tabs = [...document.querySelectorAll("#tabs button[role=tab]")];
      tabs.find((each) => each.textContent.trim() === dataset.tab)?.click();
    });
    delegate("[data-copy]", (button) => copy(button.dataset.copy).then(() => say(button, "copied")));
    delegate("[data-link]", (link, event) => {
      event.preventDefault();
      history.replaceState(null, "", link.href);
      copy(link.href).then(() => say(link, "link copied"));
    });
    delegate("[data-skip]", (link, event) => {
      event.preventDefault();
      document.querySelector("#question textarea")?.focus();
    });
    delegate("#new, #edit", () => document.querySelector("#question textarea")?.focus());
    delegate("[data-unfold]", (button) => unfold(button, !document.querySelector("#room").classList.contains("unfolded")));
    delegate("#latest [data-do]", () => unfold(document.querySelector("#unfold"), false));

    function unfold(button, open) {
      document.querySelector("#room").classList.toggle("unfolded", open);
      button.setAttribute("aria-expanded", open);
      if (!open) return;
      overlay.open(() => unfold(button, false));
      document.querySelector("#rail :is(input, textarea)")?.focus();
    }

    document.addEventListener("keydown", keys);
    addEventListener("popstate", () => {
      const close = window.clippingsOpen;
      window.clippingsOpen = null;
      close?.();
    });
    keepPlaces();

    // The evidence beside is that of the turn in view.
    let settled;
    addEventListener("scroll", () => {
      clearTimeout(settled);
      settled = setTimeout(() => {
        const turn = [...document.querySelectorAll("#talk .turn")]
          .filter((each) => each.offsetParent && each.getBoundingClientRect().top < innerHeight / 2)
          .at(-1);
        const shown = element.querySelector(".panel")?.dataset.turn;
        if (!turn || narrow.matches || reading() || turn.dataset.turn === shown) return;
        trigger("cite", { turn: Number(turn.dataset.turn), marker: 0 });
      }, 250);
    });
    watch("value", show);
  },

  live() {
    let newest;
    let began = 0;
    keepDraft();
    let wanted = location.hash; // a link to one answer, until that answer is there
    watch("value", () => {
      const { conversation } = element.querySelector(".newest").dataset;
      const address = new URL(location);
      if ((address.searchParams.get("c") ?? "") !== conversation) {
        if (conversation) address.searchParams.set("c", conversation);
        else address.searchParams.delete("c");
        address.hash = "";
        history.replaceState(null, "", address);
      }
      const linked = /^#turn-\d+$/.test(wanted) && document.querySelector(wanted);
      const turn = element.querySelector(".turn");
      if (linked) {
        wanted = "";
        newest = turn?.id;
        linked.scrollIntoView({ block: "start" });
        flash(linked);
      }
      if (turn?.id === newest) return;
      if (!turn) {
        newest = undefined;
        return;
      }
      newest = turn.id;
      began = performance.now();
      const first = !document.querySelector("#past .turn");
      if (first) window.scrollTo({ top: 0, behavior });
      else turn.scrollIntoView({ block: "start", behavior });
    });
    setInterval(() => {
      const clock = element.querySelector(".clock");
      if (clock && began) clock.textContent = `${((performance.now() - began) / 1000).toFixed(1)} s`;
    }, 100);
  },

  // Each source has its colour wherever it is named.
  legend() {
    const sheet = new CSSStyleSheet();
    document.adoptedStyleSheets.push(sheet);
    const paint = () => {
      const rules = [...element.querySelectorAll("[data-colour]")].map(({ dataset }, at) => {
        const places = `[data-source="${dataset.key}"], #sources label:nth-of-type(${at + 1})`;
        return `${places} { --own: ${dataset.colour} }`;
      });
      sheet.replaceSync(rules.join("\n"));
    };
    paint();
    watch("value", paint);
    const chart = document.querySelector("#chart");
    chart.setAttribute("aria-hidden", "true"); // for the mouse; the boxes below do the same
    clickBars(chart);
    delegate("[data-calendar]", pick);
  },

  list() {
    let turning = false;
    // Python looks for the names of events here: "open", "rename", "export", "remove", "restore", "turn", "shut", "pull",
    // "drop".
    element.addEventListener("click", (event) => {
      const button = event.target.closest("[data-do]");
      if (!button) return;
      const what = button.dataset.do;
      trigger(what, { ...button.dataset });
      turning = what === "turn";
      if (what === "rename" || what === "remove") focusOnceThere(".dialogue :is(input, textarea, button.secondary)");
    });
    watch("value", () => {
      if (!turning) return;
      turning = false;
      element.scrollIntoView({ block: "start" });
      element.querySelector(".title")?.focus({ preventScroll: true });
    });
  },

  article() {
    parts.list();
    let place = 0;
    let opener;
    document.addEventListener("click", (event) => {
      const title = event.target.closest?.("#articles [data-do=open]");
      if (title) [opener, place] = [title, scrollY];
    });
    delegate("[data-close]", () => overlay.close());
    watch("value", () => {
      const panel = element.querySelector(".panel");
      if (!panel) {
        scrollTo({ top: place });
        document.querySelector(`#articles [data-id="${opener?.dataset.id}"]`)?.focus({ preventScroll: true });
        return;
      }
      overlay.open(() => trigger("shut", {}));
      document.querySelector("#survey").scrollTo({ top: 0 });
      if (panel.getBoundingClientRect().top > innerHeight / 2) panel.scrollIntoView({ block: "start", behavior });
      panel.focus({ preventScroll: true });
    });
  },

  file() {
    watch("value", () => {
      const file = element.querySelector("[data-name]");
      if (!file) return;
      const url = URL.createObjectURL(new Blob([file.textContent], { type: "text/plain;charset=utf-8" }));
      Object.assign(document.createElement("a"), { href: url, download: file.dataset.name }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
      file.remove();
    });
  },
};

const part = element.closest("#evidence, #live, #file, #article, #legend");
(parts[part?.id] ?? parts.list)();
