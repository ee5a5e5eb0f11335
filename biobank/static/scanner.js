// What a scanner types and a browser would drop is written into the test's field: Tab, F8 and Ctrl+].

const TYPED_BY_A_SCANNER_MS = 60;
const field = document.querySelector("[data-scanner-test]");
let lastKeyAt = -Infinity;

/** Only amid fast typing: a person's Tab leaves the field as everywhere. */
function standInFor(event) {
  const fast = event.timeStamp - lastKeyAt < TYPED_BY_A_SCANNER_MS;
  if (event.key === "Tab" && !event.shiftKey && fast && field.value !== "") return "\t";
  if (event.key === "F8") return "<F8>";
  if (event.ctrlKey && (event.key === "]" || event.code === "BracketRight")) return "^]";
  return null;
}

field?.addEventListener("keydown", (event) => {
  const sign = standInFor(event);
  if (event.key !== "Shift" && event.key !== "Control") lastKeyAt = event.timeStamp;
  if (sign === null) return;
  event.preventDefault();
  event.stopPropagation();
  field.setRangeText(sign, field.selectionStart, field.selectionEnd, "end");
});
