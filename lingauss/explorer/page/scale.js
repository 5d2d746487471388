// Axes: from values to a range, its ticks and places in pixels.
const Scale = (() => {
  const STEPS = [1, 2, 2.5, 5, 10];
  const ENDS = [1, 1.5, 2, 3, 4, 6, 8, 10];
  const LOWEST = 1e-300; // of a logarithmic axis

  const finite = (values) => values.filter((value) => value !== null && Number.isFinite(value));

  // The next round number at or above a positive one.
  function roundUp(value) {
    if (!(value > 0 && Number.isFinite(value))) return 1;
    const size = 10 ** Math.floor(Math.log10(value));
    if (size === 0) return value;
    return size * ENDS.find((step) => step * size >= value * (1 - 1e-9));
  }

  // Ends of a linear axis that holds the values, with room if they are all one.
  function around(values, room = 0.06) {
    const known = finite(values);
    if (known.length === 0) return [0, 1];
    let [low, high] = [Math.min(...known), Math.max(...known)];
    if (low === high) [low, high] = low === 0 ? [-1, 1] : [low - Math.abs(low) / 2, high + Math.abs(high) / 2];
    const margin = room * (high - low);
    return [low - margin, high + margin];
  }

  // Ends of a logarithmic axis that holds the positive values; at most `decades` of them, counted from the top.
  function logAround(values, decades = Infinity) {
    const known = finite(values).filter((value) => value >= LOWEST);
    if (known.length === 0) return [0.1, 1];
    let high = Math.max(...known);
    let low = Math.max(Math.min(...known), high / 10 ** decades);
    if (high / low < 2) [low, high] = [low / 2, high * 2];
    const margin = (high / low) ** 0.04;
    return [low / margin, high * margin];
  }

  // An axis from its description { label, low, high, log, whole, reversed } and the pixels it runs over.
  function axis(given, from, to) {
    const f = given.log ? Math.log10 : (value) => value;
    let [start, end] = [f(given.low), f(given.high)];
    if (!(end > start)) end = start + 1;
    if (given.reversed) [start, end] = [end, start];
    const at = (value) => from + ((f(value) - start) / (end - start)) * (to - from);
    const value = (pixel) => {
      const inner = start + ((pixel - from) / (to - from)) * (end - start);
      return given.log ? 10 ** inner : inner;
    };
    return {
      ...given,
      at,
      value,
      from,
      to,
      ticks: given.log ? logTicks(given, Math.abs(to - from)) : ticks(given, Math.abs(to - from)),
    };
  }

  function ticks({ low, high, whole }, pixels) {
    const wanted = (high - low) / Math.max(2, pixels / 55);
    const size = 10 ** Math.floor(Math.log10(wanted));
    let step = size * STEPS.find((one) => one * size >= wanted * (1 - 1e-9));
    if (whole) step = Math.max(1, Math.ceil(step));
    const found = [];
    for (let j = Math.ceil(low / step - 1e-9); j * step <= high + step * 1e-9; j++) {
      found.push({ value: j * step, text: Format.tick(j * step, step) });
      if (found.length > 50) break;
    }
    return found;
  }

  // Powers of ten, with steps between where there are few.
  function logTicks({ low, high, whole }, pixels) {
    const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
    const decades = Math.log10(high / low);
    const room = Math.max(2, pixels / 50);
    const every = Math.max(1, Math.ceil(decades / room));
    const digits = decades < 0.6 ? [1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9] : decades * 3 <= room ? [1, 2, 5] : [1];
    const found = [];
    for (let exponent = first; exponent <= last; exponent++) {
      for (const digit of digits) {
        const value = Number(`${digit}e${exponent}`);
        if (value < low * (1 - 1e-9) || value > high * (1 + 1e-9) || (whole && value % 1 !== 0)) continue;
        if (digits.length === 1 && ((exponent % every) + every) % every !== 0) continue;
        found.push({ value, text: Format.logTick(value, high) });
      }
    }
    return found;
  }

  return { axis, around, logAround, roundUp, finite };
})();
