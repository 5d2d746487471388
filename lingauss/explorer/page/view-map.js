// The divergence over rank and label noise, as lingauss.charts.rank_noise_map draws it.
const MapView = (() => {
  const NOISES = 41;
  const ROWS = 129; // at most
  const COLOURED = 0.95; // share of the map that its colours resolve at the upper end
  const DECADES = 4; // resolved below that

  // Label noises of the map, evenly spaced in the logarithm over the range of the control.
  function noises(subject) {
    const [low, high] = Settings.byName.label_noise.range(subject);
    return Float64Array.from({ length: NOISES }, (_, j) => low * (high / low) ** (j / (NOISES - 1)));
  }

  // The map's numbers, and a picture of them of one pixel per number, row 0 at the bottom.
  function compute(subject, design) {
    const numbers = Model.map(subject, design, noises(subject));
    const { size } = Spectrum.of(subject);
    const step = Math.ceil((size + 1) / ROWS);
    const shown = Array.from({ length: Math.floor(size / step) + 1 }, (_, j) => j * step);
    const rows = shown.map((rank) => numbers.rows[Spectrum.place(Spectrum.of(subject), rank)]);
    const positive = Float64Array.from(
      rows.flatMap((row) => Array.from(row)).filter((value) => value > 0 && Number.isFinite(value)),
    ).sort();
    const high = positive.length ? positive[Math.floor(COLOURED * (positive.length - 1))] : 1;
    const low = positive.length ? Math.max(positive[0], high / 10 ** DECADES) : 0.1;
    return {
      ...numbers,
      shown,
      rowsShown: rows,
      step,
      low,
      high: high > low ? high : low * 1.01,
      picture: paint(rows, low, high),
    };
  }

  // Infinite values stay transparent; those below the range have its last colour.
  function paint(rows, low, high) {
    const [width, height] = [rows[0].length, rows.length];
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width, height });
    const image = new ImageData(width, height);
    const { data } = image;
    const span = Math.log(high / low) || 1;
    rows.forEach((row, r) => {
      row.forEach((value, c) => {
        if (!Number.isFinite(value)) return;
        const shade = Palette.shade(value > low ? Math.log(value / low) / span : 0);
        const pixel = 4 * ((height - 1 - r) * width + c);
        for (let channel = 0; channel < 3; channel++) data[pixel + channel] = shade[channel];
        data[pixel + 3] = 255;
      });
    });
    canvas.getContext("2d").putImageData(image, 0, 0);
    return canvas;
  }

  // Numbers stand in the middles of their pixels, and the first and last noise on the ends of the axis.
  function figure({ subject, design, answers, pins, map }) {
    const { noises: at, step, shown, picture, best } = map;
    const ratio = Math.sqrt(at[1] / at[0]);
    const [low, high] = [at[0], at[at.length - 1]];
    const { ranks } = answers;
    return {
      x: { label: "label noise ν (standard deviation, label units)", low, high, log: true },
      y: { label: "student rank r (directions)", low: -0.5, high: Spectrum.of(subject).size + 0.5, whole: true },
      heat: { canvas: picture, x: [low / ratio, high * ratio], y: [-step / 2, (shown.length - 0.5) * step] },
      scale: { low: map.low, high: map.high, unit: "nats" },
      layers: [
        {
          kind: "line",
          x: Array.from(at),
          y: Array.from(best, (place) => ranks[place]),
          step: true,
          colour: "#222222",
          casing: true,
          name: "best rank at each noise",
          formula: "keep_direction_threshold",
        },
      ],
      marks: [
        ...pins.map((pin) => ({
          ...Parts.pinned(pin, pin.design.label_noise, pin.design.student_rank, "retained_cost"),
          face: "#ffffff",
          halo: "#ffffff",
          colour: pinColour(pin),
        })),
        {
          ...Parts.present(design.label_noise, design.student_rank, "retained_cost"),
          face: "#ffffff",
          colour: "#222222",
        },
      ],
    };
  }

  const pinColour = (pin) => Palette.LIGHT[pin.letter]; // on the map's own colours, in every theme

  // The number under the pointer.
  function at({ map }, x, y) {
    const { noises: across, rowsShown } = map;
    const j = Math.round(
      (Math.log(x / across[0]) / Math.log(across[across.length - 1] / across[0])) * (across.length - 1),
    );
    const row = Math.round(y / map.step);
    if (j < 0 || j >= across.length || row < 0 || row >= map.shown.length) return null;
    return { noise: across[j], rank: map.shown[row], value: rowsShown[row][j] };
  }

  // The full grid.
  function table({ map, answers }) {
    const rows = [];
    answers.ranks.forEach((rank, place) => {
      map.noises.forEach((noise, j) => {
        rows.push([rank, noise, map.rows[place][j], map.best[j] === place ? "yes" : ""]);
      });
    });
    return { header: ["rank", "label noise ν", "divergence (nats)", "best rank at this noise"], rows };
  }

  // What the page's own table shows: the path.
  function summary({ map, answers }) {
    return {
      header: ["label noise ν", "best rank", "divergence there (nats)"],
      rows: Array.from(map.noises, (noise, j) => [noise, answers.ranks[map.best[j]], map.rows[map.best[j]][j]]),
    };
  }

  return {
    ...{ id: "map", title: "Rank and label noise", figure, table, summary, lacking: () => null, noises, compute, at },
    ...{ moves: ["label_noise", "student_rank"] },
    about: "The divergence, by colour, over student rank and label noise.",
  };
})();
