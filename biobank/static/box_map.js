// The map of a box is one stop of the Tab key; arrow keys, Home and End walk over all its positions, free ones too.

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const rowsOf = (map) => [...map.tBodies[0].rows].map((row) => [...row.cells].filter((cell) => cell.matches("td")));
/** What of a cell takes the focus: its link, else the cell itself. */
const stop = (cell) => cell.querySelector("a") ?? cell;

function rest(map, cell) {
  for (const each of rowsOf(map).flat()) stop(each).tabIndex = each === cell ? 0 : -1;
}

function go(map, cell) {
  if (!cell) return;
  rest(map, cell);
  stop(cell).focus();
}

function target(rows, row, column, event) {
  const line = rows[row];
  if (event.key === "Home") return event.ctrlKey ? rows[0][0] : line[0];
  if (event.key === "End") return event.ctrlKey ? rows.at(-1).at(-1) : line.at(-1);
  const step = STEPS[event.key];
  return step ? rows[row + step[0]]?.[column + step[1]] : undefined;
}

function walk(map, event) {
  const cell = event.target.closest("td");
  if (!cell || !(event.key in STEPS || event.key === "Home" || event.key === "End")) return;
  event.preventDefault();
  const rows = rowsOf(map);
  const row = rows.findIndex((line) => line.includes(cell));
  if (row >= 0) go(map, target(rows, row, rows[row].indexOf(cell), event));
}

function begin() {
  for (const map of document.querySelectorAll("[data-box-map]:not([role])")) {
    map.setAttribute("role", "grid");
    rest(map, map.querySelector("[data-lit]") ?? rowsOf(map)[0]?.[0]);
    map.addEventListener("keydown", (event) => walk(map, event));
    map.addEventListener("focusin", (event) => rest(map, event.target.closest("td")));
    map.querySelector("[data-lit]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }
}

document.addEventListener("biobank:answered", begin);
begin();
