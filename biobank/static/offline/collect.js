// The page at the chair over a network that may go at any moment: what is scanned is kept here before it is sent.

import { announce, focusFirst } from "../scan.js";
import { answerTold } from "./answers.js";
import { kindOfCode, plainCode } from "./codes.js";
import { noteStates, refreshIfOld } from "./lists.js";
import { add, answered, waiting } from "./queue.js";
import { alone, sendAll } from "./send.js";

const PATIENCE_MS = 15000;
const FIRST_FAILURE = 500;
const chair = () => document.getElementById("collect");

/** The fact that a form tells, or null: then it goes its usual way and is not kept here. */
function factIn(form, submitted) {
  const end = new URL(form.action).pathname.split("/").at(-1);
  if (submitted.has("confirmation")) return null;
  if (end === "answer") {
    const told = answerTold(submitted.get("answer") ?? "", submitted.get("volume") ?? "");
    return told && { item: submitted.get("tube"), ...told };
  }
  const code = plainCode(submitted.get("text") ?? "");
  const isTube = end === "scan" && ["tube", "maker"].includes(kindOfCode(code));
  return isTube ? { item: code, ...answerTold("full") } : null;
}

/** The picture goes on where the page would: only that the offline page needs no network. */
function goWithoutNetwork(item) {
  if (navigator.serviceWorker?.controller) location.assign(`/offline#${chair().dataset.kit}/${item}`);
}

function statesShown() {
  return new Map([...chair().querySelectorAll("[data-tube]")].map((tube) => [tube.dataset.tube, tube.dataset.state]));
}

/** Put the answer's page in the place of this one; false when it is another page, such as the one for signing in. */
async function show(response) {
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  if (!page.getElementById("collect")) return false;
  document.getElementById("main").replaceWith(document.adoptNode(page.getElementById("main")));
  history.replaceState(null, "", response.url.replace(/\/(?:scan|answer)$/, ""));
  await noteStates(chair().dataset.kit, statesShown());
  focusFirst();
  announce();
  return true;
}

/** The key goes in the header: what is kept here is not kept a second time by the service. */
function post(url, submitted, key) {
  submitted.delete("idempotency_key");
  return fetch(url, {
    method: "POST",
    headers: { "Idempotency-Key": key },
    body: new URLSearchParams(submitted),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
}

/** It is kept here, where the service would have kept a form. */
function signInAgain(address) {
  const url = new URL(address);
  url.searchParams.set("kept", "yes");
  location.assign(url);
}

/** Earlier scans go first; what gets no answer stays in the queue. */
async function sendInTurn(url, submitted, fact) {
  if ((await waiting()).length > 0) await sendAll();
  if ((await waiting()).length > 0) {
    await add(fact);
    goWithoutNetwork(fact.item);
    return;
  }
  const kept = await add({ ...fact, attempted: true });
  try {
    const response = await post(url, submitted, kept.key);
    if (response.status >= FIRST_FAILURE) throw new Error(response.statusText);
    if (await show(response)) await answered(kept.key);
    else signInAgain(response.url);
  } catch {
    goWithoutNetwork(fact.item);
  }
}

let turn = Promise.resolve();
let inHand = "";
function takeOver(event) {
  const form = event.target;
  const banner = document.getElementById("offline-banner");  // nobody else than who collects keeps scans
  const isHere = banner && chair() && form.method === "post" && new URL(form.action).pathname.includes("/collect/");
  const submitted = new FormData(form, event.submitter);
  const fact = isHere ? factIn(form, submitted) : null;
  if (!fact) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const same = JSON.stringify(fact);
  if (same === inHand) return;  // the same press twice
  inHand = same;
  const { person, site } = banner.dataset;
  const whole = { ...fact, person, site: site || chair().dataset.site };
  if (submitted.has("text")) form.elements.text.value = "";
  turn = turn.then(() => alone(() => sendInTurn(form.action, submitted, whole))).finally(() => { inHand = ""; });
}

if (chair()) {
  window.addEventListener("submit", takeOver, { capture: true });
  const { kit, site } = chair().dataset;
  refreshIfOld(site, kit).then(() => noteStates(kit, statesShown()));
}
