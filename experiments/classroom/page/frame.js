// A page that the simulator wrote, shown in a frame: it cannot reach the classroom, and needs nothing else.

/** Shows pages in `frame`, and speaks with the script of a replay in them. `moved({time_s, index, text})` hears of steps. */
export class PageFrame {
  #frame;
  #links;
  #address = null;

  constructor({ frame, open, save, moved }) {
    this.#frame = frame;
    this.#links = [open, save];
    window.addEventListener("message", ({ source, data }) => {
      if (source === frame.contentWindow && data?.nines === "at") moved(data);
    });
  }

  show(html, name) {
    if (this.#address) URL.revokeObjectURL(this.#address);
    this.#address = URL.createObjectURL(new Blob([html], { type: "text/html" }));
    this.#frame.srcdoc = html;
    for (const link of this.#links) link.href = this.#address;
    this.#links[1].download = `${name}.html`;
    this.#frame.closest(".result").hidden = false;
  }

  clear() {
    this.#frame.closest(".result").hidden = true;
    this.#frame.removeAttribute("srcdoc");
  }

  /** "first", "last", or "step" with {by}. */
  say(word, more = {}) {
    this.#frame.contentWindow?.postMessage({ nines: word, ...more }, "*");
  }
}
