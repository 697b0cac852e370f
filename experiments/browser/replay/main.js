// Pages of replays: every table of events becomes one that can be gone through. Without script the tables say the same.
import style from './replay.css';
import {embed} from './embedding.js';
import {Player} from './player.js';

const sheet = document.createElement('style');
sheet.textContent = style;
document.head.append(sheet);
const players = [...document.querySelectorAll('table.events')].map(table => new Player(table));
// The first one, for a page that shows this one.
if (players.length) embed(players[0]);
