// Arrow keys walk from position to position on the map of a box.

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function walk(map, event) {
  const step = STEPS[event.key];
  const cell = event.target.closest("td");
  if (!step || !cell) return;
  event.preventDefault();
  const rows = [...map.tBodies[0].rows];
  let row = rows.indexOf(cell.parentElement) + step[0];
  let column = cell.cellIndex + step[1];
  while (rows[row]?.cells[column]?.matches("td")) {
    const link = rows[row].cells[column].querySelector("a");
    if (link) {
      link.focus();
      return;
    }
    row += step[0];
    column += step[1];
  }
}

for (const map of document.querySelectorAll("[data-box-map]")) {
  map.addEventListener("keydown", (event) => walk(map, event));
}
