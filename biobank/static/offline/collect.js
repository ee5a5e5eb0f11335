// The page at the chair over a network that may go at any moment: what is scanned is kept here before it is sent.

import { inTurn, post, show } from "../in_place.js";
import { answerTold } from "./answers.js";
import { kindOfCode, plainCode } from "./codes.js";
import { noteStates, refreshIfOld } from "./lists.js";
import { add, answered, waiting } from "./queue.js";
import { alone, sendAll } from "./send.js";

const FIRST_FAILURE = 500;
const ELSEWHERE = 204;
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

/** The key goes in the header alone: what is kept here is not kept a second time by the service. */
function sendFact(url, fields, key) {
  fields.delete("idempotency_key");
  return post({ url, fields, key });
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
    const response = await sendFact(url, submitted, kept.key);
    if (response.status >= FIRST_FAILURE) throw new Error(response.statusText);
    if (response.status === ELSEWHERE) await answered(kept.key);
    const outcome = await show(response);
    if (outcome === "here") await answered(kept.key);
    if (outcome === "page") location.reload(); // of another sign-in: the queue sends what it keeps
  } catch {
    goWithoutNetwork(fact.item);
  }
}

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
  inTurn(() => alone(() => sendInTurn(form.action, submitted, whole))).finally(() => { inHand = ""; });
}

if (chair()) {
  window.addEventListener("submit", takeOver, { capture: true });
  document.addEventListener("biobank:answered", () => noteStates(chair().dataset.kit, statesShown()));
  const { kit, site } = chair().dataset;
  refreshIfOld(site, kit).then(() => noteStates(kit, statesShown()));
}
