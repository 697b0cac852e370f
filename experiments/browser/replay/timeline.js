// The lanes as a drawing that zooms and pans along time, with the current event and what it comes from.
import {select} from 'd3-selection';
import {zoom, zoomIdentity} from 'd3-zoom';
import {chainOf, differences, sides} from './model.js';
import {ticks, tickText, timeScale} from './scale.js';

const margin = 10;
const axisHeight = 26;
const closest = 50000;
let arrows = 0;

export class Timeline {
  /// `choose(index)`: an event was pointed at.
  constructor(host, model, choose) {
    this.host = host;
    this.model = model;
    this.choose = choose;
    this.kind = 'both';
    this.current = -1;
    this.hovered = -1;
    this.onlyDifferences = false;
    this.transform = zoomIdentity;
    this.gaps = model.lanes.map(differences);
    this.svg = select(host).append('svg').attr('aria-hidden', 'true').attr('focusable', 'false');
    this.arrow = `arrow-${++arrows}`;
    this.svg.append('defs').append('marker').attr('id', this.arrow).attr('viewBox', '0 0 8 8').attr('refX', 7)
      .attr('refY', 4).attr('markerUnits', 'userSpaceOnUse').attr('markerWidth', 9).attr('markerHeight', 9).attr('orient', 'auto-start-reverse')
      .append('path').attr('d', 'M0,0L8,4L0,8z').attr('class', 'tip');
    for (const layer of ['axis', 'bars', 'chain', 'dots', 'names']) this[layer] = this.svg.append('g').attr('class', layer);
    this.note = select(host).append('div').attr('class', 'hover').attr('aria-hidden', 'true').attr('hidden', '');
    this.zoom = zoom().scaleExtent([1, closest])
      // The page scrolls by the wheel; with Ctrl it zooms.
      .filter(event => (event.type === 'wheel' ? event.ctrlKey || event.metaKey : !event.button))
      .wheelDelta(event => -event.deltaY * (event.deltaMode === 1 ? 0.05 : event.deltaMode ? 1 : 0.002) *
        (Math.abs(event.deltaY) < 40 ? 8 : 1))
      .on('zoom', event => {
        this.transform = event.transform;
        this.later();
      });
    this.svg.call(this.zoom).on('dblclick.zoom', null)
      .on('click', event => this.pointed(event, index => this.choose(index)))
      .on('mousemove', event => this.pointed(event, index => this.hover(index, event)))
      .on('mouseleave', () => this.hover(-1));
    new ResizeObserver(() => this.resize()).observe(host);
    this.resize();
  }

  resize() {
    const width = this.host.clientWidth;
    if (width === 0 || width === this.width) return;
    this.width = width;
    this.narrow = width < 640;
    this.left = this.narrow ? margin : 250;
    this.right = width - margin;
    this.zoom.extent([[this.left, 0], [this.right, 100]]).translateExtent([[this.left, 0], [this.right, 100]]);
    this.draw();
  }

  /// Once for all that happens until the screen is next drawn.
  later() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
    });
  }

  setKind(kind) {
    this.kind = kind;
    this.draw();
  }
  setOnlyDifferences(only) {
    this.onlyDifferences = only;
    this.draw();
  }
  closer(factor) {
    this.svg.call(this.zoom.scaleBy, factor, [this.currentX() ?? (this.left + this.right) / 2, 0]);
  }
  pan(share) {
    this.svg.call(this.zoom.translateBy, -share * (this.right - this.left) / this.transform.k, 0);
  }
  whole() {
    this.svg.call(this.zoom.transform, zoomIdentity);
  }

  /// The event is the current one from now on, and within sight.
  setCurrent(index) {
    this.current = index;
    const x = this.currentX();
    if (x !== undefined && (x < this.left || x > this.right))
      this.svg.call(this.zoom.translateBy, ((this.left + this.right) / 2 - x) / this.transform.k, 0);
    this.draw();
  }

  scale() {
    return timeScale(this.kind, this.model.end, this.left, this.right, this.transform);
  }
  currentX() {
    return this.current < 0 ? undefined : this.scale()(this.model.events[this.current].at);
  }

  /// Rows from top to bottom: first what has no lane of its own.
  rows() {
    const rows = [];
    let y = axisHeight;
    const put = lane => {
      const ways = lane < 0 || this.gaps[lane].length === 0 ? 1 : 2;
      const bar = ways === 2 ? 24 : 16;
      const name = this.narrow ? 15 : 0;
      rows.push({lane, ways, top: y + name, bar, middle: y + name + bar / 2, nameAt: this.narrow ? y + 12 : y + bar / 2 + 4});
      y += name + bar + 4;
    };
    if (this.model.events.some(event => event.lane < 0)) put(-1);
    this.model.lanes.forEach((lane, number) => {
      if (!this.onlyDifferences || this.gaps[number].length) put(number);
    });
    this.height = y + 4;
    return rows;
  }

  draw() {
    if (!this.width) return;
    const x = this.scale();
    const rows = this.rows();
    this.rowOf = new Map(rows.map(row => [row.lane, row]));
    this.svg.attr('viewBox', `0 0 ${this.width} ${this.height}`).attr('width', this.width).attr('height', this.height);
    this.drawAxis(x);
    this.drawBars(x, rows);
    this.drawChain(x);
    this.drawDots(x);
    this.drawNames(rows);
  }

  drawAxis(x) {
    const group = this.axis.selectAll('g.tick').data(ticks(x, this.left, this.right, this.narrow ? 62 : 70)).join(enter => {
      const tick = enter.append('g').attr('class', 'tick');
      tick.append('line').attr('y1', axisHeight - 6);
      tick.append('text').attr('y', 14).attr('text-anchor', 'middle');
      return tick;
    }).attr('transform', at => `translate(${x(at).toFixed(1)},0)`);
    group.select('line').attr('y2', this.height);
    group.select('text').text(tickText).attr('text-anchor', at => (x(at) < this.left + 12 ? 'start' :
      x(at) > this.right - 20 ? 'end' : 'middle'));
    this.axis.selectAll('line.fork').data(this.model.fork === undefined || this.model.fork === null ? [] : [this.model.fork])
      .join('line').attr('class', 'fork').attr('y1', axisHeight - 6).attr('y2', this.height)
      .attr('x1', at => x(at)).attr('x2', at => x(at));
    this.axis.selectAll('line.now').data(this.current < 0 ? [] : [this.model.events[this.current].at]).join('line')
      .attr('class', 'now').attr('y1', axisHeight - 6).attr('y2', this.height).attr('x1', at => x(at)).attr('x2', at => x(at));
  }

  drawBars(x, rows) {
    const bars = [];
    const gaps = [];
    for (const row of rows) {
      if (row.lane < 0) continue;
      const lane = this.model.lanes[row.lane];
      for (let way = 0; way < row.ways; ++way) {
        const height = row.bar / row.ways;
        for (const span of lane.ways[way]) {
          const from = Math.max(this.left, x(span.from));
          const to = Math.min(this.right, x(span.to));
          if (to < this.left || from > this.right || to < from) continue;
          const number = lane.states.indexOf(span.state);
          bars.push({from, width: Math.max(1, to - from), top: row.top + way * height, height: height - (row.ways - 1),
            usual: number === 0, series: number === 0 ? 7 : (number - 1) % 7, state: span.state});
        }
      }
      for (const [begin, end] of this.gaps[row.lane]) {
        const from = Math.max(this.left, x(begin));
        const to = Math.min(this.right, x(end));
        if (to >= this.left && from <= this.right) gaps.push({from, width: Math.max(2, to - from), top: row.top + row.bar});
      }
    }
    const group = this.bars.selectAll('g').data(bars).join(enter => {
      const bar = enter.append('g');
      bar.append('rect').attr('class', 'fill');
      bar.append('rect').attr('class', 'edge');
      bar.append('text');
      return bar;
    }).attr('class', bar => (bar.usual ? 'usual s' : 's') + bar.series);
    group.select('.fill').attr('x', bar => bar.from).attr('y', bar => bar.top).attr('width', bar => bar.width)
      .attr('height', bar => bar.height);
    group.select('.edge').attr('x', bar => bar.from).attr('width', bar => bar.width)
      .attr('y', bar => (bar.usual ? bar.top + bar.height / 2 - 1 : bar.top)).attr('height', bar => (bar.usual ? 2 : 3));
    group.select('text').attr('x', bar => bar.from + 8).attr('y', bar => bar.top + bar.height / 2 + 4)
      .text(bar => (!bar.usual && bar.height > 10 && bar.width > bar.state.length * 6.4 + 12 ? bar.state : ''));
    this.bars.selectAll('rect.differs').data(gaps).join('rect').attr('class', 'differs').attr('x', gap => gap.from)
      .attr('y', gap => gap.top).attr('width', gap => gap.width).attr('height', 3);
  }

  point(x, index) {
    const event = this.model.events[index];
    const row = this.rowOf.get(event.lane);
    return row && [x(event.at), row.middle];
  }

  drawChain(x) {
    const links = [];
    const add = (index, style) => chainOf(this.model.events, index).forEach((at, place, chain) => {
      if (place + 1 >= chain.length) return;
      const from = this.point(x, chain[place + 1]);
      const to = this.point(x, at);
      if (from && to) links.push({from, to, style});
    });
    if (this.current >= 0) add(this.current, 'link');
    if (this.hovered >= 0 && this.hovered !== this.current) add(this.hovered, 'link hovering');
    this.chain.attr('clip-path', null).selectAll('path').data(links).join('path').attr('class', link => link.style)
      .attr('marker-end', `url(#${this.arrow})`).attr('d', ({from: [a, b], to: [c, d]}) => {
        // Close together in time, or in one lane: a bow beside the straight line.
        const bow = b === d ? -Math.min(14, 4 + Math.abs(c - a) / 8) : 0;
        const away = Math.abs(c - a) < 12 ? 12 : (c - a) / 2;
        return `M${a.toFixed(1)},${b}C${(a + away).toFixed(1)},${b + bow} ${(c - (Math.abs(c - a) < 12 ? -12 : away)).toFixed(1)},${d + bow} ${c.toFixed(1)},${d}`;
      });
  }

  drawDots(x) {
    const inChain = new Set(this.current < 0 ? [] : chainOf(this.model.events, this.current));
    const seen = this.model.events.filter(event => {
      const at = x(event.at);
      return at >= this.left - 1 && at <= this.right + 1 && this.rowOf.has(event.lane);
    });
    // The current one and its causes lie on top.
    seen.sort((a, b) => inChain.has(a.index) - inChain.has(b.index) || a.index - b.index);
    this.dots.selectAll('circle').data(seen, event => event.index).join('circle').order()
      .attr('class', event => (event.index === this.current ? 'chosen' : inChain.has(event.index) ? 'cause' : '') +
        (event.side ? ' side' + event.side : ''))
      .attr('cx', event => x(event.at)).attr('cy', event => this.rowOf.get(event.lane).middle)
      .attr('r', event => (event.index === this.current ? 6 : 3.5));
  }

  drawNames(rows) {
    const wide = this.narrow ? this.width - 2 * margin : this.left - 14;
    const most = Math.floor(wide / 6.3);
    const text = row => {
      if (row.lane < 0) return 'all else';
      const lane = this.model.lanes[row.lane];
      const name = lane.name + (lane.kind === 'pod' || lane.kind === 'machine' || lane.kind === 'zone' ? '' : ', ' + lane.kind);
      // What tells names apart stands at their ends.
      return name.length > most ? '\u2026' + name.slice(1 - most) : name;
    };
    this.names.selectAll('rect').data(this.narrow ? [] : [0]).join('rect').attr('class', 'behind').attr('x', 0).attr('y', 0)
      .attr('width', this.left - 6).attr('height', this.height);
    this.names.selectAll('text').data(rows).join('text').attr('x', this.narrow ? margin : 2).attr('y', row => row.nameAt)
      .text(text);
  }

  /// Tells the event that lies nearest to the pointer.
  pointed(event, tell) {
    const box = this.svg.node().getBoundingClientRect();
    const [px, py] = [event.clientX - box.left, event.clientY - box.top];
    const x = this.scale();
    let nearest = -1;
    let least = event.type === 'click' ? 1e9 : 100;
    for (const each of this.model.events) {
      const place = this.point(x, each.index);
      if (!place || place[0] < this.left - 1 || place[0] > this.right + 1) continue;
      const far = (place[0] - px) ** 2 + (place[1] - py) ** 2;
      if (far < least) [nearest, least] = [each.index, far];
    }
    if (nearest >= 0 || event.type !== 'click') tell(nearest);
  }

  hover(index, event) {
    if (index !== this.hovered) {
      this.hovered = index;
      this.draw();
    }
    this.note.attr('hidden', index < 0 ? '' : null);
    if (index < 0) return;
    const {events} = this.model;
    const chain = chainOf(events, index);
    const lines = chain.slice(0, 6).map((at, place) => (place ? 'from ' : '') + this.line(at));
    if (chain.length > lines.length) lines.push(`and ${chain.length - lines.length} before`);
    this.note.selectAll('div').data(lines).join('div').text(line => line);
    const box = this.host.getBoundingClientRect();
    const wide = Math.min(360, this.width - 20);
    const px = Math.min(Math.max(0, event.clientX - box.left + 12), this.width - wide);
    this.note.style('max-width', wide + 'px').style('left', px + 'px').style('top', event.clientY - box.top + 16 + 'px');
  }

  line(index) {
    const event = this.model.events[index];
    return `${event.at.toFixed(3)} s  ${event.component}: ${event.text}${event.side ? ` (${sides[event.side]})` : ''}`;
  }
}
