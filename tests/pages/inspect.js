// Looks at a page in a browser and leaves what it found in the page, as JSON, for pages_test to read.
// Loaded behind axe.min.js; `loud` counts what the console was told before.
(async () => {
  for (const fold of document.querySelectorAll('details')) fold.open = true;
  const found = [];
  const say = text => found.push(text);
  if (loud.length) say('console: ' + loud.join(' | '));
  const requests = performance.getEntriesByType('resource').map(entry => entry.name);
  if (requests.length) say('requests: ' + requests.join(' '));
  // Nothing is wider than the screen but what scrolls by itself.
  if (document.documentElement.scrollWidth > innerWidth + 1)
    say('wider than the screen: ' + document.documentElement.scrollWidth + ' of ' + innerWidth);
  const charts = [...document.querySelectorAll('.chart svg')];
  for (const chart of charts) {
    const box = chart.getBoundingClientRect();
    if (box.width < 200 || box.height < 80) say('a chart of ' + box.width + ' x ' + box.height);
    if (!chart.querySelector('polyline, circle')) say('a chart without anything drawn: ' + chart.textContent.slice(0, 60));
    for (const text of chart.querySelectorAll('text')) {
      const inner = text.getBoundingClientRect();
      if (inner.left < box.left - 2 || inner.right > box.right + 2 || inner.bottom > box.bottom + 2)
        say('outside its chart: ' + text.textContent);
    }
  }
  for (const drawing of document.querySelectorAll('svg.row'))
    if (drawing.getBoundingClientRect().width < 20) { say('a drawing without room'); break; }
  // Whatever can be used can be reached by the keyboard.
  for (const element of document.querySelectorAll('a[href], button, summary, [tabindex]'))
    if (element.tabIndex < 0) say('not reached by keyboard: ' + element.outerHTML.slice(0, 60));
  // A table that sorts: by a press on each heading, and its rows are still there.
  for (const table of document.querySelectorAll('table.sortable')) {
    const rows = table.tBodies[0].rows.length;
    for (const button of table.querySelectorAll('thead button')) { button.click(); button.click(); }
    if (!table.querySelector('thead button')) say('a table that does not sort');
    if (table.tBodies[0].rows.length !== rows) say('a table that lost rows');
  }
  const result = await axe.run(document, {resultTypes: ['violations']});
  for (const violation of result.violations)
    say('axe: ' + violation.id + ' (' + violation.impact + '): ' + violation.nodes[0].html.slice(0, 80));
  const out = document.createElement('pre');
  out.id = 'found';
  out.textContent = 'charts ' + charts.length + ', tables ' + document.querySelectorAll('table').length + '\n' +
    (found.length ? found.map(line => 'bad: ' + line).join('\n') : 'good');
  document.body.append(out);
})();
