// Everything about one design at every rank, each part computed when it is first asked for.
const Answers = (() => {
  function of(subject, design) {
    const costs = Model.directions(subject, design);
    const { spectrum } = costs;
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
    };
  }

  return { of };
})();
