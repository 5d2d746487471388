// What the symbols of a formula stand for in the present design, and in one direction of it.
const FormulaValues = (() => {
  // The numbers of a scene by the names of a formula's symbols. `index` counts directions in the order in which they are
  // kept.
  function of({ subject, design, answers }, index, formula) {
    const { costs, ledger, place, gaps } = answers;
    const { law: l, spectrum, eigenvalues } = costs;
    const i = Math.min(Math.max(index, 0), eigenvalues.length - 1);
    const s = eigenvalues[i];
    const { unit } = l;
    const v = Model.teacherVariance(l, s);
    const gain = Model.studentGain(l, s);
    const own = Model.studentVariance(l, s);
    const floor = Model.floorVariance(l);
    const end = spectrum.ends[place];
    const settings = {
      ...{ k: subject.outputs, n: design.n_samples, d: spectrum.size, r: design.student_rank, m: design.draws },
      ...{ nu: design.label_noise, tau: design.temperature, xi: design.mixing, floor: unit * floor },
      ...{ lambda_T: design.teacher_penalty, lambda_S: design.student_penalty },
      ...{ tau_T: design.teacher_temperature, tau_S: design.student_temperature },
      ...{ sigma_T: design.teacher_noise ?? design.label_noise, sigma_S: design.student_noise ?? design.label_noise },
      ...{ m_b: spectrum.size - design.student_rank, kappa: l.lambdaT * (1 - l.xi) - l.lambdaS },
    };
    const ofDirection = {
      ...{ s, spectrum: s, signal: spectrum.signal[i] / spectrum.weights[i], p_i: s * gain, A_S: gain, A_w: gain },
      ...{ V_S: unit * own, V_w: unit * own, v: unit * v, variances: unit * v, rho: own / v },
      ...{ x_a: Model.ratioExcess(l, s), x_b: floor / v - 1, h: 1 - s * gain },
      ...(formula === "teacher_risk" ? learnedByTeacher(l, s) : {}),
      ...processOf(subject, design, answers, i),
      ...{
        slopes: Formulas.temperature_effect(l.lambdaS, l.lambdaT, l.m, l.nu, s, l.sigmaT, l.tauT, l.xi),
        excess: Model.ratioExcess({ ...l, tau: 0 }, s),
      },
    };
    const [mean, noise, spread, lostMean, lostNoise, lostSpread] = costs.columns.map(
      (column) => column[i] / spectrum.weights[i],
    );
    const results = {
      ...{ retained_bias: mean, retained_noise: noise, retained_spread: spread, retained_cost: mean + noise + spread },
      ...{ discarded_bias: lostMean, discarded_noise: lostNoise, discarded_spread: lostSpread },
      ...{ discarded_cost: lostMean + lostNoise + lostSpread, K_n: ledger.total[place] },
      ...(gaps ? { gen_T: gaps.teacher, gen_S: gaps.student[place], bound: gaps.proxy?.[place] } : {}),
    };
    return {
      values: { ...settings, ...ofDirection, ...results },
      direction: numberOf(design, spectrum, i),
      kept: i < end,
    };
  }

  // The teacher's risk is written with the symbols of the student's.
  function learnedByTeacher(l, s) {
    return { p_i: s / (s + l.lambdaT), h: l.lambdaT / (s + l.lambdaT), V_w: l.unit * Model.teacherVariance(l, s) };
  }

  // What formulas of the process are about: the teacher and the soft statistic, and in pure distillation the kernels,
  // whose spread is the student's own.
  function processOf(subject, design, { costs, process }, i) {
    const { law: l, spectrum, eigenvalues, strength } = costs;
    const s = eigenvalues[i];
    const { power, bias, noise, spread, kept, dropped } = Process.costsOf(l, s, strength[i] / spectrum.weights[i], l.k);
    return {
      ...{ a: s / (s + l.lambdaT), v_T: l.unit * Model.teacherVariance(l, s), soft_power: l.unit * power },
      ...{ x_q: Model.ratioExcess({ ...l, xi: 0 }, s), kernel_retained: kept, kernel_discarded: dropped },
      ...{ soft_label_bias: bias, soft_label_noise: noise, soft_label_spread: spread },
      ...{ soft_label_observation: Formulas.soft_label_observation(l.k, l.m, l.tau), soft_label_level: l.k / 2 },
      ...(process ? { c_1: Process.slope(subject, design) } : {}),
    };
  }

  function numberOf(design, spectrum, i) {
    if (spectrum.binned) return null;
    return design.order ? design.order[i] + 1 : i + 1;
  }

  // Symbols that change from direction to direction.
  const PER_DIRECTION = [
    "s",
    "signal",
    "p_i",
    "A_S",
    "A_w",
    "V_S",
    "V_w",
    "v",
    "rho",
    "x_a",
    "x_b",
    "h",
    "a",
    "v_T",
    "x_q",
    "soft_power",
    "spectrum",
    "variances",
    "slopes",
    "excess",
  ];

  return { of, PER_DIRECTION };
})();
