// How a page that shows a replay steers it (docs/reports.md).
//
// In the same window: window.ninesReplay. From outside a frame, whatever its origin:
//   frame.contentWindow.postMessage({nines: 'step', by: 1}, '*')     also 'first', 'last', {nines: 'go', index}, 'ask'
//   and whenever the current event changes, or on being asked, the page that holds the frame hears
//   {nines: 'at', time_s, index, count, text}; once, when it can be steered, {nines: 'ready', count}.
// What is told is what the page shows to whoever opens it, so it is told to any page that holds it.

export function embed(player) {
  const last = () => player.events.length - 1;
  const replay = {
    step: by => player.step(by),
    first: () => player.choose(0),
    last: () => player.choose(last()),
    go: index => player.choose(index),
    /// Seconds of the current event from the first action; null before one is chosen.
    time: () => player.state().time_s,
    /// {time_s, index, count, text}; index -1 before one is chosen.
    state: () => player.state(),
    /// Called with the state after each change; what comes back ends that.
    onChange(call) {
      const listener = event => call(event.detail);
      player.addEventListener('change', listener);
      return () => player.removeEventListener('change', listener);
    },
  };
  window.ninesReplay = replay;
  if (window.parent === window) return;
  const tell = message => window.parent.postMessage(message, '*');
  const at = state => tell({nines: 'at', ...state});
  window.addEventListener('message', event => {
    const message = event.data;
    if (event.source !== window.parent || !message || typeof message !== 'object') return;
    if (message.nines === 'step' && Number.isInteger(message.by)) replay.step(message.by);
    if (message.nines === 'first') replay.first();
    if (message.nines === 'last') replay.last();
    if (message.nines === 'go' && Number.isInteger(message.index)) replay.go(message.index);
    if (message.nines === 'ask') at(replay.state());
    // Whoever steps from outside wants to see it.
    else if (['step', 'first', 'last', 'go'].includes(message.nines)) player.show();
  });
  replay.onChange(at);
  tell({nines: 'ready', count: player.events.length});
}
