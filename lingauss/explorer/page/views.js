// What each figure shows: finished numbers in, Plotly traces, axis ranges and a table out. A frame holds for every trace
// what changes from redraw to redraw; everything else is said once, in `traces` and `layout`. Frames hold plain arrays:
// Plotly's light redraw walks through typed ones key by key. `meta` names the formula of a trace.
const Views = (() => {
  const MAP_NOISES = 41;
  const MAP_RANKS = 129; // rows of the map at most
  const COLOURED = 0.95; // share of the map that its colours resolve
  const MOST_DOTS = 128; // directions beyond which a curve is a line without dots
  const HEADROOM = 1.5;
  const BEYOND = 10; // how far a vertical line leaves an axis that may keep its range

  const finite = (value) => (Number.isFinite(value) ? value : null);
  const ranks = (answers) => Array.from(answers.ranks);
  const least = (values) =>
    values.reduce((low, value) => (Number.isFinite(value) && value < low ? value : low), Infinity);
  const most = (values) =>
    values.reduce((high, value) => (Number.isFinite(value) && value > high ? value : high), -Infinity);

  // Ends of axes move in steps, because drawing an axis anew takes longer than moving a curve.
  const STEPS = [1, 1.5, 2, 3, 4, 6, 8, 10];
  const QUARTERS = 4; // steps per decade on logarithmic axes

  function roundUp(value) {
    if (!(value > 0 && Number.isFinite(value))) return value > 0 ? 1 : 0;
    const size = 10 ** Math.floor(Math.log10(value));
    return size * STEPS.find((step) => step * size >= value * (1 - 1e-9));
  }

  const outwards = (low, high) => [Math.floor(QUARTERS * low) / QUARTERS, Math.ceil(QUARTERS * high) / QUARTERS];

  // The range of the ranks around and above the best; far dearer small ranks leave it at the top.
  function ceiling(values, more = []) {
    const last = values[values.length - 1];
    const top = HEADROOM * Math.max(HEADROOM * least(values), Number.isFinite(last) ? last : 0, ...more);
    return roundUp(top) || 1;
  }

  const VALUE = "%{y:.4~g}<extra>%{fullData.name}</extra>";
  const PART = "rank %{x}: %{customdata:.4~g} nats<extra>%{fullData.name}</extra>";

  const line = (colour, extra = {}) => ({
    type: "scatter",
    mode: "lines",
    hovertemplate: VALUE,
    line: { color: colour, width: 2, ...extra },
  });
  const dot = (colour, face) => ({
    type: "scatter",
    mode: "markers",
    hovertemplate: VALUE,
    marker: { size: 10, color: face, line: { color: colour, width: 2 } },
  });
  const dotted = (colour, subject) => ({
    ...line(colour),
    mode: Spectrum.of(subject).size > MOST_DOTS ? "lines" : "lines+markers",
    marker: { size: 5, color: colour },
  });
  const rankAxis = (subject) => ({
    title: { text: "student rank r (directions)" },
    range: [0, Spectrum.of(subject).size],
  });

  const ledger = {
    id: "ledger",
    title: "Ledger by rank",
    about: "What each rank costs: bias, variance and rank bottleneck, stacked, in nats.",
    keys: [
      { text: "rank bottleneck", colour: "bottleneck", formula: "discarded_cost" },
      { text: "bias", colour: "bias", formula: "retained_bias" },
      { text: "variance", colour: "variance", formula: "retained_spread" },
      { text: "best rank", colour: "ink", formula: "keep_direction_threshold" },
    ],
    available: () => null,
    traces: (c) => [
      {
        ...line(c.variance, { width: 0, shape: "hvh" }),
        fill: "tozeroy",
        fillcolor: c.variance,
        name: "variance",
        meta: "retained_spread",
        hovertemplate: PART,
      },
      {
        ...line(c.bias, { width: 0, shape: "hvh" }),
        fill: "tonexty",
        fillcolor: c.bias,
        name: "bias",
        meta: "retained_bias",
        hovertemplate: PART,
      },
      {
        ...line(c.ink, { width: 1, shape: "hvh" }),
        fill: "tonexty",
        fillcolor: c.bottleneck,
        name: "rank bottleneck",
        meta: "discarded_cost",
        hovertemplate: PART,
      },
      { ...line(c.ink, { width: 1, dash: "dot" }), name: "present rank", meta: "retained_cost" },
      { ...dot(c.ink, c.ground), name: "present design", meta: "retained_cost" },
      { ...dot(c.ink, c.ink), name: "best rank", meta: "keep_direction_threshold" },
    ],
    layout: (subject) => ({ xaxis: rankAxis(subject), yaxis: { title: { text: "divergence (nats)" } } }),
    frame({ answers, design }) {
      const { bias, variance, bottleneck, total } = answers.ledger;
      const x = ranks(answers);
      const top = ceiling(total);
      const here = design.student_rank;
      const { place, best } = answers;
      return {
        traces: [
          { x, y: Array.from(variance, finite), customdata: Array.from(variance) },
          { x, y: Array.from(variance, (value, r) => finite(value + bias[r])), customdata: Array.from(bias) },
          { x, y: Array.from(total, finite), customdata: Array.from(bottleneck) },
          { x: [here, here], y: [0, BEYOND * top] },
          { x: [here], y: [finite(total[place])] },
          { x: [x[best]], y: [finite(total[best])] },
        ],
        y: [0, top],
      };
    },
    table({ answers }) {
      const { bias, variance, bottleneck, total } = answers.ledger;
      const { ranks: places } = answers;
      return {
        header: ["rank", "bias (nats)", "variance (nats)", "rank bottleneck (nats)", "divergence (nats)"],
        rows: Array.from(total, (value, r) => [places[r], bias[r], variance[r], bottleneck[r], value]),
      };
    },
  };

  function mapTicks(noises) {
    const ticks = { tickvals: [], ticktext: [] };
    const decades = Math.log10(noises[noises.length - 1] / noises[0]);
    for (let exponent = -12; exponent <= 12; exponent++) {
      for (const digit of decades > 2.5 ? [1] : [1, 2, 5]) {
        const value = digit * 10 ** exponent;
        if (value < noises[0] || value > noises[noises.length - 1]) continue;
        ticks.tickvals.push(Math.log10(value));
        ticks.ticktext.push(Format.number(value));
      }
    }
    return ticks;
  }

  // Colours in the logarithm; the dearest corner is drawn in the last one. Rows lie evenly, on the nearest rank below.
  function heat(computed, spectrum) {
    const step = Math.ceil((spectrum.size + 1) / MAP_RANKS);
    const y = Array.from({ length: Math.floor(spectrum.size / step) + 1 }, (_, j) => j * step);
    const customdata = y.map((rank) => computed.rows[Spectrum.place(spectrum, rank)]);
    const z = customdata.map((row) =>
      Array.from(row, (value) => (value > 0 && Number.isFinite(value) ? Math.log10(value) : null)),
    );
    const values = Float64Array.from(z.flat().filter((value) => value !== null)).sort();
    const zmin = values.length ? values[0] : 0;
    const high = values.length ? values[Math.floor(COLOURED * (values.length - 1))] : 1;
    return { x: Array.from(computed.noises, Math.log10), y, z, customdata, zmin, zmax: Math.max(high, zmin + 1e-9) };
  }

  // Label noises of the map, evenly spaced in the logarithm over the range of the control.
  function noises(subject) {
    const [low, high] = Settings.byName.label_noise.range(subject);
    return Float64Array.from({ length: MAP_NOISES }, (_, j) => low * (high / low) ** (j / (MAP_NOISES - 1)));
  }

  const map = {
    id: "map",
    title: "Rank and label noise",
    about: "The divergence, by colour, over student rank and label noise; the path is the best rank at each noise.",
    keys: [
      { text: "best rank at each noise", colour: "path", formula: "keep_direction_threshold" },
      { text: "present design", colour: "ink", formula: "retained_cost" },
    ],
    available: () => null,
    traces: (c) => [
      { ...line("#ffffff", { shape: "hvh", width: 2.5 }), name: "best rank", meta: "keep_direction_threshold" },
      { ...dot("#000000", "#ffffff"), name: "present design", meta: "retained_cost" },
    ],
    layout: (subject) => {
      const at = noises(subject);
      return {
        xaxis: {
          showgrid: false,
          zeroline: false,
          title: { text: "label noise ν (standard deviation)" },
          range: [Math.log10(at[0]), Math.log10(at[at.length - 1])],
          ...mapTicks(at),
        },
        yaxis: {
          showgrid: false,
          zeroline: false,
          title: { text: "student rank r" },
          range: [0, Spectrum.of(subject).size],
        },
      };
    },
    heat: true, // over a map of numbers
    frame({ map: computed, design, answers }) {
      return {
        traces: [
          { x: Array.from(computed.noises, Math.log10), y: Array.from(computed.best, (place) => answers.ranks[place]) },
          { x: [Math.log10(design.label_noise)], y: [design.student_rank] },
        ],
      };
    },
    table({ map: computed, answers }) {
      return {
        header: ["label noise ν", "best rank", "divergence there (nats)"],
        rows: Array.from(computed.noises, (noise, j) => [noise, answers.ranks[computed.best[j]], computed.rows[computed.best[j]][j]]),
      };
    },
  };

  const directions = {
    id: "directions",
    title: "Ledger by direction",
    about: "What each eigen-direction costs against its eigenvalue, as kept or dropped now, and if decided otherwise.",
    keys: [
      { text: "variance, kept", colour: "variance", formula: "retained_spread" },
      { text: "bias, kept", colour: "bias", formula: "retained_bias" },
      { text: "rank cost, dropped", colour: "bottleneck", formula: "discarded_cost" },
      { text: "if decided otherwise", colour: "ink", formula: "keep_direction_threshold" },
    ],
    available: () => null,
    traces: (c, subject) => [
      { ...dotted(c.variance, subject), name: "variance, kept", meta: "retained_spread" },
      { ...dotted(c.bias, subject), name: "bias, kept", meta: "retained_bias" },
      { ...dotted(c.bottleneckLine, subject), name: "rank cost, dropped", meta: "discarded_cost" },
      { ...line(c.ink, { width: 1, dash: "dot" }), name: "if decided otherwise", meta: "keep_direction_threshold" },
    ],
    layout: () => ({
      xaxis: { title: { text: "eigenvalue s of the Gram matrix" }, type: "log", autorange: false },
      yaxis: { title: { text: "cost of the direction (nats)" }, type: "log", exponentformat: "power" },
    }),
    frame({ answers }) {
      const { eigenvalues, columns, kept, dropped } = Model.perDirection(answers.costs);
      const count = eigenvalues.filter((s) => s > 0).length;
      const rank = answers.place;
      const positive = (value) => (value > 0 && Number.isFinite(value) ? value : null);
      const x = Array.from(eigenvalues.slice(0, count));
      const where = (keep, value) => Array.from(x, (_, i) => (keep === i < rank ? positive(value(i)) : null));
      const series = [
        where(true, (i) => columns[1][i] + columns[2][i]),
        where(true, (i) => columns[0][i]),
        where(false, (i) => dropped[i]),
        Array.from(x, (_, i) => positive(i < rank ? dropped[i] : kept[i])),
      ];
      const top = Math.log10(Math.max(most(series.flat()), 1e-300));
      const bottom = Math.max(Math.log10(Math.max(least(series.flat().filter((v) => v !== null)), 1e-300)), top - 6);
      const high = count ? x[0] : 1;
      const low = count ? x[count - 1] : 1;
      return {
        traces: series.map((y) => ({ x, y })),
        x: outwards(Math.log10(low), Math.log10(high)).toReversed(),
        y: Number.isFinite(top) && top > -299 ? outwards(bottom, top) : [-1, 1],
      };
    },
    table({ answers }) {
      const { eigenvalues, columns, kept, dropped } = Model.perDirection(answers.costs);
      const { ranks: places, place } = answers;
      const named = (i) => (places[i + 1] === places[i] + 1 ? i + 1 : `${places[i] + 1} to ${places[i + 1]}`);
      return {
        header: [
          "direction",
          "eigenvalue",
          "kept",
          "bias if kept (nats)",
          "label noise if kept (nats)",
          "spread if kept (nats)",
          "cost if kept (nats)",
          "cost if dropped (nats)",
        ],
        rows: Array.from(eigenvalues, (s, i) => [
          named(i),
          s,
          i < place ? "yes" : "no",
          columns[0][i],
          columns[1][i],
          columns[2][i],
          kept[i],
          dropped[i],
        ]),
      };
    },
  };

  const noTruth = "The user's data come without true weights, and this view is an average over labels that needs them.";
  const otherInputs =
    "This view is drawn for test inputs like the training inputs; this design has other ones (test_cov).";

  // One curve around a value: above it from rank 0 to d, then below it and back, with a break between or as an outline.
  function around(at, width, centre, broken) {
    const known = Array.from(width ?? [], (value, i) => [at[i], value]).filter(([, value]) => Number.isFinite(value));
    const back = known.toReversed();
    const gap = broken ? [null] : [];
    return {
      x: [...known.map(([r]) => r), ...gap, ...back.map(([r]) => r)],
      y: [...known.map(([, value]) => centre + value), ...gap, ...back.map(([, value]) => centre - value)],
    };
  }

  const gaps = {
    id: "gaps",
    title: "Generalisation gap and its bounds",
    about: "Test loss minus training loss, exactly, and what the divergence from the teacher says about the student's.",
    keys: [
      { text: "student", colour: "student", formula: "gap_student" },
      { text: "teacher", colour: "teacher", formula: "gap_teacher" },
      { text: "variance proxy, √(2σ̄²K)", colour: "band", formula: "universal_bound" },
      { text: "sharpness", colour: "bias", formula: "gap_gradient" },
      { text: "mutual information", colour: "variance", formula: "weight_information" },
    ],
    available: (subject) => (subject.fixed_design ? null : otherInputs),
    note: (subject) =>
      subject.mode === "observed"
        ? `${noTruth.replace("this view is", "the bounds are")} The gaps themselves are exact.`
        : null,
    traces: (c) => [
      {
        ...line(c.bandLine, { width: 1 }),
        fill: "toself",
        fillcolor: c.band,
        hoveron: "points",
        name: "variance proxy",
        meta: "universal_bound",
      },
      { ...line(c.bias, { width: 1, dash: "dash" }), name: "sharpness", meta: "gap_gradient" },
      {
        ...line(c.variance, { width: 1, dash: "dash" }),
        name: "mutual information, upper",
        meta: "weight_information",
      },
      { ...line(c.teacher, { width: 2, dash: "dot" }), name: "teacher", meta: "gap_teacher" },
      { ...line(c.student), name: "student", meta: "gap_student" },
      { ...dot(c.ink, c.ground), name: "present design", meta: "gap_student" },
    ],
    layout: (subject) => ({ xaxis: rankAxis(subject), yaxis: { title: { text: "gap (squared label units)" } } }),
    frame({ answers, design }) {
      const { teacher, student, proxy, sharpness, information } = answers.gaps;
      const x = ranks(answers);
      const size = Math.max(teacher, most(student), 1e-300);
      const width = Math.min(Math.max(1.2 * (proxy ? proxy[answers.place] : 0), size), 6 * size);
      const here = design.student_rank;
      return {
        traces: [
          around(x, proxy, teacher, false),
          around(x, sharpness, teacher, true),
          { x, y: information === null ? x.map(() => null) : Array.from(information, finite) },
          { x: [0, x[x.length - 1]], y: [teacher, teacher] },
          { x, y: Array.from(student) },
          { x: [here], y: [student[answers.place]] },
        ],
        y: [-roundUp(HEADROOM * width - teacher), roundUp(HEADROOM * width + teacher)],
      };
    },
    table({ answers }) {
      const { teacher, student, proxy, sharpness, information } = answers.gaps;
      const beside = (width, r, sign) => (width === null ? "" : teacher + sign * width[r]);
      return {
        header: [
          "rank",
          "student",
          "teacher",
          "variance proxy lower",
          "variance proxy upper",
          "sharpness lower",
          "sharpness upper",
          "mutual information upper",
        ],
        rows: Array.from(student, (value, r) => [
          answers.ranks[r],
          value,
          teacher,
          beside(proxy, r, -1),
          beside(proxy, r, 1),
          beside(sharpness, r, -1),
          beside(sharpness, r, 1),
          information === null ? "" : information[r],
        ]),
      };
    },
  };

  const risks = {
    id: "risks",
    title: "Excess risk of teacher and student",
    about:
      "How far their predictions are from the truth at the training inputs, averaged over labels and drawn weights.",
    keys: [
      { text: "student", colour: "student", formula: "student_risk" },
      { text: "teacher", colour: "teacher", formula: "teacher_risk" },
    ],
    available: (subject) => (subject.mode === "observed" ? noTruth : subject.fixed_design ? null : otherInputs),
    traces: (c) => [
      { ...line(c.teacher, { width: 2, dash: "dot" }), name: "teacher", meta: "teacher_risk" },
      { ...line(c.student), name: "student", meta: "student_risk" },
      { ...dot(c.ink, c.ground), name: "present design", meta: "student_risk" },
    ],
    layout: (subject) => ({
      xaxis: rankAxis(subject),
      yaxis: { title: { text: "excess risk (squared label units)" } },
    }),
    frame({ answers, design }) {
      const { teacher, student } = answers.risks;
      const x = ranks(answers);
      const here = design.student_rank;
      return {
        traces: [
          { x: [0, x[x.length - 1]], y: [teacher, teacher] },
          { x, y: Array.from(student) },
          { x: [here], y: [student[answers.place]] },
        ],
        y: [0, ceiling(student, [teacher])],
      };
    },
    table({ answers }) {
      const { teacher, student } = answers.risks;
      return {
        header: ["rank", "student (squared label units)", "teacher (squared label units)"],
        rows: Array.from(student, (value, r) => [answers.ranks[r], value, teacher]),
      };
    },
  };

  return { list: [ledger, map, directions, gaps, risks], noises, heat };
})();
