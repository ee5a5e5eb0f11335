// The scan box takes whatever a scanner types, wherever the page's focus was; answers are heard as well as seen.

const SAME_PRESS_MS = 2000;
const NOTES = {
  right: [[1320, 0.09], [1760, 0.12]],
  ask: [[440, 0.14], [440, 0.14]],
  wrong: [[196, 0.45]],
};

const scanBox = document.getElementById("scan-text");
/** Where the next scan goes. */
export const home = () => document.querySelector("main [data-scan-home]") ?? scanBox;
/** Asked before a fact is taken: while it stands, nothing else is. */
export const question = () => document.querySelector("main [data-ask-back]");
const isTyping = (element) => element.matches("input:not([type=radio], [type=checkbox], [type=submit]), textarea, select");
const isOperable = (element) => element.closest("a, button, input, select, textarea, summary, label, [tabindex]:not(main)") !== null;

/** Focus starts where something is wrong, else where the next scan goes; before signing in, at the first field. */
export function focusFirst() {
  const first = document.querySelector("main [aria-invalid=true], main [data-first]") ?? home()
    ?? document.querySelector("main input:not([type=hidden])");
  first?.focus({ preventScroll: first === scanBox });
  if (first?.matches("textarea[data-scan-home]")) first.setSelectionRange(first.value.length, first.value.length);
}

/** The first field that still has to be filled, so that a scanner's Enter never sends half a form. */
function firstEmpty(form) {
  return [...form.elements].find((element) => element.required && !element.checkValidity());
}

/** In a list of codes a line ends where a scan ends; Tab on an empty line goes on, as everywhere. */
function endLine(event) {
  const list = event.target;
  const before = list.value.slice(0, list.selectionStart);
  if (event.key !== "Tab" || event.shiftKey || before.slice(before.lastIndexOf("\n") + 1).trim() === "") return;
  event.preventDefault();
  list.setRangeText("\n", list.selectionStart, list.selectionEnd, "end");
}

function finishScan(event) {
  const field = event.target;
  if (field.matches("textarea")) {
    endLine(event);
    return;
  }
  const ends = event.key === "Enter" || (event.key === "Tab" && !event.shiftKey && field.value.trim() !== "");
  if (!ends) return;
  event.preventDefault();
  if (field.value.trim() === "") return;
  if (question() && field === scanBox) {
    field.value = "";
    tellScannedOver();
    return;
  }
  const empty = firstEmpty(field.form);
  if (empty) empty.focus();
  else field.form.requestSubmit();
}

/** A scanner types as if it were hands: what it types outside of any field belongs in the scan box. */
function catchStrayTyping(event) {
  const stray = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (stray && !isTyping(event.target)) home()?.focus({ preventScroll: true });
}

function pressStep(event) {
  if (!/^F\d+$/.test(event.key) || event.ctrlKey || event.altKey || event.shiftKey) return;
  const step = document.querySelector(`[data-key="${event.key}"]`);
  if (!step) return;
  event.preventDefault();
  step.click();
}

/** The same press twice is one step, however long the answer takes; another scan is another scan. */
const sent = new WeakMap();
function sendOnce(event) {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  const content = new URLSearchParams(new FormData(form)).toString();
  const before = sent.get(form);
  if (before?.content === content && Date.now() - before.at < SAME_PRESS_MS) event.preventDefault();
  else sent.set(form, { content, at: Date.now() });
}

/** High for right, low for wrong, twice the same for a question. A browser that forbids sound stays silent. */
async function sound(tone) {
  const notes = NOTES[tone];
  if (!notes || !window.AudioContext) return;
  const audio = new AudioContext();
  if (audio.state === "suspended") {
    await Promise.race([audio.resume(), new Promise((resolve) => { setTimeout(resolve, 200); })]);
  }
  if (audio.state !== "running") return;
  let at = audio.currentTime + 0.02;
  for (const [pitch, seconds] of notes) {
    const note = audio.createOscillator();
    const volume = audio.createGain();
    note.type = tone === "wrong" ? "square" : "sine";
    note.frequency.value = pitch;
    volume.gain.setValueAtTime(0.25, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + seconds);
    note.connect(volume).connect(audio.destination);
    note.start(at);
    note.stop(at + seconds);
    at += seconds + 0.04;
  }
}

/** Whoever scans over a question hears so, and the question stays. */
export function tellScannedOver() {
  const told = question().querySelector("[data-scanned-over]");
  told.hidden = false;
  document.getElementById("announcement").textContent = told.textContent.trim();
  sound("wrong");
}

/** Screen readers speak what changes after loading, so the answer is written once more where they listen. */
export function announce() {
  const answer = document.getElementById("answer");
  if (!answer) return;
  document.getElementById("announcement").textContent = answer.innerText.replace(/\s+/g, " ");
  sound(answer.dataset.tone);
}

document.addEventListener("keydown", (event) => {
  if (event.target === home() || event.target === scanBox) finishScan(event);
  else catchStrayTyping(event);
  pressStep(event);
});
document.addEventListener("click", (event) => {
  if (!isOperable(event.target) && String(window.getSelection()) === "") home()?.focus({ preventScroll: true });
});
document.addEventListener("submit", sendOnce);
window.addEventListener("pageshow", (event) => {
  if (event.persisted && scanBox) scanBox.value = "";
  focusFirst();
});
setTimeout(announce, 100);
