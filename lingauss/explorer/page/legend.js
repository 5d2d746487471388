// Legends: every layer and mark that has a name, as it is drawn.
const Legend = (() => {
  const SAMPLE = 22; // pixels

  function entries({ layers, marks }) {
    const named = [...layers.filter(({ legend }) => legend !== false), ...marks].filter(({ name }) => name);
    return named.filter(({ name }, i) => named.findIndex((other) => other.name === name) === i);
  }

  function sample(pen, entry, x, y, colours) {
    const colour = colours[entry.colour] ?? entry.colour;
    const face = colours[entry.face] ?? entry.face;
    if (entry.kind === "area") {
      pen.area(
        [
          [x, y - 5],
          [x + SAMPLE, y - 5],
          [x + SAMPLE, y + 5],
          [x, y + 5],
        ],
        face,
      );
      return;
    }
    if (entry.kind === "line" || entry.kind === "vertical") {
      if (entry.casing)
        pen.line(
          [
            [x, y],
            [x + SAMPLE, y],
          ],
          { colour: "#ffffff", width: 5 },
        );
      pen.line(
        [
          [x, y],
          [x + SAMPLE, y],
        ],
        { colour, width: entry.width ?? 1.6, dash: Palette.DASHES[entry.dash ?? "solid"] },
      );
      return;
    }
    pen.marker(x + SAMPLE / 2, y, {
      colour,
      face,
      width: entry.kind === "points" ? 1 : 2,
      shape: entry.shape,
      size: entry.kind === "points" ? 3.6 : 5,
    });
  }

  // A sample as a picture of its own, for the page.
  function asSvg(entry, colours) {
    const pen = Pens.asSvg();
    sample(pen, entry, 1, 7, colours);
    return pen.document(SAMPLE + 2, 14);
  }

  const wide = (text, size) => 0.58 * size * text.length;

  // Places of the entries in rows no wider than `width`, and the height they take.
  function rows(figure, width, size) {
    let [x, y] = [0, 0];
    const placed = entries(figure).map((entry) => {
      const needed = SAMPLE + 6 + wide(entry.name, size) + 14;
      if (x > 0 && x + needed > width) [x, y] = [0, y + 1.6 * size];
      const place = { entry, x, y };
      x += needed;
      return place;
    });
    return { placed, height: placed.length ? y + 1.6 * size : 0 };
  }

  function draw(pen, figure, { x, y, width }, colours, size) {
    const { placed, height } = rows(figure, width, size);
    for (const { entry, x: across, y: down } of placed) {
      sample(pen, entry, x + across, y + down + 0.7 * size, colours);
      pen.text(x + across + SAMPLE + 6, y + down + 1.05 * size, entry.name, { colour: colours.ink, size });
    }
    return height;
  }

  // The scale of a map's colours, with ticks, over a width.
  function drawScale(pen, { low, high, unit }, { x, y, width }, colours, size) {
    const steps = 64;
    for (let i = 0; i < steps; i++) {
      const [left, right] = [x + (i / steps) * width, x + ((i + 1) / steps) * width + 0.5];
      pen.area(
        [
          [left, y],
          [right, y],
          [right, y + 9],
          [left, y + 9],
        ],
        `rgb(${Palette.shade(i / (steps - 1)).join(",")})`,
      );
    }
    const axis = Scale.axis({ low, high, log: true }, x, x + width);
    let free = -Infinity;
    for (const { value, text } of axis.ticks) {
      const at = axis.at(value);
      pen.line(
        [
          [at, y + 9],
          [at, y + 12],
        ],
        { colour: colours.ink },
      );
      const half = wide(text, size) / 2;
      if (at - half < free) continue;
      pen.text(at, y + 13 + size, text, { colour: colours.ink, size, align: "center" });
      free = at + half + 4;
    }
    pen.text(x + width + 6, y + 9, unit, { colour: colours.ink, size });
    return 16 + size;
  }

  return { entries, asSvg, draw, drawScale };
})();
