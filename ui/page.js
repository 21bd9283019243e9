// Gradio runs this once for each part of the page that is named here, with `element` (the part), `trigger` (tell the
// server) and `watch` (be told of new content). It opens, scrolls and flashes; the content comes from the server.

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

const parts = {
  evidence() {
    let wanted = null;

    function show() {
      const panel = element.querySelector(".panel");
      if (!wanted || panel?.dataset.turn !== wanted.turn) return;
      const passage = element.querySelector(`#passage-${wanted.turn}-${wanted.marker}`);
      const quotes = wanted.quote ? passage?.querySelectorAll(`mark[data-quotes~="${wanted.quote}"]`) : [];
      wanted = null;
      if (!passage) return;
      bring(quotes[0] ?? passage);
      passage.focus({ preventScroll: true });
      (quotes.length ? quotes : [passage]).forEach(flash);
    }

    document.addEventListener("click", (event) => {
      const link = event.target.closest?.("[data-cite], [data-read], [data-back]");
      if (!link) return;
      event.preventDefault();
      const { turn, marker, quote, edition } = link.dataset;
      if ("cite" in link.dataset) {
        wanted = { turn, marker, quote };
        if (element.querySelector(".panel")?.dataset.turn === turn) show();
        else trigger("cite", { turn: Number(turn) });
      } else if ("read" in link.dataset) {
        const reader = document.querySelector("dialog.reader");
        if (reader?.dataset.edition === edition) reader.showModal();
        else trigger("read", { turn: Number(turn), marker: Number(marker) });
      } else {
        const question = document.querySelector(`${link.getAttribute("href")} .question`);
        question?.scrollIntoView({ block: "start", behavior });
        question?.focus({ preventScroll: true });
      }
    });
    watch("value", show);
  },

  reader() {
    element.addEventListener("click", (event) => {
      if (event.target.matches("dialog.reader")) event.target.close(); // beside the article
    });
    watch("value", () => {
      const reader = element.querySelector("dialog.reader");
      if (!reader || reader.open) return;
      reader.showModal();
      reader.scrollTop = 0;
      (reader.querySelector("mark.quote, mark.matters") ?? reader).scrollIntoView({ block: "center" });
    });
  },

  live() {
    let newest = null;
    watch("value", () => {
      const turn = element.querySelector(".turn");
      if (!turn || turn.id === newest) return;
      newest = turn.id;
      const first = !document.querySelector("#past .turn");
      if (first) window.scrollTo({ top: 0, behavior });
      else turn.scrollIntoView({ block: "start", behavior });
    });
  },
};

parts[element.closest("#evidence, #reader, #live").id]();
