// What views share: lines and marks that mean the same everywhere, and axes over ranks.
const Parts = (() => {
  const SHAPES = { A: "square", B: "diamond", C: "triangle" };
  const HEADROOM = 1.5;
  const AHEAD = 400; // points of a drawn curve, beyond which it has more than a figure has pixels

  const finite = (value) => (Number.isFinite(value) ? value : null);

  const least = (values) =>
    values.reduce((low, value) => (Number.isFinite(value) && value < low ? value : low), Infinity);

  // From zero to above the best and the last rank; far dearer ones leave the figure at the top.
  function ceiling(values, more = []) {
    const last = values[values.length - 1];
    const top =
      HEADROOM * Math.max(HEADROOM * least(values), Number.isFinite(last) ? last : 0, ...more.filter(Number.isFinite));
    return Scale.roundUp(top);
  }

  const rankAxis = (spectrum) => ({ label: "student rank r (directions)", low: 0, high: spectrum.size, whole: true });

  const present = (x, y, formula) => ({ name: "present design", x, y, colour: "ink", face: "ground", formula });
  const best = (x, y, formula) => ({ name: "best rank", x, y, colour: "ink", face: "ink", formula });
  const pinned = (pin, x, y, formula) => ({
    ...{ name: `${pin.letter}: ${pin.name}`, x, y, colour: pin.letter, face: "ground" },
    ...{ shape: SHAPES[pin.letter], label: pin.letter, formula },
  });
  const pinnedLine = (pin, x, y, formula) => ({
    ...{ kind: "line", x, y, name: `${pin.letter}: ${pin.name}, curve`, colour: pin.letter, dash: pin.letter, formula },
    ...{ legend: false, step: true },
  });

  // Every so manieth place of a long curve, the first, the last and some others among them.
  function drawnPlaces(count, needed = []) {
    const stride = Math.max(1, Math.floor(count / AHEAD));
    const all = new Set([count - 1, ...needed]);
    for (let place = 0; place < count; place += stride) all.add(place);
    return [...all].sort((one, other) => one - other);
  }

  return { finite, least, ceiling, rankAxis, present, best, pinned, pinnedLine, drawnPlaces };
})();
