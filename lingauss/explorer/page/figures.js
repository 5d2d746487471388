// Drawing with Plotly. A redraw moves the points of traces and, where needed, the range of an axis: Plotly's light path,
// a few milliseconds for a figure. A whole figure is drawn anew when colours, size or subject change.
const Figures = (() => {
  const LIGHT = { mode: "immediate", frame: { duration: 0, redraw: false }, transition: { duration: 0 } };
  const CONFIG = { displayModeBar: false, responsive: false, doubleClick: false };
  const LOOSE = 0.5; // an axis keeps its range while the values fill more than this share of it

  const box = (view) => document.getElementById(`figure-${view.id}`);

  function colours() {
    const style = getComputedStyle(document.documentElement);
    const read = (name) => style.getPropertyValue(`--${name}`).trim();
    const names = ["ink", "ground", "grid", "bias", "variance", "bottleneck", "bottleneckLine", "teacher", "student", "band", "bandLine"];
    return Object.fromEntries(names.map((name) => [name, read(name)]));
  }

  function axis(own, c) {
    return {
      gridcolor: c.grid,
      zerolinecolor: c.grid,
      linecolor: c.ink,
      ticks: "outside",
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
      margin: { l: 62, r: 14, t: 8, b: 44, autoexpand: false },
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
    const [low, high] = current;
    const size = Math.abs(high - low);
    const inside = Math.min(...wanted) >= Math.min(low, high) - 1e-12 && Math.max(...wanted) <= Math.max(low, high) + 1e-12;
    return inside && Math.abs(wanted[1] - wanted[0]) > LOOSE * size ? current : wanted;
  }

  const drawn = new Map(); // view id → { ranges, map } as last drawn
  let pointed = () => {}; // called with a formula's name and the point under the pointer

  async function whole(view, state, frame, ranges) {
    const c = colours();
    const traces = view.traces(c, state.subject).map((trace, i) => ({ ...trace, ...(frame.traces[i] ?? {}) }));
    if (view.heat) Object.assign(traces[0], state.heat);
    const fresh = !box(view).data;
    await Plotly.react(box(view), traces, layout(view, state.subject, c, ranges), CONFIG);
    if (fresh) box(view).on("plotly_hover", ({ points: [point] }) => pointed(point.data.meta, point));
  }

  // A heat map has no light redraw.
  function heated(view, state, frame) {
    const update = {};
    const moved = [state.heat, ...frame.traces.slice(1)];
    for (const name of Object.keys(moved[0])) update[name] = moved.map((trace) => trace[name]);
    return Plotly.restyle(box(view), update, [...moved.keys()]);
  }

  function lightly(view, frame, ranges, before) {
    const moved = frame.traces.map((trace, i) => [trace, i]).filter(([trace]) => trace !== null);
    const changed = {};
    for (const side of ["x", "y"]) if (ranges[side] !== before[side]) changed[`${side}axis`] = { range: ranges[side] };
    const data = moved.map(([trace]) => trace);
    return Plotly.animate(box(view), { data, traces: moved.map(([, i]) => i), layout: changed }, LIGHT);
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
    drawn.set(view.id, { ranges, map: state.map });
    if (!before || afresh) await whole(view, state, frame, ranges);
    else if (view.heat && before.map !== state.map) await heated(view, state, frame);
    else await lightly(view, frame, ranges, before.ranges);
  }

  function withScale(trace) {
    const tickvals = [0, 0.25, 0.5, 0.75, 1].map((share) => trace.zmin + share * (trace.zmax - trace.zmin));
    const ticktext = tickvals.map((value) => Format.number(10 ** value, 2));
    return { ...trace, showscale: true, colorbar: { ...trace.colorbar, tickvals, ticktext } };
  }

  function resize(view) {
    if (drawn.has(view.id) && box(view).offsetWidth > 0) Plotly.Plots.resize(box(view));
  }

  function download(view, format) {
    const { width, height } = box(view).getBoundingClientRect();
    const { data, layout: drawnLayout } = box(view);
    const figure = {
      data: data.map((trace) => (trace.type === "heatmap" ? withScale(trace) : trace)),
      layout: {
        ...drawnLayout,
        margin: { l: 62, r: 14, t: 40, b: 44 },
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
