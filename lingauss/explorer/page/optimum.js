// Best settings of the present design, in the forms of docs/theory.md §5.
const Optimum = (() => {
  const TEMPERATURE_STEPS = 200;

  // ρ − 1 at τ = 0 and ∂ρ/∂τ of the first `rank` directions that the temperature reaches.
  function ratios(subject, design, rank) {
    const l = Model.law(subject, design);
    const excess = [];
    const slopes = [];
    for (let i = 0; i < rank; i++) {
      const s = subject.eigenvalues[i] * l.scale;
      const slope = Formulas.temperature_effect(l.lambdaS, l.lambdaT, l.m, l.nu, s, l.sigmaT, l.tauT, l.xi);
      if (!(slope > 0)) continue;
      slopes.push(slope);
      excess.push(
        Formulas.variance_ratio_differences(
          l.lambdaS,
          l.lambdaT,
          l.m,
          l.nu,
          s,
          l.sigmaS,
          l.sigmaT,
          0,
          l.tauS,
          l.tauT,
          l.xi,
        ),
      );
    }
    return { excess, slopes, k: l.k };
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
  function temperature(subject, design, rank = design.student_rank) {
    const { excess, slopes, k } = ratios(subject, design, rank);
    return root((tau) => Formulas.temperature_condition(excess, k, slopes.length, slopes, tau));
  }

  // null where nothing is dropped.
  function floor(subject, design, rank = design.student_rank) {
    const l = Model.law(subject, design);
    const variances = [];
    for (let i = rank; i < l.d; i++) variances.push(Model.teacherVariance(l, subject.eigenvalues[i] * l.scale));
    return variances.length ? Formulas.floor_star(variances.length, variances) : null;
  }

  function rank(subject, design) {
    return Model.lowest(Model.ledger(Model.directions(subject, design)).total);
  }

  // Each rank with its best temperature and floor, of which the best rank.
  function all(subject, design) {
    let best = null;
    for (let r = 0; r <= subject.eigenvalues.length; r++) {
      const found = {
        student_rank: r,
        temperature: temperature(subject, design, r),
        floor: floor(subject, design, r),
      };
      const total = Model.ledger(Model.directions(subject, { ...design, ...found })).total[r];
      if (best === null || total < best.total) best = { found, total };
    }
    return best.found;
  }

  return { rank, temperature, floor, all };
})();
