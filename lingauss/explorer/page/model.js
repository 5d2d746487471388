// Every number of the page. Costs of single directions come from Formulas; what is added here are sums over directions
// and the intercept.
const Model = (() => {
  // What the formulas take, for one design at one label noise.
  function law(subject, design, noise = design.label_noise) {
    const scale = design.n_samples / subject.n_samples;
    return {
      d: subject.eigenvalues.length,
      k: subject.outputs,
      n: design.n_samples,
      nu: noise,
      scale,
      observed: subject.mode === "observed",
      lambdaT: design.teacher_penalty,
      lambdaS: design.student_penalty,
      tauT: design.teacher_temperature,
      tauS: design.student_temperature,
      sigmaT: design.teacher_noise ?? noise,
      sigmaS: design.student_noise ?? noise,
      floor: design.floor,
      tau: design.temperature,
      xi: design.mixing,
      m: design.draws,
    };
  }

  const teacherVariance = (l, s) => Formulas.learner_variance(l.lambdaT, s, l.sigmaT, l.tauT);

  const studentVariance = (l, s) =>
    Formulas.student_variance(l.lambdaS, l.lambdaT, l.m, l.nu, s, l.sigmaS, l.sigmaT, l.tau, l.tauS, l.tauT, l.xi);

  const studentGain = (l, s) => Formulas.student_gain(l.lambdaS, l.lambdaT, s, l.xi);

  function priorVariance(l) {
    return Formulas.learner_variance(l.lambdaS, 0, l.sigmaS, l.tauS);
  }

  const floorVariance = (l) => (l.floor === null ? priorVariance(l) : l.floor);

  // The six cells of one direction, written to cells[0 … 5]: mean, noise and spread where kept, then where dropped.
  function cellsOf(l, s, signal, cells) {
    const { k, lambdaS, lambdaT, sigmaS, sigmaT, tauS, tauT, xi } = l;
    const v = teacherVariance(l, s);
    const excess = Formulas.variance_ratio_differences(
      lambdaS,
      lambdaT,
      l.m,
      l.nu,
      s,
      sigmaS,
      sigmaT,
      l.tau,
      tauS,
      tauT,
      xi,
    );
    cells[0] = Formulas.retained_bias(lambdaS, lambdaT, s, sigmaT, signal, tauT, xi);
    cells[1] = l.observed ? 0 : Formulas.retained_noise(k, lambdaS, lambdaT, l.nu, s, sigmaT, tauT, xi);
    cells[2] = Formulas.retained_spread(k, studentVariance(l, s) / v, excess);
    const floor = floorVariance(l);
    const above =
      l.floor === null
        ? Formulas.prior_floor_excess(lambdaS, lambdaT, s, sigmaS, sigmaT, tauS, tauT)
        : Formulas.floor_excess(floor, lambdaT, s, sigmaT, tauT);
    cells[3] = Formulas.discarded_bias(lambdaT, s, sigmaT, signal, tauT);
    cells[4] = l.observed ? 0 : Formulas.discarded_noise(k, lambdaT, l.nu, s, sigmaT, tauT);
    cells[5] = Formulas.discarded_spread(k, floor / v, above);
  }

  // Sums over kept directions for every rank 0 … d.
  function forwards(values) {
    const sums = new Float64Array(values.length + 1);
    for (let i = 0; i < values.length; i++) sums[i + 1] = sums[i] + values[i];
    return sums;
  }

  // Sums over dropped directions for every rank 0 … d.
  function backwards(values) {
    const sums = new Float64Array(values.length + 1);
    for (let i = values.length - 1; i >= 0; i--) sums[i] = sums[i + 1] + values[i];
    return sums;
  }

  const added = (...arrays) => arrays[0].map((value, i) => arrays.reduce((sum, array) => sum + array[i], 0));

  // Costs of every direction: six arrays of length d, and their sums per side.
  function directions(subject, design) {
    const l = law(subject, design);
    const columns = Array.from({ length: 6 }, () => new Float64Array(l.d));
    const cells = new Float64Array(6);
    for (let i = 0; i < l.d; i++) {
      cellsOf(l, subject.eigenvalues[i] * l.scale, subject.signal[i], cells);
      for (let j = 0; j < 6; j++) columns[j][i] = cells[j];
    }
    return {
      eigenvalues: Float64Array.from(subject.eigenvalues, (s) => s * l.scale),
      columns,
      kept: added(...columns.slice(0, 3)),
      dropped: added(...columns.slice(3)),
    };
  }

  // The ledger at every rank.
  function ledger(costs) {
    const [mean, noise, spread, lostMean, lostNoise, lostSpread] = costs.columns;
    const cells = [mean, noise, spread].map(forwards).concat([lostMean, lostNoise, lostSpread].map(backwards));
    const bias = cells[0];
    const variance = added(cells[1], cells[2]);
    const bottleneck = added(cells[3], cells[4], cells[5]);
    return { cells, bias, variance, bottleneck, total: added(bias, variance, bottleneck) };
  }

  // Generalisation gaps at every rank, and how far the student's can be from the teacher's.
  function gaps(subject, design, costs, totals) {
    const l = law(subject, design);
    const level = subject.intercept ? (2 * l.k * l.nu ** 2) / l.n : 0;
    const learned = new Float64Array(l.d);
    let teacher = 0;
    for (let i = 0; i < l.d; i++) {
      const s = costs.eigenvalues[i];
      teacher += Formulas.gap_teacher(l.k, l.lambdaT, l.n, l.nu, s);
      learned[i] = Formulas.gap_student(l.k, l.lambdaS, l.lambdaT, l.n, l.nu, s, l.xi);
    }
    const student = forwards(learned).map((gap) => gap + level);
    const known = subject.mode !== "observed";
    const proxy = (divergence) => Formulas.universal_bound(teacher, divergence, l.n, l.sigmaT, l.tauT);
    return {
      teacher: teacher + level,
      student,
      proxy: known ? totals.map(proxy) : null,
      sharpness: known ? sharpness(l, costs) : null,
      information: known ? information(subject, l, costs).map((width) => width + level) : null,
    };
  }

  // gϱ at every rank, in squared label units.
  function sharpness(l, costs) {
    const [mean, noise, , lostMean, lostNoise] = costs.columns;
    const near = new Float64Array(l.d);
    const far = new Float64Array(l.d);
    let steepness = 0;
    const floor = floorVariance(l);
    for (let i = 0; i < l.d; i++) {
      const s = costs.eigenvalues[i];
      const v = teacherVariance(l, s);
      // the mean cost of a direction is its squared shift over 2v
      near[i] = 2 * v * (mean[i] + noise[i]) + l.k * Formulas.wasserstein_univariate(0, 0, studentVariance(l, s), v);
      far[i] = 2 * v * (lostMean[i] + lostNoise[i]) + l.k * Formulas.wasserstein_univariate(0, 0, floor, v);
      steepness += Formulas.gap_gradient(l.k, l.n, l.nu, s);
    }
    const distance = added(forwards(near), backwards(far));
    return distance.map((squared) => Math.sqrt(steepness * squared));
  }

  // √(2 E[σ²(W)] I(D; W)) at every rank, σ²(w) = 4ν²/n times the excess risk of w.
  function information(subject, l, costs) {
    const nats = new Float64Array(l.d);
    for (let i = 0; i < l.d; i++) {
      const s = costs.eigenvalues[i];
      const gain = studentGain(l, s);
      nats[i] = s * gain === 0 ? 0 : Formulas.weight_information(gain, l.k, l.nu, s, studentVariance(l, s));
    }
    const errors = risksPerDirection(subject, l, costs);
    const risk = added(forwards(errors.seen), backwards(errors.unseen));
    const known = forwards(nats);
    return risk.map((error, r) =>
      error === 0 || known[r] === 0 ? 0 : 2 * l.nu * Math.sqrt((2 * error * known[r]) / l.n),
    );
  }

  function risksPerDirection(subject, l, costs) {
    const teacher = new Float64Array(l.d);
    const seen = new Float64Array(l.d);
    const unseen = new Float64Array(l.d);
    for (let i = 0; i < l.d; i++) {
      const s = costs.eigenvalues[i];
      const signal = subject.signal[i];
      teacher[i] = Formulas.teacher_risk(l.k, l.lambdaT, l.n, l.nu, s, l.sigmaT, signal, l.tauT);
      seen[i] = Formulas.student_risk(
        l.k,
        l.lambdaS,
        l.lambdaT,
        l.m,
        l.n,
        l.nu,
        s,
        l.sigmaS,
        l.sigmaT,
        signal,
        l.tau,
        l.tauS,
        l.tauT,
        l.xi,
      );
      unseen[i] = Formulas.unseen_risk(l.n, s, signal);
    }
    return { teacher, seen, unseen };
  }

  // Excess risks at every rank, in squared label units.
  function risks(subject, design, costs) {
    const l = law(subject, design);
    const level = subject.intercept ? (l.k * l.nu ** 2) / l.n : 0;
    const { teacher, seen, unseen } = risksPerDirection(subject, l, costs);
    return {
      teacher: teacher.reduce((sum, error) => sum + error, 0) + level,
      student: added(forwards(seen), backwards(unseen)).map((error) => error + level),
    };
  }

  function lowest(values) {
    let best = 0;
    for (let r = 1; r < values.length; r++) if (values[r] < values[best]) best = r;
    return best;
  }

  // The divergence at every rank and some label noises: rows are ranks.
  function map(subject, design, noises) {
    const d = subject.eigenvalues.length;
    const rows = Array.from({ length: d + 1 }, () => new Float64Array(noises.length));
    const best = new Int32Array(noises.length);
    const cells = new Float64Array(6);
    const kept = new Float64Array(d);
    const dropped = new Float64Array(d);
    for (let j = 0; j < noises.length; j++) {
      const l = law(subject, design, noises[j]);
      for (let i = 0; i < d; i++) {
        cellsOf(l, subject.eigenvalues[i] * l.scale, subject.signal[i], cells);
        kept[i] = cells[0] + cells[1] + cells[2];
        dropped[i] = cells[3] + cells[4] + cells[5];
      }
      const total = added(forwards(kept), backwards(dropped));
      for (let r = 0; r <= d; r++) rows[r][j] = total[r];
      best[j] = lowest(total);
    }
    return { noises, rows, best };
  }

  // Everything but the map.
  function evaluate(subject, design) {
    const costs = directions(subject, design);
    const sums = ledger(costs);
    const answers = { costs, ledger: sums, bestRank: lowest(sums.total), gaps: null, risks: null };
    if (subject.fixed_design) {
      answers.gaps = gaps(subject, design, costs, sums.total);
      if (subject.mode !== "observed") answers.risks = risks(subject, design, costs);
    }
    return answers;
  }

  return { law, directions, ledger, evaluate, map, lowest, teacherVariance, studentVariance, priorVariance };
})();
