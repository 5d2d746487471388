// Every number of the page. Costs of single directions come from Formulas; what is added here are sums over directions
// and the intercept.
const Model = (() => {
  // What the formulas take, for one design at one label noise.
  function law(subject, design, noise = design.label_noise) {
    return {
      k: subject.outputs,
      n: design.n_samples,
      nu: noise,
      scale: design.n_samples / subject.n_samples,
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

  // ρ − 1, from differences of settings.
  const ratioExcess = (l, s) =>
    Formulas.variance_ratio_differences(
      ...[l.lambdaS, l.lambdaT, l.m, l.nu, s, l.sigmaS, l.sigmaT, l.tau, l.tauS, l.tauT, l.xi],
    );

  const studentGain = (l, s) => Formulas.student_gain(l.lambdaS, l.lambdaT, s, l.xi);

  function priorVariance(l) {
    return Formulas.learner_variance(l.lambdaS, 0, l.sigmaS, l.tauS);
  }

  const floorVariance = (l) => (l.floor === null ? priorVariance(l) : l.floor);

  // The six cells of a node, written to cells[0 … 5]: mean, noise and spread where kept, then where dropped. A node that
  // stands for `weight` directions costs what one direction of so many times the outputs does.
  function cellsOf(l, s, signal, weight, cells) {
    const k = l.k * weight;
    const { lambdaS, lambdaT, sigmaS, sigmaT, tauS, tauT, xi } = l;
    const v = teacherVariance(l, s);
    cells[0] = Formulas.retained_bias(lambdaS, lambdaT, s, sigmaT, signal, tauT, xi);
    cells[1] = l.observed ? 0 : Formulas.retained_noise(k, lambdaS, lambdaT, l.nu, s, sigmaT, tauT, xi);
    cells[2] = Formulas.retained_spread(k, studentVariance(l, s) / v, ratioExcess(l, s));
    const floor = floorVariance(l);
    const above =
      l.floor === null
        ? Formulas.prior_floor_excess(lambdaS, lambdaT, s, sigmaS, sigmaT, tauS, tauT)
        : Formulas.floor_excess(floor, lambdaT, s, sigmaT, tauT);
    cells[3] = Formulas.discarded_bias(lambdaT, s, sigmaT, signal, tauT);
    cells[4] = l.observed ? 0 : Formulas.discarded_noise(k, lambdaT, l.nu, s, sigmaT, tauT);
    cells[5] = Formulas.discarded_spread(k, floor / v, above);
  }

  function added(first, ...others) {
    const sums = Float64Array.from(first);
    for (const other of others) for (let i = 0; i < sums.length; i++) sums[i] += other[i];
    return sums;
  }

  // Costs of every node: six columns, and their sums per side.
  function directions(subject, design) {
    const spectrum = Spectrum.of(subject);
    const { signal, weights } = spectrum;
    const l = law(subject, design);
    const eigenvalues = spectrum.eigenvalues.map((s) => s * l.scale);
    const columns = Array.from({ length: 6 }, () => new Float64Array(eigenvalues.length));
    const cells = new Float64Array(6);
    for (let i = 0; i < eigenvalues.length; i++) {
      cellsOf(l, eigenvalues[i], signal[i], weights[i], cells);
      for (let j = 0; j < 6; j++) columns[j][i] = cells[j];
    }
    return {
      spectrum,
      eigenvalues,
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

  // Generalisation gaps at every rank, and how far the student's can be from the teacher's.
  function gaps(subject, design, costs, totals) {
    const l = law(subject, design);
    const level = subject.intercept ? (2 * l.k * l.nu ** 2) / l.n : 0;
    const learned = new Float64Array(costs.eigenvalues.length);
    let teacher = 0;
    for (let i = 0; i < learned.length; i++) {
      const s = costs.eigenvalues[i];
      const k = l.k * costs.spectrum.weights[i];
      teacher += Formulas.gap_teacher(k, l.lambdaT, l.n, l.nu, s);
      learned[i] = Formulas.gap_student(k, l.lambdaS, l.lambdaT, l.n, l.nu, s, l.xi);
    }
    const student = Spectrum.kept(costs.spectrum, learned).map((gap) => gap + level);
    const known = subject.mode !== "observed";
    const proxy = (divergence) => Formulas.universal_bound(teacher, divergence, l.n, l.sigmaT, l.tauT);
    return {
      teacher: teacher + level,
      student,
      proxy: known ? totals.map(proxy) : null,
      sharpness: known ? sharpness(l, costs) : null,
      information: known ? information(l, costs).map((width) => width + level) : null,
    };
  }

  // gϱ at every rank, in squared label units.
  function sharpness(l, costs) {
    const [mean, noise, , lostMean, lostNoise] = costs.columns;
    const near = new Float64Array(mean.length);
    const far = new Float64Array(mean.length);
    let steepness = 0;
    const floor = floorVariance(l);
    for (let i = 0; i < mean.length; i++) {
      const s = costs.eigenvalues[i];
      const k = l.k * costs.spectrum.weights[i];
      const v = teacherVariance(l, s);
      // the mean cost of a direction is its squared shift over 2v
      near[i] = 2 * v * (mean[i] + noise[i]) + k * Formulas.wasserstein_univariate(0, 0, studentVariance(l, s), v);
      far[i] = 2 * v * (lostMean[i] + lostNoise[i]) + k * Formulas.wasserstein_univariate(0, 0, floor, v);
      steepness += Formulas.gap_gradient(k, l.n, l.nu, s);
    }
    const distance = added(Spectrum.kept(costs.spectrum, near), Spectrum.dropped(costs.spectrum, far));
    return distance.map((squared) => Math.sqrt(steepness * squared));
  }

  // √(2 E[σ²(W)] I(D; W)) at every rank, σ²(w) = 4ν²/n times the excess risk of w.
  function information(l, costs) {
    const nats = new Float64Array(costs.eigenvalues.length);
    for (let i = 0; i < nats.length; i++) {
      const s = costs.eigenvalues[i];
      const k = l.k * costs.spectrum.weights[i];
      const gain = studentGain(l, s);
      nats[i] = s * gain === 0 ? 0 : Formulas.weight_information(gain, k, l.nu, s, studentVariance(l, s));
    }
    const errors = risksPerNode(l, costs);
    const risk = added(Spectrum.kept(costs.spectrum, errors.seen), Spectrum.dropped(costs.spectrum, errors.unseen));
    const known = Spectrum.kept(costs.spectrum, nats);
    return risk.map((error, r) =>
      error === 0 || known[r] === 0 ? 0 : 2 * l.nu * Math.sqrt((2 * error * known[r]) / l.n),
    );
  }

  function risksPerNode(l, { eigenvalues, spectrum }) {
    const { lambdaS, lambdaT, sigmaS, sigmaT, tauS, tauT } = l;
    const count = eigenvalues.length;
    const [teacher, seen, unseen] = Array.from({ length: 3 }, () => new Float64Array(count));
    for (let i = 0; i < count; i++) {
      const s = eigenvalues[i];
      const k = l.k * spectrum.weights[i];
      const w = spectrum.signal[i];
      teacher[i] = Formulas.teacher_risk(k, lambdaT, l.n, l.nu, s, sigmaT, w, tauT);
      seen[i] = Formulas.student_risk(k, lambdaS, lambdaT, l.m, l.n, l.nu, s, sigmaS, sigmaT, w, l.tau, tauS, tauT, l.xi);
      unseen[i] = Formulas.unseen_risk(l.n, s, w);
    }
    return { teacher, seen, unseen };
  }

  // Excess risks at every rank, in squared label units.
  function risks(subject, design, costs) {
    const l = law(subject, design);
    const level = subject.intercept ? (l.k * l.nu ** 2) / l.n : 0;
    const { teacher, seen, unseen } = risksPerNode(l, costs);
    return {
      teacher: teacher.reduce((sum, error) => sum + error, 0) + level,
      student: added(Spectrum.kept(costs.spectrum, seen), Spectrum.dropped(costs.spectrum, unseen)).map(
        (error) => error + level,
      ),
    };
  }

  function lowest(values) {
    let best = 0;
    for (let r = 1; r < values.length; r++) if (values[r] < values[best]) best = r;
    return best;
  }

  // The divergence at every rank and some label noises: rows are places of ranks.
  function map(subject, design, noises) {
    const spectrum = Spectrum.of(subject);
    const rows = Array.from(spectrum.ranks, () => new Float64Array(noises.length));
    const best = new Int32Array(noises.length);
    noises.forEach((noise, j) => {
      const { kept, dropped } = directions(subject, { ...design, label_noise: noise });
      const total = added(Spectrum.kept(spectrum, kept), Spectrum.dropped(spectrum, dropped));
      total.forEach((value, place) => {
        rows[place][j] = value;
      });
      best[j] = lowest(total);
    });
    return { noises, rows, best };
  }

  // Everything but the map.
  function evaluate(subject, design) {
    const costs = directions(subject, design);
    const sums = ledger(costs);
    const { spectrum } = costs;
    const place = Spectrum.place(spectrum, design.student_rank);
    const answers = { costs, ranks: spectrum.ranks, place, ledger: sums, best: lowest(sums.total), gaps: null, risks: null };
    if (subject.fixed_design) {
      answers.gaps = gaps(subject, design, costs, sums.total);
      if (subject.mode !== "observed") answers.risks = risks(subject, design, costs);
    }
    return answers;
  }

  return { law, directions, perDirection, ledger, evaluate, map, lowest, teacherVariance, ratioExcess, priorVariance };
})();
