// The classroom in a real browser, opened from disk as a student does: a lab, a play with steps and a fork, a mistake,
// a link; no request but the page, no message on the console, no finding of axe-core, on a screen and on a phone.
// node browser_test.mjs CLASSROOM.html NINES [SCREENSHOTS]
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { Window, endBrowser, sleep } from "../pages/browser.mjs";

const [page, nines, pictures] = process.argv.slice(2).map((path) => path && resolve(path));
const here = dirname(fileURLToPath(import.meta.url));
const axe = readFileSync(join(here, "../pages/axe.min.js"), "utf8");

Window.pictures = pictures;
const folder = mkdtempSync(join(tmpdir(), "nines-classroom-"));
let failed = 0;
let passed = 0;
function check(holds, words) {
  holds ? ++passed : ++failed;
  if (!holds) console.error(`not so: ${words}`);
}

async function looked(window, what) {
  await window.run(`if (!window.axe) { const it = document.createElement('script'); it.textContent = arguments[0]; document.head.append(it); }`, axe);
  const found = await window.later(`const done = arguments[0]; axe.run(document, {resultTypes: ['violations'], iframes: false}).then(
    r => done(r.violations.map(v => v.id + ' (' + v.impact + '): ' + v.nodes[0].html.slice(0, 120))), e => done([String(e)]))`);
  check(found.length === 0, `${what}: axe ${found.join("; ")}`);
  const wide = await window.run("return document.documentElement.scrollWidth - innerWidth");
  check(wide <= 1, `${what}: ${wide} px wider than the screen`);
}

const labs = JSON.parse(spawnSync(nines, ["lab", "list", "--json"], { encoding: "utf8" }).stdout).length;
const result = "!document.querySelector('#play').hasAttribute('aria-busy')";
try {
  // As a student has it: a file in a folder.
  copyFileSync(page, join(folder, "classroom.html"));
  const address = pathToFileURL(join(folder, "classroom.html")).href;

  const window = await Window.open(1280, 900);
  const begin = Date.now();
  await window.go(address);
  await window.until(`document.querySelectorAll('#lab-cards .card').length === ${labs}`);
  console.log(`the list of labs: ${Date.now() - begin} ms after opening`);
  await looked(window, "list of labs");
  await window.picture("labs");

  // The first lab: predicted, played, told; then what if.
  const lab = JSON.parse(spawnSync(nines, ["lab", "key", "1", "--seeds", "7", "--format", "json"], { encoding: "utf8" }).stdout);
  const row = (lab.rows ?? lab)[0];
  await window.run("const it = document.querySelector('#lab-seed'); it.value = 7; it.dispatchEvent(new Event('change'))");
  await sleep(200);
  await window.click("#lab-cards .card");
  await window.until("document.querySelector('#lab-body form input')");
  await window.picture("lab-question");
  await window.run("document.querySelector('#lab-body input').value = arguments[0]", String(row.truth.value));
  await window.click("#lab-body form button");
  await window.until("document.querySelector('#lab-body .verdict')");
  check(await window.run("return document.querySelector('#lab-body .verdict').classList.contains('right')"), "the right answer is right");
  await window.until("!document.querySelector('#lab-one .result').hidden");
  await window.run("document.querySelector('#lab-body .what-if input').click()");
  await window.click("#lab-body .what-if form button");
  await window.until("document.querySelectorAll('#lab-body .verdict').length === 2");
  await sleep(500);
  await looked(window, "a lab");
  await window.picture("lab-answer");

  // A play: the same page as the command writes, gone through by steps.
  await window.click("#show-play");
  await window.until("document.querySelectorAll('#scenario option').length > 10 && document.querySelector('#topology-editor .cm-content')");
  const first = Date.now();
  await window.click("#run");
  await window.until("!document.querySelector('#played').hidden");
  console.log(`first run: ${Date.now() - first} ms`);
  const native = spawnSync(nines, ["replay", "kafka-eks", "zone-outage", "--seed", "1", "--format", "html"], { encoding: "utf8" }).stdout;
  const framed = await window.run("return document.querySelector('#play-frame').srcdoc");
  const without = (html) => html.replace(/<footer>.*?<\/footer>/s, "");
  check(without(framed) === without(native), "the page in the frame is the command's");
  await window.until(result);
  await sleep(1000);
  await window.click("#step");
  await window.click("#step");
  const moment = await window.until("document.querySelector('#moment').textContent", 10);
  check(/\d/.test(moment), `a step is told: ${moment}`);
  await looked(window, "play");
  await window.picture("play");

  // A fork from that moment.
  await window.run("document.querySelector('#fork-changes').value = '/services/kafka/config/broker.session.timeout.ms = 5000'");
  await window.click("#fork button");
  await window.until("document.querySelector('#command').textContent.includes('--fork-at') && " + result);
  check(await window.run("return document.querySelector('#play-frame').srcdoc.includes('5000')"), "the fork is shown");
  await window.picture("fork");

  // A mistake is shown where it is, in the simulator's words; and gone when it is mended.
  await window.run("const it = document.querySelector('#topology-editor .cm-content').cmTile?.view ?? document.querySelector('#topology-editor .cm-content').cmView.view; window.cm = it; const at = it.state.doc.toString().indexOf('\"zones\"'); it.dispatch({changes: {from: at, to: at + 7, insert: '\"zonez\"'}})");
  const words = await window.until("document.querySelector('#problems .error')?.textContent", 20);
  check(/unknown field of a topology\. Did you mean 'zones'\?/.test(words), `the mistake is told: ${words}`);
  check(await window.run("return document.querySelectorAll('#topology-editor .cm-lintRange-error').length > 0"), "the mistake is marked in the editor");
  await looked(window, "a mistake");
  await window.picture("mistake");
  await window.click("#topology-undo");
  await window.click("#run");
  await window.until("!document.querySelector('#problems .error') && " + result);

  // A link carries all of it: also a changed design.
  await window.run("const it = window.cm; const at = it.state.doc.toString().indexOf('\"title\"'); it.dispatch({changes: {from: at, to: at + 7, insert: '\"title\" '}})");
  await sleep(1500);
  await window.click("#copy-link");
  await sleep(500);
  const link = await window.run("return location.href");
  check(link.length < 8000, `a link of ${link.length} characters`);

  const other = await Window.open(390, 844);
  await other.go(link);
  await other.until("document.documentElement.dataset.ready === 'yes'");
  await other.until("document.querySelector('#topology-tab').textContent.includes('changed') && !document.querySelector('#played').hidden");
  await looked(other, "a linked play on a phone");
  await other.picture("phone-play");
  await other.click("#show-labs");
  await other.until(`document.querySelectorAll('#lab-cards .card').length === ${labs}`);
  await looked(other, "labs on a phone");
  await other.picture("phone-labs");
  await other.click("#show-help");
  await looked(other, "help on a phone");
  await other.close();

  // Nothing but the page was asked for, and the console is silent.
  const asked = (await window.logs("performance")).map(({ message }) => JSON.parse(message).message)
    .filter(({ method }) => method === "Network.requestWillBeSent").map(({ params }) => params.request.url)
    .filter((url) => !/^(blob:|data:|about:)/.test(url) && !url.startsWith(address));
  check(asked.length === 0, `requests: ${asked.join(" ")}`);
  const loud = (await window.logs("browser")).map(({ level, message }) => `${level} ${message}`);
  check(loud.length === 0, `console: ${loud.join(" | ")}`);
  await window.close();
} catch (error) {
  ++failed;
  console.error(error.message);
} finally {
  await endBrowser();
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
