// The console's own script: lets the waits run between two pushes, by the server's clock.

let told = ""; // the server's time in the last push, in seconds since the epoch
let ahead = 0; // the server's clock less ours, in seconds

function clock(seconds) {
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

function tick() {
  const now = document.getElementById("figures").dataset.now;
  if (now !== told) {
    told = now;
    ahead = Number(now) - performance.now() / 1000;
  }
  const seconds = ahead + performance.now() / 1000;
  for (const wait of document.querySelectorAll("[data-since]")) {
    wait.textContent = clock(Math.max(0, Math.floor(seconds - Number(wait.dataset.since))));
  }
}

tick();
setInterval(tick, 1_000);
document.addEventListener("htmx:wsAfterMessage", tick);
