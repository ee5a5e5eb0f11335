// A form is sent when the service answers: without network nothing leaves the page, and it says so.

const PATIENCE_MS = 4000;
const notice = document.getElementById("no-network");
const waiting = new WeakSet();
const cleared = new WeakSet();
const sendAgain = document.getElementById("send-again");
let unsent = null;

/** Forms that htmx sends are seen to where they stand. */
const isOurs = (form) => form.method === "post" && !form.matches("[hx-post], [data-here]") && !form.closest("[hx-boost=true]");

/** Whether the service can be reached: "open", "closed" for a page whose sign-in is over, or "away". */
export async function serviceNow() {
  const answer = await fetch("/session", {
    cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(PATIENCE_MS),
  }).catch(() => null);
  if (answer === null || answer.status >= 502) return "away";
  return answer.type === "opaqueredirect" ? "closed" : "open";
}

/** Asked first, so that what was typed stays on the page; the key in the form makes a second sending harmless. */
async function sendWhenReached(form, submitter) {
  const open = [...form.elements].filter((field) => field.readOnly === false);
  waiting.add(form);
  for (const field of open) field.readOnly = true; // what is scanned meanwhile belongs to no form
  const now = await serviceNow();
  for (const field of open) field.readOnly = false;
  waiting.delete(form);
  unsent = null;
  if (now === "away") {
    unsent = { form, submitter };
    notice.hidden = false;
    sendAgain.focus();
    return;
  }
  notice.hidden = true;
  const held = new CustomEvent("biobank:closed", { cancelable: true, detail: { again: () => sendWhenReached(form, submitter) } });
  if (now === "closed" && !document.dispatchEvent(held)) return;
  cleared.add(form);
  form.requestSubmit(submitter?.isConnected ? submitter : undefined);
}

function askFirst(event) {
  const form = event.target;
  if (!isOurs(form) || cleared.delete(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!waiting.has(form)) sendWhenReached(form, event.submitter);
}

if (notice) {
  document.addEventListener("submit", askFirst, { capture: true });
  sendAgain.addEventListener("click", () => {
    if (unsent) sendWhenReached(unsent.form, unsent.submitter);
  });
}
