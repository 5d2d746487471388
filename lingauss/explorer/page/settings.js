// The settings of a design: names as in the library's design axes, ranges of the sliders, and what the library would say
// to values that it refuses.
const Settings = (() => {
  const SMALLEST = 1e-150; // and largest in size, of numbers that are squared
  const LARGEST = 1e150;

  const around = (value, factor) => [value / factor, value * factor];
  const shown = (value) => (typeof value === "number" ? Format.number(value) : String(value));
  const refusal = (expected, got, remedy) => `expected ${expected}; got ${got}. ${remedy}`;

  // Checks return an objection, or null.
  function number(name, { least = -Infinity, strict = false, squared = false } = {}) {
    return (value) => {
      if (!Number.isFinite(value))
        return refusal(`finite ${name}`, Number.isNaN(value) ? "no number" : shown(value), "Enter a number.");
      if (strict ? value <= least : value < least) {
        const bound = strict ? `greater than ${least}` : `at least ${least}`;
        return refusal(`${name} ${bound}`, shown(value), `Pass a number ${bound}.`);
      }
      const size = Math.abs(value);
      if (squared && value !== 0 && !(size >= SMALLEST && size <= LARGEST)) {
        return refusal(`${name} between 1e-150 and 1e150 in size`, shown(value), "Rescale the data.");
      }
      return null;
    };
  }

  function count(name, least) {
    return (value) =>
      Number.isSafeInteger(value) && value >= least
        ? null
        : refusal(
            `${name}, a whole number of at least ${least}`,
            Number.isNaN(value) ? "no number" : shown(value),
            `Pass a whole number of at least ${least}.`,
          );
  }

  function checkRank(value, subject) {
    const spectrum = Spectrum.of(subject);
    const { ranks, size, binned } = spectrum;
    const objection = count("rank", 0)(value);
    if (objection) return objection;
    if (value > size)
      return refusal(`rank from 0 to ${size}`, value, "A student has at most as many directions as features.");
    if (!binned || Spectrum.shows(spectrum, value)) return null;
    const below = Spectrum.place(spectrum, value);
    return refusal("a rank that is shown", value, `The nearest are ${ranks[below]} and ${ranks[below + 1]}.`);
  }

  function checkSamples(value, subject) {
    const objection = count("n_samples", 1)(value);
    if (objection === null && subject.mode === "observed" && value !== subject.n_samples) {
      return refusal(`n_samples of ${subject.n_samples}`, value, "Labels of other samples are unknown.");
    }
    return objection;
  }

  const positive = { least: 0, strict: true };
  const atLeast0 = { least: 0 };

  // A slider runs over `range`; the number beside it takes every value that `check` does.
  const list = [
    {
      name: "student_rank",
      label: "Student rank",
      symbol: "r",
      unit: "directions",
      scale: "rank",
      range: (subject) => [0, Spectrum.of(subject).size],
      check: checkRank,
    },
    {
      name: "label_noise",
      label: "Label noise",
      symbol: "ν",
      unit: "standard deviation",
      scale: "log",
      range: (subject) => around(subject.design.label_noise, 50),
      check: number("label_noise", { ...positive, squared: true }),
    },
    {
      name: "temperature",
      label: "Temperature",
      symbol: "τ",
      unit: "of the soft labels",
      scale: "log0",
      range: () => [1e-2, 1e3],
      check: number("temperature", atLeast0),
    },
    {
      name: "mixing",
      label: "Mixing",
      symbol: "ξ",
      unit: "share of soft labels",
      scale: "linear",
      range: () => [-0.5, 1.5],
      check: number("mixing", { squared: true }),
    },
    {
      name: "draws",
      label: "Draws",
      symbol: "m",
      unit: "teacher draws averaged",
      scale: "count",
      range: () => [1, 1000],
      check: count("draws", 1),
    },
    {
      name: "teacher_penalty",
      label: "Teacher penalty",
      symbol: "λ_T",
      unit: "squared input units",
      scale: "log",
      range: (subject) => around(subject.design.teacher_penalty || 1, 1e3),
      check: number("penalty", { ...atLeast0, squared: true }),
    },
    {
      name: "student_penalty",
      label: "Student penalty",
      symbol: "λ_S",
      unit: "squared input units",
      scale: "log",
      range: (subject) => around(subject.design.student_penalty || 1, 1e3),
      check: number("penalty", { ...atLeast0, squared: true }),
    },
    {
      name: "student_temperature",
      label: "Student temperature",
      symbol: "τ_S",
      unit: "of its weights",
      scale: "log0",
      range: () => [1e-3, 1e2],
      check: number("temperature", atLeast0),
    },
    {
      name: "teacher_temperature",
      label: "Teacher temperature",
      symbol: "τ_T",
      unit: "of its weights",
      scale: "log",
      range: () => [1e-3, 1e2],
      check: number("temperature", positive),
    },
    {
      name: "floor",
      label: "Floor",
      symbol: "φ",
      unit: "variance where unlearned",
      scale: "log",
      range: (subject) => around(usualFloor(subject), 1e4),
      check: (value) => (value === null ? null : number("floor", atLeast0)(value)),
    },
    {
      name: "n_samples",
      label: "Samples",
      symbol: "n",
      unit: "training samples",
      scale: "count",
      range: (subject) => [Math.max(1, Math.round(subject.n_samples / 50)), subject.n_samples * 50],
      check: checkSamples,
    },
  ];
  const byName = Object.fromEntries(list.map((setting) => [setting.name, setting]));

  // Whether all of the first directions that are kept have a positive eigenvalue.
  function regular(spectrum, rank) {
    const end = spectrum.ends[Spectrum.place(spectrum, rank)];
    for (let i = 0; i < end; i++) if (!(spectrum.eigenvalues[i] > 0)) return false;
    return true;
  }

  // A floor to put the slider around: the design's own, or the teacher's prior variance.
  function usualFloor(subject) {
    const { design } = subject;
    const noise = design.teacher_noise ?? design.label_noise;
    const prior = (design.teacher_temperature * noise * noise) / (design.teacher_penalty || 1);
    return design.floor || prior;
  }

  // Why a combination of settings has no law, or null.
  function objection(subject, design) {
    for (const { name, label, check } of list) {
      const found = check(design[name], subject);
      if (found) return `${label}: ${found}`;
    }
    const spectrum = Spectrum.of(subject, design);
    const drops = design.student_rank < spectrum.size;
    for (const [name, what] of [
      ["student_penalty", "penalty"],
      ["student_temperature", "temperature"],
    ]) {
      if (drops && design.floor === null && design[name] === 0) {
        return `${byName[name].label}: ${refusal("a student with a proper prior, whose variance is the default floor", `a Ridge of ${what} 0`, "Untick “the student’s prior variance” and give a floor: a variance, or 0 for the hard bottleneck.")}`;
      }
    }
    const singular = "Use a positive penalty.";
    if (design.teacher_penalty === 0 && !regular(spectrum, spectrum.size)) {
      return `Teacher penalty: ${refusal("a nonsingular Gram matrix, because the penalty is 0", "one with an eigenvalue of 0", singular)}`;
    }
    if (design.student_penalty === 0 && !regular(spectrum, design.student_rank)) {
      return `Student penalty: ${refusal("positive eigenvalues in the directions kept, because the penalty is 0", "one of 0", singular)}`;
    }
    return null;
  }

  const judged = new WeakMap(); // costs → what overflow says of them

  // Why the numbers of a legal design cannot be had in double precision, or null.
  function overflow(answers) {
    if (!judged.has(answers.costs)) judged.set(answers.costs, overflowing(answers));
    return judged.get(answers.costs);
  }

  // Spreads alone may cost infinitely much, of laws that are sure of a weight.
  function overflowing({ costs, ledger, gaps, risks }) {
    const [mean, noise, , lostMean, lostNoise] = costs.columns;
    const finite = [mean, noise, lostMean, lostNoise, gaps?.student, risks?.student];
    const variances = [
      Model.floorVariance(costs.law),
      ...costs.eigenvalues.map((s) => Model.studentVariance(costs.law, s)),
    ];
    const fits = finite.every((values) => !values || values.every(Number.isFinite)) && variances.every(Number.isFinite);
    if (fits && !ledger.total.some(Number.isNaN)) return null;
    return refusal(
      "numbers whose squares, products and ratios fit in float64",
      "some that do not",
      "Rescale the data, for example to standardised features and labels.",
    );
  }

  return { list, byName, objection, overflow, usualFloor };
})();
