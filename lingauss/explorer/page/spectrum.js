// What sums run over: nodes, of which each is one direction, or in long spectra stands for some (lingauss.explorer.bins).
// Ranks that can be shown have places 0, 1, …, and rank `ranks[place]` keeps the first `ends[place]` nodes.
const Spectrum = (() => {
  const known = new WeakMap(); // subject → its spectrum, and under the order of a selection that spectrum reordered

  // The spectrum in the order in which a design keeps directions: from the largest eigenvalue, or as selected.
  function of(subject, { order = null } = {}) {
    if (!known.has(subject)) known.set(subject, read(subject));
    const whole = known.get(subject);
    if (order === null) return whole;
    if (!known.has(order)) known.set(order, { whole, reordered: reorder(whole, order) });
    const found = known.get(order);
    return found.whole === whole ? found.reordered : reorder(whole, order);
  }

  function read({ eigenvalues, signal, bins }) {
    const whole = Int32Array.from({ length: eigenvalues.length + 1 }, (_, i) => i);
    const ranks = bins ? Int32Array.from(bins.ranks) : whole;
    return {
      eigenvalues: Float64Array.from(eigenvalues),
      signal: Float64Array.from(signal),
      weights: bins ? Float64Array.from(bins.weights) : new Float64Array(eigenvalues.length).fill(1),
      ranks,
      ends: bins ? Int32Array.from(bins.ends) : whole,
      size: ranks[ranks.length - 1],
      binned: Boolean(bins),
    };
  }

  function reorder(spectrum, order) {
    const { eigenvalues, signal } = spectrum;
    return {
      ...spectrum,
      eigenvalues: Float64Array.from(order, (i) => eigenvalues[i]),
      signal: Float64Array.from(order, (i) => signal[i]),
    };
  }

  // The place of the greatest rank that can be shown and is at most `rank`.
  function place({ ranks }, rank) {
    let low = 0;
    let high = ranks.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (ranks[middle] <= rank) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  // How many directions vary.
  const live = ({ eigenvalues, weights }) => weights.reduce((sum, weight, i) => sum + (eigenvalues[i] > 0 ? weight : 0), 0);

  const shows = (spectrum, rank) => spectrum.ranks[place(spectrum, rank)] === rank;

  // Sums over the nodes that each rank keeps.
  function kept({ ends }, values) {
    const sums = new Float64Array(ends.length);
    for (let j = 1; j < ends.length; j++) {
      let bin = 0;
      for (let i = ends[j - 1]; i < ends[j]; i++) bin += values[i];
      sums[j] = sums[j - 1] + bin;
    }
    return sums;
  }

  // Sums over the nodes that each rank drops.
  function dropped({ ends }, values) {
    const sums = new Float64Array(ends.length);
    for (let j = ends.length - 2; j >= 0; j--) {
      let bin = 0;
      for (let i = ends[j + 1] - 1; i >= ends[j]; i--) bin += values[i];
      sums[j] = sums[j + 1] + bin;
    }
    return sums;
  }

  // Per bin, the mean over its directions of what nodes have in sum.
  function means({ ranks, ends }, sums) {
    const found = new Float64Array(ends.length - 1);
    for (let j = 0; j < found.length; j++) {
      for (let i = ends[j]; i < ends[j + 1]; i++) found[j] += sums[i];
      found[j] /= ranks[j + 1] - ranks[j];
    }
    return found;
  }

  return { of, place, live, shows, kept, dropped, means };
})();
