// The controls' vocabulary: names as in the library's design axes, legal values, and the page's address.
const Settings = (() => {
  const STEPS = 300;
  const finite = (value) => Number.isFinite(value);
  const positive = (value) => finite(value) && value > 0;
  const atLeast0 = (value) => finite(value) && value >= 0;
  const whole = (value) => Number.isSafeInteger(value);

  const around = (value, factor) => [value / factor, value * factor];

  // A slider runs over `range`; the number beside it takes every legal value.
  const list = [
    {
      name: "student_rank",
      label: "Student rank",
      symbol: "r",
      unit: "directions",
      scale: "rank",
      range: (subject) => [0, Spectrum.of(subject).size],
      legal: (value, subject) => whole(value) && Spectrum.shows(Spectrum.of(subject), value),
      need: rankNeed,
    },
    {
      name: "label_noise",
      label: "Label noise",
      symbol: "ν",
      unit: "standard deviation, label units",
      scale: "log",
      range: (subject) => around(subject.design.label_noise, 50),
      legal: positive,
      need: () => "a positive number",
    },
    {
      name: "temperature",
      label: "Temperature",
      symbol: "τ",
      unit: "of the soft labels",
      scale: "log0",
      range: () => [1e-2, 1e3],
      legal: atLeast0,
      need: () => "a number of at least 0",
    },
    {
      name: "mixing",
      label: "Mixing",
      symbol: "ξ",
      unit: "share of soft labels",
      scale: "linear",
      range: () => [-0.5, 1.5],
      legal: finite,
      need: () => "a number",
    },
    {
      name: "draws",
      label: "Draws",
      symbol: "m",
      unit: "teacher draws averaged",
      scale: "count",
      range: () => [1, 1000],
      legal: (value) => whole(value) && value >= 1,
      need: () => "a whole number of at least 1",
    },
    {
      name: "teacher_penalty",
      label: "Teacher penalty",
      symbol: "λ_T",
      unit: "squared input units",
      scale: "log",
      range: (subject) => around(subject.design.teacher_penalty || 1, 1e3),
      legal: (value, subject) => (regular(subject, Infinity) ? atLeast0(value) : positive(value)),
      need: () => "a positive number (0 only if no eigenvalue is 0)",
    },
    {
      name: "student_penalty",
      label: "Student penalty",
      symbol: "λ_S",
      unit: "squared input units",
      scale: "log",
      range: (subject) => around(subject.design.student_penalty || 1, 1e3),
      legal: atLeast0,
      need: () => "a number of at least 0",
    },
    {
      name: "student_temperature",
      label: "Student temperature",
      symbol: "τ_S",
      unit: "of the student's weights",
      scale: "log0",
      range: () => [1e-3, 1e2],
      legal: atLeast0,
      need: () => "a number of at least 0",
    },
    {
      name: "teacher_temperature",
      label: "Teacher temperature",
      symbol: "τ_T",
      unit: "of the teacher's weights",
      scale: "log",
      range: () => [1e-3, 1e2],
      legal: positive,
      need: () => "a positive number",
    },
    {
      name: "floor",
      label: "Floor",
      symbol: "φ",
      unit: "variance of unlearned weights",
      scale: "log",
      range: (subject) => around(usualFloor(subject), 1e4),
      legal: (value) => value === null || atLeast0(value),
      need: () => "a variance of at least 0",
    },
    {
      name: "n_samples",
      label: "Samples",
      symbol: "n",
      unit: "training samples",
      scale: "count",
      range: (subject) => [Math.max(1, Math.round(subject.n_samples / 50)), subject.n_samples * 50],
      legal: (value, subject) =>
        whole(value) && value >= 1 && (subject.mode !== "observed" || value === subject.n_samples),
      need: () => "a whole number of at least 1",
    },
  ];
  const byName = Object.fromEntries(list.map((setting) => [setting.name, setting]));

    // Whether the directions up to a rank have positive eigenvalues; these come first.
  function regular(subject, rank) {
    const spectrum = Spectrum.of(subject);
    const nodes = spectrum.ends[Spectrum.place(spectrum, rank)];
    return nodes === 0 || spectrum.eigenvalues[nodes - 1] > 0;
  }

  function rankNeed(subject, value) {
    const { ranks, size, binned } = Spectrum.of(subject);
    const all = `a whole number from 0 to ${size}`;
    if (!binned || !whole(value) || value < 0 || value > size) return all;
    const below = Spectrum.place(Spectrum.of(subject), value);
    return `${all} that is shown; the nearest are ${ranks[below]} and ${ranks[below + 1]}`;
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
    for (const setting of list) {
      if (!setting.legal(design[setting.name], subject)) return `${setting.label} takes ${setting.need(subject, design[setting.name])}.`;
    }
    const drops = design.student_rank < Spectrum.of(subject).size;
    if (drops && design.floor === null && (design.student_penalty === 0 || design.student_temperature === 0)) {
      return (
        "A student of penalty or temperature 0 has no prior variance to leave unlearned weights at: " +
        "untick “prior variance” and give a floor."
      );
    }
    if (design.student_penalty === 0 && !regular(subject, design.student_rank)) {
      return "A student of penalty 0 exists only on directions of positive eigenvalue.";
    }
    return null;
  }

  const rounded = (value) => Number(value.toPrecision(3));

  // The whole numbers a slider stops at: all small ones, then ever fewer.
  function ladder(setting, subject) {
    const [low, high] = setting.range(subject);
    const steps = Array.from({ length: STEPS + 1 }, (_, i) => Math.round(low * (high / low) ** (i / STEPS)));
    return [...new Set(steps)];
  }

  // From a slider's position to a value, and back.
  function valueAt(setting, subject, position) {
    const [low, high] = setting.range(subject);
    const share = position / STEPS;
    switch (setting.scale) {
      case "rank":
        return Spectrum.of(subject).ranks[position];
      case "linear":
        return rounded(low + (high - low) * share);
      case "log0":
        return position === 0 ? 0 : rounded(low * (high / low) ** ((position - 1) / (STEPS - 1)));
      case "count":
        return ladder(setting, subject)[position];
      default:
        return rounded(low * (high / low) ** share);
    }
  }

  function positionOf(setting, subject, value) {
    const [low, high] = setting.range(subject);
    const clamp = (position) => Math.min(STEPS, Math.max(0, Math.round(position)));
    const share = Math.log(value / low) / Math.log(high / low);
    switch (setting.scale) {
      case "rank":
        return Spectrum.place(Spectrum.of(subject), value);
      case "linear":
        return clamp((STEPS * (value - low)) / (high - low));
      case "count": {
        const steps = ladder(setting, subject);
        const next = steps.findIndex((step) => step >= value);
        return next === -1 ? steps.length - 1 : next;
      }
      case "log0":
        return value <= 0 ? 0 : Math.max(1, clamp(1 + (STEPS - 1) * share));
      default:
        return value <= 0 ? 0 : clamp(STEPS * share);
    }
  }

  function sliderEnd(setting, subject) {
    if (setting.scale === "rank") return Spectrum.of(subject).ranks.length - 1;
    return setting.scale === "count" ? ladder(setting, subject).length - 1 : STEPS;
  }

  // The page's address: the subject and every setting that differs from its starting design.
  function toFragment(key, subject, design) {
    const parts = new URLSearchParams({ subject: key });
    for (const { name } of list) {
      if (design[name] !== subject.design[name]) parts.set(name, String(design[name] ?? "prior"));
    }
    return `#${parts}`;
  }

  // The state a fragment stands for; what it does not say legally is left at the starting design.
  function fromFragment(fragment, subjects) {
    const parts = new URLSearchParams(fragment.replace(/^#/, ""));
    const keys = Object.keys(subjects);
    const key = keys.includes(parts.get("subject")) ? parts.get("subject") : keys[0];
    const subject = subjects[key];
    const design = { ...subject.design };
    for (const setting of list) {
      const text = parts.get(setting.name);
      if (text === null) continue;
      const value = setting.name === "floor" && text === "prior" ? null : Number(text.trim() || NaN);
      if (setting.legal(value, subject)) design[setting.name] = value;
    }
    return { key, design: objection(subject, design) === null ? design : { ...subject.design } };
  }

  return { list, byName, objection, usualFloor, valueAt, positionOf, sliderEnd, toFragment, fromFragment };
})();
