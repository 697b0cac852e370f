// Time as a place between 0 and 1: an outage runs from milliseconds to hours.
import {scaleLinear} from 'd3-scale';

const minute = 60;
const least = 1e-3;

/// By name: how seconds are stretched. Each grows with time, and is 0 at the first action.
const stretches = {
  both: at => (at <= minute ? at / minute : 1 + Math.log(at / minute)),
  linear: at => at,
  // What comes in the first millisecond stands at its left end.
  log: at => Math.log(Math.max(at, least) / least),
};
const shrinks = {
  both: place => (place <= 1 ? place * minute : minute * Math.exp(place - 1)),
  linear: place => place,
  log: place => least * Math.exp(place),
};

export const kinds = [
  ['both', 'linear to a minute, then logarithmic'],
  ['linear', 'linear'],
  ['log', 'logarithmic'],
];

/// From seconds to pixels, for one stretch of time, one width and one state of the zoom.
export function timeScale(kind, end, from, to, transform) {
  const stretch = stretches[kind];
  const pixels = transform.rescaleX(scaleLinear([0, stretch(Math.max(end, 2 * least))], [from, to]));
  const x = at => pixels(stretch(at));
  x.invert = pixel => Math.max(0, shrinks[kind](pixels.invert(pixel)));
  return x;
}

const round = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800,
  3600, 7200, 18000, 36000, 86400, 172800, 432000];

/// Round times that find room between two pixels, `room` apart.
export function ticks(x, from, to, room) {
  const [first, last] = [x.invert(from), x.invert(to)];
  const between = scaleLinear([first, last]).ticks(Math.max(2, (to - from) / room));
  const early = first < minute && last > minute ? scaleLinear([first, minute]).ticks(4) : [];
  const chosen = [];
  for (const at of [0, ...round.slice().reverse(), ...early, ...between]) {
    const place = x(at);
    if (place < from - 0.5 || place > to + 0.5) continue;
    if (chosen.every(other => Math.abs(x(other) - place) >= room)) chosen.push(at);
  }
  return chosen.sort((a, b) => a - b);
}

/// "4.5 s", "20 min", "3 h": a mark of an axis, exactly.
export function tickText(at) {
  const short = value => String(Number(value.toPrecision(9)));
  if (at === 0) return '0';
  if (at < 1) return short(at * 1000) + ' ms';
  if (at < minute) return short(at) + ' s';
  const whole = (unit, word) => (at % unit === 0 ? short(at / unit) + ' ' + word : undefined);
  return (at >= 86400 && whole(86400, 'd')) || (at >= 3600 && whole(3600, 'h')) || whole(60, 'min') ||
    Math.floor(at / 60) + ' min ' + short(at % 60) + ' s';
}
