// The ledger of the process at every rank (docs/theory.md §6.4): soft labels bounded by convexity, then the student's
// kernel. Of pure distillation alone.
const Process = (() => {
  const impure = "The process has a ledger for pure distillation alone, whose mixing is 1.";
  const tooFew = "Fewer samples than directions that vary have no labels with this Gram matrix.";

  // Why a problem, or a design of it, has no such ledger, or null.
  function lacking(subject, design = null) {
    if (subject.mode === "observed") return Gap.noTruth;
    if (design === null) return null;
    if (design.mixing !== 1) return impure;
    return design.n_samples < Spectrum.live(Spectrum.of(subject)) ? tooFew : null;
  }

  // What a node costs as labels, and as the student's kernel if it is kept and if it is dropped. `power` is the mean
  // square of the soft statistic there.
  function costsOf(l, s, signal, k) {
    const alone = { ...l, xi: 0 }; // whose variance is the student's own
    const v = Model.teacherVariance(l, s);
    const power = Formulas.soft_statistic_power(k, l.lambdaT, l.m, l.nu, s, l.sigmaT, signal, l.tau, l.tauT);
    return {
      power,
      bias: Formulas.soft_label_bias(l.lambdaT, l.nu, s, signal),
      noise: Formulas.soft_label_noise(k, l.lambdaT, s),
      spread: Formulas.soft_label_spread(k, l.lambdaT, l.m, l.nu, s, l.sigmaT, l.tauT),
      kept: Formulas.kernel_retained(
        ...[k, l.lambdaS, l.lambdaT, Model.studentVariance(alone, s) / v, s, l.sigmaT, power, l.tauT],
        Model.ratioExcess(alone, s),
      ),
      dropped: Formulas.kernel_discarded(
        ...[k, l.lambdaT, Model.floorVariance(l) / v, s, l.sigmaT, power, l.tauT],
        Model.floorExcess(l, s),
      ),
    };
  }

  function ledger(subject, { law: l, spectrum, eigenvalues, strength }) {
    const count = eigenvalues.length;
    const [kept, dropped] = [new Float64Array(count), new Float64Array(count)];
    let bias = 0;
    let variance = l.n * Formulas.soft_label_observation(l.k, l.m, l.tau);
    if (subject.intercept) variance += Formulas.soft_label_level(l.k);
    for (let i = 0; i < count; i++) {
      const costs = costsOf(l, eigenvalues[i], strength[i], l.k * spectrum.weights[i]);
      bias += costs.bias;
      variance += costs.noise + costs.spread;
      kept[i] = costs.kept;
      dropped[i] = costs.dropped;
    }
    const training = Spectrum.kept(spectrum, kept);
    const bottleneck = Spectrum.dropped(spectrum, dropped);
    return {
      ...{ bias, variance, bottleneck, training },
      total: training.map((cost, place) => bias + variance + cost + bottleneck[place]),
    };
  }

  // What a unit of temperature adds to the cost of the student's kernel.
  function slope(subject, design) {
    const kernel = (temperature) => {
      const costs = Model.setting(subject, { ...design, temperature });
      const { bottleneck, training } = ledger(subject, costs);
      const place = Spectrum.place(costs.spectrum, design.student_rank);
      return bottleneck[place] + training[place];
    };
    const cold = kernel(0);
    return Number.isFinite(cold) ? Math.max(0, kernel(1) - cold) : 0;
  }

  return { ledger, costsOf, slope, lacking };
})();
