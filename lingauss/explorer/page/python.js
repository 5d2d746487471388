// The present design as Python that gives the same numbers.
const Python = (() => {
  const number = (value) => (value === null ? "None" : String(value));

  const array = (name, values) => `${name} = np.array([${Array.from(values, number).join(", ")}])`;

  // Observed labels enter through t alone. Where eigenvalues tie, each direction takes an output of its own, so that the
  // directions are found in the order in which they were given.
  function statistic(subject) {
    const s = subject.eigenvalues;
    let place = 0;
    const outputs = Array.from(s, (value, i) => {
      place = i > 0 && value === s[i - 1] ? place + 1 : 0;
      return Math.min(place, subject.outputs - 1);
    });
    return [
      `outputs = np.array([${outputs.join(", ")}])`,
      `statistic = np.zeros((${subject.outputs}, len(eigenvalues)))`,
      "statistic[outputs, np.arange(len(eigenvalues))] = eigenvalues * np.sqrt(signal)",
    ];
  }

  function problem(subject, design) {
    const noise = `label_noise=${number(design.label_noise)}`;
    const lines = [array("eigenvalues", subject.eigenvalues), array("signal", subject.signal)];
    if (subject.mode === "observed") {
      lines.push(
        ...statistic(subject),
        `problem = lg.Problem.from_gram(np.diag(eigenvalues), n_samples=${subject.n_samples}, ${noise})`,
        "problem = problem.with_statistic(statistic)",
      );
    } else {
      const size = `n_samples=${subject.n_samples}, ${noise}, outputs=${subject.outputs}`;
      lines.push(`problem = lg.Problem.from_spectrum(eigenvalues, signal, ${size})`);
    }
    if (design.n_samples !== subject.n_samples) lines.push(`problem = problem.with_samples(${design.n_samples})`);
    if (subject.intercept) lines.push("problem = dataclasses.replace(problem, intercept=True)");
    return lines;
  }

  function ridge(penalty, temperature, noise) {
    return `lg.Ridge(penalty=${number(penalty)}, temperature=${number(temperature)}, noise=${number(noise)})`;
  }

  // A long spectrum is not written out: `case` is the design that the page was made from.
  function changes(design) {
    const names = ["student_rank", "label_noise", "temperature", "mixing", "floor", "draws", "n_samples"];
    const settings = [...names, ...["teacher", "student"].flatMap((who) => [`${who}_penalty`, `${who}_temperature`])];
    return [
      "# case: the design on which case.explore() was called",
      "case = case.replace(",
      ...settings.map((name) => `    ${name}=${number(design[name])},`),
      ")",
      "print(case.divergence())",
      "",
    ].join("\n");
  }

  function snippet(subject, design) {
    if (subject.bins) return changes(design);
    const imports = subject.intercept ? ["import dataclasses", ""] : [];
    return [
      ...imports,
      "import numpy as np",
      "",
      "import lingauss as lg",
      "",
      ...problem(subject, design),
      "case = lg.Distillation(",
      "    problem,",
      `    teacher=${ridge(design.teacher_penalty, design.teacher_temperature, design.teacher_noise)},`,
      `    student=${ridge(design.student_penalty, design.student_temperature, design.student_noise)},`,
      `    bottleneck=lg.Principal(rank=${design.student_rank}),`,
      `    floor=${number(design.floor)},`,
      `    temperature=${number(design.temperature)},`,
      `    mixing=${number(design.mixing)},`,
      `    draws=${design.draws},`,
      ")",
      "print(case.divergence())",
      "",
    ].join("\n");
  }

  return { snippet };
})();
