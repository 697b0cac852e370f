// Called by build: bundle.mjs PACKAGES OUT. PACKAGES holds node_modules as package-lock.json has them.
import {readFileSync, readdirSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const [packages, out] = process.argv.slice(2).map(path => resolve(path));
const esbuild = createRequire(join(packages, 'package.json'))('esbuild');

/// The packages that a bundle holds something of, by name.
function bundled(inputs) {
  const found = new Map();
  for (const input of Object.keys(inputs)) {
    const match = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input.slice(input.lastIndexOf('node_modules/')));
    if (match && inputs[input].bytesInOutput > 0) found.set(match[1], join(packages, 'node_modules', match[1]));
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

/// What their licences ask to go with every copy; a text that several have stands once, below all their names.
function licences(folders) {
  const texts = new Map();
  for (const [name, folder] of folders) {
    const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find(entry => /^licen[cs]e/i.test(entry));
    if (!file) throw new Error(`${name} comes without a licence text`);
    const lines = readFileSync(join(folder, file), 'utf8').replace(/\r/g, '').trim().split('\n');
    const own = lines.filter(line => /^\s*copyright/i.test(line)).map(line => line.trim());
    const rest = lines.filter(line => !/^\s*copyright/i.test(line)).join('\n').replace(/\n{3,}/g, '\n\n').trim();
    if (!texts.has(rest)) texts.set(rest, []);
    texts.get(rest).push(`${name} ${about.version} (${about.license}). ${own.join(' ')}`);
  }
  return [...texts].map(([text, names]) => names.join('\n') + '\n\n' + text).join('\n\n----\n\n') + '\n';
}

for (const [name, entry] of Object.entries(JSON.parse(readFileSync(join(here, 'bundles.json'), 'utf8')))) {
  const result = await esbuild.build({
    entryPoints: [join(here, entry)], bundle: true, minify: true, format: 'iife', target: 'es2020', charset: 'ascii',
    legalComments: 'none', loader: {'.css': 'text'}, nodePaths: [join(packages, 'node_modules')], metafile: true, write: false,
    absWorkingDir: here, logLevel: 'warning',
  });
  const inputs = Object.values(result.metafile.outputs)[0].inputs;
  const words = licences(bundled(inputs));
  const code = `/*!\n${words}*/\n${result.outputFiles[0].text}`;
  // It stands inside a page: nothing may end its element or its comment.
  if (/<\/script|<!--/i.test(code) || words.includes('*/')) throw new Error(`${name}: cannot stand inside a page`);
  writeFileSync(join(out, `${name}.js`), code);
  writeFileSync(join(out, `${name}.licences.txt`), words);
  console.log(`${name}.js: ${Buffer.byteLength(code)} bytes`);
}
