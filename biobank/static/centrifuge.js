// Countdowns of the centrifuge: the page came with the right words, and here they go on by the server's clock.

const TICK_MS = 5000;
const MINUTE_MS = 60000;

const page = () => document.getElementById("spins"); // another with each answer
const aheadNow = () => new Date(page().dataset.now).getTime() - Date.now();
let ahead = aheadNow();

/** A time in the page's own language; its words stand on the page. */
function words(milliseconds) {
  const total = Math.floor(Math.abs(milliseconds) / MINUTE_MS);
  const hours = Math.floor(total / 60);
  const told = hours > 0 ? page().dataset.hours : page().dataset.minutes;
  const time = told.replace("{hours}", hours).replace("{minutes}", total % 60);
  return (milliseconds > 0 ? page().dataset.left : page().dataset.over).replace("{time}", time);
}

function phaseOf(row, now) {
  const { opens, hurry, closes, ends } = row.dataset;
  if (ends) return now >= new Date(ends).getTime() ? "done" : "spinning";
  if (!closes) return row.dataset.phase; // nobody knows, and no time changes that
  if (now < new Date(opens).getTime()) return "clotting";
  if (now > new Date(closes).getTime()) return "late";
  return now > new Date(hurry).getTime() ? "hurry" : "ready";
}

/** Only what changes what hands should do is spoken, once. */
function enter(row, phase) {
  row.dataset.phase = phase;
  for (const part of row.querySelectorAll("[data-when]")) {
    part.hidden = !part.dataset.when.split(" ").includes(phase);
  }
  const line = document.createElement("p");
  const sign = row.querySelector(`.spin__phase [data-when~="${phase}"]`);
  line.textContent = `${row.dataset.said}: ${sign.textContent.trim()}`;
  document.getElementById("spin-news").append(line);
}

function tick() {
  const now = Date.now() + ahead;
  for (const left of page().querySelectorAll("[data-until]")) {
    const told = words(new Date(left.dataset.until).getTime() - now);
    if (left.textContent !== told) left.textContent = told;
  }
  for (const row of page().querySelectorAll("[data-tube]")) {
    const phase = phaseOf(row, now);
    if (phase !== row.dataset.phase) enter(row, phase);
  }
}

setInterval(tick, TICK_MS);
document.addEventListener("biobank:answered", () => { ahead = aheadNow(); });
