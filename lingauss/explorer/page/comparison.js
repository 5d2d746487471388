// Pinned designs beside the present one, as numbers: what differs in settings, results and single directions.
const Comparison = (() => {
  const MOST_PAYERS = 12; // directions of the table of who pays

  // What a design pays in every direction, under the directions' numbers as the tables name them.
  function paid(answers) {
    const { eigenvalues, kept, dropped } = Model.perDirection(answers.costs);
    const { place } = answers;
    const costs = Float64Array.from(eigenvalues, (_, i) => (i < place ? kept[i] : dropped[i]));
    return {
      eigenvalues,
      costs,
      byDirection: new Map(Array.from(costs, (cost, i) => [Answers.nameOf(answers, i), cost])),
    };
  }

  // Rows { label, unit, present, held: [values], differs } of the settings in which designs differ, then of all results.
  function rows({ subject, design, answers, pins }) {
    const problem = {
      label: "problem",
      unit: "",
      present: subject.title,
      held: pins.map((pin) => pin.subject.title),
      text: true,
    };
    const settings = Settings.list.map(({ name, label, symbol }) => ({
      ...{ label: `${label} ${symbol.replace("_", "")}`, unit: "" },
      present: settingOf(design, answers, name),
      held: pins.map((pin) => settingOf(pin.design, pin.answers, name)),
    }));
    const results = Quantities.list.map((quantity) => ({
      ...{ label: quantity.label, unit: quantity.short, name: quantity.name, result: true },
      present: Quantities.valueOf(quantity, answers),
      held: pins.map((pin) => Quantities.valueOf(quantity, pin.answers)),
    }));
    const differs = ({ present, held }) => held.some((value) => value !== present);
    return [...[problem, ...settings].filter(differs), ...results];
  }

  function settingOf(design, answers, name) {
    return name === "floor" && design.floor === null ? Model.priorVariance(answers.costs.law) : design[name];
  }

  // Directions in which a pinned design pays most otherwise than the present one, of the same problem.
  function payers({ key, answers, pins }) {
    const same = pins.filter((pin) => pin.key === key);
    if (same.length === 0) return null;
    const here = paid(answers).byDirection;
    const held = same.map((pin) => paid(pin.answers).byDirection);
    const found = [...here].map(([direction, cost]) => {
      const others = held.map((costs) => costs.get(direction) ?? null);
      const known = others.filter((other) => other !== null && Number.isFinite(other));
      return { direction, cost, others, apart: Math.max(0, ...known.map((other) => Math.abs(other - cost))) };
    });
    found.sort((one, other) => other.apart - one.apart);
    return { pins: same, rows: found.slice(0, MOST_PAYERS) };
  }

  // The whole comparison as a table of numbers.
  function table(scene) {
    const head = scene.pins.flatMap((pin) => [`${pin.letter}, ${pin.name}`, `${pin.letter} minus present`]);
    return {
      header: ["", "unit", "present", ...head],
      rows: rows(scene).map(({ label, unit, present, held, text }) => [
        ...[label, unit, present ?? ""],
        ...held.flatMap((value) => [value ?? "", text || value === null || present === null ? "" : value - present]),
      ]),
    };
  }

  return { paid, rows, payers, table };
})();
