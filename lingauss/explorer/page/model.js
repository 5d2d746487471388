// Costs of directions and their sums. Single directions come from Formulas; what is added here are sums. Labels are
// measured in the power of two nearest to their noise, on which no divergence depends: no digit is lost by it, and nothing
// overflows that the library can hold.
const Model = (() => {
  // What the formulas take, for one design.
  function law(subject, design) {
    const noise = design.label_noise;
    const root = 2 ** Math.round(Math.log2(noise));
    return {
      k: subject.outputs,
      n: design.n_samples,
      nu: noise / root,
      unit: root ** 2, // of squared labels
      scale: design.n_samples / subject.n_samples,
      observed: subject.mode === "observed",
      lambdaT: design.teacher_penalty,
      lambdaS: design.student_penalty,
      tauT: design.teacher_temperature,
      tauS: design.student_temperature,
      sigmaT: (design.teacher_noise ?? noise) / root,
      sigmaS: (design.student_noise ?? noise) / root,
      floor: design.floor === null ? null : design.floor / root / root,
      tau: design.temperature,
      xi: design.mixing,
      m: design.draws,
    };
  }

  const teacherVariance = (l, s) => Formulas.learner_variance(l.lambdaT, s, l.sigmaT, l.tauT);

  const studentVariance = (l, s) =>
    Formulas.student_variance(l.lambdaS, l.lambdaT, l.m, l.nu, s, l.sigmaS, l.sigmaT, l.tau, l.tauS, l.tauT, l.xi);

  // ρ − 1, from differences of settings.
  const ratioExcess = (l, s) =>
    Formulas.variance_ratio_differences(
      ...[l.lambdaS, l.lambdaT, l.m, l.nu, s, l.sigmaS, l.sigmaT, l.tau, l.tauS, l.tauT, l.xi],
    );

  const studentGain = (l, s) => Formulas.student_gain(l.lambdaS, l.lambdaT, s, l.xi);

  const floorVariance = (l) => l.floor ?? Formulas.learner_variance(l.lambdaS, 0, l.sigmaS, l.tauS);

  // In label units.
  const priorVariance = (l) => l.unit * Formulas.learner_variance(l.lambdaS, 0, l.sigmaS, l.tauS);

  const floorExcess = (l, s) =>
    l.floor === null
      ? Formulas.prior_floor_excess(l.lambdaS, l.lambdaT, s, l.sigmaS, l.sigmaT, l.tauS, l.tauT)
      : Formulas.floor_excess(l.floor, l.lambdaT, s, l.sigmaT, l.tauT);

  // The cells of a node, written to cells[0 … 5]: mean, noise and spread where kept, then where dropped. A node that
  // stands for `weight` directions costs what one direction of so many times the outputs does.
  function cellsOf(l, s, signal, weight, cells) {
    const k = l.k * weight;
    const v = teacherVariance(l, s);
    cells[0] = Formulas.retained_bias(l.lambdaS, l.lambdaT, s, l.sigmaT, signal, l.tauT, l.xi);
    cells[1] = l.observed ? 0 : Formulas.retained_noise(k, l.lambdaS, l.lambdaT, l.nu, s, l.sigmaT, l.tauT, l.xi);
    cells[2] = Formulas.retained_spread(k, studentVariance(l, s) / v, ratioExcess(l, s));
    cells[3] = Formulas.discarded_bias(l.lambdaT, s, l.sigmaT, signal, l.tauT);
    cells[4] = l.observed ? 0 : Formulas.discarded_noise(k, l.lambdaT, l.nu, s, l.sigmaT, l.tauT);
    cells[5] = Formulas.discarded_spread(k, floorVariance(l) / v, floorExcess(l, s));
  }

  // The same of joint predictions at the training inputs, whose labels' noise hides what it covers (docs/theory.md §3.4).
  function predictionCells(l, s, signal, weight, cells) {
    cellsOf(l, s, signal, weight, cells);
    const k = l.k * weight;
    const v = teacherVariance(l, s);
    const seen = (s * v) / (s * v + l.nu ** 2);
    const hidden = l.nu ** 2 / (s * v + l.nu ** 2);
    for (const j of [0, 1, 3, 4]) cells[j] *= seen;
    cells[2] =
      seen === 0
        ? 0
        : Formulas.retained_spread(k, hidden + (seen * studentVariance(l, s)) / v, seen * ratioExcess(l, s));
    cells[5] =
      seen === 0 ? 0 : Formulas.discarded_spread(k, hidden + (seen * floorVariance(l)) / v, seen * floorExcess(l, s));
  }

  function added(first, ...others) {
    const sums = Float64Array.from(first);
    for (const other of others) for (let i = 0; i < sums.length; i++) sums[i] += other[i];
    return sums;
  }

  // Eigenvalues of the Gram matrix and the signal, in the unit of the labels.
  function setting(subject, design) {
    const spectrum = Spectrum.of(subject, design);
    const l = law(subject, design);
    return {
      law: l,
      spectrum,
      eigenvalues: spectrum.eigenvalues.map((s) => s * l.scale),
      strength: spectrum.signal.map((power) => power / l.unit),
    };
  }

  // Costs of every node: six columns, and their sums per side.
  function directions(subject, design, cellsOfNode = cellsOf) {
    const given = setting(subject, design);
    const { law: l, spectrum, eigenvalues, strength } = given;
    const { weights } = spectrum;
    const columns = Array.from({ length: 6 }, () => new Float64Array(eigenvalues.length));
    const cells = new Float64Array(6);
    for (let i = 0; i < eigenvalues.length; i++) {
      cellsOfNode(l, eigenvalues[i], strength[i], weights[i], cells);
      for (let j = 0; j < 6; j++) columns[j][i] = cells[j];
    }
    return {
      ...given,
      columns,
      kept: added(...columns.slice(0, 3)),
      dropped: added(...columns.slice(3)),
    };
  }

  // Costs of single directions; of a bin's, their mean at their mean eigenvalue.
  function perDirection({ spectrum, eigenvalues, columns, kept, dropped }) {
    const mean = (values) => (spectrum.binned ? Spectrum.means(spectrum, values) : values);
    return {
      eigenvalues: mean(eigenvalues.map((s, i) => s * spectrum.weights[i])),
      columns: columns.map(mean),
      kept: mean(kept),
      dropped: mean(dropped),
    };
  }

  // The ledger at every rank.
  function ledger(costs) {
    const cells = costs.columns.map((column, j) => Spectrum[j < 3 ? "kept" : "dropped"](costs.spectrum, column));
    const bias = cells[0];
    const variance = added(cells[1], cells[2]);
    const bottleneck = added(cells[3], cells[4], cells[5]);
    return { cells, bias, variance, bottleneck, total: added(bias, variance, bottleneck) };
  }

  // The divergence at every rank.
  const totals = ({ spectrum, kept, dropped }) =>
    added(Spectrum.kept(spectrum, kept), Spectrum.dropped(spectrum, dropped));

  // The divergence at the design's rank alone, of weights or of predictions.
  function divergence(subject, design, cellsOfNode = cellsOf) {
    const spectrum = Spectrum.of(subject, design);
    const { eigenvalues, signal, weights } = spectrum;
    const l = law(subject, design);
    const end = spectrum.ends[Spectrum.place(spectrum, design.student_rank)];
    const cells = new Float64Array(6);
    let sum = 0;
    for (let i = 0; i < eigenvalues.length; i++) {
      cellsOfNode(l, eigenvalues[i] * l.scale, signal[i] / l.unit, weights[i], cells);
      sum += i < end ? cells[0] + cells[1] + cells[2] : cells[3] + cells[4] + cells[5];
    }
    return sum;
  }

  // The same at every rank.
  function everyRank(subject, design, cellsOfNode = cellsOf) {
    const { law: l, spectrum, eigenvalues, strength } = setting(subject, design);
    const [kept, dropped] = [new Float64Array(eigenvalues.length), new Float64Array(eigenvalues.length)];
    const cells = new Float64Array(6);
    for (let i = 0; i < eigenvalues.length; i++) {
      cellsOfNode(l, eigenvalues[i], strength[i], spectrum.weights[i], cells);
      kept[i] = cells[0] + cells[1] + cells[2];
      dropped[i] = cells[3] + cells[4] + cells[5];
    }
    return totals({ spectrum, kept, dropped });
  }

  function lowest(values) {
    let best = 0;
    for (let r = 1; r < values.length; r++) if (values[r] < values[best]) best = r;
    return best;
  }

  // The divergence at every rank and some label noises: rows are places of ranks.
  function map(subject, design, noises) {
    const { spectrum } = setting(subject, design);
    const follows = design.teacher_noise === null && design.student_noise === null;
    const totalsAt = follows ? atNoises(subject, design) : (other) => everyRank(subject, other);
    const rows = Array.from(spectrum.ranks, () => new Float64Array(noises.length));
    const best = new Int32Array(noises.length);
    noises.forEach((noise, j) => {
      const total = totalsAt({ ...design, label_noise: noise });
      for (let place = 0; place < total.length; place++) rows[place][j] = total[place];
      best[j] = lowest(total);
    });
    return { noises, rows, best };
  }

  // The divergence at every rank as a function of the noise, which both learners know: what wrong means cost goes with
  // 1/ν², a given floor's spread with it, and the rest stays.
  function atNoises(subject, design) {
    const { law: before, spectrum, eigenvalues, columns } = directions(subject, design);
    const [mean, noise, spread, lostMean, lostNoise, lostSpread] = columns;
    const given = before.floor !== null;
    const sums = (kept, dropped) => added(Spectrum.kept(spectrum, kept), Spectrum.dropped(spectrum, dropped));
    const means = sums(mean, lostMean);
    const rest = sums(added(noise, spread), given ? lostNoise : added(lostNoise, lostSpread));
    return (other) => {
      const l = law(subject, other);
      const share = (before.unit / l.unit) * (before.nu / l.nu) ** 2;
      const total = means.map((cost, place) => share * cost + rest[place]);
      return given ? added(total, Spectrum.dropped(spectrum, floorSpreads(l, spectrum, eigenvalues))) : total;
    };
  }

  const floorSpreads = (l, { weights }, eigenvalues) =>
    eigenvalues.map((s, i) =>
      Formulas.discarded_spread(l.k * weights[i], l.floor / teacherVariance(l, s), floorExcess(l, s)),
    );

  return {
    ...{ law, setting, directions, perDirection, ledger, totals, divergence, everyRank, predictionCells, map, lowest, added },
    ...{ teacherVariance, studentVariance, studentGain, ratioExcess, floorVariance, floorExcess, priorVariance },
  };
})();
