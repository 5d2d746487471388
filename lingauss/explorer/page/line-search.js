// Least values of functions of one number.
const LineSearch = (() => {
  const BISECTIONS = 200;
  const STEPS = 100;
  const FLIPS = 150; // of a simplex
  const GOLDEN = (3 - Math.sqrt(5)) / 2;

  // The root of an increasing function on [0, ∞), or 0 if it is not negative there.
  function root(slope) {
    if (!(slope(0) < 0)) return 0;
    let [low, high] = [0, 1];
    while (slope(high) < 0 && high < Number.MAX_VALUE / 4) [low, high] = [high, 2 * high];
    for (let step = 0; step < BISECTIONS; step++) {
      const middle = (low + high) / 2;
      if (middle === low || middle === high) break;
      if (slope(middle) < 0) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  }

  // The least of a function around the best of some points in ascending order, which is among those compared.
  function least(f, points) {
    const values = points.map(f);
    let best = 0;
    values.forEach((value, i) => {
      if (value < values[best]) best = i;
    });
    const low = points[Math.max(0, best - 1)];
    const high = points[Math.min(points.length - 1, best + 1)];
    const found = brent(f, low, points[best], high, values[best]);
    return found.value < values[best] ? found : { at: points[best], value: values[best] };
  }

  // Brent's minimisation between two points around a third.
  function brent(f, from, start, to, startValue) {
    let [a, b] = [from, to];
    let [x, w, v] = [start, start, start];
    let [fx, fw, fv] = [startValue, startValue, startValue];
    let [step, before] = [0, 0];
    for (let count = 0; count < STEPS; count++) {
      const middle = (a + b) / 2;
      const close = 1e-9 * Math.abs(x) + 1e-14 * (Math.abs(to - from) + Number.MIN_VALUE);
      if (Math.abs(x - middle) <= 2 * close - (b - a) / 2) break;
      let parabolic = false;
      if (Math.abs(before) > close) {
        const r = (x - w) * (fx - fv);
        let q = (x - v) * (fx - fw);
        let p = (x - v) * q - (x - w) * r;
        q = 2 * (q - r);
        if (q > 0) p = -p;
        q = Math.abs(q);
        if (Math.abs(p) < Math.abs(0.5 * q * before) && p > q * (a - x) && p < q * (b - x)) {
          before = step;
          step = p / q;
          parabolic = true;
        }
      }
      if (!parabolic) {
        before = (x < middle ? b : a) - x;
        step = GOLDEN * before;
      }
      const u = x + (Math.abs(step) >= close ? step : Math.sign(step || 1) * close);
      const fu = f(u);
      if (fu <= fx) {
        if (u >= x) a = x;
        else b = x;
        [v, fv, w, fw, x, fx] = [w, fw, x, fx, u, fu];
      } else {
        if (u < x) a = u;
        else b = u;
        if (fu <= fw || w === x) [v, fv, w, fw] = [w, fw, u, fu];
        else if (fu <= fv || v === x || v === w) [v, fv] = [u, fu];
      }
    }
    return { at: x, value: fx };
  }

  // Nelder and Mead's search of a least value in the plane, from a point and a step in each coordinate.
  function simplex(f, start, steps) {
    const shifted = (by) => start.map((value, j) => value + by[j]);
    let corners = [start, shifted([steps[0], 0]), shifted([0, steps[1]])].map((at) => ({ at, value: f(at) }));
    const towards = (from, to, share) => {
      const at = from.map((value, j) => value + share * (to[j] - value));
      return { at, value: f(at) };
    };
    for (let count = 0; count < FLIPS; count++) {
      corners.sort((one, other) => one.value - other.value);
      const [low, middle, high] = corners;
      const size = Math.max(
        ...[0, 1].map((j) => Math.abs(high.at[j] - low.at[j]) + Math.abs(middle.at[j] - low.at[j])),
      );
      if (size < 1e-10) break;
      const centre = low.at.map((value, j) => (value + middle.at[j]) / 2);
      const mirrored = towards(high.at, centre, 2);
      if (mirrored.value < low.value) {
        const beyond = towards(high.at, centre, 3);
        corners = [low, middle, beyond.value < mirrored.value ? beyond : mirrored];
      } else if (mirrored.value < middle.value) corners = [low, middle, mirrored];
      else {
        const inner = towards(high.at, centre, mirrored.value < high.value ? 1.5 : 0.5);
        if (inner.value < Math.min(high.value, mirrored.value)) corners = [low, middle, inner];
        else corners = [low, towards(low.at, middle.at, 0.5), towards(low.at, high.at, 0.5)];
      }
    }
    return corners.reduce((best, one) => (one.value < best.value ? one : best)).at;
  }

  return { root, least, simplex };
})();
