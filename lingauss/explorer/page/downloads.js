// Pictures for papers: the figure with its legend, and the settings it was drawn for, at the width of one column or two.
const Downloads = (() => {
  const PIXELS = 96; // per inch
  const DPI = 300;
  const SIZE = 9.33; // 7 pt
  const HEIGHTS = { 3.5: 240, 7: 336 }; // of the figure alone

  function save(name, content, type) {
    const blob = content instanceof Blob ? content : new Blob([content], { type });
    const link = Controls.element("a", { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  const SYMBOLS = {
    student_rank: "r",
    label_noise: "ν",
    temperature: "τ",
    mixing: "ξ",
    draws: "m",
    floor: "φ",
    n_samples: "n",
  };
  const OF_LEARNERS = {
    teacher_penalty: "λ of teacher",
    student_penalty: "λ of student",
    teacher_temperature: "τ of teacher",
    student_temperature: "τ of student",
  };

  function settings(subject, design) {
    const each = Object.entries({ ...SYMBOLS, ...OF_LEARNERS }).map(([name, symbol]) =>
      design[name] === null ? `${symbol} = prior` : `${symbol} = ${Format.number(design[name])}`,
    );
    const { size } = Spectrum.of(subject);
    const noises = ["teacher", "student"]
      .filter((who) => design[`${who}_noise`] !== null)
      .map((who) => `σ of ${who} = ${Format.number(design[`${who}_noise`])}`);
    return [
      `d = ${size}`,
      `k = ${subject.outputs}`,
      ...each,
      ...noises,
      ...(design.order ? ["selected directions"] : []),
    ].join(", ");
  }

  function lines(scene) {
    const held = scene.pins.map(
      (pin) =>
        `${pin.letter}, ${pin.name}: ${pin.subject === scene.subject ? "" : `${pin.subject.title}, `}${settings(pin.subject, pin.design)}`,
    );
    return [`${scene.subject.title}: ${settings(scene.subject, scene.design)}.`, ...held.map((line) => `${line}.`)];
  }

  function wrapped(text, width) {
    const rows = [""];
    for (const word of text.split(" ")) {
      const last = rows[rows.length - 1];
      if (last && 0.56 * (SIZE - 1.5) * (last.length + 1 + word.length) > width) rows.push(word);
      else rows[rows.length - 1] = last ? `${last} ${word}` : word;
    }
    return rows;
  }

  // Draw everything from above; returns the height.
  function compose(pen, view, scene, width, colours, height) {
    const figure = view.figure(scene);
    const margin = 8;
    const inner = width - 2 * margin;
    let y = margin;
    if (height)
      pen.area(
        [
          [0, 0],
          [width, 0],
          [width, height],
          [0, height],
        ],
        colours.ground,
      );
    pen.text(margin, y + SIZE, view.title, { colour: colours.ink, size: SIZE + 1.3, bold: true });
    y += 1.9 * SIZE;
    y += Legend.draw(pen, figure, { x: margin, y, width: inner }, colours, SIZE);
    if (figure.scale)
      y += Legend.drawScale(pen, figure.scale, { x: margin, y: y + 2, width: inner * 0.8 }, colours, SIZE) + 4;
    const figureHeight = HEIGHTS[width / PIXELS];
    Plot.draw(pen, figure, { x: margin, y, width: inner, height: figureHeight }, colours, SIZE);
    y += figureHeight + 0.6 * SIZE;
    for (const line of lines(scene).flatMap((text) => wrapped(text, inner))) {
      y += 1.25 * SIZE;
      pen.text(margin, y, line, { colour: colours.quiet, size: SIZE - 1.5 });
    }
    return Math.ceil(y + margin);
  }

  function picture(view, scene, format, inches) {
    const width = inches * PIXELS;
    const height = compose(Pens.asSvg(), view, scene, width, Palette.LIGHT, 0);
    if (format === "svg") {
      const pen = Pens.asSvg();
      compose(pen, view, scene, width, Palette.LIGHT, height);
      save(`lingauss-${view.id}.svg`, pen.document(width, height), "image/svg+xml");
      return;
    }
    const canvas = document.createElement("canvas");
    const ratio = DPI / PIXELS;
    Object.assign(canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    compose(Pens.onCanvas(context), view, scene, width, Palette.LIGHT, height);
    canvas.toBlob((blob) => save(`lingauss-${view.id}.png`, blob), "image/png");
  }

  const numbers = (view, scene) => save(`lingauss-${view.id}.csv`, Format.csv(view.table(scene)), "text/csv");

  return { save, picture, numbers };
})();
