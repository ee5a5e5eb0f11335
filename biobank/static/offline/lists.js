// What this computer knows without network: the open kits of its site, who works there, how wrong its clock is.

import { stateTold } from "./answers.js";
import { keep, kept, tellAll } from "./store.js";

const OLD_MS = 10 * 60 * 1000;
const PATIENCE_MS = 15000;

/** Fetch from the service, told apart: an answer, nobody signed in, not now, no network. */
export async function ask(url, options = {}) {
  let response;
  try {
    response = await fetch(url, { redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS), ...options });
  } catch {
    return { why: "network" };
  }
  if (response.status >= 500) return { why: "later" };
  const isOurs = response.headers.get("Content-Type")?.startsWith("application/json");
  if (!isOurs) return { why: "signed_out" };
  try {
    const document = await response.json();
    return response.ok ? { document } : { why: "refused", document };
  } catch {
    return { why: "network" };
  }
}

/** The newest lists, kept here when they are of a site; the token of this sign-in is not kept. */
export async function fetchLists(site = "") {
  const before = Date.now();
  const answer = await ask(`/offline/lists${site ? `?site=${encodeURIComponent(site)}` : ""}`);
  if (answer.why) return answer;
  const { csrf_token: token, ...lists } = answer.document;
  const ahead = (before + Date.now()) / 2 - Date.parse(lists.made_at);
  await keep("clock", { offset_seconds: Math.round(ahead / 1000) });
  if (lists.site) await keep("lists", lists);
  tellAll();
  return { token, lists };
}

export async function refreshIfOld(site, kit = null) {
  const lists = await kept("lists");
  const isOld = !lists || (site && lists.site !== site) || ageOf(lists) > OLD_MS;
  if (isOld || (kit && !kitNamed(lists, kit))) await fetchLists(site);
}

/** Milliseconds since the lists were made, by this computer's clock put right. */
export function ageOf(lists, clock = null) {
  return Date.now() - (clock?.offset_seconds ?? 0) * 1000 - Date.parse(lists.made_at);
}

export function kitNamed(lists, identifier) {
  return lists?.kits.find((kit) => kit.identifier === identifier);
}

/** The kit and the tube that bear a code, of ours or of a maker's. */
export function tubeNamed(lists, code) {
  for (const kit of lists?.kits ?? []) {
    const tube = kit.tubes.find((each) => each.identifier === code || each.codes.includes(code));
    if (tube) return { kit, tube };
  }
  return null;
}

/** What a page of the service showed of a kit is newer than the lists. */
export async function noteStates(identifier, states) {
  const lists = await kept("lists");
  const kit = kitNamed(lists, identifier);
  if (!kit) return;
  for (const tube of kit.tubes) {
    const state = states.get(tube.identifier);
    if (state && state !== tube.state) Object.assign(tube, { state, level: state === "collected" ? "full" : "empty" });
  }
  await keep("lists", lists);
}

/** What the service takes of the queue is in the lists from then on, not only in the next ones. */
export async function noteSent(scans) {
  const lists = await kept("lists");
  for (const scan of scans) Object.assign(tubeNamed(lists, scan.item)?.tube ?? {}, stateTold(scan));
  if (lists) await keep("lists", lists);
}
