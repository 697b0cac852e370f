// The simulator in a Web Worker, behind the page: a command in, its output back, one after another. This file follows
// nines.js (the module that Emscripten writes, which defines makeNines) in one script. Node loads it for the tests, too.

/* global makeNines */

/** Where a command's files and its result stand, in the memory of the module. */
const FOLDER = "/work";
const RESULT = `${FOLDER}/.result`;

/**
 * An instance of the program. `heard(line)` is called for each line of its standard error, `advanced(text)` whenever a long
 * run says how far it is: on a terminal, which the program takes this for, that line renews itself.
 */
async function startNines(wasmBinary, heard, advanced = () => {}) {
  const module = await makeNines({
    wasmBinary,
    noInitialRun: true,
    print: () => {},
    preRun: [
      (module) => {
        Object.assign(module.ENV, { NINES_DATA_DIR: "/data", NO_COLOR: "1", HOME: FOLDER });
        module.FS.mkdir(FOLDER);
        module.FS.chdir(FOLDER);
      },
    ],
  });
  const decoder = new TextDecoder();
  let line = [];
  const said = () => {
    const text = decoder.decode(Uint8Array.from(line)).replace(/\x1b\[K/g, "").trimEnd();
    line = [];
    return text;
  };
  module.FS.getStream(2).tty.ops.put_char = (_, byte) => {
    if (byte === 10) {
      heard(said());
    } else if (byte === 13) {
      const text = said();
      if (text !== "") advanced(text);
    } else if (byte !== null) {
      line.push(byte);
    }
  };
  return module;
}

/**
 * Runs `nines WORDS...` with `files` ({name: text}) in its folder.
 * Returns {code, text}: its exit code, and what it would have written to standard output.
 */
function runNines(module, words, files) {
  for (const [name, text] of Object.entries(files)) module.FS.writeFile(`${FOLDER}/${name}`, text);
  try {
    const code = module.callMain([...words, "-o", RESULT]);
    const written = module.FS.analyzePath(RESULT).exists;
    const text = written ? module.FS.readFile(RESULT, { encoding: "utf8" }) : "";
    if (written) module.FS.unlink(RESULT);
    return { code, text };
  } finally {
    for (const name of Object.keys(files)) module.FS.unlink(`${FOLDER}/${name}`);
  }
}

if (typeof WorkerGlobalScope !== "undefined" && self instanceof WorkerGlobalScope) {
  let module = null;
  let errors = [];
  self.onmessage = async ({ data }) => {
    try {
      if (data.wasm) {
        module = await startNines(
          data.wasm,
          (line) => errors.push(line),
          (advance) => self.postMessage({ advance }),
        );
        self.postMessage({ ready: true });
        return;
      }
      if (data.read) {
        self.postMessage({ id: data.id, text: module.FS.readFile(data.read, { encoding: "utf8" }) });
        return;
      }
      errors = [];
      const begin = performance.now();
      const result = runNines(module, data.words, data.files);
      self.postMessage({ id: data.id, ...result, errors, ms: performance.now() - begin });
    } catch (error) {
      // Out of memory, or a defect: this instance is not to be trusted any more.
      self.postMessage({ id: data.id, broken: String(error), errors });
    }
  };
} else {
  module.exports = { startNines, runNines };
}
