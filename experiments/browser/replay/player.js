// A replay to go through: the drawing, what steers it, what the current event says. The table of the events below goes along.
import {chainOf, read, sides, stateAt} from './model.js';
import {kinds} from './scale.js';
import {Timeline} from './timeline.js';

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export class Player extends EventTarget {
  /// `table`: that of the events.
  constructor(table) {
    super();
    this.table = table;
    this.model = read(table);
    this.current = -1;
    this.said = document.getElementById(table.id + '-said');
    this.cursors = [...document.querySelectorAll(`table.lanes[data-of="${table.id}"] svg.row`)].map(svg => {
      const line = document.createElementNS(svg.namespaceURI, 'rect');
      for (const [name, value] of Object.entries({class: 'cursor', y: 0, width: 3, height: 20, x: -9})) line.setAttribute(name, value);
      svg.append(line);
      return line;
    });
    this.build();
    this.listenToRows();
  }

  /// Brings the drawing into view.
  show() {
    // Not scrollIntoView: it would scroll the page that holds this one, too.
    window.scrollBy(0, this.panel.getBoundingClientRect().top);
  }

  get events() {
    return this.model.events;
  }

  build() {
    const {table} = this;
    const button = (text, title, act) => make('button', {type: 'button', title, click: act}, text);
    this.slider = make('input', {type: 'range', min: 0, max: this.events.length - 1, step: 1, value: 0,
      'aria-label': 'Event', input: () => this.choose(+this.slider.value)});
    const choice = make('select', {'aria-label': 'Axis of time', change: () => this.timeline.setKind(choice.value)},
      ...kinds.map(([value, text]) => make('option', {value}, text)));
    const tools = make('div', {class: 'tools'},
      button('First', 'Home', () => this.choose(0)), button('Back', 'left', () => this.step(-1)),
      button('Forward', 'right', () => this.step(1)), button('Last', 'End', () => this.choose(this.events.length - 1)),
      make('span', {class: 'scrub'}, this.slider),
      button('Closer', '+', () => this.timeline.closer(2)), button('Farther', '-', () => this.timeline.closer(0.5)),
      button('All of it', '0', () => this.timeline.whole()), make('label', {}, 'Time', choice));
    if (this.model.lanes.some(lane => lane.ways.length > 1)) {
      const only = make('input', {type: 'checkbox', change: () => this.timeline.setOnlyDifferences(only.checked)});
      tools.append(make('label', {}, only, 'only what differs'));
    }
    const keys = make('p', {class: 'note keys', id: table.id + '-keys'},
      'Keys on the drawing: left and right go through the events, Home and End to the first and the last, c to the cause; ' +
      'plus and minus zoom, 0 shows all, Shift with left and right moves along. The wheel zooms with Ctrl, dragging moves along.');
    const drawing = make('div', {class: 'drawing', tabindex: 0, role: 'application', 'aria-label': 'What was in which state, over time',
      'aria-describedby': keys.id, keydown: event => this.key(event)});
    this.detail = make('div', {class: 'detail'});
    this.said.classList.add('said');
    this.said.textContent = `${this.events.length} events. Go through them by the buttons, by the keys, or by pointing at one.`;
    this.panel = make('section', {class: 'player', 'aria-label': 'The replay, event by event'}, tools, drawing, this.said, this.detail, keys);
    const lanes = document.querySelector(`table.lanes[data-of="${table.id}"]`)?.closest('.wide');
    (lanes ?? table.closest('.wide')).before(this.panel);
    // What is drawn above stays below as a table.
    if (lanes) {
      const fold = make('details', {}, make('summary', {}, 'The same as a table'));
      lanes.before(fold);
      fold.append(lanes);
    }
    this.timeline = new Timeline(drawing, this.model, index => this.choose(index));
  }

  listenToRows() {
    this.events.forEach(({row}, index) => {
      row.tabIndex = index ? -1 : 0;
      row.addEventListener('click', () => this.choose(index));
      row.addEventListener('focus', () => this.choose(index));
      row.addEventListener('keydown', event => {
        const to = {ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: this.events.length - 1, PageDown: index + 10,
          PageUp: index - 10, ArrowLeft: this.events[index].cause ?? index}[event.key];
        if (to === undefined || event.target !== row) return;
        event.preventDefault();
        this.choose(Math.min(Math.max(to, 0), this.events.length - 1));
        this.events[this.current].row.focus();
      });
    });
  }

  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const last = this.events.length - 1;
    const acts = {
      ArrowRight: () => (event.shiftKey ? this.timeline.pan(0.2) : this.step(1)),
      ArrowLeft: () => (event.shiftKey ? this.timeline.pan(-0.2) : this.step(-1)),
      ArrowDown: () => this.step(1), ArrowUp: () => this.step(-1), PageDown: () => this.step(10), PageUp: () => this.step(-10),
      Home: () => this.choose(0), End: () => this.choose(last),
      c: () => this.choose(this.events[this.current]?.cause ?? this.current),
      '+': () => this.timeline.closer(2), '=': () => this.timeline.closer(2), '-': () => this.timeline.closer(0.5),
      0: () => this.timeline.whole(),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  }

  /// So many events forward, or back where it is negative; not beyond the first and the last one.
  step(by) {
    const to = this.current < 0 ? (by > 0 ? by - 1 : -1) : this.current + by;
    if (to >= 0 || this.current >= 0) this.choose(Math.min(Math.max(to, 0), this.events.length - 1));
  }

  choose(index) {
    if (!(index >= 0 && index < this.events.length) || index === this.current) return;
    this.current = index;
    const chain = chainOf(this.events, index);
    for (const event of this.events) {
      event.row.className = event.index === index ? 'chosen' : chain.includes(event.index) ? 'cause' : '';
      event.row.tabIndex = event.index === index ? 0 : -1;
    }
    for (const line of this.cursors) line.setAttribute('x', (this.events[index].row.dataset.x * 1000 - 1.5).toFixed(1));
    this.slider.value = index;
    this.said.textContent = this.sentence(index, chain);
    this.slider.setAttribute('aria-valuetext', this.text(index));
    this.tell(index, chain);
    this.timeline.setCurrent(index);
    this.dispatchEvent(new CustomEvent('change', {detail: this.state()}));
  }

  /// "at 3.200 s, kafka/0: the broker is fenced"
  text(index) {
    const event = this.events[index];
    return `at ${event.at.toFixed(3)} s, ${event.component}: ${event.text}${event.side ? ` (${sides[event.side]})` : ''}`;
  }

  sentence(index, chain) {
    const event = this.events[index];
    const turns = event.turns.map(turn => `${this.model.lanes[turn.lane].name} was ${turn.before}, is ${turn.after}`);
    return `Line ${index + 1}, ${this.text(index)}.${turns.length ? ' ' + turns.slice(0, 3).join('; ') + (turns.length > 3 ? `; and ${turns.length - 3} more` : '') + '.' : ''} ` +
      (chain.length > 1 ? `It comes from line ${chain.slice(1).map(at => at + 1).join(', which comes from line ')}.` : 'It begins something.');
  }

  /// What the current event is, comes from and changes, and how things stand after it.
  tell(index, chain) {
    const event = this.events[index];
    const {lanes} = this.model;
    const name = lane => `${lane.name} (${lane.kind})`;
    const part = (title, ...inner) => make('div', {}, make('p', {class: 'label'}, title), ...inner);
    const list = items => make('ul', {}, ...items.map(item => make('li', {}, item)));
    const parts = [part('Where it comes from', make('ol', {}, ...chain.slice().reverse().map(at =>
      make('li', {}, at === index ? this.text(at) : make('button', {type: 'button', click: () => this.choose(at)}, this.text(at))))))];
    if (event.after) parts[0].append(make('p', {}, `${event.after} after what it comes from` + (event.setBy ? `; the wait is set by ${event.setBy}` : '') + '.'));
    const turns = event.turns.map(turn => `${name(lanes[turn.lane])}: ${turn.before} \u2192 ${turn.after}`);
    const other = event.changed.split('; ').filter(text => text && !event.turns.some(turn => text.startsWith(lanes[turn.lane].name + ': ')));
    if (turns.length || other.length) parts.push(part('What it changed', list([...turns, ...other])));
    const stands = [];
    for (const lane of lanes) {
      const states = lane.ways.map(spans => stateAt(spans, event.at));
      if (states.every(state => state === lane.states[0]) && lane.kind !== 'SLI') continue;
      const differ = states.length > 1 && states[0] !== states[1];
      stands.push(`${name(lane)}: ${differ ? `${states[0]}; with the change ${states[1]}` : states[0]}`);
    }
    if (stands.length) parts.push(part('How things stand then', list(stands.slice(0, 12)), ...(stands.length > 12 ? [make('p', {}, `and ${stands.length - 12} more`)] : [])));
    this.detail.replaceChildren(...parts);
  }

  state() {
    const event = this.events[this.current];
    return {time_s: event ? event.at : null, index: this.current, count: this.events.length, text: event ? this.text(this.current) : ''};
  }
}
