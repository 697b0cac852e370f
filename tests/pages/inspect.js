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
  for (const element of document.querySelectorAll('a[href], button, summary, [tabindex]:not(tr)'))
    if (element.tabIndex < 0) say('not reached by keyboard: ' + element.outerHTML.slice(0, 60));
  // Of the events one line is reached, and the others from it: down, to the end, and to the cause.
  for (const table of document.querySelectorAll('table.events')) {
    const rows = [...table.tBodies[0].rows];
    const press = (row, key) => row.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true}));
    const said = () => document.getElementById(table.id + '-said').textContent;
    if (rows.filter(row => row.tabIndex === 0).length !== 1) say('not one line of events within reach');
    press(rows[0], 'ArrowDown');
    if (rows[1].className !== 'chosen' || !said().startsWith('Line 2,')) say('down does not go to the next line');
    press(rows[1], 'End');
    const last = rows.length - 1;
    if (rows[last].className !== 'chosen') say('End does not go to the last line');
    const cursor = document.querySelector('table.lanes[data-of="' + table.id + '"] .cursor');
    if (!cursor || Math.abs(cursor.getAttribute('x') - (rows[last].dataset.x * 1000 - 1.5)) > 0.2)
      say('the lanes do not show the time of the line');
    // The drawing: every lane has its name, keys step, zoom and go to the cause, the axis can be stretched otherwise.
    const player = document.querySelector('.player');
    const drawing = player && player.querySelector('.drawing');
    if (!drawing || !drawing.querySelector('circle')) {
      say('the replay is not drawn');
      continue;
    }
    const data = JSON.parse(document.getElementById(table.id + '-data').textContent);
    const names = drawing.querySelectorAll('.names text').length;
    if (names < data.lanes.length) say('lanes without a name: ' + names + ' of ' + data.lanes.length);
    const key = (name, more) => drawing.dispatchEvent(new KeyboardEvent('keydown', {key: name, bubbles: true, cancelable: true, ...more}));
    const number = () => ninesReplay.state().index;
    key('Home');
    key('ArrowRight');
    if (number() !== 1 || !said().startsWith('Line 2,')) say('right does not step forward on the drawing');
    if (!drawing.querySelector('line.now')) say('the time of the event is not drawn');
    key('ArrowLeft');
    if (number() !== 0) say('left does not step back on the drawing');
    key('End');
    if (number() !== last) say('End does not go to the last event on the drawing');
    const chain = player.querySelectorAll('.detail ol li').length;
    let links = 0;
    for (let at = last; rows[at].dataset.cause !== undefined; at = +rows[at].dataset.cause) ++links;
    if (chain !== links + 1) say('the chain has ' + chain + ' lines, not ' + (links + 1));
    if (drawing.querySelectorAll('path.link').length !== links) say('not every cause is drawn as a line');
    const ticksOf = () => [...drawing.querySelectorAll('.tick text')]
      .map(tick => tick.textContent + ' at ' + Math.round(tick.getBoundingClientRect().left)).join(', ');
    const all = ticksOf();
    const frame = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    key('+');
    key('+');
    await frame();
    if (ticksOf() === all) say('plus does not zoom');
    key('0');
    await frame();
    if (ticksOf() !== all) say('0 does not show all again');
    const stretch = player.querySelector('select');
    for (const kind of ['linear', 'log', 'both']) {
      stretch.value = kind;
      stretch.dispatchEvent(new Event('change'));
      if (!drawing.querySelector('.tick text')) say('no axis when time is ' + kind);
    }
    if (data.end > 120) {
      stretch.value = 'linear';
      stretch.dispatchEvent(new Event('change'));
      if (ticksOf() === all) say('linear is drawn as the other axis is');
      stretch.value = 'both';
      stretch.dispatchEvent(new Event('change'));
    }
    const only = player.querySelector('input[type=checkbox]');
    const differing = data.lanes.filter(lane => lane.length > 4).length;
    if (!!only !== differing > 0) say('the choice of what differs is not as the lanes are');
    if (only) {
      only.click();
      const left = drawing.querySelectorAll('.names text').length;
      if (left < 1 || left > differing + 1 || !drawing.querySelector('.differs')) say('what differs is not marked');
      only.click();
    }
    press(rows[0], 'End');
    const cause = rows[last].dataset.cause;
    if (cause !== undefined) {
      if (rows[cause].className !== 'cause') say('the cause of a line is not marked');
      press(rows[last], 'ArrowLeft');
      if (rows[cause].className !== 'chosen' || document.activeElement !== rows[cause]) say('left does not go to the cause');
    }
  }
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
