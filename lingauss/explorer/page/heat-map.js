// A map of numbers as a picture behind a figure's axes: one pixel per number, stretched by the browser. Plotly's own heat
// maps cannot be redrawn as fast as the hand moves; pictures that are downloaded hold one.
const HeatMap = (() => {
  const VIRIDIS = ["440154", "482878", "3e4989", "31688e", "26828e", "1f9e89", "35b779", "6ece58", "b5de2b", "fde725"];
  const SHADES = 256;

  const channels = VIRIDIS.map((colour) => [0, 2, 4].map((start) => parseInt(colour.slice(start, start + 2), 16)));
  const shades = Array.from({ length: SHADES }, (_, i) => {
    const place = (i / (SHADES - 1)) * (channels.length - 1);
    const below = Math.min(Math.floor(place), channels.length - 2);
    return channels[below].map((low, j) => low + (place - below) * (channels[below + 1][j] - low));
  });

  // Row 0 is at the bottom; the numbers stand for the middles of their pixels, the first and the last on the axes' ends.
  function paint(canvas, { y, z, zmin, zmax }, top) {
    const columns = z[0].length;
    const image = new ImageData(columns, z.length);
    z.forEach((row, r) => {
      row.forEach((value, c) => {
        const pixel = 4 * ((z.length - 1 - r) * columns + c);
        if (value === null) return; // transparent
        const share = Math.min(1, Math.max(0, (value - zmin) / (zmax - zmin)));
        image.data.set([...shades[Math.round(share * (SHADES - 1))], 255], pixel);
      });
    });
    canvas.width = columns;
    canvas.height = z.length;
    canvas.getContext("2d").putImageData(image, 0, 0);
    const step = y.length > 1 ? y[1] - y[0] : 1;
    Object.assign(canvas.style, {
      left: percent(-0.5 / (columns - 1)),
      width: percent(columns / (columns - 1)),
      bottom: percent((-0.5 * step) / top),
      height: percent((z.length * step) / top),
    });
  }

  const percent = (share) => `${100 * share}%`;

  return { paint };
})();
