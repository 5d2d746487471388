// Drawing with Plotly. A redraw moves the points of traces and, where needed, the range of an axis: Plotly's light path,
// a few milliseconds for a figure. A whole figure is drawn anew when colours, size or subject change.
const Figures = (() => {
  const LIGHT = { mode: "immediate", frame: { duration: 0, redraw: false }, transition: { duration: 0 } };
  const CONFIG = { displayModeBar: false, responsive: false, doubleClick: false };
  const MARGIN = { l: 62, r: 14, t: 8, b: 44 }; // as that of .behind in page.css
  const LOOSE = 0.4; // an axis keeps its range while the values fill more than this share of it

  const box = (view) => document.getElementById(`figure-${view.id}`);

  function colours() {
    const style = getComputedStyle(document.documentElement);
    const read = (name) => style.getPropertyValue(`--${name}`).trim();
    const names = [
      "ink",
      "ground",
      "grid",
      "bias",
      "variance",
      "bottleneck",
      "bottleneckLine",
      "teacher",
      "student",
      "band",
      "bandLine",
    ];
    return Object.fromEntries(names.map((name) => [name, read(name)]));
  }

  function axis(own, c) {
    return {
      gridcolor: c.grid,
      zerolinecolor: c.grid,
      linecolor: c.ink,
      ticks: "outside",
      nticks: 6,
      ticklabeloverflow: "allow", // without measuring every label
      tickcolor: c.ink,
      fixedrange: true,
      automargin: false,
      ...own,
      title: { ...own.title, font: { size: 12 }, standoff: 8 },
    };
  }

  function layout(view, subject, c, ranges) {
    const own = view.layout(subject);
    const ranged = (side) => (ranges[side] ? { range: ranges[side], autorange: false } : {});
    return {
      margin: { ...MARGIN, autoexpand: false },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: "system-ui, sans-serif", size: 12, color: c.ink },
      showlegend: false,
      hovermode: "closest",
      hoverlabel: { bgcolor: c.ground, bordercolor: c.ink, font: { color: c.ink } },
      dragmode: false,
      xaxis: axis({ ...own.xaxis, ...ranged("x") }, c),
      yaxis: axis({ ...own.yaxis, ...ranged("y") }, c),
    };
  }

  // Keep a range that still suits, so that axes stand still under the hand.
  function steady(current, wanted) {
    if (!current) return wanted;
    if (current[0] === wanted[0] && current[1] === wanted[1]) return current;
    const [low, high] = current;
    const size = Math.abs(high - low);
    const inside =
      Math.min(...wanted) >= Math.min(low, high) - 1e-12 && Math.max(...wanted) <= Math.max(low, high) + 1e-12;
    return inside && Math.abs(wanted[1] - wanted[0]) > LOOSE * size ? current : wanted;
  }

  const drawn = new Map(); // view id → { ranges, heat } as last drawn
  let pointed = () => {}; // called with a formula's name, and what is under the pointer with its value

  async function whole(view, state, frame, ranges) {
    const c = colours();
    const traces = view.traces(c, state.subject).map((trace, i) => ({ ...trace, ...frame.traces[i] }));
    const fresh = !box(view).data;
    await Plotly.react(box(view), traces, layout(view, state.subject, c, ranges), CONFIG);
    if (fresh) listen(view);
  }

  function listen(view) {
    const figure = box(view);
    let onCurve = false;
    figure.on("plotly_hover", ({ points: [point] }) => {
      onCurve = true;
      pointed(point.data.meta, point.data.name, point.customdata ?? point.y);
    });
    figure.on("plotly_unhover", () => {
      onCurve = false;
    });
    if (!view.heat) return;
    figure.addEventListener("pointermove", (event) => {
      if (!onCurve) overMap(figure, event, drawn.get(view.id).heat);
    });
  }

  function overMap(figure, event, { x, y, customdata }) {
    const { left, top, width, height } = figure.getBoundingClientRect();
    const across = (event.clientX - left - MARGIN.l) / (width - MARGIN.l - MARGIN.r);
    const upwards = 1 - (event.clientY - top - MARGIN.t) / (height - MARGIN.t - MARGIN.b);
    if (across < 0 || across > 1 || upwards < 0 || upwards > 1) return;
    const column = Math.round(across * (x.length - 1));
    const [, highest] = figure.layout.yaxis.range;
    const row = Math.min(y.length - 1, Math.round((upwards * highest) / (y[1] - y[0])));
    const where = `rank ${y[row]}, ν = ${Format.number(10 ** x[column], 3)}`;
    pointed("retained_cost", where, customdata[row][column]);
  }

  function lightly(view, frame, ranges, before) {
    const changed = {};
    for (const side of ["x", "y"]) if (ranges[side] !== before[side]) changed[`${side}axis`] = { range: ranges[side] };
    return Plotly.animate(box(view), { data: frame.traces, traces: [...frame.traces.keys()], layout: changed }, LIGHT);
  }

  // Draw one view; `afresh` where more than numbers changed.
  async function draw(view, state, afresh) {
    if (view.available(state.subject) !== null) return;
    const frame = view.frame(state);
    const before = drawn.get(view.id);
    const ranges = {};
    for (const side of ["x", "y"]) {
      if (frame[side]) ranges[side] = afresh || !before ? frame[side] : steady(before.ranges[side], frame[side]);
    }
    drawn.set(view.id, { ranges, heat: state.heat });
    if (view.heat && before?.heat !== state.heat) {
      HeatMap.paint(document.getElementById("heat"), state.heat, Spectrum.of(state.subject).size);
    }
    await (before && !afresh ? lightly(view, frame, ranges, before.ranges) : whole(view, state, frame, ranges));
  }

  // The map of numbers as Plotly draws it, with its scale of colours.
  function heatTrace({ y, z, zmin, zmax, x }) {
    const tickvals = [0, 0.25, 0.5, 0.75, 1].map((share) => zmin + share * (zmax - zmin));
    const ticktext = tickvals.map((value) => Format.number(10 ** value, 2));
    const colorbar = { thickness: 12, outlinewidth: 0, title: { text: "nats", side: "right" }, tickvals, ticktext };
    return { type: "heatmap", x, y, z, zmin, zmax, zsmooth: "fast", colorscale: "Viridis", colorbar };
  }

  function resize(view) {
    if (drawn.has(view.id) && box(view).offsetWidth > 0) Plotly.Plots.resize(box(view));
  }

  function download(view, format) {
    const { width, height } = box(view).getBoundingClientRect();
    const { data, layout: drawnLayout } = box(view);
    const figure = {
      data: view.heat ? [heatTrace(drawn.get(view.id).heat), ...data] : data,
      layout: {
        ...drawnLayout,
        margin: { ...MARGIN, t: 40 },
        title: { text: view.title, font: { size: 15 } },
        paper_bgcolor: colours().ground,
      },
    };
    const scale = format === "png" ? 2 : 1;
    return Plotly.downloadImage(figure, { format, width, height: height + 32, scale, filename: `lingauss-${view.id}` });
  }

  function onPoint(act) {
    pointed = act;
  }

  return { draw, resize, download, onPoint, box };
})();
