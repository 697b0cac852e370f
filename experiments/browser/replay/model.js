// What a page says of a replay: the lines of its table, and the states of lanes that stand beside it as JSON.

/// Sides of a fork: what is so in both, as it is, with the change.
export const sides = ['both', 'as it is', 'with the change'];

/// `table`: that of the events.
export function read(table) {
  const data = JSON.parse(document.getElementById(table.id + '-data').textContent);
  const headings = [...table.tHead.rows[0].cells].map(cell => cell.textContent);
  const rows = [...table.tBodies[0].rows];
  const lanes = data.lanes.map(([kind, name, zone, asItIs, changed]) => {
    const spans = list => list.map(([state, from, to, cause]) => ({state, from, to, cause}));
    const ways = changed ? [spans(asItIs), spans(changed)] : [spans(asItIs)];
    const states = [...new Set(ways.flat().map(span => span.state))];
    return {kind, name, zone, ways, states};
  });
  const events = rows.map((row, index) => {
    const cell = heading => row.cells[headings.indexOf(heading)];
    const happens = cell('happens');
    return {
      index, row, at: data.times[index], side: data.sides ? data.sides[index] : 0,
      component: cell('what').textContent, text: happens.firstChild ? happens.firstChild.textContent : '',
      changed: happens.querySelector('span')?.textContent ?? '', setBy: cell('wait set by').textContent,
      after: cell('after').textContent, cause: row.dataset.cause === undefined ? undefined : +row.dataset.cause,
      turns: [], lane: -1,
    };
  });
  lanes.forEach((lane, number) => lane.ways.forEach((spans, way) => spans.forEach((span, at) => {
    // The sides of what both share are told once.
    if (span.cause === undefined || at === 0 || (way === 1 && events[span.cause].side === 0)) return;
    events[span.cause].turns.push({lane: number, before: spans[at - 1].state, after: span.state});
  })));
  for (const event of events) {
    const own = lanes.findIndex(lane => lane.name === event.component);
    event.lane = own >= 0 ? own : event.turns.length ? event.turns[0].lane : -1;
  }
  return {events, lanes, end: data.end, fork: data.fork};
}

/// From an event back to what began it, itself first.
export function chainOf(events, index) {
  const chain = [];
  for (let at = index; at !== undefined; at = events[at].cause) chain.push(at);
  return chain;
}

/// What a lane is in at a time; at the very time of a change: after it.
export function stateAt(spans, at) {
  let state = spans[0].state;
  for (const span of spans) if (span.from <= at) state = span.state;
  return state;
}

/// Times between which the two sides of a lane are in different states.
export function differences(lane) {
  if (lane.ways.length < 2) return [];
  const [a, b] = lane.ways;
  const ends = spans => spans.flatMap(span => [span.from, span.to]);
  const cuts = [...new Set([...ends(a), ...ends(b)])].sort((x, y) => x - y);
  const covers = (spans, at) => spans.find(span => span.from <= at && at < span.to)?.state;
  const found = [];
  for (let i = 0; i + 1 < cuts.length; ++i) {
    const middle = (cuts[i] + cuts[i + 1]) / 2;
    if (covers(a, middle) === covers(b, middle)) continue;
    if (found.length && found[found.length - 1][1] === cuts[i]) found[found.length - 1][1] = cuts[i + 1];
    else found.push([cuts[i], cuts[i + 1]]);
  }
  return found;
}
