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

function delegate(selector, handle) {
  document.addEventListener("click", (event) => {
    const found = event.target.closest?.(selector);
    if (found) handle(found, event);
  });
}

// What was typed and not yet asked survives a reload, which Gradio makes by itself when its server has been away.
function keepDraft() {
  const box = "#question textarea";
  addEventListener("pagehide", () => sessionStorage.setItem("draft", document.querySelector(box)?.value ?? ""));
  const draft = sessionStorage.getItem("draft");
  if (!draft) return;
  const restore = () => {
    const found = document.querySelector(box);
    if (!found) return requestAnimationFrame(restore);
    if (found.value) return;
    found.value = draft;
    found.dispatchEvent(new Event("input", { bubbles: true }));
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
      const quotes = wanted.quote ? place?.querySelectorAll(`mark[data-quotes~="${wanted.quote}"]`) : [];
      const first = quotes?.[0] ?? (reading && place?.querySelector("mark.quote, mark.matters"));
      wanted = null;
      if (!place) return;
      bring(first || place);
      place.focus({ preventScroll: true });
      if (quotes.length) quotes.forEach(flash);
      else if (!reading) flash(place);
    }

    delegate("[data-cite], [data-read]", (link, event) => {
      event.preventDefault();
      const { turn, marker, quote } = link.dataset;
      const whole = "read" in link.dataset;
      wanted = { turn, marker, quote, whole };
      const panel = element.querySelector(".panel");
      const there = panel?.dataset.turn === turn && panel.classList.contains("reader") === whole;
      if (there && (!whole || panel.dataset.marker === marker)) show();
      else trigger(whole ? "read" : "cite", { turn: Number(turn), marker: Number(marker) });
    });
    delegate("[data-back]", (link, event) => {
      event.preventDefault();
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
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      document.activeElement?.closest?.(".cite")?.blur(); // closes its quotation
      const stop = document.querySelector("button#stop");
      if (stop?.offsetParent) stop.click();
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

  list() {
    let turning = false;
    // Python looks for the names of events here: "open", "rename", "export", "remove", "restore", "turn", "shut", "pull".
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
    watch("value", () => {
      const panel = element.querySelector(".panel");
      if (!panel) return;
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

const part = element.closest("#evidence, #live, #file, #article");
(parts[part?.id] ?? parts.list)();
