// The present design's numbers beside its controls.
const Readouts = (() => {
  const { element, at, write } = Controls;

  const ROWS = [
    ["bias", "retained_bias"],
    ["variance", "retained_spread"],
    ["rank_bottleneck", "discarded_cost"],
    ["divergence", "retained_cost"],
    ["prediction_divergence", "retained_cost"],
    ["process_total", "kernel_discarded"],
    ["teacher_gap", "gap_teacher"],
    ["student_gap", "gap_student"],
    ["teacher_excess_risk", "teacher_risk"],
    ["student_excess_risk", "student_risk"],
    ["teacher_unseen_risk", null],
    ["student_unseen_risk", null],
  ];

  function build() {
    at("readout").append(
      ...ROWS.map(([name, formula]) => {
        const { label, short } = Quantities.byName[name];
        const button = element("button", { type: "button", "data-formula": formula, "data-quantity": name }, label);
        return element(
          "tr",
          { class: name === "divergence" ? "sum" : null },
          element("th", { scope: "row" }, button),
          element("td", { id: `value-${name}` }),
          element("td", {}, short),
        );
      }),
    );
  }

  function show({ answers }) {
    for (const [name] of ROWS)
      write(at(`value-${name}`), Format.number(Quantities.valueOf(Quantities.byName[name], answers)));
  }

  // In words, for readers who hear the page.
  function summary({ answers, best, wish }) {
    const { ranks, place, ledger } = answers;
    const { bias, variance, bottleneck, total } = ledger;
    const parts = `bias ${Format.number(bias[place])}, variance ${Format.number(variance[place])}, rank bottleneck ${Format.number(bottleneck[place])}`;
    const quantity = Quantities.objectives[wish.objective];
    const aim = wish.objective === "divergence" ? "" : ` for ${quantity.label}`;
    const value = Quantities.ranksOf(quantity, answers)[best];
    const found =
      best === place
        ? `This is the best rank${aim}.`
        : `The best rank${aim} is ${ranks[best]}, with ${Format.number(value)} ${quantity.unit}.`;
    return `Rank ${ranks[place]}: divergence ${Format.number(total[place])} nats (${parts}). ${found}`;
  }

  return { build, show, summary };
})();
