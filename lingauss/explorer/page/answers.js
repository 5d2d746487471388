// Everything about one design at every rank, each part computed when it is first asked for.
const Answers = (() => {
  function of(subject, design) {
    const costs = Model.directions(subject, design);
    const { spectrum, eigenvalues } = costs;
    const ledger = Model.ledger(costs);
    const once = (compute) => {
      let found;
      return () => (found ??= { value: compute() }).value;
    };
    const known = subject.fixed_design;
    const predictions = once(() =>
      known ? Model.totals(Model.directions(subject, design, Model.predictionCells)) : null,
    );
    const gaps = once(() => (known ? Gap.gaps(subject, costs, ledger.total) : null));
    const risks = once(() => (known && subject.mode !== "observed" ? Gap.risks(subject, costs) : null));
    const unseen = once(() => (subject.population && eigenvalues.length <= Unseen.MOST ? Unseen.risks(costs) : null));
    const process = once(() => (Process.lacking(subject, design) === null ? Process.ledger(subject, costs) : null));
    return {
      subject,
      design,
      costs,
      ledger,
      ranks: spectrum.ranks,
      place: Spectrum.place(spectrum, design.student_rank),
      get predictions() {
        return predictions();
      },
      get gaps() {
        return gaps();
      },
      get risks() {
        return risks();
      },
      get unseen() {
        return unseen();
      },
      get process() {
        return process();
      },
    };
  }

  // The same design at another rank: nothing else of the answers depends on it.
  const atRank = (answers, design) =>
    Object.create(answers, {
      design: { value: design, enumerable: true },
      place: { value: Spectrum.place(answers.costs.spectrum, design.student_rank), enumerable: true },
    });

  // What the tables call a direction, counted in the order in which directions are kept: its number, or those of a bin.
  function nameOf({ ranks, design }, i) {
    if (design.order) return design.order[i] + 1;
    return ranks[i + 1] === ranks[i] + 1 ? ranks[i + 1] : `${ranks[i] + 1} to ${ranks[i + 1]}`;
  }

  return { of, atRank, nameOf };
})();
