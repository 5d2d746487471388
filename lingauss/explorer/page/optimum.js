// The best settings of a design for an objective, in the forms of docs/theory.md §5 where there are some.
const Optimum = (() => {
  const ROUNDS = 6; // of improving settings in turns
  const FEW_ROUNDS = 2; // in long spectra
  // Directions up to which every rank, and every mixing and penalty, is tried with its own temperature and floor.
  const THOROUGH = {
    divergence: 1024,
    prediction_divergence: 128,
    process: 1024,
    excess_risk: Infinity,
    unseen_risk: 128,
  };
  const RISKS = ["excess_risk", "unseen_risk"]; // on which neither temperature nor floor has a say but for the worse
  const ALL_RANKS = 130; // ranks up to which each is tried with its own temperature and floor
  const BETTER = 1e-6; // relative, by which another round must improve

  const logGrid = (low, high, count) =>
    Array.from({ length: count }, (_, i) => low * (high / low) ** (i / (count - 1)));
  const TEMPERATURES = [0, ...logGrid(1e-6, 1e9, 61)];
  const MIXINGS = Array.from({ length: 81 }, (_, i) => -2 + i * 0.05);

  const placeOf = (subject, design) => Spectrum.place(Spectrum.of(subject, design), design.student_rank);

  // The value that is minimised; infinite where a design has none.
  function valueOf(objective, subject, design) {
    const quantity = Quantities.objectives[objective];
    const value = quantity.lacking(subject, design) === null ? quantity.at(subject, design) : NaN;
    return Number.isNaN(value) ? Infinity : value;
  }

  // The smallest rank within the budget whose value is within the tolerance (a fraction) of the least there.
  function rank(subject, design, { objective, tolerance = 0, budget = null }, answers = Answers.of(subject, design)) {
    return answers.ranks[
      placeWithin(Quantities.objectives[objective].ranks(answers), answers.ranks, tolerance, budget)
    ];
  }

  function placeWithin(values, ranks, tolerance, budget) {
    const allowed = values.filter((_, place) => budget === null || ranks[place] <= budget);
    const least = allowed[Model.lowest(allowed)];
    return allowed.findIndex((value) => value <= least * (1 + tolerance));
  }

  // ρ − 1 at τ = 0, ∂ρ/∂τ and how many outputs pay, of the kept nodes that the temperature reaches.
  function ratios(subject, design, place) {
    const l = Model.law(subject, design);
    const { eigenvalues, weights, ends } = Spectrum.of(subject, design);
    const found = [];
    for (let i = 0; i < ends[place]; i++) {
      const s = eigenvalues[i] * l.scale;
      const slope = Formulas.temperature_effect(l.lambdaS, l.lambdaT, l.m, l.nu, s, l.sigmaT, l.tauT, l.xi);
      if (slope > 0) found.push({ slope, excess: Model.ratioExcess({ ...l, tau: 0 }, s), k: l.k * weights[i] });
    }
    return found;
  }

  // Divergences are convex in the temperature, the process with a least value of its own, and risks grow with it; where it changes nothing, 0.
  function temperature(subject, design, { objective }) {
    if (RISKS.includes(objective)) return 0;
    if (objective === "process") {
      const { k, m, n } = Model.law(subject, design);
      return Formulas.process_temperature_star(Process.slope(subject, design), k, m, n);
    }
    if (objective === "divergence") {
      const reached = ratios(subject, design, placeOf(subject, design));
      return LineSearch.root((tau) =>
        reached.reduce((sum, { excess, k, slope }) => sum + Formulas.temperature_condition(excess, k, slope, tau), 0),
      );
    }
    return LineSearch.least((tau) => valueOf(objective, subject, { ...design, temperature: tau }), TEMPERATURES).at;
  }

  // Of the divergence, the harmonic mean of the teacher's discarded variances. The design's own where nothing is dropped,
  // and for risks, which do not depend on it.
  function floor(subject, design, { objective }) {
    const { eigenvalues, weights, ranks, ends, size } = Spectrum.of(subject, design);
    const place = placeOf(subject, design);
    if (ranks[place] === size || RISKS.includes(objective)) return design.floor;
    const l = Model.law(subject, design);
    let precision = 0;
    for (let i = ends[place]; i < eigenvalues.length; i++) {
      precision += weights[i] / Model.teacherVariance(l, eigenvalues[i] * l.scale);
    }
    const harmonic = (l.unit * (size - ranks[place])) / precision;
    if (objective === "divergence" || objective === "process") return harmonic;
    const grid = logGrid(harmonic * 1e-6, harmonic * 1e6, 49);
    return LineSearch.least((value) => valueOf(objective, subject, { ...design, floor: value }), grid).at;
  }

  // Risks are parabolas in the mixing; divergences are searched.
  function mixing(subject, design, { objective }) {
    if (objective === "process") return 1;
    const value = (xi) => valueOf(objective, subject, { ...design, mixing: xi });
    if (RISKS.includes(objective)) {
      const [below, here, above] = [-1, 0, 1].map(value);
      const curvature = below - 2 * here + above;
      if (curvature > 0) return (below - above) / (2 * curvature);
    }
    return LineSearch.least(value, MIXINGS).at;
  }

  function student_penalty(subject, design, { objective }) {
    const [low, high] = Settings.byName.student_penalty.range(subject);
    const grid = logGrid(low / 1e3, high * 1e3, 97);
    return LineSearch.least((value) => valueOf(objective, subject, { ...design, student_penalty: value }), grid).at;
  }

  // Temperature and floor together, which meet in no direction's cost.
  function spreads(subject, design, wish) {
    return { temperature: temperature(subject, design, wish), floor: floor(subject, design, wish) };
  }

  const thorough = (subject, { objective }) => Spectrum.of(subject).eigenvalues.length <= THOROUGH[objective];

  // Rank, then temperature and floor, in turns until they stay.
  function spreadsAndRankInTurns(subject, design, wish) {
    let best = design;
    let value = Infinity;
    for (let round = 0; round < ROUNDS; round++) {
      const at = { ...best, student_rank: rank(subject, best, wish) };
      const next = { ...at, ...spreads(subject, at, wish) };
      const reached = valueOf(wish.objective, subject, next);
      if (!(reached < value)) break;
      [best, value] = [next, reached];
    }
    return best;
  }

  // Each rank with its best temperature and floor, of which the best rank; of many ranks, those near the best of some.
  function spreadsAndRank(subject, design, wish) {
    if (!thorough(subject, wish)) return spreadsAndRankInTurns(subject, design, wish);
    const { ranks } = Spectrum.of(subject, design);
    const { tolerance = 0, budget = null } = wish;
    const last = budget === null ? ranks.length - 1 : Spectrum.place(Spectrum.of(subject, design), budget);
    const tried = new Map();
    const attempt = (place) => {
      if (tried.has(place) || place < 0 || place > last) return;
      const at = { ...design, student_rank: ranks[place] };
      const found = { ...at, ...spreads(subject, at, wish) };
      tried.set(place, { found, value: valueOf(wish.objective, subject, found) });
    };
    const least = () => [...tried].reduce((best, one) => (one[1].value < best[1].value ? one : best));
    let stride = Math.max(1, Math.ceil(last / ALL_RANKS));
    for (let place = 0; place <= last; place += stride) attempt(place);
    attempt(last);
    while (stride > 1) {
      stride = Math.ceil(stride / 2);
      const [centre] = least();
      for (const place of [centre - stride, centre + stride]) attempt(place);
    }
    const limit = least()[1].value * (1 + tolerance);
    const within = [...tried].filter(([, { value }]) => value <= limit).sort(([a], [b]) => a - b);
    return within[0][1].found;
  }

  // Mixing and penalty together, each point with its best temperature and floor, and the rank in turns with them, until
  // neither improves: best given the others.
  function all(subject, design, wish) {
    let best = spreadsAndRank(subject, design, wish);
    let value = valueOf(wish.objective, subject, best);
    const rounds = thorough(subject, wish) ? ROUNDS : FEW_ROUNDS;
    for (let round = 0; round < rounds; round++) {
      let next = best;
      for (const [name, find] of Object.entries({ mixing, student_penalty })) {
        const other = { ...next, [name]: find(subject, next, wish) };
        if (valueOf(wish.objective, subject, other) < valueOf(wish.objective, subject, next)) next = other;
      }
      next = spreadsAndRank(subject, mixingAndPenalty(subject, next, wish), wish);
      const reached = valueOf(wish.objective, subject, next);
      if (!(reached < value)) break;
      const gained = value - reached;
      [best, value] = [next, reached];
      if (gained <= BETTER * reached) break;
    }
    return best;
  }

  function mixingAndPenalty(subject, design, wish) {
    if (wish.objective === "process") return design; // whose mixing is 1, and whose penalty has been sought
    const at = ([xi, log]) => {
      const moved = { ...design, mixing: xi, student_penalty: Math.exp(log) };
      return thorough(subject, wish) ? { ...moved, ...spreads(subject, moved, wish) } : moved;
    };
    const start = [design.mixing, Math.log(Math.max(design.student_penalty, Number.MIN_VALUE))];
    const found = LineSearch.simplex((point) => valueOf(wish.objective, subject, at(point)), start, [0.1, 0.3]);
    return at(found);
  }

  const one = { student_rank: rank, temperature, floor, mixing, student_penalty };

  // The changes that make a design best in one setting, or in all.
  function changes(what, subject, design, wish) {
    if (what !== "all") return { [what]: one[what](subject, design, wish) };
    const { student_rank, ...found } = all(subject, design, wish);
    return {
      student_rank,
      ...Object.fromEntries(["temperature", "floor", "mixing", "student_penalty"].map((name) => [name, found[name]])),
    };
  }

  return { changes, rank, temperature, floor, mixing, student_penalty, spreadsAndRank, all };
})();
