// Two pens that draw the same: on a canvas, for the screen and PNG, and as SVG.
const Pens = (() => {
  const FONT = "DejaVu Sans, Verdana, system-ui, sans-serif";

  // Corners of a marker of some size around a point; null for a circle.
  function corners(shape, x, y, size) {
    if (shape === "square")
      return [
        [-1, -1],
        [1, -1],
        [1, 1],
        [-1, 1],
      ].map(([a, b]) => [x + 0.85 * a * size, y + 0.85 * b * size]);
    if (shape === "diamond")
      return [
        [0, -1],
        [1, 0],
        [0, 1],
        [-1, 0],
      ].map(([a, b]) => [x + 1.2 * a * size, y + 1.2 * b * size]);
    if (shape === "triangle")
      return [
        [0, -1.1],
        [1, 0.8],
        [-1, 0.8],
      ].map(([a, b]) => [x + a * size, y + b * size]);
    return null;
  }

  function onCanvas(context) {
    const path = (points, closed) => {
      context.beginPath();
      let down = false;
      for (const [x, y] of points) {
        if (Number.isNaN(y)) down = false;
        else if (down) context.lineTo(x, y);
        else {
          context.moveTo(x, y);
          down = true;
        }
      }
      if (closed) context.closePath();
    };
    const stroke = ({ colour, width = 1, dash = [] }) => {
      if (!colour) return;
      Object.assign(context, { strokeStyle: colour, lineWidth: width, lineJoin: "round" });
      context.setLineDash(dash);
      context.stroke();
    };
    const fill = (colour) => {
      if (!colour) return;
      context.fillStyle = colour;
      context.fill();
    };
    return {
      line(points, style) {
        path(points, false);
        stroke(style);
      },
      area(points, colour) {
        path(points, true);
        fill(colour);
      },
      marker(x, y, { shape, size, face, ...style }) {
        const around = corners(shape, x, y, size);
        if (around) path(around, true);
        else {
          context.beginPath();
          context.arc(x, y, size, 0, 2 * Math.PI);
        }
        fill(face);
        stroke(style);
      },
      text(x, y, words, { colour, size = 12, align = "left", turned = false, bold = false, halo = null }) {
        context.save();
        context.translate(x, y);
        if (turned) context.rotate(-Math.PI / 2);
        Object.assign(context, {
          fillStyle: colour,
          textAlign: align,
          textBaseline: "alphabetic",
          font: `${bold ? "bold " : ""}${size}px ${FONT}`,
        });
        if (halo) {
          Object.assign(context, { strokeStyle: halo, lineWidth: 3, lineJoin: "round" });
          context.setLineDash([]);
          context.strokeText(words, 0, 0);
        }
        context.fillText(words, 0, 0);
        context.restore();
      },
      within(x, y, width, height, draw) {
        context.save();
        context.beginPath();
        context.rect(x, y, width, height);
        context.clip();
        draw();
        context.restore();
      },
      picture(canvas, x, y, width, height) {
        context.imageSmoothingEnabled = false;
        context.drawImage(canvas, x, y, width, height);
      },
    };
  }

  function asSvg() {
    const parts = [];
    let clips = 0;
    const place = (value) => String(Math.round(value * 100) / 100);
    const escaped = (text) =>
      text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
    const d = (points, closed) => {
      let down = false;
      const steps = points.map(([x, y]) => {
        if (Number.isNaN(y)) {
          down = false;
          return "";
        }
        const step = `${down ? "L" : "M"}${place(x)} ${place(y)}`;
        down = true;
        return step;
      });
      return steps.join("") + (closed ? "Z" : "");
    };
    const stroked = ({ colour, width = 1, dash = [] }) =>
      colour
        ? `stroke="${colour}" stroke-width="${width}" stroke-linejoin="round"${dash.length ? ` stroke-dasharray="${dash.join(" ")}"` : ""}`
        : 'stroke="none"';
    return {
      line(points, style) {
        parts.push(`<path d="${d(points, false)}" fill="none" ${stroked(style)}/>`);
      },
      area(points, colour) {
        parts.push(`<path d="${d(points, true)}" fill="${colour}"/>`);
      },
      marker(x, y, { shape, size, face, ...style }) {
        const around = corners(shape, x, y, size);
        const look = `fill="${face ?? "none"}" ${stroked(style)}`;
        parts.push(
          around
            ? `<path d="${d(around, true)}" ${look}/>`
            : `<circle cx="${place(x)}" cy="${place(y)}" r="${size}" ${look}/>`,
        );
      },
      text(x, y, words, { colour, size = 12, align = "left", turned = false, bold = false, halo = null }) {
        const anchor = { left: "start", center: "middle", right: "end" }[align];
        const turn = turned ? ` transform="rotate(-90 ${place(x)} ${place(y)})"` : "";
        parts.push(
          `<text x="${place(x)}" y="${place(y)}" fill="${colour}" font-size="${size}" text-anchor="${anchor}"${bold ? ' font-weight="bold"' : ""}${halo ? ` stroke="${halo}" stroke-width="3" paint-order="stroke"` : ""}${turn}>${escaped(words)}</text>`,
        );
      },
      within(x, y, width, height, draw) {
        const id = `clip${clips++}`;
        parts.push(
          `<clipPath id="${id}"><rect x="${x}" y="${y}" width="${width}" height="${height}"/></clipPath><g clip-path="url(#${id})">`,
        );
        draw();
        parts.push("</g>");
      },
      picture(canvas, x, y, width, height) {
        parts.push(
          `<image x="${place(x)}" y="${place(y)}" width="${place(width)}" height="${place(height)}" preserveAspectRatio="none" style="image-rendering:pixelated" href="${canvas.toDataURL("image/png")}"/>`,
        );
      },
      document(width, height) {
        return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${escaped(FONT)}">${parts.join("")}</svg>`;
      },
    };
  }

  return { onCanvas, asSvg };
})();
