// Spectra that the reader brings: typed, pasted, dropped as a file or generated. Nothing leaves the page.
const OwnSpectrum = (() => {
  const MOST = 4096; // directions
  const DESIGN = {
    temperature: 1,
    mixing: 1,
    teacher_temperature: 1,
    student_temperature: 1,
    teacher_noise: null,
    student_noise: null,
    floor: null,
    draws: 1,
  };

  const refuse = (expected, got, remedy) => ({ objection: `expected ${expected}; got ${got}. ${remedy}` });

  // Numbers in lines of one or two columns, eigenvalue and signal, after a header line or none; or all in one line.
  function parse(text, { signal = 1, n_samples, label_noise, outputs = 1 } = {}) {
    const lines = text
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line && !line.startsWith("#"));
    const cells = lines.map((line) => line.split(/[\s,;]+/).filter(Boolean));
    if (cells.length && cells[0].every((cell) => Number.isNaN(Format.read(cell)))) cells.shift();
    const flat = cells.length === 1 && cells[0].length > 2 ? cells[0].map((cell) => [cell]) : cells;
    if (flat.length === 0)
      return refuse("eigenvalues", "none", "Write one per line, and beside each its signal if you know it.");
    const widths = new Set(flat.map((row) => row.length));
    if (widths.size > 1 || ![1, 2].includes(flat[0].length)) {
      const odd = flat.findIndex((row) => row.length !== flat[0].length || row.length > 2);
      return refuse(
        "one column of eigenvalues, or two with the signal",
        `${flat[Math.max(odd, 0)].length} columns in line ${Math.max(odd, 0) + 1}`,
        "Write the same columns in every line.",
      );
    }
    const rows = flat.map((row) => row.map(Format.read));
    for (const [i, row] of rows.entries()) {
      if (!row.every((value) => Number.isFinite(value) && value >= 0)) {
        return refuse(
          "finite numbers of at least 0",
          `“${flat[i].join(" ")}” in line ${i + 1}`,
          "Eigenvalues and signals are squares.",
        );
      }
    }
    if (rows.length > MOST)
      return refuse(`at most ${MOST} directions`, rows.length, "Longer spectra go through lingauss: case.explore().");
    rows.sort(([one], [other]) => other - one);
    if (rows[0][0] === 0) return refuse("an eigenvalue above 0", "none", "Inputs that are all 0 teach nothing.");
    return subject(
      rows.map(([s]) => s),
      rows.map(([, power = signal]) => power),
      { n_samples, label_noise, outputs },
    );
  }

  // Rows of eigenvalue and signal that fall as i^−decay from `top`, and as i^−signalDecay from 1.
  function powerLaw(size, top, decay, signalDecay) {
    if (!Number.isSafeInteger(size) || size < 1 || size > MOST)
      return refuse(`a whole number of directions from 1 to ${MOST}`, Format.number(size), "Choose fewer.");
    if (!(top > 0 && Number.isFinite(top)))
      return refuse("a largest eigenvalue above 0", Format.number(top), "Enter a number.");
    if (!(decay >= 0 && Number.isFinite(decay) && Number.isFinite(signalDecay)))
      return refuse(
        "finite exponents, of eigenvalues at least 0",
        `${Format.number(decay)} and ${Format.number(signalDecay)}`,
        "Enter numbers.",
      );
    return { rows: Array.from({ length: size }, (_, i) => [top * (i + 1) ** -decay, (i + 1) ** -signalDecay]) };
  }

  // A problem with a plain design around the middle of its spectrum.
  function subject(eigenvalues, signal, { n_samples, label_noise = 0.5, outputs = 1 }) {
    const penalty = eigenvalues[Math.floor(eigenvalues.length / 3)] || eigenvalues[0];
    const n = n_samples ?? 4 * eigenvalues.length;
    const found = {
      ...{ title: "Your spectrum", eigenvalues, signal, n_samples: n, outputs, intercept: false, fixed_design: true, population: true },
      ...{ mode: "averaged", bins: null },
      design: {
        ...DESIGN,
        student_rank: Math.ceil(eigenvalues.length / 3),
        ...{ label_noise, n_samples: n, teacher_penalty: penalty, student_penalty: penalty / 2 },
      },
    };
    const objection = Settings.objection(found, { ...found.design, order: null });
    return objection ? { objection } : { subject: found };
  }

  // For the address.
  function toText({ eigenvalues, signal, n_samples, outputs, design }) {
    return JSON.stringify([eigenvalues, signal, n_samples, outputs, design.label_noise]);
  }

  function fromText(text) {
    try {
      const [eigenvalues, signal, n_samples, outputs, label_noise] = JSON.parse(text);
      if (!Array.isArray(eigenvalues) || eigenvalues.length !== signal.length)
        return refuse("a spectrum", "something else", "Type it again.");
      return parse(eigenvalues.map((s, i) => `${s} ${signal[i]}`).join("\n"), { n_samples, outputs, label_noise });
    } catch {
      return refuse("a spectrum", "something else", "Type it again.");
    }
  }

  return { parse, powerLaw, toText, fromText, MOST };
})();
