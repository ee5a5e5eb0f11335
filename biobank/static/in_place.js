// Forms of a station are answered on its page: the answer takes the place of what stood there, and nothing is loaded.

import { newKey } from "./offline/codes.js";
import { announce, focusFirst, home, question, tellScannedOver } from "./scan.js";

const PATIENCE_MS = 15000;
const SIGN_IN = 401;
const NOT_REACHED = 502;
const station = () => document.querySelector("main[data-answered-here]");
const used = new Set();
const inHand = new Set();
let turn = Promise.resolve();

/** Its address lies right below that of the page. */
export function isAnsweredHere(form) {
  const here = station()?.dataset.answeredHere;
  return here !== undefined && new URL(form.action).pathname.startsWith(`${here}/`);
}

/** What a form says at this moment. Another scan into the same form is another sending, with a key of its own. */
export function saidBy(form, submitter) {
  const fields = new FormData(form, submitter);
  const drawn = fields.get("idempotency_key");
  const key = drawn && !used.has(drawn) ? drawn : newKey();
  if (drawn) fields.set("idempotency_key", key);
  used.add(key);
  return { url: form.action, fields, key };
}

/** Answered by the page itself, by 204 and the `Location` of another page, or by 401 when the sign-in is over. */
export function post({ url, fields, key }) {
  return fetch(url, {
    method: "POST",
    headers: { "Idempotency-Key": key, "X-From-Script": "page" },
    body: new URLSearchParams(fields),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
}

/** What was scanned while the answer was on its way stays where the next scan goes. */
function put(main) {
  const typed = station().contains(home()) ? home().value : "";
  station().replaceWith(document.adoptNode(main));
  focusFirst();
  if (typed && home()) home().value = typed;
}

/** "here" when the answer was put on this page, "elsewhere" when it leads to another, "page" when it is one by itself. */
export async function show(response) {
  const elsewhere = response.headers.get("Location");
  if (elsewhere) {
    location.assign(elsewhere);
    return "elsewhere";
  }
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const main = page.querySelector("main[data-answered-here]");
  const here = main?.dataset.answeredHere;
  if (!main || here !== station()?.dataset.answeredHere) return "page";
  put(main);
  document.title = page.title;
  history.replaceState(null, "", response.redirected ? response.url : here);
  document.dispatchEvent(new CustomEvent("biobank:answered"));
  document.getElementById("answer")?.scrollIntoView({ block: "nearest" });
  announce();
  return "here";
}

/** As `show` tells, or why nothing was taken: "over" a question that stands, "away" without network, "closed" signed out. */
async function sendAndShow(said) {
  if (question() && !said.fields.has("confirmation")) {
    tellScannedOver();
    return "over";
  }
  const response = await post(said).catch(() => null);
  if (response === null || response.status >= NOT_REACHED) return "away";
  return response.status === SIGN_IN ? "closed" : show(response).catch(() => "away");
}

/** One sending after the other, as they were scanned. */
export function inTurn(work) {
  const done = turn.then(work);
  turn = done.catch(() => {});
  return done;
}

/** What became of it; null for the same press twice. */
export function answered(said) {
  const content = `${said.url} ${new URLSearchParams([...said.fields].filter(([name]) => name !== "idempotency_key"))}`;
  if (inHand.has(content)) return null;
  inHand.add(content);
  return inTurn(() => sendAndShow(said)).finally(() => inHand.delete(content));
}

/** The second press of a double one would fall on what the answer put there. */
document.addEventListener("click", (event) => {
  if (event.detail < 2 || !event.target.closest("main[data-answered-here] form button")) return;
  event.preventDefault();
  event.stopPropagation();
}, { capture: true });
