// What can be minimised, compared and drawn against an axis, by the library's names. `ranks` reads a quantity at every
// rank off the answers to a design; `at` computes it for one design alone, for curves of many designs, and `every`, where
// there is one, at every rank for little more. `lacking` says why a problem, or a design of it, has none, or is null.
const Quantities = (() => {
  const NATS = "nats";
  const SQUARES = "squared label units";
  const SHORT = { [NATS]: NATS, [SQUARES]: "labels²" };
  const always = () => null;

  const otherInputs =
    "The design has test inputs other than its training inputs (test_cov), which the page cannot follow.";
  const fixed = (subject) => (subject.fixed_design ? null : otherInputs);
  const truth = (subject) => fixed(subject) ?? (subject.mode === "observed" ? Gap.noTruth : null);

  const noPopulation = "The inputs are given, and nobody knows what others would be drawn from.";
  const tooLong = `Averages over unseen inputs are computed for spectra of up to ${Unseen.MOST} directions.`;
  const population = (subject) => {
    if (!subject.population) return noPopulation;
    return Spectrum.of(subject).eigenvalues.length > Unseen.MOST ? tooLong : null;
  };

  const whole = (read) => (subject, design) => {
    const answers = Answers.of(subject, design);
    return read(answers)[answers.place];
  };
  const constant = (read) => (answers) => Float64Array.from(answers.ranks, () => read(answers));

  function quantity(name, label, unit, lacking, ranks, at = whole(ranks), every = null) {
    return { name, label, unit, short: SHORT[unit], lacking, ranks, at, every };
  }

  const list = [
    quantity(
      "divergence",
      "divergence",
      NATS,
      always,
      (answers) => answers.ledger.total,
      (subject, design) => Model.divergence(subject, design),
      (subject, design) => Model.everyRank(subject, design),
    ),
    quantity("bias", "bias", NATS, always, (answers) => answers.ledger.bias),
    quantity("variance", "variance", NATS, always, (answers) => answers.ledger.variance),
    quantity("rank_bottleneck", "rank bottleneck", NATS, always, (answers) => answers.ledger.bottleneck),
    quantity(
      "prediction_divergence",
      "divergence of predictions",
      NATS,
      fixed,
      (answers) => answers.predictions,
      (subject, design) => Model.divergence(subject, design, Model.predictionCells),
      (subject, design) => Model.everyRank(subject, design, Model.predictionCells),
    ),
    quantity("process_total", "process", NATS, Process.lacking, (answers) => answers.process.total),
    quantity(
      "process_bias",
      "bias of the process",
      NATS,
      Process.lacking,
      constant((answers) => answers.process.bias),
    ),
    quantity(
      "process_variance",
      "variance of the process",
      NATS,
      Process.lacking,
      constant((answers) => answers.process.variance),
    ),
    quantity(
      "process_rank_bottleneck",
      "rank bottleneck of the process",
      NATS,
      Process.lacking,
      (answers) => answers.process.bottleneck,
    ),
    quantity("process_training", "training of the process", NATS, Process.lacking, (answers) => answers.process.training),
    quantity(
      "teacher_gap",
      "teacher’s gap",
      SQUARES,
      fixed,
      constant((answers) => answers.gaps.teacher),
    ),
    quantity("student_gap", "student’s gap", SQUARES, fixed, (answers) => answers.gaps.student),
    quantity(
      "teacher_excess_risk",
      "teacher’s excess risk",
      SQUARES,
      truth,
      constant((answers) => answers.risks.teacher),
    ),
    quantity(
      "student_excess_risk",
      "student’s excess risk",
      SQUARES,
      truth,
      (answers) => answers.risks.student,
      Gap.risk,
    ),
    quantity(
      "teacher_unseen_risk",
      "teacher’s risk, unseen inputs",
      SQUARES,
      population,
      constant((answers) => answers.unseen.teacher),
    ),
    quantity(
      "student_unseen_risk",
      "student’s risk, unseen inputs",
      SQUARES,
      population,
      (answers) => answers.unseen.student,
      Unseen.risk,
    ),
  ];
  const byName = Object.fromEntries(list.map((one) => [one.name, one]));

  // Objectives by the names that the library's optimize takes, and for unseen inputs what it takes on a population.
  const objectives = {
    divergence: byName.divergence,
    prediction_divergence: byName.prediction_divergence,
    process: byName.process_total,
    excess_risk: byName.student_excess_risk,
    unseen_risk: byName.student_unseen_risk,
  };

  // A quantity at every rank, or null where the problem has none.
  const ranksOf = (quantity, answers) =>
    quantity.lacking(answers.subject, answers.design) === null ? quantity.ranks(answers) : null;

  // A quantity of the design's own rank, or null.
  const valueOf = (quantity, answers) => ranksOf(quantity, answers)?.[answers.place] ?? null;

  return { list, byName, objectives, ranksOf, valueOf, otherInputs };
})();
