// What the sixth view can be drawn against: a setting of the design, the rounds of repeated distillation, or the steps of
// training. An axis knows its points, and a quantity's value at each.
const Axes = (() => {
  const EVALUATIONS = 120_000; // of single directions per curve, so that long spectra have fewer points
  const [FEWEST, MOST] = [13, 61];
  const ROUNDS = 12;
  const STEPS = 10_000;

  function pointCount(subject) {
    return Math.round(Math.min(MOST, Math.max(FEWEST, EVALUATIONS / Spectrum.of(subject).eigenvalues.length)));
  }

  const wholeLadder = (low, high, count) => [
    ...new Set(Array.from({ length: count }, (_, i) => Math.round(low * (high / low) ** (i / (count - 1))))),
  ];

  function ofSetting({ name, label, unit, scale, range }) {
    const whole = scale === "count" || scale === "rank";
    const log = scale !== "linear" && scale !== "rank";
    const points = (subject) => {
      const [low, high] = range(subject);
      const count = pointCount(subject);
      if (scale === "rank") {
        const { ranks } = Spectrum.of(subject);
        return Parts.drawnPlaces(ranks.length).map((place) => ranks[place]);
      }
      if (whole) return wholeLadder(low, high, count);
      const share = (i) => i / (count - 1);
      return Array.from({ length: count }, (_, i) =>
        log ? low * (high / low) ** share(i) : low + (high - low) * share(i),
      );
    };
    return {
      ...{ name, label: `${label.toLowerCase()} (${unit})`, log, whole, points },
      lacking: (quantity, subject, design) =>
        name === "n_samples" && subject.mode === "observed"
          ? "Labels of other samples are unknown."
          : quantity.lacking(subject, name === "mixing" ? { ...design, mixing: 0 } : design),
      curve: (quantity, subject, design, xs) =>
        name === "student_rank"
          ? alongRanks(quantity, subject, design, xs)
          : alongSetting(name, quantity, subject, design, xs),
      here: (design) => design[name],
    };
  }

  const REMEMBERED = 8; // curves: those of four designs, and of what they were before
  const known = new Map(); // what a curve depends on → its points, each at every rank or at the design's

  // What a curve depends on: not on the setting that it is drawn along, nor on the rank where it is known at every one.
  function curveKey(name, quantity, design, xs) {
    const { [name]: _, student_rank: rank, order, ...rest } = design;
    const kept = order ? Array.from(order) : null;
    return JSON.stringify([name, quantity.name, quantity.every ? null : rank, kept, rest, xs.length, xs[0], xs.at(-1)]);
  }

  function alongSetting(name, quantity, subject, design, xs) {
    const at = (x) => ({ ...design, [name]: x });
    if (xs.length === 1) return [quantity.at(subject, at(xs[0]))];
    const key = curveKey(name, quantity, design, xs);
    const found = known.get(key);
    const value = quantity.every ?? quantity.at;
    const values = found?.subject === subject ? found.values : xs.map((x) => value(subject, at(x)));
    known.delete(key);
    known.set(key, { subject, values });
    if (known.size > REMEMBERED) known.delete(known.keys().next().value);
    if (!quantity.every) return values;
    const place = Spectrum.place(Spectrum.of(subject), design.student_rank);
    return values.map((ranks) => ranks[place]);
  }

  function alongRanks(quantity, subject, design, xs) {
    const values = quantity.ranks(Answers.of(subject, design));
    return xs.map((rank) => values[Spectrum.place(Spectrum.of(subject), rank)]);
  }

  const trained = (quantity, subject) =>
    Training.QUANTITIES.includes(quantity.name)
      ? quantity.lacking(subject)
      : `Choose another quantity: ${quantity.label} is not known along this axis.`;

  const rounds = {
    ...{ name: "rounds", label: "round of distillation", log: false, whole: true, lacking: trained },
    points: () => Array.from({ length: ROUNDS }, (_, i) => i + 1),
    curve: ({ name }, subject, design, xs) =>
      xs.map((round) => Training.sums(subject, Training.learners(subject, design), round)[name]),
    here: () => 1,
  };

  const steps = (name, label, which) => ({
    ...{ name, label, log: true, whole: true, lacking: trained },
    points: (subject) => wholeLadder(1, STEPS, pointCount(subject)),
    curve: ({ name: quantity }, subject, design, xs) =>
      xs.map((count) => Training.sums(subject, Training.learners(subject, design, { [which]: count }))[quantity]),
    here: () => null,
  });

  const list = [
    ...Settings.list.map(ofSetting),
    rounds,
    steps("teacher_steps", "teacher’s steps of gradient descent", "teacherSteps"),
    steps("student_steps", "student’s steps of gradient descent", "studentSteps"),
  ];

  return { list, byName: Object.fromEntries(list.map((axis) => [axis.name, axis])) };
})();
