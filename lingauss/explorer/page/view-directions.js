// What every direction costs if kept and if dropped, as lingauss.charts.ledger_by_direction draws it.
const DirectionsView = (() => {
  const DECADES = 6;
  const DOTTED = 512; // directions up to which each is a point of its own

  const positive = (value) => (value > 0 && Number.isFinite(value) ? value : null);

  function figure({ answers, pins }) {
    const { eigenvalues, kept, dropped } = Model.perDirection(answers.costs);
    const { place } = answers;
    const shown = [...eigenvalues.keys()].filter((i) => eigenvalues[i] > 0);
    const x = shown.map((i) => eigenvalues[i]);
    const where = (keep, costs) => shown.map((i) => (keep === i < place ? positive(costs[i]) : null));
    const series = [
      ["if kept", where(false, kept), "variance", null, "circle", 2.6, "retained_cost"],
      ["if dropped", where(true, dropped), "dropped", null, "square", 2.6, "discarded_cost"],
      ["kept", where(true, kept), "ink", "variance", "circle", 3.2, "retained_cost"],
      ["dropped", where(false, dropped), "ink", "dropped", "square", 3.2, "discarded_cost"],
    ];
    const lines = pins.filter((pin) => pin.answers.costs.spectrum.size > 0).map(paidBy);
    const all = [...series.flatMap(([, y]) => y), ...lines.flatMap((line) => line.y)];
    const [low, high] = Scale.logAround(all, DECADES);
    const [right, left] = Scale.logAround([...x, ...lines.flatMap((line) => line.x)]);
    return {
      x: {
        label: "eigenvalue s (squared input units)",
        low: right,
        high: left,
        log: true,
        reversed: true,
      },
      y: { label: "cost of the direction (nats)", low, high, log: true },
      layers: [
        ...series.map(([name, y, colour, face, shape, size, formula]) =>
          layer(x, y, { name, colour, face, shape, size, formula }),
        ),
        ...lines,
      ],
      marks: [],
      directions: shown,
    };
  }

  function layer(x, y, { name, colour, face, shape, size, formula }) {
    if (x.length <= DOTTED) return { kind: "points", x, y, name, colour, face, shape, size, width: 1, formula };
    const dash = face === null ? "dotted" : "solid";
    return { kind: "line", x, y, name, colour: face ?? colour, dash, width: 1.4, formula };
  }

  // What a pinned design pays in every direction.
  function paidBy(pin) {
    const paid = Comparison.paid(pin.answers);
    const order = [...paid.eigenvalues.keys()]
      .filter((i) => paid.eigenvalues[i] > 0)
      .sort((i, j) => paid.eigenvalues[j] - paid.eigenvalues[i]);
    return {
      ...{ kind: "line", x: order.map((i) => paid.eigenvalues[i]), y: order.map((i) => positive(paid.costs[i])) },
      ...{
        name: `${pin.letter}: ${pin.name}`,
        colour: pin.letter,
        dash: pin.letter,
        width: 1.4,
        formula: "retained_cost",
      },
    };
  }

  function table({ answers, pins }) {
    const { eigenvalues, columns, kept, dropped } = Model.perDirection(answers.costs);
    const { place } = answers;
    const held = pins.map((pin) => [`${pin.letter}, ${pin.name}: pays (nats)`, Comparison.paid(pin.answers)]);
    const named = (i) => Answers.nameOf(answers, i);
    const heads = ["bias", "label noise", "spread"].flatMap((part) => [`${part} if kept (nats)`]);
    return {
      header: [
        "direction",
        "eigenvalue",
        "kept",
        ...heads,
        "cost if kept (nats)",
        "cost if dropped (nats)",
        ...held.map(([name]) => name),
      ],
      rows: Array.from(eigenvalues, (s, i) => [
        ...[named(i), s, i < place ? "yes" : "no", columns[0][i], columns[1][i], columns[2][i], kept[i], dropped[i]],
        ...held.map(([, paid]) => paid.byDirection.get(named(i)) ?? ""),
      ]),
    };
  }

  return {
    ...{ id: "directions", title: "Ledger by direction", figure, table, lacking: () => null, toggles: true },
    about: "Both costs of every eigen-direction; filled is what the student pays. Click one to keep or drop it.",
  };
})();
