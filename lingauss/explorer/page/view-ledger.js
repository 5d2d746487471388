// The ledger at every rank, stacked as lingauss.charts.ledger_by_rank stacks it.
const LedgerView = (() => {
  function figure({ answers, pins, best, wish }) {
    const { bias, variance, total } = answers.ledger;
    const { ranks, place } = answers;
    const places = Parts.drawnPlaces(ranks.length, [place, best]);
    const x = places.map((p) => ranks[p]);
    const at = (read) => places.map((p) => Parts.finite(read(p)));
    const costs = (read) => places.map(read);
    const low = at((p) => variance[p]);
    const middle = at((p) => variance[p] + bias[p]);
    const whole = at((p) => total[p]);
    const shown = [
      Number.isFinite(total[best]) ? total[best] : 0,
      total[place],
      ...pins.map(({ answers: held }) => held.ledger.total[held.place]),
    ];
    const top = Parts.ceiling(total, [shown[0]]);
    const objective = wish.objective === "divergence" ? "" : ` for ${Quantities.objectives[wish.objective].label}`;
    return {
      x: Parts.rankAxis(answers.costs.spectrum),
      y: {
        label: "divergence (nats)",
        low: 0,
        high: Math.max(top, Math.min(4 * top, Scale.roundUp(1.1 * Math.max(...shown.filter(Number.isFinite), 0)))),
      },
      layers: [
        {
          kind: "area",
          x,
          y: low,
          step: true,
          face: "variance",
          name: "variance",
          formula: "retained_spread",
          values: costs((p) => variance[p]),
        },
        {
          kind: "area",
          x,
          y: middle,
          under: low,
          step: true,
          face: "bias",
          name: "bias",
          formula: "retained_bias",
          values: costs((p) => bias[p]),
        },
        {
          kind: "area",
          x,
          y: whole.map((y) => y ?? Number.MAX_VALUE),
          under: middle,
          step: true,
          face: "bottleneck",
          name: "rank bottleneck",
          formula: "discarded_cost",
          values: costs((p) => answers.ledger.bottleneck[p]),
        },
        {
          kind: "line",
          x,
          y: whole,
          step: true,
          colour: "ink",
          width: 1.2,
          name: "divergence",
          formula: "retained_cost",
        },
        {
          kind: "vertical",
          x: [ranks[place]],
          colour: "ink",
          width: 1,
          dash: "guide",
          legend: false,
          name: "present rank",
        },
        ...pins.map((pin) => pinnedCurve(pin)),
      ],
      marks: [
        ...pins.map((pin) =>
          Parts.pinned(pin, pin.design.student_rank, pin.answers.ledger.total[pin.answers.place], "retained_cost"),
        ),
        { ...Parts.best(ranks[best], total[best], "keep_direction_threshold"), name: `best rank${objective}` },
        Parts.present(ranks[place], total[place], "retained_cost"),
      ],
    };
  }

  function pinnedCurve(pin) {
    const { ranks, ledger, place } = pin.answers;
    const places = Parts.drawnPlaces(ranks.length, [place]);
    return Parts.pinnedLine(
      pin,
      places.map((p) => ranks[p]),
      places.map((p) => Parts.finite(ledger.total[p])),
      "retained_cost",
    );
  }

  function table({ answers, pins }) {
    const { bias, variance, bottleneck, total } = answers.ledger;
    return Tables.byRank(
      answers,
      pins,
      [
        ["bias (nats)", bias],
        ["variance (nats)", variance],
        ["rank bottleneck (nats)", bottleneck],
        ["divergence (nats)", total],
      ],
      ["divergence (nats)", (held) => held.ledger.total],
    );
  }

  return {
    ...{ id: "ledger", title: "Ledger by rank", figure, table, lacking: () => null, moves: "student_rank" },
    about: "What each rank costs: bias, variance and rank bottleneck, stacked.",
  };
})();
