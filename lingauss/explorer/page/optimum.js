// Best settings of the present design, in the forms of docs/theory.md §5.
const Optimum = (() => {
  const TEMPERATURE_STEPS = 200;

  // ρ − 1 at τ = 0, ∂ρ/∂τ and how many outputs pay, of the kept nodes that the temperature reaches.
  function ratios(subject, design, place) {
    const l = Model.law(subject, design);
    const { eigenvalues, weights, ends } = Spectrum.of(subject);
    const found = [];
    for (let i = 0; i < ends[place]; i++) {
      const s = eigenvalues[i] * l.scale;
      const slope = Formulas.temperature_effect(l.lambdaS, l.lambdaT, l.m, l.nu, s, l.sigmaT, l.tauT, l.xi);
      if (slope > 0) found.push({ slope, excess: Model.ratioExcess({ ...l, tau: 0 }, s), k: l.k * weights[i] });
    }
    return found;
  }

  // The root of an increasing function on [0, ∞), or 0 if it is not negative there.
  function root(slope) {
    if (!(slope(0) < 0)) return 0;
    let low = 0;
    let high = 1;
    while (slope(high) < 0 && high < Number.MAX_VALUE / 4) [low, high] = [high, 2 * high];
    for (let step = 0; step < TEMPERATURE_STEPS; step++) {
      const middle = (low + high) / 2;
      if (middle === low || middle === high) break;
      if (slope(middle) < 0) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  }

  // The divergence is convex in the temperature; where it does not depend on it, 0.
  function temperature(subject, design, place = placeOf(subject, design)) {
    const reached = ratios(subject, design, place);
    return root((tau) =>
      reached.reduce((sum, { excess, k, slope }) => sum + Formulas.temperature_condition(excess, k, slope, tau), 0),
    );
  }

  // The harmonic mean of the teacher's discarded variances; null where nothing is dropped.
  function floor(subject, design, place = placeOf(subject, design)) {
    const l = Model.law(subject, design);
    const { eigenvalues, weights, ranks, ends, size } = Spectrum.of(subject);
    let precision = 0;
    for (let i = ends[place]; i < eigenvalues.length; i++) {
      precision += weights[i] / Model.teacherVariance(l, eigenvalues[i] * l.scale);
    }
    return ranks[place] < size ? (size - ranks[place]) / precision : null;
  }

  const placeOf = (subject, design) => Spectrum.place(Spectrum.of(subject), design.student_rank);

  function rank(subject, design) {
    return Spectrum.of(subject).ranks[Model.lowest(Model.ledger(Model.directions(subject, design)).total)];
  }

  // Each rank with its best temperature and floor, of which the best rank.
  function all(subject, design) {
    let best = null;
    Spectrum.of(subject).ranks.forEach((student_rank, place) => {
      const found = {
        student_rank,
        temperature: temperature(subject, design, place),
        floor: floor(subject, design, place),
      };
      const total = Model.ledger(Model.directions(subject, { ...design, ...found })).total[place];
      if (best === null || total < best.total) best = { found, total };
    });
    return best.found;
  }

  return { rank, temperature, floor, all };
})();
