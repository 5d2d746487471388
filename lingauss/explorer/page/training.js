// Laws of learners that are trained by steps of gradient descent, and of students that teach the next, direction by
// direction (docs/theory.md §1.4, §5.10). A law is a gain on the statistic and a variance.
const Training = (() => {
  const ridge = (penalty, temperature, sigma) => (s) => ({
    gain: 1 / (s + penalty),
    variance: Formulas.learner_variance(penalty, s, sigma, temperature),
  });

  // Noisy gradient descent from 0: `steps` of a size, on the loss of ridge, none of which overshoots.
  function descent(penalty, temperature, sigma, steps, size) {
    return (s) => {
      const x = size * (s + penalty);
      const spread = temperature * sigma ** 2;
      const growth = steps * Math.log1p(-x); // of (1 − x)^steps, in the logarithm
      return {
        gain: -Math.expm1(growth) / (s + penalty),
        variance: (spread / (s + penalty)) * (2 / (2 - x)) * -Math.expm1(2 * growth),
      };
    };
  }

  // The step size at which the steepest direction converges at once.
  const stepSize = (largest, penalty) => 1 / (largest + penalty);

  // Both learners of a design, either of them after steps of descent if given.
  function learners(subject, design, { teacherSteps = null, studentSteps = null } = {}) {
    const l = Model.law(subject, design);
    const spectrum = Spectrum.of(subject, design);
    const largest = spectrum.eigenvalues.reduce((most, s) => Math.max(most, s), 0) * l.scale;
    const of = (penalty, temperature, sigma, steps) =>
      steps === null
        ? ridge(penalty, temperature, sigma)
        : descent(penalty, temperature, sigma, steps, stepSize(largest, penalty));
    return {
      l,
      spectrum,
      end: spectrum.ends[Spectrum.place(spectrum, design.student_rank)],
      teacher: of(l.lambdaT, l.tauT, l.sigmaT, teacherSteps),
      student: of(l.lambdaS, l.tauS, l.sigmaS, studentSteps),
    };
  }

  // A student's law at s, taught by a law at s; gains act on the true statistic.
  function taught(l, s, own, teacher) {
    const mixed = 1 - l.xi + l.xi * s * teacher.gain;
    const drawn = (l.xi ** 2 / l.m) * own.gain ** 2 * (s * s * teacher.variance + s * l.tau * l.nu ** 2);
    return { gain: own.gain * mixed, variance: own.variance + drawn };
  }

  const NOTHING = { gain: 0, variance: 0 };

  // Costs of one student against its teacher, and its excess risk, summed over directions.
  function sums(subject, { l, spectrum, end, teacher, student }, rounds = 1) {
    const total = { bias: 0, variance: 0, rank_bottleneck: 0, student_excess_risk: 0, student_gap: 0 };
    const floor = l.floor ?? student(0).variance;
    for (let i = 0; i < spectrum.eigenvalues.length; i++) {
      const s = spectrum.eigenvalues[i] * l.scale;
      const signal = spectrum.signal[i] / l.unit;
      const k = l.k * spectrum.weights[i];
      const kept = i < end;
      const own = kept ? student(s) : NOTHING;
      let master = teacher(s);
      let law = taught(l, s, own, master);
      for (let round = 2; round <= rounds; round++) [master, law] = [law, taught(l, s, own, law)];
      // the teacher of a later round has the floor where it learned nothing; its labels do not
      const v = kept || rounds === 1 ? master.variance : floor;
      const shift = s * (law.gain - master.gain);
      const mean = shift === 0 ? 0 : (shift ** 2 * signal) / (2 * v);
      const noise = l.observed || shift === 0 ? 0 : (k * (shift * l.nu) ** 2) / s / (2 * v);
      const spread = 0.5 * k * Formulas.excessLog(((kept ? law.variance : floor) - v) / v);
      if (kept) {
        total.bias += mean;
        total.variance += noise + spread;
      } else total.rank_bottleneck += mean + noise + spread;
      const p = s * law.gain;
      total.student_excess_risk +=
        ((1 - p) ** 2 * s * signal + k * (p * l.nu) ** 2 + k * s * (kept ? law.variance : 0)) / l.n;
      total.student_gap += (2 * k * p * l.nu ** 2) / l.n;
    }
    const level = subject.intercept ? (l.k * l.nu ** 2) / l.n : 0;
    return {
      ...total,
      divergence: total.bias + total.variance + total.rank_bottleneck,
      student_excess_risk: (total.student_excess_risk + level) * l.unit,
      student_gap: (total.student_gap + 2 * level) * l.unit,
    };
  }

  const QUANTITIES = ["divergence", "bias", "variance", "rank_bottleneck", "student_excess_risk", "student_gap"];

  return { learners, sums, QUANTITIES };
})();
