// A station nobody uses shows the badge screen over its page; the page stays, with all that was typed.

import { serviceNow } from "./sending.js";

const LAST_USED = "biobank-last-used";
const UNLOCKED = "biobank-unlocked";
const TICK_MS = 1000;
const lock = document.getElementById("lock");
const form = document.getElementById("lock-form");
const badge = document.getElementById("lock-badge");
const pinPart = document.getElementById("lock-pin-part");
const pin = document.getElementById("lock-pin");
const sentence = document.getElementById("lock-sentence");
let before = null;
let afterwards = null;
let told = Date.now();

/** All tabs of a station are used when one is. */
const lastUsed = () => Number(localStorage.getItem(LAST_USED) ?? 0);
const page = () => location.pathname + location.search;
const used = () => localStorage.setItem(LAST_USED, String(Date.now()));

/** A page in which somebody types for long sends nothing by itself, and the service would not know. */
function tellService() {
  const quarter = (Number(lock.dataset.after) * 1000) / 4;
  if (lastUsed() - told < quarter) return;
  told = Date.now();
  serviceNow().then((now) => { if (now === "closed") show(); });
}

function show() {
  if (lock.open) return;
  before = document.activeElement;
  pinPart.hidden = true;
  form.reset();
  sentence.textContent = "";
  lock.showModal();
  badge.focus();
}

function lockHere() {
  show();
  const content = new URLSearchParams({ csrf_token: lock.dataset.token, page: page() });
  fetch("/lock", { method: "POST", body: content, redirect: "manual", keepalive: true, headers: { "X-From-Script": "lock" } }).catch(() => {});
}

/** Of the same sign-in: a tab that somebody else's badge closed stays closed. */
const ours = () => lock.dataset.token.slice(0, 12);

function goOn() {
  lock.close();
  used();
  told = Date.now();
  before?.focus?.();
  const then = afterwards;
  afterwards = null;
  then?.();
}

/** What its person had typed waits for them when somebody else's badge closes the page. */
async function keepTyped() {
  const changed = (field) => (field.matches("[type=radio], [type=checkbox]") ? field.checked !== field.defaultChecked
    : field.matches("input:not([type=hidden]), textarea") && field.value !== field.defaultValue);
  const typed = [...document.querySelectorAll("main form")].filter((each) => each.elements.namedItem("idempotency_key")
    && [...each.elements].some(changed));
  for (const each of typed) {
    const content = new URLSearchParams([...new FormData(each)].filter(([, value]) => typeof value === "string"));
    content.set("kept_for", new URL(each.action).pathname + new URL(each.action).search);
    await fetch("/kept-form", { method: "POST", body: content }).catch(() => {});
  }
}

async function leave(where) {
  await keepTyped();
  location.assign(where === "/badge" ? `/badge?next=${encodeURIComponent(page())}` : where);
}

async function unlock(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
  const content = new URLSearchParams(new FormData(form));
  content.set("page", page());
  const answer = await fetch("/unlock", { method: "POST", body: content }).then((response) => response.json()).catch(() => null);
  if (answer?.open) {
    localStorage.setItem(UNLOCKED, `${ours()} ${Date.now()}`);
    goOn();
  } else if (answer?.go) leave(answer.go);
  else ask(answer);
}

function ask(answer) {
  if (answer?.ask === "pin") pinPart.hidden = false;
  form.reset();
  sentence.textContent = answer === null ? sentence.dataset.noNetwork : answer.sentence ?? "";
  (pinPart.hidden ? badge : pin).focus();
}

/** No key reaches the page below; a scanner may end a code with Tab. */
function keepKeys(event) {
  if (!lock.open) {
    used();
    return;
  }
  if (event.key === "Escape" || /^F\d+$/.test(event.key)) event.preventDefault();
  const ends = event.target === badge && event.key === "Tab" && !event.shiftKey && badge.value.trim() !== "";
  if (ends) {
    event.preventDefault();
    form.requestSubmit();
  }
  event.stopImmediatePropagation();
}

function watch() {
  if (lock.open) return;
  if (Date.now() - lastUsed() >= Number(lock.dataset.after) * 1000) lockHere();
  else tellService();
}

if (lock) {
  used();
  window.addEventListener("keydown", keepKeys, { capture: true });
  for (const kind of ["pointerdown", "input", "wheel"]) {
    window.addEventListener(kind, () => { if (!lock.open) used(); }, { capture: true, passive: true });
  }
  lock.addEventListener("cancel", (event) => event.preventDefault());
  lock.addEventListener("click", (event) => { if (event.target === lock) badge.focus(); });
  document.getElementById("lock-other").addEventListener("click", (event) => {
    event.preventDefault();
    leave(event.target.pathname);
  });
  window.addEventListener("submit", (event) => { if (event.target === form) unlock(event); }, { capture: true });
  document.addEventListener("biobank:closed", (event) => {
    event.preventDefault();
    afterwards = event.detail.again;
    show();
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-lock-now]")) return;
    event.preventDefault();
    lockHere();
  });
  window.addEventListener("storage", (event) => {
    if (lock.open && event.key === UNLOCKED && event.newValue?.startsWith(ours())) goOn();
  });
  setInterval(watch, TICK_MS);
}
