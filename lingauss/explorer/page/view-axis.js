// A chosen quantity against a chosen axis, for the present design and the pinned ones, with the least of each curve.
const AxisView = (() => {
  function curves({ subject, design, pins, axis }) {
    const along = Axes.byName[axis.name];
    const quantity = Quantities.byName[axis.quantity];
    const one = (owner, whose, of) => {
      if (along.lacking(quantity, whose, of) !== null) return null;
      const x = along.points(whose);
      const y = along.curve(quantity, whose, of, x);
      return { owner, x, y, here: along.here(of), design: of, subject: whose };
    };
    const found = [one(null, subject, design), ...pins.map((pin) => one(pin, pin.subject, pin.design))].filter(Boolean);
    return { along, quantity, found };
  }

  // The quantity where the design stands, which may lie between or beyond the points.
  const valueHere = (along, quantity, { here, subject, design }) =>
    here === null ? null : along.curve(quantity, subject, design, [here])[0];

  function figure(scene) {
    const { along, quantity, found } = curves(scene);
    const all = found.flatMap(({ y }) => Array.from(y)).filter(Number.isFinite);
    const positive = all.filter((value) => value > 0);
    const log =
      positive.length === all.length && positive.length > 0 && Math.max(...positive) > 20 * Math.min(...positive);
    const [low, high] = log
      ? Scale.logAround(all, 8)
      : Scale.around([...all, ...(all.every((value) => value >= 0) ? [0] : [])]);
    const xs = found.flatMap(({ x }) => [x[0], x[x.length - 1]]);
    const layers = [];
    const marks = [];
    for (const curve of found) {
      const { owner, x, y } = curve;
      const look = owner ? { colour: owner.letter, dash: owner.letter } : { colour: "bias", width: 2 };
      const name = owner ? `${owner.letter}: ${owner.name}, curve` : "present design’s curve";
      const values = Array.from(y, Parts.finite);
      layers.push({
        kind: "line",
        x,
        y: values,
        name,
        legend: !owner,
        ...look,
        dots: along.whole && x.length < 30,
        formula: FORMULAS[quantity.name],
      });
      const least = values.reduce(
        (best, value, i) => (value !== null && (best === null || value < values[best]) ? i : best),
        null,
      );
      if (least !== null)
        marks.push({
          name: "least",
          legend: true,
          x: x[least],
          y: values[least],
          colour: owner ? owner.letter : "ink",
          face: owner ? owner.letter : "ink",
          shape: "triangle",
          formula: FORMULAS[quantity.name],
        });
    }
    for (const curve of found) {
      const value = valueHere(along, quantity, curve);
      if (value === null || (along.log && !(curve.here > 0))) continue;
      marks.push(
        curve.owner
          ? Parts.pinned(curve.owner, curve.here, value, FORMULAS[quantity.name])
          : Parts.present(curve.here, value, FORMULAS[quantity.name]),
      );
    }
    return {
      x: { label: along.label, low: Math.min(...xs), high: Math.max(...xs), log: along.log, whole: along.whole },
      y: { label: `${quantity.label} (${quantity.unit})`, low, high, log },
      layers,
      marks,
    };
  }

  const FORMULAS = {
    divergence: "retained_cost",
    bias: "retained_bias",
    variance: "retained_spread",
    rank_bottleneck: "discarded_cost",
    prediction_divergence: "retained_cost",
    process_total: "kernel_retained",
    process_bias: "soft_label_bias",
    process_variance: "soft_label_spread",
    process_rank_bottleneck: "kernel_discarded",
    process_training: "kernel_retained",
    teacher_gap: "gap_teacher",
    student_gap: "gap_student",
    teacher_excess_risk: "teacher_risk",
    student_excess_risk: "student_risk",
  };

  function table(scene) {
    const { along, quantity, found } = curves(scene);
    const name = ({ owner }) =>
      `${owner ? `${owner.letter}, ${owner.name}` : "present"}: ${quantity.label} (${quantity.unit})`;
    const xs = [...new Set(found.flatMap(({ x }) => Array.from(x)))].sort((one, other) => one - other);
    const maps = found.map(({ x, y }) => new Map(Array.from(x, (value, i) => [value, y[i]])));
    return {
      header: [along.label, ...found.map(name)],
      rows: xs.map((x) => [x, ...maps.map((values) => values.get(x) ?? "")]),
    };
  }

  const lacking = ({ subject, design, axis: { name, quantity } }) =>
    Axes.byName[name].lacking(Quantities.byName[quantity], subject, design);

  return {
    ...{ id: "axis", title: "Along an axis", figure, curves, table, chosen: lacking, lacking: () => null, FORMULAS },
    about: "A quantity against any setting, by round of distillation, or by steps of training.",
  };
})();
