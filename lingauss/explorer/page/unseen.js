// Excess risks on inputs that are drawn, where a spectrum is that of a population: the deterministic equivalents of
// docs/theory.md §10, as lingauss.equivalents computes them.
const Unseen = (() => {
  const MOST = 512; // directions whose ranks are all computed while a hand moves
  const ITERATIONS = 200;
  const CLOSE = 1e-8; // to the root in log κ, so that one step more reaches it

  const ratio = (numerator, denominator) => (denominator === 0 ? 0 : numerator / denominator);

  // The root κ of n − λ/κ = Σ s/(s + κ) over the first `end` nodes, both sides written as sums of positive terms.
  function effectivePenalty({ variances, weights, descending, n }, end, penalty) {
    const seen = descending.filter((i) => i < end);
    const rank = seen.reduce((sum, i) => sum + weights[i], 0);
    if (penalty === 0 && n >= rank) return 0;
    const top = Math.min(n, rank);
    let [passed, total, least] = [0, 0, penalty];
    const parts = seen.map((i) => {
      const [s, weight] = [variances[i], weights[i]];
      const above = Math.min(weight, Math.max(0, top - passed));
      passed += weight;
      total += weight * s;
      least = Math.max(least, (passed - top) * s);
      return { s, above, below: weight - above };
    });
    let low = (least / n) * (1 - 1e-12);
    let high = ((penalty + total) / n) * (1 + 1e-12);
    let kappa = Math.sqrt(low) * Math.sqrt(high);
    for (let i = 0; i < ITERATIONS; i++) {
      let [left, right, bentLeft, bentRight] = [n - top, penalty / kappa, 0, penalty / kappa];
      for (const { s, above, below } of parts) {
        const [missed, shown] = [kappa / (s + kappa), s / (s + kappa)];
        left += above * missed;
        right += below * shown;
        bentLeft += above * missed * shown;
        bentRight += below * shown * missed;
      }
      const difference = Math.log(left / right);
      const slope = bentLeft / left + bentRight / right;
      if (difference < 0) low = kappa;
      else high = kappa;
      const newton = kappa * Math.exp(Math.max(-700, Math.min(700, -difference / slope)));
      const last = Math.abs(difference) <= CLOSE * slope;
      kappa = last || (newton >= low && newton <= high) ? newton : Math.sqrt(low) * Math.sqrt(high);
      if (last) break;
    }
    return kappa;
  }

  // A ridge regression on n rows that sees the first `end` nodes: κ and the residual factor ρ.
  function fit(population, end, penalty) {
    const { variances, weights, n } = population;
    const kappa = effectivePenalty(population, end, penalty);
    let rank = 0;
    for (let i = 0; i < end; i++) if (variances[i] > 0) rank += weights[i];
    return { end, kappa, residual: (penalty > 0 ? penalty / kappa : Math.max(n - rank, 0)) / n };
  }

  // What a fit makes of a node, H, and what it misses, 1 − H.
  function shrinkage({ end, kappa }, s, i) {
    if (i >= end) return [0, 1];
    const whole = s + kappa || 1;
    return [s / whole, kappa / whole];
  }

  // The sums that the errors of both are made of (lingauss.equivalents.overlaps).
  function overlaps(population, teacher, student) {
    const { variances, weights, power, n } = population;
    const o = { t: 0, s: 0, tt: 0, ss: 0, st: 0, tMissed: 0, sMissed: 0, across: 0, sst: 0, stt: 0, sstt: 0 };
    Object.assign(o, { biasT: 0, biasS: 0, bias: 0, carriedT: 0, carriedS: 0, carried: 0 });
    for (let i = 0; i < variances.length; i++) {
      const [ht, mt] = shrinkage(teacher, variances[i], i);
      const [hs, ms] = shrinkage(student, variances[i], i);
      const w = weights[i] / n;
      o.t += w * ht;
      o.s += w * hs;
      o.tt += w * ht * ht;
      o.ss += w * hs * hs;
      o.st += w * hs * ht;
      o.tMissed += w * ht * mt;
      o.sMissed += w * hs * ms;
      o.across += w * hs * mt;
      o.sst += w * hs * hs * ht;
      o.stt += w * hs * ht * ht;
      o.sstt += w * hs * hs * ht * ht;
      o.biasT += mt * mt * power[i];
      o.biasS += ms * ms * power[i];
      o.bias += ms * mt * power[i];
      o.carriedT += hs * mt * mt * power[i];
      o.carriedS += hs * mt * ms * power[i];
      o.carried += hs * hs * mt * mt * power[i];
    }
    return {
      ...o,
      regularT: teacher.residual + o.tMissed,
      regularS: student.residual + o.sMissed,
      regular: student.residual + o.across,
    };
  }

  // (1 − ρ)/ρ times the spread of drawn weights; NaN where such a law does not exist.
  const drawn = (spread, filling, residual) => (spread === 0 ? 0 : residual === 0 ? NaN : (spread * filling) / residual);

  function teacherRisk(o, { noise }, { residual }, spread) {
    if (!(o.regularT > 0)) return Infinity;
    return (o.tt * noise + o.biasT) / o.regularT + drawn(spread, o.t, residual);
  }

  // The parabola in the mixing of lingauss.equivalents.pair.
  function studentRisk(o, settings, teacher, student) {
    const { noise, xi, softNoise, teacherDraws, studentSpread } = settings;
    if (!(o.regularS > 0)) {
      const repeats = student.whole && xi === 1 && noise * softNoise === 0;
      return repeats ? teacherRisk(o, settings, teacher, teacherDraws) : Infinity;
    }
    const memory = ratio(teacher.residual, o.regular);
    const loss = ratio(noise + o.biasT, o.regularT);
    const cross = ratio(noise + o.bias, o.regular);
    const growth = memory * ratio(o.carriedT - (1 - o.stt) * loss, o.regular);
    const left = 1 - o.sst;
    const innovation = [
      noise + o.biasS,
      2 * memory * (o.carriedS - left * cross),
      memory ** 2 * (o.carried - (1 - o.sstt) * loss) - 2 * memory * left * growth,
    ].map((part) => part / o.regularS);
    const start = o.ss * innovation[0] + o.biasS + drawn(studentSpread, o.s, student.residual);
    const slope = o.ss * innovation[1] + 2 * memory * (o.carriedS + o.sst * cross);
    const curvature =
      o.ss * innovation[2] + memory ** 2 * (o.carried + o.sstt * loss) + 2 * memory * o.sst * growth;
    const labels = (noise * softNoise * o.ss) / o.regularS;
    return start + xi * (slope + xi * (curvature + labels + teacherDraws * passedOn(o, teacher)));
  }

  // What a draw of the teacher's weights leaves in the student's, per unit of its spread.
  function passedOn(o, teacher) {
    const memory = ratio(teacher.residual, o.regular);
    const across = ratio(1, o.regular);
    return (o.ss / o.regularS) * (1 - memory * across * (1 - o.sst)) + memory * o.sst * across;
  }

  // Rows of the population whose expected Gram matrix has the spectrum of the design.
  function populationOf({ law: l, spectrum, eigenvalues, strength }) {
    const variances = eigenvalues.map((s) => s / l.n);
    const varying = Array.from(variances.keys()).filter((i) => variances[i] > 0);
    return {
      variances,
      weights: spectrum.weights,
      power: variances.map((s, i) => s * strength[i]),
      descending: varying.sort((one, other) => variances[other] - variances[one]), // largest first
      n: l.n,
    };
  }

  function settingsOf(l) {
    const spread = (tau, sigma) => l.k * tau * sigma ** 2;
    return {
      noise: l.k * l.nu ** 2,
      xi: l.xi,
      softNoise: l.tau / l.m,
      teacherSpread: spread(l.tauT, l.sigmaT),
      teacherDraws: spread(l.tauT, l.sigmaT) / l.m,
      studentSpread: spread(l.tauS, l.sigmaS),
    };
  }

  // At some places of ranks, in squared label units.
  function risksAt(costs, places) {
    const { law: l, spectrum } = costs;
    const population = populationOf(costs);
    const settings = settingsOf(l);
    const count = population.variances.length;
    const teacher = fit(population, count, l.lambdaT);
    const student = places.map((place) => {
      const one = { ...fit(population, spectrum.ends[place], l.lambdaS), whole: spectrum.ends[place] === count };
      return l.unit * studentRisk(overlaps(population, teacher, one), settings, teacher, one);
    });
    const own = overlaps(population, teacher, teacher);
    return {
      teacher: l.unit * teacherRisk(own, settings, teacher, settings.teacherSpread),
      student: Float64Array.from(student),
    };
  }

  const risks = (costs) => risksAt(costs, Array.from(costs.spectrum.ranks, (_, place) => place));

  // The student's at the design's rank alone.
  function risk(subject, design) {
    const costs = Model.setting(subject, design);
    return risksAt(costs, [Spectrum.place(costs.spectrum, design.student_rank)]).student[0];
  }

  return { risks, risk, MOST };
})();
