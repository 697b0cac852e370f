// Labs: predict, then see it played.
import { make, number, problemList, problemsOf } from "./words.js";

/** What a student has answered, kept by the browser where it lets us. */
class Answers {
  #key = "nines-classroom-answers";
  #all;

  constructor() {
    try {
      this.#all = JSON.parse(localStorage.getItem(this.#key)) ?? {};
    } catch {
      this.#all = {};
    }
  }

  of(lab, seed) {
    return this.#all[`${lab} ${seed}`];
  }

  /** Only the first answer counts: a prediction is made before one knows. */
  add(lab, seed, answer, right) {
    this.#all[`${lab} ${seed}`] ??= { lab, seed, answer, right };
    try {
      localStorage.setItem(this.#key, JSON.stringify(this.#all));
    } catch {
      // A browser that keeps nothing: the answers last as long as the page.
    }
  }

  /** Lines of a class sheet. */
  sheet(student) {
    const cell = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
    const lines = Object.values(this.#all).map(({ lab, seed, answer }) => [student, lab, seed, answer].map((x) => cell(String(x))).join(","));
    return ["student,lab,seed,answer", ...lines].join("\n") + "\n";
  }
}

export class Labs {
  #engine;
  #root;
  #frame;
  #changed;
  #list = null;
  #answers = new Answers();
  #turn = 0;
  #state = { lab: null, seed: 1, answer: null, whatIf: null };

  constructor({ engine, root, frame, changed }) {
    this.#engine = engine;
    this.#root = root;
    this.#frame = frame;
    this.#changed = changed;
    root.querySelector("#lab-seed").addEventListener("change", ({ target }) => {
      target.value = Math.min(Math.max(0, Math.trunc(+target.value || 0)), Number.MAX_SAFE_INTEGER);
      this.#set({ seed: +target.value, answer: null, whatIf: null });
    });
    root.querySelector("#lab-back").addEventListener("click", () => this.#set({ lab: null, answer: null, whatIf: null }));
    root.querySelector("#sheet-copy").addEventListener("click", () => this.#showSheet());
    root.querySelector("#class-run").addEventListener("click", () => this.#classSheet());
    root.querySelector("#key-run").addEventListener("click", () => this.#key());
    root.querySelector("#class-stop").addEventListener("click", () => engine.stop());
  }

  get state() {
    return this.#state;
  }

  async show(state) {
    this.#state = { ...this.#state, ...state };
    this.#root.querySelector("#lab-seed").value = this.#state.seed;
    await this.#draw();
  }

  async #set(change) {
    this.#state = { ...this.#state, ...change };
    this.#changed();
    await this.#draw();
  }

  async #draw() {
    const turn = ++this.#turn;
    const { lab } = this.#state;
    this.#root.querySelector("#lab-list").hidden = lab !== null;
    this.#root.querySelector("#lab-one").hidden = lab === null;
    this.#frame.clear();
    try {
      if (lab === null) await this.#drawList();
      else await this.#drawLab(turn);
    } catch (error) {
      if (turn === this.#turn) this.#root.querySelector("#lab-body").replaceChildren(problemList([{ text: error.message }]));
    }
  }

  async #drawList() {
    this.#list ??= await this.#engine.json(["lab", "list"]);
    const cards = this.#list.map((lab) => {
      const answer = this.#answers.of(lab.name, this.#state.seed);
      const done = answer ? (answer.right ? " · answered: right" : " · answered: not right") : "";
      return make(
        "li",
        {},
        make("button", { class: "card", onclick: () => this.#set({ lab: lab.name, answer: null, whatIf: null }) },
          make("span", { class: "card-number" }, String(lab.number)),
          make("span", { class: "card-title" }, lab.title),
          make("span", { class: "card-about" }, `${lab.level}, ${lab.asks === "choice" ? "choose an answer" : "predict a number"}${done}`)),
      );
    });
    this.#root.querySelector("#lab-cards").replaceChildren(...cards);
  }

  async #drawLab(turn) {
    const { lab, seed, answer } = this.#state;
    const body = this.#root.querySelector("#lab-body");
    const words = ["lab", "run", lab, "--seed", String(seed)];
    if (answer !== null) words.push("--predict", answer);
    if (answer !== null && this.#state.whatIf !== null) words.push("--what-if", this.#state.whatIf);
    const done = await this.#engine.run([...words, "--format", "json"]);
    if (turn !== this.#turn) return;
    if (done.text === "") {
      body.replaceChildren(problemList(problemsOf(done.errors)));
      // A prediction that cannot be read: the question is asked again.
      const again = this.#state.whatIf !== null ? { whatIf: null } : { answer: null };
      if (answer !== null) body.append(make("button", { onclick: () => this.#set(again) }, "Predict again"));
      return;
    }
    const told = JSON.parse(done.text);
    body.replaceChildren(
      make("h2", { tabindex: "-1" }, `Lab ${told.number}. ${told.title}`),
      ...told.about.map((text) => make("p", {}, text)),
      make("p", { class: "question" }, told.question),
    );
    if (!told.result) {
      body.append(this.#form("lab-answer", told.predict, "Predict, then run", (text) => this.#set({ answer: text })));
      body.querySelector("h2").focus({ preventScroll: true });
      return;
    }
    this.#answers.add(told.name, seed, answer, told.result.right);
    const asked = told.what_if;
    body.append(...this.#outcome(told.predict, told.result, "Why"));
    const steps = make("section", { class: "what-if" }, make("h3", {}, "What if?"), make("p", { class: "question" }, asked.question));
    if (asked.result) steps.append(...this.#outcome(asked.predict, asked.result, "Why"));
    else steps.append(this.#form("what-if-answer", asked.predict, "Predict this, too", (text) => this.#set({ whatIf: text })));
    body.append(steps);
    if (told.sources?.length) body.append(make("details", {}, make("summary", {}, "Sources"), make("ul", {}, ...told.sources.map((text) => make("li", {}, text)))));
    body.querySelector(".verdict")?.focus({ preventScroll: true });
    await this.#play(asked.result ?? told.result, told.name, turn);
  }

  /** A form for a prediction: options, or a number with its unit. */
  #form(name, predict, button, said) {
    const form = make("form", { class: "predict" });
    if (predict.options) {
      const choices = predict.options.map((option, at) =>
        make("label", { class: "option" },
          make("input", { type: "radio", name, value: option.answer, required: at === 0 }), ` ${option.text}`));
      form.append(make("fieldset", {}, make("legend", {}, "Your prediction"), ...choices));
    } else {
      form.append(make("label", {}, "Your prediction ",
        make("input", { name, required: true, inputmode: "decimal", autocomplete: "off", size: "8" }), ` ${predict.unit}`));
    }
    form.append(make("button", { class: "main" }, button));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = new FormData(form).get(name).trim();
      if (text === "") return;
      form.querySelector("button").disabled = true;
      said(text);
    });
    return form;
  }

  #outcome(predict, result, why) {
    const option = (letter) => predict.options?.find(({ answer }) => answer === letter)?.text;
    const unit = result.truth.unit ? ` ${result.truth.unit}` : "";
    const said = option(result.answer) ?? `${result.answer}${/[a-z%]/i.test(result.answer) ? "" : unit}`;
    const was = result.truth.answer ? option(result.truth.answer) : `${number(result.truth.value)}${unit}`;
    const held = result.holds?.filter(({ holds }) => holds) ?? [];
    return [
      make("p", { class: result.right ? "verdict right" : "verdict wrong", tabindex: "-1" },
        make("strong", {}, result.right ? "Right." : "Not so."), ` You said: ${said}. It was: ${was}.`),
      make("h3", {}, why),
      ...result.why.map((text) => make("p", {}, text)),
      held.length === 0 ? null : make("details", {}, make("summary", {}, "Held against the play"),
        make("ul", {}, ...held.map(({ text, value, by }) => make("li", {}, `${text}: ${number(value)}${by ? ` (${by})` : ""}`)))),
    ].filter((piece) => piece !== null);
  }

  /** What was played, as its page. */
  async #play(result, name, turn) {
    const made = result.replay ?? result.assessment;
    if (!made) return;
    const page = await this.#engine.run(["report", "played.json"], { "played.json": JSON.stringify(made) });
    if (page.text !== "" && turn === this.#turn) this.#frame.show(page.text, name);
  }

  async #showSheet() {
    const student = this.#root.querySelector("#student").value.trim() || "student";
    const area = this.#root.querySelector("#sheet");
    area.value = this.#answers.sheet(student);
    area.hidden = false;
    area.select();
    await navigator.clipboard?.writeText(area.value).catch(() => {});
  }

  async #classSheet() {
    const out = this.#root.querySelector("#class-out");
    await this.#write(out, ["lab", "class", "predictions.csv"], { "predictions.csv": this.#root.querySelector("#class-lines").value });
  }

  async #key() {
    const out = this.#root.querySelector("#class-out");
    out.textContent = "playing all labs for these seeds ...";
    const seeds = this.#root.querySelector("#key-seeds").value.trim() || "1-30";
    const words = ["lab", "key", ...(this.#state.lab ? [this.#state.lab] : []), "--seeds", seeds];
    await this.#write(out, words);
  }

  async #write(out, words, files = {}) {
    try {
      const done = await this.#engine.run(words, files);
      out.textContent = done.text || done.errors.join("\n");
    } catch (error) {
      out.textContent = error.message;
    }
  }
}
