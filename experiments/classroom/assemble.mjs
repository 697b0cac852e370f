// Puts the classroom together: one HTML file with the simulator, its worker and the page's script inside, compressed.
// node assemble.mjs OUTPUT.html MODULE.js MODULE.wasm BUNDLE.js LICENCES...
import { spawnSync } from "node:child_process";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const [output, glue, wasm, bundle, ...licences] = process.argv.slice(2);
const page = join(dirname(fileURLToPath(import.meta.url)), "page");
const text = (path) => readFileSync(path, "utf8");
// A fifth less than gzip, which browsers could undo by themselves.
function packed(bytes) {
  const done = spawnSync("zstd", ["-q", "--ultra", "-22", "-c"], { input: bytes, maxBuffer: 1 << 28 });
  if (done.status !== 0) throw new Error(`zstd (package zstd): ${done.error ?? done.stderr}`);
  return done.stdout.toString("base64");
}
const visible = (words) => words.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
// Within a script element, no end of one.
const script = (code) => code.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");

const parts = {
  STYLE: text(join(page, "style.css")),
  LICENCES: visible(licences.map(text).join("")),
  WASM: packed(readFileSync(wasm)),
  WORKER: packed(Buffer.from(`${text(glue)}\n${text(join(page, "worker.js"))}`)),
  SCRIPT: script(text(bundle)),
};
const whole = text(join(page, "page.html")).replace(/@([A-Z]+)@/g, (_, name) => parts[name]);
writeFileSync(`${output}.tmp`, whole);
renameSync(`${output}.tmp`, output);
console.log(`${output}: ${whole.length} bytes, ${gzipSync(whole, { level: 9 }).length} compressed`);
