"use strict";
for (const figure of document.querySelectorAll("figure[data-chart]")) {
  const panels = JSON.parse(figure.dataset.chart);
  const place = document.createElement("div");
  place.className = "live";
  figure.prepend(place);
  const charts = [];
  let zooming = false;
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const written = (value) => value === null || value === undefined ? "" : value.toLocaleString("en", { maximumSignificantDigits: 4 });
  function zoomed(chart, scale) {
    if (scale !== "x" || zooming) { return; }
    zooming = true;
    const { min, max } = chart.scales.x;
    charts.forEach((each) => { if (each !== chart) { each.setScale("x", { min, max }); } });
    zooming = false;
  }
  function options(panel, width) {
    const axis = { stroke: colour("--ink"), grid: { stroke: colour("--rule"), width: 0.6 }, ticks: { stroke: colour("--rule") } };
    const values = (_, splits) => splits.map(written);
    let measured = 0;
    return {
      title: panel.title, width, height: 190,
      cursor: { sync: { key: figure.dataset.key }, drag: { x: true, y: false } },
      scales: { x: { time: false }, y: { range: (_, low, high) => [Math.min(low ?? 0, 0), high > 0 ? high * 1.08 : 1] } },
      axes: [{ ...axis, values }, { ...axis, values, size: 64 }],
      series: [{ label: "at second", value: (_, value) => written(value) }, ...panel.lines.map((line) => ({
        label: line.name,
        stroke: colour(line.guide ? "--ink" : `--series-${(measured++ % 5) + 1}`),
        width: 1.4, dash: line.guide ? [6, 4] : undefined, spanGaps: true, points: { show: false },
        value: (_, value) => written(value),
      }))],
      hooks: { setScale: [zoomed] },
    };
  }
  function draw() {
    const width = Math.floor(figure.clientWidth);
    if (!width) { return; }
    charts.splice(0).forEach((each) => each.destroy());
    for (const panel of panels) {
      charts.push(new uPlot(options(panel, width), [panel.x, ...panel.lines.map((line) => line.values)], place));
    }
  }
  let drawn = 0;
  new ResizeObserver(() => {
    if (figure.clientWidth && figure.clientWidth !== drawn) { drawn = figure.clientWidth; draw(); }
  }).observe(figure);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
}
