// Opens a page, and prints what inspect.js found and left in it. node look.mjs PAGE WIDTH,HEIGHT
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { Window, endBrowser } from "./browser.mjs";

const [page, size] = process.argv.slice(2);
try {
  const window = await Window.open(...size.split(","));
  await window.go(pathToFileURL(resolve(page)).href);
  console.log(await window.until("document.getElementById('found')?.textContent"));
} finally {
  await endBrowser();
}
