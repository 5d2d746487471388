// Generalisation gaps, what bounds say about them, and excess risks, at every rank and in squared label units.
const Gap = (() => {
  const { added } = Model;
  const noTruth = "The data come without true weights, which this average over labels needs.";

  // Gaps, and how far the student's can be from the teacher's.
  function gaps(subject, costs, divergences) {
    const { law: l, spectrum, eigenvalues } = costs;
    const level = subject.intercept ? (2 * l.k * l.nu ** 2) / l.n : 0;
    const learned = new Float64Array(eigenvalues.length);
    let teacher = 0;
    for (let i = 0; i < learned.length; i++) {
      const k = l.k * spectrum.weights[i];
      teacher += Formulas.gap_teacher(k, l.lambdaT, l.n, l.nu, eigenvalues[i]);
      learned[i] = Formulas.gap_student(k, l.lambdaS, l.lambdaT, l.n, l.nu, eigenvalues[i], l.xi);
    }
    const known = subject.mode !== "observed";
    const inLabels = (values) => values.map((value) => value * l.unit);
    return {
      teacher: (teacher + level) * l.unit,
      student: inLabels(Spectrum.kept(spectrum, learned).map((gap) => gap + level)),
      proxy: known
        ? inLabels(divergences.map((nats) => Formulas.universal_bound(teacher, nats, l.n, l.sigmaT, l.tauT)))
        : null,
      sharpness: known ? inLabels(sharpness(costs)) : null,
      information: known ? inLabels(information(costs).map((width) => width + level)) : null,
    };
  }

  // gϱ
  function sharpness({ law: l, spectrum, eigenvalues, columns }) {
    const [mean, noise, , lostMean, lostNoise] = columns;
    const near = new Float64Array(mean.length);
    const far = new Float64Array(mean.length);
    let steepness = 0;
    const floor = Model.floorVariance(l);
    for (let i = 0; i < mean.length; i++) {
      const s = eigenvalues[i];
      const k = l.k * spectrum.weights[i];
      const v = Model.teacherVariance(l, s);
      // the mean cost of a direction is its squared shift over 2v
      near[i] =
        2 * v * (mean[i] + noise[i]) + k * Formulas.wasserstein_univariate(0, 0, Model.studentVariance(l, s), v);
      far[i] = 2 * v * (lostMean[i] + lostNoise[i]) + k * Formulas.wasserstein_univariate(0, 0, floor, v);
      steepness += Formulas.gap_gradient(k, l.n, l.nu, s);
    }
    const distance = added(Spectrum.kept(spectrum, near), Spectrum.dropped(spectrum, far));
    return distance.map((squared) => Math.sqrt(steepness * squared));
  }

  // √(2 E[σ²(W)] I(D; W)), σ²(w) = 4ν²/n times the excess risk of w.
  function information(costs) {
    const { law: l, spectrum, eigenvalues } = costs;
    const nats = new Float64Array(eigenvalues.length);
    for (let i = 0; i < nats.length; i++) {
      const s = eigenvalues[i];
      const k = l.k * spectrum.weights[i];
      const gain = Model.studentGain(l, s);
      nats[i] = s * gain === 0 ? 0 : Formulas.weight_information(gain, k, l.nu, s, Model.studentVariance(l, s));
    }
    const errors = risksPerNode(costs);
    const risk = added(Spectrum.kept(spectrum, errors.seen), Spectrum.dropped(spectrum, errors.unseen));
    const known = Spectrum.kept(spectrum, nats);
    return risk.map((error, r) =>
      error === 0 || known[r] === 0 ? 0 : 2 * l.nu * Math.sqrt((2 * error * known[r]) / l.n),
    );
  }

  function studentRisk(l, k, s, signal) {
    const { lambdaS, lambdaT, sigmaS, sigmaT, tauS, tauT } = l;
    return Formulas.student_risk(
      k,
      lambdaS,
      lambdaT,
      l.m,
      l.n,
      l.nu,
      s,
      sigmaS,
      sigmaT,
      signal,
      l.tau,
      tauS,
      tauT,
      l.xi,
    );
  }

  function risksPerNode({ law: l, spectrum, eigenvalues, strength }) {
    const count = eigenvalues.length;
    const [teacher, seen, unseen] = Array.from({ length: 3 }, () => new Float64Array(count));
    for (let i = 0; i < count; i++) {
      const k = l.k * spectrum.weights[i];
      teacher[i] = Formulas.teacher_risk(k, l.lambdaT, l.n, l.nu, eigenvalues[i], l.sigmaT, strength[i], l.tauT);
      seen[i] = studentRisk(l, k, eigenvalues[i], strength[i]);
      unseen[i] = Formulas.unseen_risk(l.n, eigenvalues[i], strength[i]);
    }
    return { teacher, seen, unseen };
  }

  const level = (subject, l) => (subject.intercept ? (l.k * l.nu ** 2) / l.n : 0);

  function risks(subject, costs) {
    const { law: l, spectrum } = costs;
    const { teacher, seen, unseen } = risksPerNode(costs);
    const student = added(Spectrum.kept(spectrum, seen), Spectrum.dropped(spectrum, unseen));
    return {
      teacher: (teacher.reduce((sum, error) => sum + error, 0) + level(subject, l)) * l.unit,
      student: student.map((error) => (error + level(subject, l)) * l.unit),
    };
  }

  // The student's excess risk at the design's rank alone.
  function risk(subject, design) {
    const spectrum = Spectrum.of(subject, design);
    const l = Model.law(subject, design);
    const end = spectrum.ends[Spectrum.place(spectrum, design.student_rank)];
    let sum = level(subject, l);
    for (let i = 0; i < spectrum.eigenvalues.length; i++) {
      const s = spectrum.eigenvalues[i] * l.scale;
      const signal = spectrum.signal[i] / l.unit;
      sum += i < end ? studentRisk(l, l.k * spectrum.weights[i], s, signal) : Formulas.unseen_risk(l.n, s, signal);
    }
    return sum * l.unit;
  }

  return { gaps, risks, risk, noTruth };
})();
