// The classroom: labs, and a place to break clusters of one's own. Everything happens in this page.
import { Engine } from "./engine.js";
import { PageFrame } from "./frame.js";
import { Labs } from "./labs.js";
import { fragmentOf, stateOf } from "./link.js";
import { Play } from "./play.js";

const VIEWS = ["labs", "play", "help"];
const one = (id) => document.getElementById(id);

const engine = new Engine((text) => {
  for (const id of ["advance", "labs-advance"]) one(id).textContent = text;
});
let view = "labs";
let writing = null;

async function address() {
  const state = { view, ...(view === "labs" ? { labs: labs.state } : {}), ...(view === "play" ? { play: play.state } : {}) };
  return `#${await fragmentOf(state)}`;
}

/** The address follows the state, so that it can be copied and kept at any time. */
function changed() {
  clearTimeout(writing);
  writing = setTimeout(async () => history.replaceState(null, "", await address()), 150);
}

function frameOf(prefix, moved = () => {}) {
  return new PageFrame({ frame: one(`${prefix}-frame`), open: one(`${prefix}-open`), save: one(`${prefix}-keep`), moved });
}

const labs = new Labs({ engine, root: one("labs"), frame: frameOf("labs"), changed });
const play = new Play({ engine, root: one("play"), frame: frameOf("play", (at) => play.moved(at)), changed });

async function show(next, state = {}) {
  view = VIEWS.includes(next) ? next : "labs";
  for (const name of VIEWS) {
    one(name).hidden = name !== view;
    one(`show-${name}`).setAttribute("aria-pressed", name === view);
  }
  changed();
  try {
    if (view === "labs") await labs.show(state.labs ?? {});
    if (view === "play") await play.show(state.play ?? {});
  } catch (error) {
    one("status").textContent = error.message;
  }
}

async function begin() {
  for (const name of VIEWS) one(`show-${name}`).addEventListener("click", () => show(name));
  one("copy-link").addEventListener("click", async () => {
    const fragment = await address();
    history.replaceState(null, "", fragment);
    await navigator.clipboard?.writeText(location.href).catch(() => {});
    one("status").textContent = "The link to exactly this is in the address bar, and copied where the browser allows it.";
  });
  let state = null;
  try {
    state = await stateOf(location.hash);
  } catch {
    one("status").textContent = "The link is damaged: its end may be missing. This is the beginning.";
  }
  await show(state?.view ?? "labs", state ?? {});
  window.addEventListener("hashchange", async () => {
    try {
      const linked = await stateOf(location.hash);
      if (linked) await show(linked.view, linked);
    } catch {
      one("status").textContent = "The link is damaged: its end may be missing.";
    }
  });
  document.documentElement.dataset.ready = "yes";
}

begin();
