// A design and a scenario: edited, checked while one types, played, gone through, played again with something changed.
import { Stopped } from "./engine.js";
import { make, problemList, problemsOf } from "./words.js";
import { Editor } from "./editor.js";

const EMPTY = { topology: "kafka-eks", scenario: "zone-outage", seed: 1, texts: {}, did: null, fork: null };

/** A command as a shell reads it. */
function commandLine(words) {
  return ["nines", ...words].map((word) => (/^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
}

/** The lines "/json/pointer = value" of a fork. */
function changesOf(text) {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => line.replace(/\s*=\s*/, "="));
}

export class Play {
  #engine;
  #root;
  #frame;
  #changed;
  #state = { ...EMPTY };
  #editors = {};
  #shipped = {};
  #check = null;
  #read = new Map();  // shipped texts, by kind and name
  #turn = 0;          // of what was asked for last
  #running = false;
  #choosing = null;
  #begun = null;

  constructor({ engine, root, frame, changed }) {
    this.#engine = engine;
    this.#root = root;
    this.#frame = frame;
    this.#changed = changed;
    const on = (id, event, what) => this.#one(id).addEventListener(event, what);
    for (const kind of ["topology", "scenario"])
      on(kind, "change", ({ target }) => {
        if (this.#running) this.#engine.stop(); // what runs is of the old choice
        this.#choosing = this.#choose(kind, target.value).catch((error) => this.#complain([{ text: error.message, line: 0 }]));
      });
    on("seed", "change", ({ target }) => {
      target.value = Math.min(Math.max(0, Math.trunc(+target.value || 0)), Number.MAX_SAFE_INTEGER);
      this.#set({ seed: +target.value });
    });
    on("run", "click", () => this.#do({ did: "replay", fork: null }));
    on("assess", "click", () => this.#do({ did: "report", fork: null }));
    on("stop", "click", () => {
      if (this.#running) this.#engine.stop();
    });
    on("first", "click", () => this.#frame.say("first"));
    on("back", "click", () => this.#frame.say("step", { by: -1 }));
    on("step", "click", () => (this.#one("played").hidden || this.#state.did !== "replay" ? this.#do({ did: "replay", fork: null }) : this.#frame.say("step", { by: 1 })));
    on("last", "click", () => this.#frame.say("last"));
    on("fork", "submit", (event) => {
      event.preventDefault();
      const at_s = +this.#one("fork-at").value;
      this.#do({ did: "replay", fork: { at_s, changes: changesOf(this.#one("fork-changes").value) } });
    });
    for (const kind of ["topology", "scenario"]) {
      on(`${kind}-tab`, "click", () => this.#tab(kind));
      on(`${kind}-tab`, "keydown", ({ key }) => {
        if (key !== "ArrowLeft" && key !== "ArrowRight") return;
        const other = kind === "topology" ? "scenario" : "topology";
        this.#tab(other);
        this.#one(`${other}-tab`).focus();
      });
      on(`${kind}-save`, "click", () => this.#save(kind));
      on(`${kind}-undo`, "click", () => this.#edit(kind, undefined));
    }
  }

  get state() {
    return this.#state;
  }

  #one(id) {
    return this.#root.querySelector(`#${id}`);
  }

  async show(state) {
    // Back from another part of the page: all is as it was.
    if (this.#begun && Object.keys(state).length === 0) return this.#begun;
    this.#state = { ...EMPTY, ...this.#state, ...state };
    await (this.#begun ??= this.#begin());
    await this.#fill();
    if (this.#state.did) await this.#do({});
  }

  /** Lists and editors, when the view is first seen. */
  async #begin() {
    const schemas = {};
    for (const kind of ["topology", "scenario"]) {
      this.#editors[kind] = new Editor({
        parent: this.#one(`${kind}-editor`),
        label: `The ${kind} as JSON`,
        schema: () => schemas[kind] ?? {},
        changed: (text) => this.#edited(kind, text),
      });
    }
    const topologies = await this.#engine.json(["list", "topologies"]);
    this.#shipped.topology = new Map(topologies.map(({ name, path }) => [name, path]));
    const groups = Map.groupBy ? Map.groupBy(topologies, ({ group }) => group) : new Map([["designs", topologies]]);
    this.#one("topology").replaceChildren(
      ...[...groups].map(([group, list]) => make("optgroup", { label: group }, ...list.map(({ name, about }) => make("option", { value: name, title: about }, name)))),
    );
    const scenarios = await this.#engine.json(["list", "scenarios"]);
    this.#shipped.scenario = new Map(scenarios.map(({ name, path }) => [name, path]));
    this.#tab("topology");
    // Not needed to begin with: 600 kB to read.
    for (const kind of ["topology", "scenario"]) schemas[kind] = JSON.parse((await this.#engine.run(["schema", kind])).text);
  }

  /** The scenarios that can be played on the design as it is. */
  async #listScenarios() {
    const { words, files } = this.#input("topology");
    const listed = await this.#engine.run(["list", "scenarios", ...words, "--format", "json"], files);
    const fit = listed.text ? JSON.parse(listed.text) : [...this.#shipped.scenario.keys()].map((name) => ({ name, about: "" }));
    const all = fit.some(({ name }) => name === this.#state.scenario) ? fit : [{ name: this.#state.scenario, about: "" }, ...fit];
    this.#one("scenario").replaceChildren(...all.map(({ name, about }) => make("option", { value: name, title: about }, name)));
    this.#one("scenario").value = this.#state.scenario;
    return fit;
  }

  async #fill() {
    this.#one("topology").value = this.#state.topology;
    this.#one("seed").value = this.#state.seed;
    this.#one("fork-at").value = this.#state.fork?.at_s ?? 0;
    this.#one("fork-changes").value = this.#state.fork?.changes.join("\n") ?? "";
    for (const kind of ["topology", "scenario"]) {
      await this.#shippedText(kind);
      this.#editors[kind].text = await this.#text(kind);
    }
    await this.#listScenarios();
    this.#marks();
  }

  /** The text of a file: the user's, or the shipped one. */
  async #text(kind) {
    return this.#state.texts[kind] ?? this.#shippedText(kind);
  }

  async #shippedText(kind) {
    const name = this.#state[kind];
    const path = this.#shipped[kind].get(name);
    if (path === undefined) throw new Error(`This page has no ${kind} '${name}': the link is of another version.`);
    if (!this.#read.has(path)) this.#read.set(path, await this.#engine.read(path));
    return this.#read.get(path);
  }

  async #choose(kind, name) {
    const before = this.#state.texts[kind];
    if (before !== undefined && !confirm(`Your changes of the ${kind} are dropped. Save file keeps them.`)) {
      this.#one(kind).value = this.#state[kind];
      return;
    }
    const texts = { ...this.#state.texts, [kind]: undefined };
    this.#set({ [kind]: name, texts, fork: null });
    this.#editors[kind].text = await this.#text(kind);
    if (kind === "topology") {
      const fit = await this.#listScenarios();
      if (texts.scenario === undefined && fit.length > 0 && !fit.some(({ name: other }) => other === this.#state.scenario))
        await this.#choose("scenario", fit[0].name);
    }
    this.#one(kind).value = name;
    this.#marks();
  }

  async #edit(kind, text) {
    this.#set({ texts: { ...this.#state.texts, [kind]: text }, fork: null });
    this.#editors[kind].text = await this.#text(kind);
    this.#marks();
  }

  #edited(kind, text) {
    const shipped = this.#read.get(this.#shipped[kind].get(this.#state[kind]));
    if (shipped === undefined) return; // its text is on its way
    const changed = text === shipped ? undefined : text;
    if (changed === this.#state.texts[kind]) return;
    this.#set({ texts: { ...this.#state.texts, [kind]: changed } });
    this.#marks();
    clearTimeout(this.#check);
    this.#check = setTimeout(() => this.#look(), 400);
  }

  #marks() {
    for (const kind of ["topology", "scenario"]) {
      const changed = this.#state.texts[kind] !== undefined;
      this.#one(`${kind}-tab`).textContent = `${kind}${changed ? " (changed)" : ""}`;
      this.#one(`${kind}-undo`).disabled = !changed;
    }
  }

  #tab(kind) {
    for (const other of ["topology", "scenario"]) {
      this.#one(`${other}-tab`).setAttribute("aria-selected", other === kind);
      this.#one(`${other}-tab`).tabIndex = other === kind ? 0 : -1;
      this.#one(`${other}-panel`).hidden = other !== kind;
    }
  }

  #set(change) {
    this.#state = { ...this.#state, ...change };
    this.#changed();
  }

  /** How a command names the files of `kinds`, and what must stand beside it: shipped ones are there. */
  #input(...kinds) {
    const words = [];
    const files = {};
    for (const kind of kinds) {
      const name = this.#state[kind];
      const text = this.#state.texts[kind];
      if (text === undefined) {
        words.push(name);
      } else {
        words.push(`./${name}.json`);
        files[`${name}.json`] = text;
      }
    }
    return { words, files };
  }

  /** What the simulator says of the files as they are. */
  async #look() {
    const { words, files } = this.#input("topology", "scenario");
    try {
      const done = await this.#engine.run(["replay", ...words, "-n"], files);
      this.#complain(done.code === 0 ? [] : problemsOf(done.errors));
    } catch (error) {
      if (!(error instanceof Stopped)) this.#complain([{ text: error.message, line: 0 }]);
    }
  }

  #complain(problems) {
    for (const kind of ["topology", "scenario"]) {
      const file = new RegExp(`(^|/)${this.#state[kind].replace(/[.*+?^$()[\]{}|\\]/g, "\\$&")}\\.json$`);
      this.#editors[kind].show(problems.filter((problem) => problem.file && file.test(problem.file)));
    }
    this.#one("problems").replaceChildren(...(problems.length > 0 ? [problemList(problems)] : []));
  }

  #words() {
    const { did, seed, fork } = this.#state;
    const { words, files } = this.#input(...(did === "report" ? ["topology"] : ["topology", "scenario"]));
    const all = [did, ...words, "--seed", String(seed)];
    if (did === "report") all.push("--precision", "0.2", "--without-advice");
    else all.push("--format", "html");
    if (fork) all.push("--fork-at", String(fork.at_s), ...fork.changes.flatMap((change) => ["--set", change]));
    return { words: all, files };
  }

  async #do(change) {
    if (this.#running) this.#engine.stop();
    const turn = ++this.#turn;
    await this.#choosing;
    if (turn !== this.#turn) return;
    this.#set(change);
    const { words, files } = this.#words();
    this.#one("moment").textContent = "";
    this.#running = true;
    this.#busy(true, words);
    try {
      const done = await this.#engine.run(words, files);
      if (turn !== this.#turn) return;
      const problems = problemsOf(done.errors);
      this.#complain(problems);
      if (done.text === "") {
        this.#frame.clear();
        this.#told("");
      } else {
        this.#frame.show(done.text, `${this.#state.topology}-${this.#state.did}`);
        this.#told(commandLine(words));
      }
    } catch (error) {
      if (turn !== this.#turn) return;
      if (error instanceof Stopped) this.#set({ did: null });
      this.#told(error instanceof Stopped ? "stopped" : "");
      if (!(error instanceof Stopped)) this.#complain([{ text: error.message, line: 0 }]);
    } finally {
      if (turn === this.#turn) {
        this.#running = false;
        this.#busy(false);
      }
    }
  }

  #busy(is, words = []) {
    this.#one("stop").disabled = !is;
    this.#root.toggleAttribute("aria-busy", is);
    if (is) this.#told(`${commandLine(words)} ...`);
    else this.#one("advance").textContent = "";
    const replayed = !is && this.#state.did === "replay" && !this.#one("played").hidden;
    for (const id of ["first", "back", "last"]) this.#one(id).disabled = !replayed;
  }

  #told(text) {
    this.#one("command").textContent = text;
  }

  /** The replay in the frame stands at an event. */
  moved({ time_s, text }) {
    this.#one("moment").textContent = text;
    this.#one("fork-at").value = time_s;
  }

  #save(kind) {
    const address = URL.createObjectURL(new Blob([this.#editors[kind].text], { type: "application/json" }));
    make("a", { href: address, download: `${this.#state[kind]}.json` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }
}
