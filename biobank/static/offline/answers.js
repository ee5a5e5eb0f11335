// What may be said of a tube without network, in the words of the page at the chair.

const MICROLITRES = 1000;

/** `full`, `short:2000`, `amount` with a number, `not_collected:fainted`, `broken:dropped` as action and details; null for anything else. */
export function answerTold(answer, millilitres = "") {
  const [word, more = ""] = answer.split(":");
  if (["full", "short", "unknown"].includes(word)) {
    const volume = word === "short" ? Number(more) || Math.round(Number(millilitres) * MICROLITRES) : 0;
    return { action: "collect", details: { fill: word, ...(volume > 0 && { volume_microlitres: volume }) } };
  }
  if (word === "amount") return Number(millilitres) > 0 ? answerTold("short", millilitres) : null;
  if (word === "not_collected" && more) return { action: "mark_not_collected", details: { reason: more } };
  if (word === "broken" && more) return { action: "break", details: { reason: more } };
  return null;
}

/** The answer of the chair, in the words of a tube's state. */
const STATES = { collect: "collected", mark_not_collected: "not_collected", break: "broken" };

/** The state of a tube of which this was told, and how full it is. */
export function stateTold({ action, details }) {
  return { state: STATES[action], level: details.fill ?? "empty" };
}
