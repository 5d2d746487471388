// Draws a figure: axes, layers from below, and marks that never vanish. A figure is plain data:
//   x, y      axes { label, low, high, log, whole, reversed }
//   heat      a picture over the axes' values { canvas, x: [from, to], y: [from, to] }, or nothing
//   layers    { kind: "area" | "line" | "points" | "vertical", x, y, under, step, face, colour, width, dash, shape, size }
//   marks     { x, y, shape, face, colour, label }
// Colours are names of the palette. Layers and marks have a name for the legend and the formula that they follow.
const Plot = (() => {
  const ARROW = 7; // pixels

  // The plotted region of a box, and its two axes.
  function frame(figure, box, size) {
    const bottom = box.y + box.height - 3.3 * size;
    const [right, top] = [box.x + box.width - 14, box.y + 10];
    const y = Scale.axis(figure.y, bottom, top);
    const widest = Math.max(0, ...y.ticks.map(({ text }) => text.length));
    const left = box.x + Math.max(4.9, 2.6 + 0.6 * widest) * size;
    return { left, right, top, bottom, y, x: Scale.axis(figure.x, left, right) };
  }

  const bounded = (pixel) => Math.min(1e5, Math.max(-1e5, pixel)); // canvases lose lines that reach too far

  // The pixels of a curve; NaN breaks it. Steps change half-way between points.
  function outline(at, xs, ys, step) {
    const points = [];
    for (let i = 0; i < xs.length; i++) {
      const y = ys[i] === null || Number.isNaN(ys[i]) || (at.y.log && ys[i] <= 0) ? NaN : bounded(at.y.at(ys[i]));
      const x = at.x.at(xs[i]);
      if (!step) points.push([x, y]);
      else {
        points.push([i === 0 ? x : (at.x.at(xs[i - 1]) + x) / 2, y]);
        points.push([i === xs.length - 1 ? x : (x + at.x.at(xs[i + 1])) / 2, y]);
      }
    }
    return points;
  }

  function drawLayer(pen, at, layer, colours) {
    const { kind, x, y, under, step, face, colour, width = 1.6, dash = "solid", shape, size = 2.6 } = layer;
    const look = {
      colour: colours[colour] ?? colour,
      width,
      dash: Palette.DASHES[dash],
      face: colours[face] ?? face,
      shape,
      size,
    };
    if (kind === "area") {
      const upper = outline(at, x, y, step);
      const lower = under ? outline(at, x, under, step) : upper.map(([across]) => [across, at.bottom]);
      const known = upper
        .map((point, i) => [point, lower[i]])
        .filter(([[, a], [, b]]) => !Number.isNaN(a) && !Number.isNaN(b));
      if (known.length) pen.area([...known.map(([a]) => a), ...known.map(([, b]) => b).reverse()], look.face);
    } else if (kind === "vertical") {
      pen.line(
        [
          [at.x.at(x[0]), at.top],
          [at.x.at(x[0]), at.bottom],
        ],
        look,
      );
    } else if (kind === "points") {
      for (const [across, height] of outline(at, x, y, false))
        if (!Number.isNaN(height)) pen.marker(across, height, look);
    } else {
      const points = outline(at, x, y, step);
      if (layer.casing) pen.line(points, { ...look, colour: "#ffffff", width: width + 2.4, dash: [] });
      pen.line(points, look);
      if (layer.dots)
        for (const [across, height] of points)
          if (!Number.isNaN(height)) pen.marker(across, height, { ...look, face: look.colour, size: 2.2 });
    }
  }

  // Where a mark stands: on its value, or on the edge beyond which that lies.
  function placeMark(at, mark) {
    const height =
      mark.y === null || Number.isNaN(mark.y) ? null : at.y.log && mark.y <= 0 ? Infinity : at.y.at(mark.y);
    const [x, y] = [
      at.x.at(mark.x),
      height === null ? at.bottom : Number.isFinite(mark.y) || mark.y <= 0 ? height : -Infinity,
    ];
    const inside = [Math.min(at.right, Math.max(at.left, x)), Math.min(at.bottom, Math.max(at.top, y))];
    const off = [x - inside[0], y - inside[1]];
    return {
      x: inside[0],
      y: inside[1],
      beyond: Math.abs(off[0]) > 0.5 ? [Math.sign(off[0]), 0] : Math.abs(off[1]) > 0.5 ? [0, Math.sign(off[1])] : null,
    };
  }

  function drawMark(pen, at, mark, colours, size) {
    const { x, y, beyond } = placeMark(at, mark);
    const look = {
      colour: colours[mark.colour] ?? mark.colour,
      width: 2,
      face: colours[mark.face] ?? mark.face,
      shape: mark.shape,
      size: 5,
    };
    const label = mark.label ?? "";
    if (!beyond) {
      pen.marker(x, y, { ...look, colour: colours[mark.halo] ?? mark.halo ?? colours.ground, width: 6 }); // apart from what lies below
      pen.marker(x, y, look);
      const left = x > at.right - 24;
      const style = {
        colour: look.colour,
        size,
        bold: true,
        align: left ? "right" : "left",
        halo: colours[mark.halo] ?? mark.halo ?? colours.ground,
      };
      if (label) pen.text(x + (left ? -9 : 9), y - 6, label, style);
      return;
    }
    const [across, down] = beyond;
    const [tipX, tipY] = [x - 2 * across, y - 2 * down];
    const [backX, backY] = [tipX - across * ARROW * 1.5, tipY - down * ARROW * 1.5];
    const corners = [
      [tipX, tipY],
      [backX + down * ARROW, backY + across * ARROW],
      [backX - down * ARROW, backY - across * ARROW],
    ];
    pen.area(corners, look.face);
    pen.line([...corners, corners[0]], { ...look, width: 1.5, dash: [] });
    const value = across ? mark.x : mark.y;
    const words = `${label ? `${label}: ` : ""}${Format.number(value)}`;
    const right = x > (at.left + at.right) / 2;
    pen.text(x + (right ? -11 : 11), y + (down < 0 ? 12 : -5), words, {
      colour: colours.ink,
      size,
      align: right ? "right" : "left",
      halo: colours.ground,
    });
  }

  function drawAxes(pen, at, figure, colours, size, box) {
    const edge = { colour: colours.ink, width: 1 };
    pen.line(
      [
        [at.left, at.top],
        [at.left, at.bottom],
        [at.right, at.bottom],
      ],
      edge,
    );
    for (const { value, text } of at.x.ticks) {
      const x = at.x.at(value);
      pen.line(
        [
          [x, at.bottom],
          [x, at.bottom + 4],
        ],
        edge,
      );
      const half = 0.3 * size * text.length;
      const end = box.x + box.width - 1;
      const [align, across] = x + half > end ? ["right", end] : ["center", x];
      pen.text(across, at.bottom + 5 + size, text, { colour: colours.ink, size, align });
    }
    for (const { value, text } of at.y.ticks) {
      const y = at.y.at(value);
      pen.line(
        [
          [at.left - 4, y],
          [at.left, y],
        ],
        edge,
      );
      pen.text(at.left - 7, y + 0.35 * size, text, { colour: colours.ink, size, align: "right" });
    }
    const name = { colour: colours.ink, size, align: "center" };
    pen.text((at.left + at.right) / 2, box.y + box.height - 0.35 * size, figure.x.label, name);
    pen.text(box.x + size, (at.top + at.bottom) / 2, figure.y.label, { ...name, turned: true });
  }

  // Draw a figure into a box and return where its axes lie.
  function draw(pen, figure, box, colours, size = 12) {
    const at = frame(figure, box, size);
    const [width, height] = [at.right - at.left, at.bottom - at.top];
    if (!figure.heat) {
      for (const { value } of at.y.ticks)
        pen.line(
          [
            [at.left, at.y.at(value)],
            [at.right, at.y.at(value)],
          ],
          { colour: colours.grid },
        );
      for (const { value } of at.x.ticks)
        pen.line(
          [
            [at.x.at(value), at.top],
            [at.x.at(value), at.bottom],
          ],
          { colour: colours.grid },
        );
    }
    pen.within(at.left, at.top, width, height, () => {
      if (figure.heat) {
        const { canvas, x, y } = figure.heat;
        const [left, right, bottom, top] = [at.x.at(x[0]), at.x.at(x[1]), at.y.at(y[0]), at.y.at(y[1])];
        pen.picture(canvas, left, top, right - left, bottom - top);
      }
      for (const layer of figure.layers) drawLayer(pen, at, layer, colours);
    });
    drawAxes(pen, at, figure, colours, size, box);
    for (const mark of figure.marks) drawMark(pen, at, mark, colours, size);
    return at;
  }

  // What lies under a point: the nearest mark, point or curve within reach, else the area around it.
  function under(figure, at, px, py, reach = 9) {
    let found = null;
    let nearest = reach;
    const offer = (distance, what) => {
      if (distance > nearest) return;
      nearest = distance;
      found = what;
    };
    for (const mark of figure.marks) {
      const { x, y } = placeMark(at, mark);
      offer(Math.hypot(x - px, y - py) - 3, { ...mark, x: mark.x, value: mark.y });
    }
    for (const layer of figure.layers) {
      if (layer.kind === "area" || layer.kind === "vertical") continue;
      const i = closest(layer, at, px);
      if (i === null || layer.y[i] === null || Number.isNaN(layer.y[i])) continue;
      const [x, y] = [at.x.at(layer.x[i]), at.y.at(layer.y[i])];
      const sideways = layer.kind === "points" ? x - px : 0;
      offer(Math.hypot(sideways, y - py), { ...layer, x: layer.x[i], value: (layer.values ?? layer.y)[i], index: i });
    }
    return found ?? areaUnder(figure, at, px, py);
  }

  function areaUnder(figure, at, px, py) {
    const height = at.y.value(py);
    for (const layer of figure.layers) {
      if (layer.kind !== "area") continue;
      const i = closest(layer, at, px);
      if (i === null || layer.y[i] === null) continue;
      if (height <= layer.y[i] && height >= (layer.under ? layer.under[i] : -Infinity))
        return { ...layer, x: layer.x[i], value: (layer.values ?? layer.y)[i], index: i };
    }
    return null;
  }

  // The number of a layer's point that is nearest across.
  function closest({ x, y }, at, px) {
    let best = null;
    let least = Infinity;
    for (let i = 0; i < x.length; i++) {
      if (y && (y[i] === null || Number.isNaN(y[i]))) continue;
      const distance = Math.abs(at.x.at(x[i]) - px);
      if (distance < least) [best, least] = [i, distance];
    }
    return best;
  }

  return { draw, under, placeMark };
})();
