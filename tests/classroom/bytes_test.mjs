// The classroom's simulator gives the bytes that the command gives: replays, assessments, labs, pages, messages.
// node bytes_test.mjs NINES CLASSROOM, the command and the folder with nines.js, nines.wasm.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const [nines, classroom] = process.argv.slice(2).map((path) => resolve(path));
const require = createRequire(import.meta.url);
const source = join(dirname(fileURLToPath(import.meta.url)), "../..");
const { startNines, runNines } = require(join(source, "experiments/classroom/page/worker.js"));
globalThis.makeNines = require(join(classroom, "nines.js"));

// One of each kind of system, one run and many, what goes well and what does not.
const json = ["--format", "json"];
const own = readFileSync(join(source, "topologies/kafka-eks-min-isr-1.json"), "utf8");
const commands = [
  ["replay", "kafka-eks", "zone-outage", ...json],
  ["replay", "kafka-eks", "broker-kill", "--runs", "200", ...json],
  ["replay", "kafka-eks", "zone-outage", "--format", "html"],
  ["replay", "kafka-eks", "broker-kill", "--fork-at", "2", "--set", "/services/kafka/config/broker.session.timeout.ms=5000", ...json],
  ["replay", "kafka-eks-spot", "spot-storm", "--seed", "7", ...json],
  ["replay", "etcd-hosts", "etcd-leader-kill", "--runs", "100", ...json],
  ["replay", "redis-sentinel-hosts", "redis-master-kill", "--runs", "50", ...json],
  ["replay", "redis-cluster-hosts", "redis-cluster-master-kill", "--seed", "3", ...json],
  ["replay", "rabbitmq-hosts", "rabbitmq-leader-kill", "--runs", "50", ...json],
  ["replay", "http-eks", "http-node-loss", ...json],
  ["replay", "kubeadm-3-masters", "master-loss", ...json],
  ["replay", "eks-elastic", "load-surge", ...json],
  ["replay", "fleet-mixed", "fleet-spot-storm", ...json],
  ["replay", "kafka-eks", "zone-outage"],
  ["assess", "kafka-eks", "--precision", "0.3", "--draws", "16", ...json],
  ["assess", "redis-eks-sentinel", "--precision", "0.5", "--draws", "0", ...json],
  ["assess", "http-eks", "--precision", "0.5", "--draws", "4", ...json],
  ["assess", "quorum-zones", ...json],
  ["compare", "kafka-eks", "kafka-eks-nvme", "--precision", "0.5", ...json],
  ["report", "own.json", "--precision", "0.5", "--without-advice"],
  ["lab", "run", "1", "--predict", "1", "--seed", "5", ...json],
  ["lab", "key", "4", "--seeds", "1-3", "--format", "csv"],
  ["list", "scenarios", "own.json"],
  ["schema", "topology"],
  ["explain", "min.insync.replicas", "kafka-eks"],
];
const refused = [
  ["replay", "broken.json", "broker-kill"],
  ["replay", "kafka-eks", "broker-kil"],
  ["replay", "kafka-eks", "redis-master-kill"],
];
const files = { "own.json": own, "broken.json": own.replace('"zones"', '"zonez"') };

const folder = mkdtempSync(join(tmpdir(), "nines-classroom-"));
let passed = 0;
let failed = 0;
try {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  let heard = [];
  const module = await startNines(readFileSync(join(classroom, "nines.wasm")), (line) => heard.push(line));
  // Every scenario on one of the designs that can play it, on another one the next: where a sum's order or a draw's is the
  // compiler's, the two compilers differ.
  const listed = (...words) => JSON.parse(spawnSync(nines, ["list", ...words, ...json], { encoding: "utf8" }).stdout);
  const designs = listed("topologies").filter(({ group, name }) => group === "designs" && name !== "fleet-500-nodes");
  const fitting = new Map();
  for (const { name } of designs)
    for (const scenario of listed("scenarios", name)) fitting.set(scenario.name, [...(fitting.get(scenario.name) ?? []), name]);
  const everything = [...fitting].map(([scenario, names], at) => ["replay", names[at % names.length], scenario, "-q", ...json]);
  for (const words of [...commands, ...everything, ...refused]) {
    const wanted = refused.includes(words) ? 2 : 0;
    const result = join(folder, "result");
    const native = spawnSync(nines, [...words, "-o", result], {
      cwd: folder, encoding: "utf8", env: { ...process.env, NO_COLOR: "1", COLUMNS: "", NINES_DATA_DIR: source },
    });
    let text = "";
    try {
      text = readFileSync(result, "utf8");
      rmSync(result);
    } catch {
      // It was refused.
    }
    heard = [];
    const inside = runNines(module, words, files);
    // Times are for whoever waits; places of shipped files are each program's own, and so is the hash of the build.
    const said = (lines) => lines.filter((line) => line.includes("error")).map((line) => line.replaceAll(source, "/data"));
    text = text.replaceAll(source, "/data").replace(/ \(build [0-9a-f]+\)/, "");
    const same = inside.code === wanted && native.status === wanted && inside.text === text &&
      said(heard).join("\n") === said(native.stderr.split("\n")).join("\n");
    if (same) {
      ++passed;
    } else {
      ++failed;
      const at = [...text].findIndex((c, i) => c !== inside.text[i]);
      console.error(`nines ${words.join(" ")}: exit ${native.status} and ${inside.code}, ${text.length} and ${inside.text.length} characters, first difference at ${at}`);
      console.error(`  command:   ${JSON.stringify(text.slice(Math.max(at - 60, 0), at + 60))} ${native.stderr.slice(0, 300)}`);
      console.error(`  classroom: ${JSON.stringify(inside.text.slice(Math.max(at - 60, 0), at + 60))} ${heard.join(" ").slice(0, 300)}`);
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
