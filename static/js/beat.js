// A worker that ticks at the pace it is told, in ms, also in a tab that nobody looks at: there browsers let a page's own
// timers fire as seldom as once a minute, and whoever waits in such a tab would count as gone.

addEventListener("message", ({ data }) => setInterval(() => postMessage(""), data));
