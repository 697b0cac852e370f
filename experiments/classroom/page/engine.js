// Commands of the simulator, run in a worker. The worker is started from the page itself, so that the page can be opened
// from disk; a command that takes too long is stopped by ending the worker.

import { decompress } from "fzstd";

/** What assemble.mjs has put into an element of the page. */
function unpacked(id) {
  return decompress(Uint8Array.from(atob(document.getElementById(id).textContent.trim()), (c) => c.charCodeAt(0)));
}

export class Stopped extends Error {}

export class Engine {
  #script;
  #wasm;
  #worker = null;
  #ready = null;
  #waiting = new Map();
  #last = 0;
  #advanced;

  /** `advanced(text)` hears how far a long run is. */
  constructor(advanced) {
    this.#advanced = advanced;
    this.#wasm = unpacked("nines-wasm");
    this.#script = URL.createObjectURL(new Blob([unpacked("nines-worker")], { type: "text/javascript" }));
    this.#start();
  }

  #start() {
    this.#ready = (async () => {
      const worker = new Worker(this.#script);
      const wasm = this.#wasm.slice();
      await new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => (data.ready ? resolve() : reject(new Error(data.broken)));
        worker.onerror = (event) => reject(new Error(event.message || "the worker did not start"));
        worker.postMessage({ wasm }, [wasm.buffer]);
      });
      worker.onmessage = ({ data }) => this.#answer(data);
      worker.onerror = (event) => this.#end(new Error(event.message || "the simulator failed"));
      this.#worker = worker;
    })();
    this.#ready.catch(() => {});
  }

  #answer(data) {
    if (data.advance !== undefined) {
      this.#advanced(data.advance);
      return;
    }
    const { resolve, reject } = this.#waiting.get(data.id);
    this.#waiting.delete(data.id);
    if (data.broken === undefined) {
      resolve(data);
      return;
    }
    reject(new Error([...data.errors, data.broken].join("\n")));
    this.#end(new Stopped("the simulator was started anew"));
  }

  #end(why) {
    this.#worker?.terminate();
    this.#worker = null;
    for (const { reject } of this.#waiting.values()) reject(why);
    this.#waiting.clear();
    this.#start();
  }

  /** Ends what runs; what waits for it gets a Stopped. */
  stop() {
    if (this.#waiting.size > 0) this.#end(new Stopped("stopped"));
  }

  async #ask(what) {
    await this.#ready;
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, ...what });
    });
  }

  /** `nines WORDS...` with `files` ({name: text}) beside it: {code, text, errors, ms}. */
  run(words, files = {}) {
    return this.#ask({ words, files });
  }

  /** The text of a shipped file. */
  async read(path) {
    return (await this.#ask({ read: path })).text;
  }

  /** The same for a command that gives JSON; throws what it complains about. */
  async json(words, files = {}) {
    const done = await this.run([...words, "--format", "json"], files);
    if (done.text === "") throw new Error(done.errors.join("\n"));
    return JSON.parse(done.text);
  }
}
