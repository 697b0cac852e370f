// A real browser for tests, by WebDriver: Debian's chromium and chromium-driver.
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

/** A port that is free now. */
const port = await new Promise((done) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    server.close(() => done(port));
  });
});
const driver = spawn("chromedriver", [`--port=${port}`], { stdio: "ignore" });
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

async function call(method, path, body) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method, headers: { "content-type": "application/json" }, body: body === undefined ? undefined : JSON.stringify(body),
  });
  const { value } = await response.json();
  if (value?.error) throw new Error(`${value.error}: ${value.message}`);
  return value;
}

/** A browser window of its own. */
export class Window {
  static all = new Set();
  /** Folder for pictures; none: no pictures. */
  static pictures = "";
  static async open(width, height, dark = false) {
    for (let tries = 0; ; ++tries) {
      try {
        await call("GET", "/status");
        break;
      } catch (error) {
        if (tries > 100) throw error;
        await sleep(100);
      }
    }
    const args = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
      "--disable-sync", "--no-first-run", `--window-size=${width},${height}`, ...(dark ? ["--force-dark-mode"] : [])];
    // A window is not made narrower than half a thousand pixels; a phone's screen is.
    const phone = width < 500 ? { mobileEmulation: { deviceMetrics: { width: +width, height: +height, pixelRatio: 1 } } } : {};
    const opened = await call("POST", "/session", {
      capabilities: { alwaysMatch: {
        browserName: "chrome", "goog:chromeOptions": { args, ...phone },
        "goog:loggingPrefs": { browser: "ALL", performance: "ALL" }, timeouts: { script: 120000 } } },
    });
    const window = new Window();
    window.path = `/session/${opened.sessionId}`;
    Window.all.add(window);
    return window;
  }
  go(url) {
    return call("POST", `${this.path}/url`, { url });
  }
  run(script, ...args) {
    return call("POST", `${this.path}/execute/sync`, { script, args });
  }
  later(script, ...args) {
    return call("POST", `${this.path}/execute/async`, { script, args });
  }
  logs(type) {
    return call("POST", `${this.path}/se/log`, { type });
  }
  async picture(name) {
    if (Window.pictures) writeFileSync(join(Window.pictures, `${name}.png`), Buffer.from(await call("GET", `${this.path}/screenshot`), "base64"));
  }
  close() {
    Window.all.delete(this);
    return call("DELETE", this.path);
  }
  /** Waits until the expression holds; what it is then. */
  async until(expression, seconds = 120) {
    for (const end = Date.now() + seconds * 1000; ; ) {
      const value = await this.run(`return ${expression}`);
      if (value) return value;
      if (Date.now() > end) throw new Error(`never: ${expression}; status: ${await this.run("return document.body.innerText.slice(0, 600)")}`);
      await sleep(50);
    }
  }
  click(selector) {
    return this.run("const it = document.querySelector(arguments[0]); if (!it || it.disabled) throw new Error('cannot press ' + arguments[0]); it.click()", selector);
  }
}

/** Ends the browser, whatever is still open in it. */
export async function endBrowser() {
  for (const window of Window.all) await window.close().catch(() => {});
  driver.kill();
}
