// A chart is drawn from the cells of the table that stands beside it: there is no other source of its numbers.

const COLOURS = ["#005ea2", "#b50909", "#19692c", "#54278f", "#7a4b00", "#3d4551", "#0b7a75", "#8b0a50"];
const DASHES = [[], [10, 4], [2, 4], [12, 4, 2, 4], [6, 6], [16, 6], [2, 2], [10, 2, 2, 2]];
const HEIGHT = 340;
const THIN = 2;
const BAR_WIDTH = 0.65;
const LONGEST_BAR = 72;
const LETTER = 6.5;
const LINE = 15;
const NARROWEST = 62;
const LONGEST_LABEL = 170;
const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000];

const textOf = (cell) => cell.textContent.trim();

/** A cell without a number is a gap. */
function numberOf(cell) {
  const value = Number.parseFloat(textOf(cell));
  return Number.isNaN(value) ? null : value;
}

/** The columns that are to be drawn, with their headings and their cells. */
function columnsOf(table) {
  const rows = [...table.tBodies[0].rows];
  return [...table.tHead.rows[0].cells]
    .map((head, at) => ({ head, at }))
    .filter(({ head }) => head.dataset.drawn)
    .map(({ head, at }) => ({
      label: textOf(head),
      dashed: head.dataset.drawn === "dashed",
      values: rows.map((row) => numberOf(row.cells[at])),
    }));
}

/** A dashed column goes with the one before it and has its colour. */
const paintOf = (columns, at) => COLOURS[(columns.slice(0, at + 1).filter(({ dashed }) => !dashed).length - 1) % COLOURS.length];

/** Colour and dash together, so that a line is known without its colour. */
function lineOf(columns, at, asBars) {
  const { label, dashed } = columns[at];
  const stroke = paintOf(columns, at);
  if (asBars) {
    const paths = uPlot.paths.bars({ size: [BAR_WIDTH, LONGEST_BAR] });
    return { label, stroke, fill: `${stroke}cc`, paths, points: { show: false } };
  }
  const dash = dashed ? [4, 4] : DASHES[COLOURS.indexOf(stroke)];
  return { label, stroke, width: THIN, dash, points: { show: true, size: 7, fill: dashed ? "#ffffff" : stroke } };
}

/** Words in lines that are not wider than `pixels`. */
function wrapped(text, pixels) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (longer.length * LETTER > pixels && lines.at(-1)) {
      lines.push(word);
    } else {
      lines[lines.length - 1] = longer;
    }
  }
  return lines.join("\n");
}

/** Pixels that each of the labels has below its bar. */
const roomOf = (chart, labels) => (chart.width - 90) / labels.length;

/** Below bars of different things each stands: in lines, or upright where there is no room. Of days some are enough. */
function axisBelow(labels, asDays) {
  const shown = (at) => (Number.isInteger(at) ? labels[at] ?? "" : "");
  const widest = Math.max(...labels.map(({ length }) => length)) * LETTER;
  if (asDays) {
    return { values: (_, splits) => splits.map(shown), space: Math.max(90, widest + LINE) };
  }
  const upright = (chart) => roomOf(chart, labels) < NARROWEST;
  const said = (chart, at) => (upright(chart) ? shown(at) : wrapped(shown(at), roomOf(chart, labels)));
  const longest = Math.min(LONGEST_LABEL, widest);
  const lines = (values) => Math.max(...(values ?? [""]).map((value) => value.split("\n").length));
  return {
    values: (chart, splits) => splits.map((at) => said(chart, at)),
    incrs: [1],
    space: 1,
    rotate: (chart) => (upright(chart) ? -90 : 0),
    size: (chart, values) => (upright(chart) ? longest + LINE : 2 * LINE + LINE * lines(values)),
  };
}

function options(figure, table, labels, columns) {
  const asBars = figure.dataset.shape === "bars" || columns.length === 1;
  const areWhole = columns.every(({ values }) => values.every((value) => value === null || Number.isInteger(value)));
  return {
    width: figure.clientWidth,
    height: HEIGHT,
    padding: [null, asBars ? null : (LETTER * Math.max(...labels.map(({ length }) => length))) / 2, null, null],
    scales: {
      x: { time: false, range: (_, first, last) => [first - 0.6, last + 0.6] },
      y: { range: (_, lowest, highest) => [Math.min(0, lowest * 1.1), Math.max(1, highest * 1.1)] },
    },
    axes: [
      axisBelow(labels, figure.dataset.shape !== "bars"),
      { label: figure.dataset.unit, incrs: areWhole ? STEPS.filter(Number.isInteger) : STEPS },
    ],
    series: [
      { label: textOf(table.tHead.rows[0].cells[0]), value: (_, at) => labels[at] ?? "" },
      ...columns.map((_, at) => lineOf(columns, at, asBars)),
    ],
    legend: { live: false, markers: { dash: (chart, at) => (chart.series[at].dash?.length ? "dashed" : "solid") } },
  };
}

function draw(figure) {
  const table = document.getElementById(figure.dataset.chart);
  const labels = [...table.tBodies[0].rows].map((row) => textOf(row.cells[0]));
  const columns = columnsOf(table);
  const data = [labels.map((_, at) => at), ...columns.map((column) => column.values)];
  const chart = new uPlot(options(figure, table, labels, columns), data, figure);
  new ResizeObserver(() => chart.setSize({ width: figure.clientWidth, height: HEIGHT })).observe(figure);
  figure.dataset.drawn = String(columns.length);
}

document.querySelectorAll("[data-chart]").forEach(draw);
